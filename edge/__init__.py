"""What a robot thinks, in plain Python: no ROS, no server."""
