"""A station's data out to a folder while it runs, and back into a new station."""
