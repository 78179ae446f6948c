"""A station or a dog as a service of a Linux computer: its units and what belongs to them, written as files."""
