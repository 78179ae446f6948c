"""What a launch file uses of ROS 2's `launch_ros`."""
