"""What a transaction has changed: noted while it runs, told after it has committed."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

from fleet_server.store.columns import Table
from protocol.received import Refusal
from protocol.topics import Address

MOST_REASON = 300  # characters


@dataclass
class ChangeEvents:
    """Ids of rows that changed, by their table; what robots may now forget (``stored``), and need not say again."""

    changed: dict[type[Table], set[str]] = field(default_factory=lambda: defaultdict(set))
    stored: dict[Address, list[UUID]] = field(default_factory=dict)
    refused: dict[Address, list[Refusal]] = field(default_factory=dict)

    @classmethod
    def of(cls, table: type[Table], *ids: str) -> Self:
        """That these rows of ``table`` changed, and nothing else."""
        made = cls()
        made.note(table, *ids)
        return made

    def note(self, table: type[Table], *ids: str) -> None:
        """Note that these rows of ``table`` changed."""
        self.changed[table].update(ids)

    def refuse(self, address: Address, row_id: UUID, reason: str) -> None:
        """Note that ``row_id`` of ``address`` is not taken, nor will be."""
        self.refused.setdefault(address, []).append(Refusal(id=row_id, reason=reason[:MOST_REASON]))

    def store(self, address: Address, row_id: UUID) -> None:
        """Note that ``row_id`` of ``address`` is stored once this transaction is."""
        self.stored.setdefault(address, []).append(row_id)
