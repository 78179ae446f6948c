"""What all rooms share: settings, clock, schema, signing, the way to vehicles and to consoles. It knows no room."""
