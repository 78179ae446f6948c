"""Carries out an order: nodes, actions, battery, going home, and what goes wrong. `mission.Mission` is the core."""
