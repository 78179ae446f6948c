"""What is wrong with a station's settings, before it starts or while it runs."""
