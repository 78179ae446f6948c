"""From the broker into the rooms: stored first, acknowledged after."""
