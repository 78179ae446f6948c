"""The simulator's ROS face: the one place of it that knows rclpy."""
