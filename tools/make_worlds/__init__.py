"""Writes the SDF of the sites that are laid out by rule: apartment blocks, container rows, fences, lamps."""
