"""A dog's camera, live, to those who may watch: relayed as it comes, never decoded, never stored."""
