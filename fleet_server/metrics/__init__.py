"""What a machine that watches the station reads: Prometheus figures."""
