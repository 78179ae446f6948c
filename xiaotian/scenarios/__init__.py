"""Scenarios: what happens to the whole stack in a simulated world, and the verdict over it."""
