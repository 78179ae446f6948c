"""A map from a recorded walk: scans matched to each other, loops closed, and what stands still drawn."""
