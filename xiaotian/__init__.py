"""The command `xiaotian`: it starts the parts and hangs them together."""
