"""The operator's handbook, served by the station itself."""
