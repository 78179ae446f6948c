"""What changes, to every open console at once."""
