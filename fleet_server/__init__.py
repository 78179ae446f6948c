"""What the station runs: one room a feature, its rules, tables and routes together."""
