"""What Gazebo Sim (Harmonic) needs beside the worlds and models: a dog with names of its own, and the bridge to ROS.

The launch file is patrol_bringup's gazebo.launch.py. Nothing here imports ROS or Gazebo.
"""
