"""Driving a dog by hand: what a driver's commands are worth, and for how long."""
