"""Benchmarks: one module each, with `run() -> dict`. `python -m bench NAME` prints what it returns as a JSON line."""
