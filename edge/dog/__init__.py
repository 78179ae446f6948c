"""The whole dog without ROS: what each of its nodes does between its messages, and all of them as one object."""
