"""Whether the station lives, and whether it is ready for work."""
