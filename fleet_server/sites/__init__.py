"""The station's sites: map, zones, checkpoints; the server's copy is the true one."""
