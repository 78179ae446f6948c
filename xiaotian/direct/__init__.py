"""A dog and the simulator in one process, in lock-step: the same to the last bit, and many times faster than life."""
