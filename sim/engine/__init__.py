"""The simulator that pip installs: SDF worlds on MuJoCo, without ROS."""
