"""What a transaction has changed: noted while it runs, told after it has committed."""

from dataclasses import dataclass, field
from uuid import UUID

from protocol.received import Refusal
from protocol.topics import Address

MOST_REASON = 300  # characters


@dataclass
class ChangeEvents:
    """Ids of what changed, what robots may now forget (``stored``), and what they need not say again (``refused``)."""

    patrols: set[str] = field(default_factory=set)
    incidents: set[str] = field(default_factory=set)
    evidence: set[str] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)
    stored: dict[Address, list[UUID]] = field(default_factory=dict)

    refused: dict[Address, list[Refusal]] = field(default_factory=dict)

    def refuse(self, address: Address, row_id: UUID, reason: str) -> None:
        """Note that ``row_id`` of ``address`` is not taken, nor will be."""
        self.refused.setdefault(address, []).append(Refusal(id=row_id, reason=reason[:MOST_REASON]))

    def store(self, address: Address, row_id: UUID) -> None:
        """Note that ``row_id`` of ``address`` is stored once this transaction is."""
        self.stored.setdefault(address, []).append(row_id)
