"""Routes: checkpoints in order and the work at each."""
