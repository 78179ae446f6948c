"""What people and the server did, in a log that cannot be rewritten unseen."""
