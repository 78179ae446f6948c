"""Calls: a dog goes to a place and looks, or home; all dogs of a site home."""
