"""What a launch file uses of ament_index_python."""
