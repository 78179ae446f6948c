"""The token by which Prometheus reads the figures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MetricsToken:
    """It lies in the data folder's ``metrics_token``."""

    value: str
