"""How each dog was, minute by minute, and how long that is kept."""
