"""A dog's clock may be hours off: that is measured, shown, and no reason to disbelieve it."""

import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from fleet_server.telemetry.clock_skew import ClockSkew
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog, iso
from tests.fleet_server.world import API, eventually

START = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("ahead", [-7 * 3600.0, 0.0, 0.4, 5 * 3600.0])
def test_the_message_that_was_least_late_tells(ahead: float) -> None:
    skew, chance = ClockSkew(), random.Random(4)
    for second in range(50):
        left = START + timedelta(seconds=second)
        came = left + timedelta(seconds=0.02 + chance.expovariate(1.0))
        skew.hear(left + timedelta(seconds=ahead), came)
    assert skew.seconds == pytest.approx(ahead, abs=0.15)


def test_an_hours_delay_of_some_messages_does_not_move_it_and_a_clock_that_is_set_does() -> None:
    skew = ClockSkew()
    for second in range(100):
        late = 3600.0 if second % 3 else 0.1
        skew.hear(START + timedelta(seconds=second - late), START + timedelta(seconds=second))
    assert skew.seconds == pytest.approx(-0.1)
    for second in range(100, 200):
        skew.hear(START + timedelta(seconds=second - 100.0), START + timedelta(seconds=second))
    assert skew.seconds == pytest.approx(-100.0)


@pytest.mark.parametrize("by", [-56 * 365 * 86400.0, -600.0, 600.0])
def test_a_clock_that_begins_anew_is_known_within_three_messages(by: float) -> None:
    skew = ClockSkew()
    for second in range(100):
        skew.hear(START + timedelta(seconds=second), START + timedelta(seconds=second))
    for second in range(100, 103):
        skew.hear(START + timedelta(seconds=second + by), START + timedelta(seconds=second))
    assert skew.seconds == pytest.approx(by)


def test_nothing_is_said_of_a_clock_that_was_hardly_heard() -> None:
    skew = ClockSkew()
    skew.hear(START, START)
    assert skew.seconds is None


class WrongClock(Dog):
    """A dog whose clock is ``ahead`` seconds ahead."""

    ahead = 0.0

    def message(self, topic: str, **fields: object) -> dict[str, object]:
        made = super().message(topic, **fields)
        told = datetime.fromisoformat(str(made["timestamp"])) + timedelta(seconds=self.ahead)
        return made | {"timestamp": iso(told.timestamp())}


@pytest.mark.parametrize("ahead", [5 * 3600.0, -5 * 3600.0])
def test_a_dog_with_a_wrong_clock_is_live_and_believed_about_order(
    mqtt: TestBroker, client: TestClient, ahead: float
) -> None:
    def shown() -> dict[str, object]:
        found = [d for d in client.get(f"{API}/dogs").json() if d["dogId"] == name]
        return found[0] if found else {}

    name = f"late{ahead:.0f}".replace("-", "m").replace(".", "")
    with WrongClock(mqtt.port, name) as dog:
        dog.ahead = ahead
        dog.online()
        for number in range(4):  # one by one, for a newer state overtakes one that still waits
            charge = 50.0 + number
            dog.state(batteryState={"batteryCharge": charge, "charging": False})
            eventually(lambda charge=charge: shown().get("batteryCharge") == charge)
        assert shown()["live"] is True
        assert shown()["clockSkewS"] == pytest.approx(ahead, abs=2.0)
        dog.ahead = 0.0  # its clock is set right, for the server as if time had run back, or leapt
        dog.state(batteryState={"batteryCharge": 20.0, "charging": False})
        eventually(lambda: shown()["batteryCharge"] == 20.0)


def test_an_incident_has_the_dogs_time_and_ours(mqtt: TestBroker, client: TestClient) -> None:
    ahead, seen = 7200.0, datetime.now(UTC)
    with WrongClock(mqtt.port, "clocked") as dog:
        dog.ahead = ahead
        dog.online()

        def measured() -> bool:
            dog.state()
            return any(d["clockSkewS"] for d in client.get(f"{API}/dogs").json() if d["dogId"] == "clocked")

        eventually(measured)
        key = str(uuid4())
        dog.say(
            "anomaly",
            anomalyId=key,
            kind="PERSON_IN_RESTRICTED_ZONE",
            observedAt=iso(seen.timestamp() + ahead),
            position={"x": 12.0, "y": 3.0, "mapId": "yard"},
            score=0.9,
            detector="test",
        )
        assert dog.hear("received")["ids"] == [key]
    (incident,) = client.get(f"{API}/incidents").json()
    assert datetime.fromisoformat(incident["frameStamp"]) - seen == pytest.approx(
        timedelta(seconds=ahead), abs=timedelta(seconds=1)
    )
    assert datetime.fromisoformat(incident["observedAt"]) - seen == pytest.approx(
        timedelta(0), abs=timedelta(seconds=2)
    )
    assert datetime.fromisoformat(incident["receivedAt"]) >= seen
