"""A new site's first day: a walk is recorded, in the simulator or by a dog, and a map is made of it."""
