"""The token by which the dogs of a station without a fleet folder upload evidence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UploadToken:
    """One for all of them."""

    value: str
