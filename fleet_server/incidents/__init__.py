"""What the dogs saw, one incident for one thing in the world."""
