from datetime import UTC, datetime

from fleet_server.core.intake import Arrival
from fleet_server.ingest.inbox import MOST_OF_ONE, Inbox
from protocol.header import Wire
from protocol.topics import Address, Topic
from tests.protocol.samples import ADDRESS, ALL, STATE

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def arrival(topic: Topic, message: Wire | None = None) -> Arrival:
    return Arrival(ADDRESS, topic, message or ALL[topic], NOW)


def test_old_telemetry_is_overtaken_and_anomalies_never_are() -> None:
    inbox = Inbox()
    for _ in range(5):
        inbox.put(arrival(Topic.STATE))
        inbox.put(arrival(Topic.ANOMALY))
    taken = inbox.take(100, 0)
    assert [a.topic for a in taken] == [Topic.ANOMALY] * 5 + [Topic.STATE]
    assert taken[-1].message is STATE
    assert inbox.overtaken == 4


def test_a_batch_is_bounded_and_the_rest_waits() -> None:
    inbox = Inbox()
    for _ in range(5):
        inbox.put(arrival(Topic.ANOMALY))
    assert [len(inbox.take(3, 0)) for _ in range(3)] == [3, 2, 0]


def test_one_vehicle_cannot_take_the_room_of_the_others() -> None:
    inbox, message = Inbox(), ALL[Topic.ANOMALY]
    loud, quiet = (Arrival(Address("xiaotian", name), Topic.ANOMALY, message, NOW) for name in ("loud", "quiet"))
    assert [inbox.put(loud) for _ in range(MOST_OF_ONE + 1)].count(False) == 1
    assert inbox.put(quiet)
    assert inbox.dropped == 1
    inbox.take(1, 0)
    assert inbox.put(loud)
