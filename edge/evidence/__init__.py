"""What an anomaly leaves behind beside its picture: a masked clip, and what the dog measured meanwhile."""
