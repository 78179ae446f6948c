"""What a link with a station's key lets in: the core of the link, with time handed in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from msgspec import UNSET, structs

from edge.link.command_authentication import CommandAuthentication
from edge.link.link_core import MALFORMED, LinkCore, Step
from edge.link.mqtt_session import Event, Heard, Up
from edge.link.outbox import Outbox
from protocol.codec import decode, encode
from protocol.header import Wire
from protocol.instant_actions import InstantActions
from protocol.manual_driving import DriveCommand, DriveState
from protocol.order import Action, BlockingType
from protocol.received import Received
from protocol.sealed_original import evidence_key_text
from protocol.signature import CHALLENGE, Seal, key_id, seal
from protocol.site import Site
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


SIGNED_SITE = samples.OURS[Topic.SITE]
assert isinstance(SIGNED_SITE, Site)
SITE = structs.replace(SIGNED_SITE, evidence_key=evidence_key_text(X25519PrivateKey.generate().public_key()))


def test_an_evidence_key_is_believed_if_the_station_has_signed_it(link: LinkCore, tmp_path: Path) -> None:
    assert step(link, says(Topic.SITE, SITE, signed=False)).site == ""
    assert link.site_copy.site is None
    passed = decode(step(link, says(Topic.SITE, SITE)).site, Site)
    assert passed.evidence_key == SITE.evidence_key
    assert decode((tmp_path / "site.json").read_bytes(), Site).evidence_key == SITE.evidence_key


def test_a_dog_without_the_stations_key_takes_the_site_and_no_evidence_key_with_it(tmp_path: Path) -> None:
    anybodys = LinkCore(samples.ADDRESS, Outbox(tmp_path), tmp_path / "site.json")
    passed = decode(step(anybodys, says(Topic.SITE, SITE)).site, Site)
    assert (passed.site_version, passed.evidence_key) == (SITE.site_version, UNSET)
    assert b"evidenceKey" not in (tmp_path / "site.json").read_bytes()
    anybodys.outbox.close()


def test_a_forged_receipt_does_not_make_the_dog_forget(link: LinkCore) -> None:
    link.keep_anomaly(sighting(KEY), KEY, samples.NOW)
    receipt = Received(**samples.HEADER, ids=[samples.ID])
    step(link, says(Topic.RECEIVED, receipt, signed=False))
    assert KEY in link.outbox
    step(link, says(Topic.RECEIVED, receipt))
    assert KEY not in link.outbox


def drive(sequence: int = 1) -> DriveCommand:
    return DriveCommand(
        **samples.HEADER, session_id="a-session-of-tests", sequence=sequence, word="said", vx=0.5, vy=0.0, omega=0.0
    )


def test_a_drivers_command_passes_to_the_gate_alone_with_when_it_was_heard(link: LinkCore) -> None:
    heard = replace(says(Topic.DRIVE_COMMAND, drive()), at=7.5)
    made = step(link, heard)
    assert (made.inbox, [(each.topic, each.at) for each in made.drives]) == ((), [(Topic.DRIVE_COMMAND, 7.5)])


def test_a_drivers_command_that_the_station_did_not_sign_for_this_dog_moves_nothing_and_is_counted(
    link: LinkCore,
) -> None:
    signed = says(Topic.DRIVE_COMMAND, drive())
    others = Ed25519PrivateKey.generate()
    forged = seal(others, signed.topic, signed.payload, Seal(KEY_ID, 1, samples.NOW, samples.NOW + 60.0, ""))
    for tried in (
        says(Topic.DRIVE_COMMAND, drive(), signed=False),
        replace(signed, payload=encode(drive(2))),
        replace(signed, properties=dict(forged.properties())),
        replace(signed, topic=signed.topic.replace("dog1", "dog2")),
        replace(signed, retained=True),
    ):
        assert (step(link, tried).drives, step(link, tried).inbox) == ((), ()) or "dog2" in tried.topic
    assert link.refused.total() == 10


def test_of_a_flood_the_newest_are_looked_at_and_the_rest_is_counted(link: LinkCore) -> None:
    flood = [replace(says(Topic.DRIVE_COMMAND, drive(n)), properties={}) for n in range(1000)]
    honest = says(Topic.DRIVE_COMMAND, drive(1000))
    order = says(Topic.ORDER, samples.ORDER, challenge(link))
    made = step(link, order, *flood, honest)
    assert ([each.topic for each in made.inbox], len(made.drives)) == ([Topic.ORDER], 1)
    assert link.refused[samples.ADDRESS.topic(Topic.DRIVE_COMMAND)] == 1000


def test_how_a_drive_stands_is_said_once_and_a_driven_link_is_stepped_more_often(link: LinkCore) -> None:
    step(link, Up())
    assert not link.is_driven(0.0)
    state = samples.ALL[Topic.DRIVE_STATE]
    assert isinstance(state, DriveState)
    link.take_drive_state(state, 0.0)
    assert [each.topic for each in step(link).say] == [Topic.DRIVE_STATE]
    assert step(link).say == ()
    assert (link.is_driven(0.5), link.is_driven(5.0)) == (True, False)
