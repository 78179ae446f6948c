"""What can never be stored is refused by name, once: its dog need not say it for ever, and the server goes on."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.fleet_server.dog import Dog

SEEN: dict[str, Any] = {
    "kind": "PERSON_IN_RESTRICTED_ZONE",
    "observedAt": "2026-11-23T12:00:00.000Z",
    "position": {"x": 12.0, "y": 3.0, "mapId": "yard"},
    "score": 0.9,
    "detector": "test",
}
SHOT: dict[str, Any] = {
    "purpose": "CHECKPOINT",
    "sha256": "0" * 64,
    "sizeBytes": 10,
    "mediaType": "image/jpeg",
    "capturedAt": "2026-11-23T12:00:00.000Z",
    "masked": True,
}


@pytest.mark.parametrize(
    ("topic", "fields", "why"),
    [
        ("anomaly", {"kind": "OF_A_LATER_VERSION"}, "kind"),
        ("anomaly", {"trackId": 2**80}, "stored"),
        ("anomaly", {"position": SEEN["position"] | {"covariance": {"xx": 1, "xy": 2, "yy": 1}}}, "semi-definite"),
        ("anomaly", {"observedAt": "0001-01-01T00:00:00Z"}, "stored"),
        ("evidence", {"masked": False}, "masked"),
        ("evidence", {"sizeBytes": 10**12}, "more than"),
        ("evidence", {"sha256": "none"}, "sha256"),
    ],
)
def test_it_is_refused_by_name_and_what_comes_with_it_is_stored(
    client: TestClient, dog: Dog, topic: str, fields: dict[str, Any], why: str
) -> None:
    bad, good = str(uuid4()), str(uuid4())
    first = SEEN if topic == "anomaly" else SHOT
    dog.say(topic, **{f"{topic}Id": bad} | first | fields)
    dog.say("anomaly", anomalyId=good, **SEEN)
    refused: list[Any] = []
    stored: list[str] = []
    while not (refused and stored):
        told = dog.hear("received")
        stored += told["ids"]
        refused += told.get("refused", [])
    assert stored == [good]
    assert [(each["id"], why in each["reason"]) for each in refused] == [(bad, True)]


def test_a_row_of_which_not_even_the_id_can_be_read_is_passed_over(client: TestClient, dog: Dog) -> None:
    good = str(uuid4())
    dog.say("anomaly", anomalyId="none", **SEEN)
    dog.say("anomaly", **SEEN)
    dog.say("anomaly", anomalyId=good, **SEEN)
    assert dog.hear("received")["ids"] == [good]
