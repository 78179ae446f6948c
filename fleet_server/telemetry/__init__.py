"""The dogs: what each said last, and whether it is still there."""
