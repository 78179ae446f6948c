"""The world: sites, dogs and what happens in them, behind the same ROS topics as real robots."""
