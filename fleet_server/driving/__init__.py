"""Driving a dog by hand: one driver at a time, on record, and their commands on the way to the dog."""
