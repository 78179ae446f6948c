"""What a link with a station's key lets in: the core of the link, with time handed in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.link.command_authentication import CommandAuthentication
from edge.link.link_core import MALFORMED, LinkCore, Step
from edge.link.mqtt_session import Event, Heard, Up
from edge.link.outbox import Outbox
from protocol.codec import encode
from protocol.header import Wire
from protocol.instant_actions import InstantActions
from protocol.order import Action, BlockingType
from protocol.received import Received
from protocol.signature import CHALLENGE, Seal, key_id, seal
from protocol.topics import Topic
from tests.edge.link.dog import sighting
from tests.protocol import samples

STATION = Ed25519PrivateKey.generate()
KEY_ID = key_id(STATION.public_key())
KEY = str(samples.ID)


@pytest.fixture
def link(tmp_path: Path) -> Iterator[LinkCore]:
    authority = CommandAuthentication({KEY_ID: STATION.public_key()})
    made = LinkCore(samples.ADDRESS, Outbox(tmp_path), tmp_path / "site.json", authority)
    yield made
    made.outbox.close()


def challenge(link: LinkCore) -> str:
    link.take_state(samples.STATE)
    said = step(link, Up()).say
    return next(dict(each.properties)[CHALLENGE] for each in said if each.topic is Topic.STATE)


def step(link: LinkCore, *events: Event) -> Step:
    return link.step(events, None, 0.0, samples.NOW)


def says(topic: Topic, message: Wire, challenge: str = "", signed: bool = True) -> Heard:
    full, payload = samples.ADDRESS.topic(topic), encode(message)
    sealed = seal(STATION, full, payload, Seal(KEY_ID, 1, samples.NOW, samples.NOW + 60.0, challenge))
    return Heard(full, payload, False, dict(sealed.properties()) if signed else {})


def stop(*kinds: str) -> InstantActions:
    actions = [Action(action_type=k, action_id=k, blocking_type=BlockingType.HARD) for k in kinds]
    return InstantActions(**samples.HEADER, actions=actions)


def test_an_order_passes_that_answers_the_challenge_beside_the_state(link: LinkCore) -> None:
    made = step(link, says(Topic.ORDER, samples.ORDER, challenge(link)))
    assert [passed.topic for passed in made.inbox] == [Topic.ORDER]


def test_an_unsigned_order_is_refused_counted_and_told(link: LinkCore) -> None:
    made = step(link, says(Topic.ORDER, samples.ORDER, signed=False))
    assert [passed.topic for passed in made.inbox] == [MALFORMED]
    assert "not signed" in made.inbox[0].payload
    assert link.refused[samples.ADDRESS.topic(Topic.ORDER)] == 1


def test_an_emergency_stop_passes_unsigned_and_its_release_does_not(link: LinkCore) -> None:
    assert step(link, says(Topic.INSTANT_ACTIONS, stop("emergencyStop"), signed=False)).inbox[0].topic == (
        Topic.INSTANT_ACTIONS
    )
    for kinds in (("releaseEmergencyStop",), ("emergencyStop", "releaseEmergencyStop"), ()):
        refused = step(link, says(Topic.INSTANT_ACTIONS, stop(*kinds), signed=False))
        assert refused.inbox[0].topic == MALFORMED, kinds


def test_a_forged_receipt_does_not_make_the_dog_forget(link: LinkCore) -> None:
    link.keep_anomaly(sighting(KEY), KEY, samples.NOW)
    receipt = Received(**samples.HEADER, ids=[samples.ID])
    step(link, says(Topic.RECEIVED, receipt, signed=False))
    assert KEY in link.outbox
    step(link, says(Topic.RECEIVED, receipt))
    assert KEY not in link.outbox
