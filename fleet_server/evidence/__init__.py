"""Pictures, by their hash; uploads resume."""
