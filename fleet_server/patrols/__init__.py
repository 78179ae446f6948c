"""Patrols: an order on its way, followed by what the dog reports."""
