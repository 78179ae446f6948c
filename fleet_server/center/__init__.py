"""The doors to the command center: calls in, alerts out."""
