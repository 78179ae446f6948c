"""What a dog makes of what it sees: who is there, where on the map, and whether anybody should know."""
