"""The dog's end of the wire: what it says, what it hears, and what it keeps until the station has it."""
