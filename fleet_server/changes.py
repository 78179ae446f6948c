"""What a transaction has changed: noted while it runs, told after it has committed."""

from dataclasses import dataclass, field
from uuid import UUID

from protocol.topics import Address


@dataclass
class Changes:
    """Ids of what changed, and what robots may now forget (``stored``)."""

    patrols: set[str] = field(default_factory=set)
    incidents: set[str] = field(default_factory=set)
    evidence: set[str] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)
    stored: dict[Address, list[UUID]] = field(default_factory=dict)

    def store(self, address: Address, row_id: UUID) -> None:
        """Note that ``row_id`` of ``address`` is stored once this transaction is."""
        self.stored.setdefault(address, []).append(row_id)
