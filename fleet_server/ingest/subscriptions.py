"""What each process hears: of what must not be lost its share, a message to one of them; of the rest all."""

from collections.abc import Container

from fleet_server.core.process_role import Role
from protocol.header import Wire
from protocol.topics import TABLE, Topic, filter_for_all

SHARE = "$share/xiaotian-ingest/"
# By these who stores knows a dog's clock, its version and the word that an answer echoes.
BESIDE = frozenset({Topic.STATE, Topic.CONNECTION})


def filters(role: Role, prefix: str, stored: Container[type[Wire]]) -> list[tuple[str, int]]:
    """The subscriptions of a process, each with its QoS; ``stored`` are the messages that are stored first."""
    said = {topic: row for topic, row in TABLE.items() if row.from_robot}
    if role is Role.API:
        return [(filter_for_all(t, prefix), row.qos) for t, row in said.items() if row.message not in stored]
    if role is Role.INGEST:
        shared = [(SHARE + filter_for_all(t, prefix), row.qos) for t, row in said.items() if row.message in stored]
        return shared + [(filter_for_all(t, prefix), row.qos) for t, row in said.items() if t in BESIDE]
    return [(filter_for_all(t, prefix), row.qos) for t, row in said.items()]
