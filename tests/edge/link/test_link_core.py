"""What the link says, when, and what it lets in. No broker here: steps of the core with time handed in."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from edge.link.link_core import COMMANDS, MISSION_SILENT_S, MOST_MALFORMED, MOST_REFUSED, MOST_ROWS, LinkCore, Say, Step
from edge.link.mqtt_session import Down, Event, Heard, Up
from edge.link.outbox import Outbox
from protocol.codec import decode, encode
from protocol.connection import Connection, ConnectionState
from protocol.evidence import Evidence
from protocol.header import Header
from protocol.order import Order
from protocol.received import Received, Refusal
from protocol.state import ActionState, ActionStatus, State
from protocol.topics import Topic
from protocol.visualization import Visualization
from tests.edge.link.dog import sighting
from tests.protocol import samples

PLACE = (samples.AGV_POSITION, samples.VELOCITY)
KEY = str(samples.ID)
UTC = samples.NOW


@pytest.fixture
def link(tmp_path: Path) -> Iterator[LinkCore]:
    made = LinkCore(samples.ADDRESS, Outbox(tmp_path), tmp_path / "site.json")
    yield made
    made.outbox.close()


def step(link: LinkCore, now: float, *events: Event, place: Any = None) -> Step:
    """A step of which all is sent."""
    made = link.step(events, place, now, UTC + now)
    for said in made.say:
        link.sent(said, now)
    return made


def topics(made: Step) -> list[Topic]:
    return [said.topic for said in made.say]


def hears(topic: Topic, message: Any, retained: bool = False) -> Heard:
    payload = message if isinstance(message, bytes) else encode(message)
    return Heard(samples.ADDRESS.topic(topic), payload, retained)


def test_after_every_connection_it_says_online_then_what_it_is_and_how(link: LinkCore) -> None:
    link.take_state(samples.STATE)
    link.take_factsheet(samples.FACTSHEET, UTC)
    for now in (0.0, 1.0):
        made = step(link, now, Up())
        assert topics(made) == [Topic.CONNECTION, Topic.FACTSHEET, Topic.STATE]
        assert decode(made.say[0].payload, Connection).connection_state is ConnectionState.ONLINE
        step(link, now + 0.5, Down("cut"))


def test_offline_nothing_is_said_and_no_telemetry_is_kept_for_later(link: LinkCore) -> None:
    link.take_state(samples.STATE)
    for now in range(60):
        assert step(link, now, place=PLACE) == Step()
    made = step(link, 60.0, Up(), place=PLACE)
    assert topics(made) == [Topic.CONNECTION, Topic.STATE, Topic.VISUALIZATION]


def test_a_state_is_said_at_once_when_it_matters_and_every_five_seconds_otherwise(link: LinkCore) -> None:
    link.take_state(samples.STATE)
    assert topics(step(link, 0.0, Up()))[-1] == Topic.STATE
    said = []
    for tick in range(1, 101):
        now = tick / 10
        link.take_state(replace(samples.STATE, agv_position=replace(samples.AGV_POSITION, x=now)))
        if Topic.STATE in topics(step(link, now)):
            said.append(now)
    assert said == [5.0, 10.0]
    finished = ActionState(action_id="photo-1", action_status=ActionStatus.FINISHED)
    link.take_state(replace(samples.STATE, action_states=[finished]))
    assert topics(step(link, 10.1)) == [Topic.STATE]


def test_a_state_that_no_mission_stands_for_any_more_is_not_repeated(link: LinkCore) -> None:
    link.take_state(samples.STATE)
    step(link, 0.0, Up())
    assert topics(step(link, MISSION_SILENT_S - 1)) == [Topic.STATE]
    assert topics(step(link, MISSION_SILENT_S + 10)) == []


def test_a_clock_that_stands_is_told_within_seconds_and_when_it_goes_on_that_is_over(link: LinkCore) -> None:
    def told(now: float, stamp: float) -> list[list[str]]:
        link.take_state(samples.STATE) if now < 12.0 else None  # a mission in a world that stands falls silent
        made = link.step([Up()] if now == 0.0 else [], PLACE, now, UTC + stamp)
        assert Topic.VISUALIZATION in topics(made) or now % 0.5 or link.clock_stands, "an old position is shown as new"
        return [
            [str(error.error_type) for error in decode(said.payload, State).errors]
            for said in made.say
            if said.topic == Topic.STATE
        ]

    sound = [str(error.error_type) for error in samples.STATE.errors]
    before = [errors for tick in range(100) for errors in told(tick / 10, tick / 10)]
    stands = [errors for tick in range(100, 500) for errors in told(tick / 10, 10.0)]
    after = [errors for tick in range(500, 600) for errors in told(tick / 10, 10.0 + (tick - 499) / 10)]
    assert set(map(tuple, before)) == {tuple(sound)}
    assert stands.count(sound) <= 1
    assert stands.count([*sound, "clockStands"]) >= 6, "it falls silent, and is believed to be well"
    assert [*sound, "clockStands"] not in after


def test_the_position_is_shown_twice_a_second(link: LinkCore) -> None:
    step(link, 0.0, Up())
    shown = [made for tick in range(1, 51) if topics(made := step(link, tick / 10, place=PLACE))]
    assert len(shown) == 10
    seen = decode(shown[0].say[0].payload, Visualization)
    assert (seen.agv_position, seen.velocity) == PLACE


def test_each_topic_counts_its_own_messages_and_the_link_tells_the_time(link: LinkCore) -> None:
    link.take_state(samples.STATE)
    heads: dict[Topic, list[int]] = {}
    for second in range(30):
        made = step(link, second, *([Up()] if second % 10 == 0 else []), place=PLACE)
        for said in made.say:
            head = json.loads(said.payload)
            heads.setdefault(said.topic, []).append(head["headerId"])
            assert head["serialNumber"] == "dog1"
    assert all(ids == list(range(len(ids))) for ids in heads.values())
    assert set(heads) == {Topic.CONNECTION, Topic.STATE, Topic.VISUALIZATION}
    link.take_state(samples.STATE)
    last = decode(step(link, 40.0).say[0].payload, State)
    assert last.timestamp.timestamp() == pytest.approx(UTC + 40.0, abs=0.001)


def test_an_anomaly_and_its_picture_are_said_until_both_are_received(link: LinkCore) -> None:
    link.keep_anomaly(sighting(KEY, b"jpeg"), str(uuid.uuid4()), UTC)
    made = step(link, 0.0, Up())
    assert topics(made) == [Topic.CONNECTION, Topic.ANOMALY, Topic.EVIDENCE]
    evidence = decode(made.say[2].payload, Evidence)
    assert [parcel.evidence_id for parcel in link.parcels()] == [str(evidence.evidence_id)]
    assert topics(step(link, 60.0)) == [Topic.ANOMALY, Topic.EVIDENCE]
    step(link, 61.0, hears(Topic.RECEIVED, Received(**samples.HEADER, ids=[samples.ID])))
    assert topics(step(link, 200.0)) == [Topic.EVIDENCE]
    step(link, 201.0, hears(Topic.RECEIVED, Received(**samples.HEADER, ids=[evidence.evidence_id])))
    assert (topics(step(link, 1000.0)), link.parcels()) == ([], [])


def test_a_backlog_goes_out_in_steps_as_far_as_the_station_answers(link: LinkCore) -> None:
    for _ in range(500):
        link.keep_anomaly(sighting(str(uuid.uuid4())), "", UTC)
    link.take_state(samples.STATE)
    said = [topics(step(link, tick / 10, *([Up()] if tick == 0 else []))).count(Topic.ANOMALY) for tick in range(6)]
    assert said == [100, 100, 100, 100, 0, 0]


def test_a_station_that_was_away_sees_the_dog_of_now_before_what_it_missed(link: LinkCore) -> None:
    """Else a fast station has the whole backlog before it knows where the dog is, which it may hear 5 s later."""
    for _ in range(500):
        link.keep_anomaly(sighting(str(uuid.uuid4())), "", UTC)
    link.take_state(samples.STATE)
    step(link, 0.0, Up())
    for now in (1.5, 4.0, 7.5):  # said into the void, and said again, whenever that happens to be
        link.outbox.hurry()
        link.take_state(samples.STATE)
        assert topics(step(link, now))[:2] == [Topic.STATE, Topic.ANOMALY]
    told = topics(step(link, 7.6, hears(Topic.SITE, samples.OURS[Topic.SITE])))
    assert told[:2] == [Topic.STATE, Topic.ANOMALY], "a station that is there anew says the site"
    said = [topics(step(link, 7.6 + tick / 10)).count(Topic.STATE) for tick in range(1, 9)]
    assert sum(said) <= 1, "a backlog multiplies the states"


def test_what_waits_to_leave_is_left_room_and_telemetry_thins(link: LinkCore) -> None:
    """Behind a link that does not keep up nothing is queued: changed states once a second, and no positions."""
    for _ in range(200):
        link.keep_anomaly(sighting(str(uuid.uuid4())), "", UTC)
    step(link, 0.0, Up())
    said: list[Topic] = []
    for tick in range(1, 101):
        now = tick / 10
        link.take_state(replace(samples.STATE, last_node_sequence_id=tick))
        said += topics(link.step([], PLACE, now, UTC + now, waiting=MOST_ROWS))
    assert (said.count(Topic.ANOMALY), said.count(Topic.VISUALIZATION)) == (0, 0)
    assert 9 <= said.count(Topic.STATE) <= 11
    assert topics(link.step([], PLACE, 20.0, UTC, waiting=MOST_ROWS - 1)).count(Topic.ANOMALY) == 1


def test_what_the_station_refuses_is_kept_and_told_and_not_said_again_that_day(link: LinkCore) -> None:
    link.keep_anomaly(sighting(KEY, b"jpeg"), str(uuid.uuid4()), UTC)
    evidence = decode(step(link, 0.0, Up()).say[2].payload, Evidence).evidence_id
    no = Refusal(id=evidence, reason="it is not masked")
    step(link, 1.0, hears(Topic.RECEIVED, Received(**samples.HEADER, ids=[samples.ID], refused=[no])))
    assert link.outbox.refusals() == [(str(evidence), "it is not masked")]
    for now in (2.0, 100.0, 3600.0):
        assert Topic.EVIDENCE not in topics(step(link, now, Up()))
    assert (link.outbox.refused, len(link.outbox), link.parcels()) == (1, 1, [])
    assert topics(step(link, 2 * 24 * 3600.0)).count(Topic.EVIDENCE) == 1


@pytest.mark.parametrize("score", [float("nan"), 1.0000001])
def test_only_what_can_be_delivered_is_kept(link: LinkCore, score: float) -> None:
    """NaN leaves a program as null, which every receiver would refuse for ever; a float32 may be a hair above 1."""
    link.keep_anomaly(sighting(KEY, score=score), "", UTC)
    made = step(link, 0.0, Up())
    assert 0 <= json.loads(made.say[1].payload)["score"] <= 1


def test_an_anomaly_without_a_readable_id_takes_no_room(link: LinkCore) -> None:
    with pytest.raises(ValueError, match="UUID"):
        link.keep_anomaly(sighting("no uuid", b"jpeg"), str(uuid.uuid4()), UTC)
    assert (len(link.outbox), link.outbox.pictures.ids()) == (0, set())


@pytest.mark.parametrize("topic", COMMANDS)
def test_commands_pass_when_they_are_for_this_dog_and_of_now(link: LinkCore, topic: Topic) -> None:
    command = samples.ALL[topic]
    assert isinstance(command, Header)
    made = step(link, 0.0, hears(topic, command))
    assert [(passed.topic, json.loads(passed.payload)) for passed in made.inbox] == [
        (topic, json.loads(encode(command)))
    ]
    other = replace(command, serial_number="dog2")
    for bad in (hears(topic, other), hears(topic, command, retained=True), hears(topic, b""), hears(topic, b"\xff{")):
        (refused,) = step(link, 0.0, bad).inbox
        assert refused.topic == "malformed"
        assert json.loads(refused.payload)["topic"] == samples.ADDRESS.topic(topic)


@pytest.mark.parametrize(
    "heard",
    [
        Heard("elsewhere", b"{}", False),
        Heard("xiaotian/v2/xiaotian/dog2/order", b"{}", False),
        Heard(samples.ADDRESS.topic(Topic.STATE), b"{}", False),
        hears(Topic.RECEIVED, b'{"ids": [1]}'),
        hears(Topic.SITE, b"[" * 100_000),
        hears(Topic.ORDER, b'{"nodes": null}'),
        hears(Topic.ORDER, b'{"beside":' + b"[" * 1000 + b"]" * 1000 + b"," + encode(samples.ORDER)[1:]),
        hears(Topic.CONNECTION, b'{"beside":' + b'{"a":[' * 500 + b"]}" * 500 + b"}"),
        Heard("xiaotian/v2/xiaotian/" + "d" * 5000 + "/order", b"{}", False),
    ],
    ids=lambda heard: heard.topic[-30:],
)
def test_what_is_malformed_is_counted_and_reported_and_harms_nothing(link: LinkCore, heard: Heard) -> None:
    made = step(link, 0.0, heard)
    assert [passed.topic for passed in made.inbox] == ["malformed"]
    assert link.refused[heard.topic] == 1


def test_an_order_not_to_the_letter_is_passed_on_as_it_is_meant_and_counted(link: LinkCore) -> None:
    """As NVIDIA's dispatcher writes it: no names in the body, no zone in its times."""
    said = json.loads(encode(samples.ORDER)) | {
        "manufacturer": "",
        "serialNumber": "",
        "timestamp": "2026-11-26T10:00:00",
    }
    (passed,) = step(link, 0.0, hears(Topic.ORDER, json.dumps(said).encode())).inbox
    assert passed.topic == Topic.ORDER
    assert decode(passed.payload, Order).nodes == samples.ORDER.nodes
    assert link.loosely == {
        "order timestamp: a time without a zone, taken as UTC": 1,
        "order manufacturer: empty, taken from the topic": 1,
        "order serialNumber: empty, taken from the topic": 1,
    }
    step(link, 1.0, hears(Topic.ORDER, json.dumps(said).encode()))
    assert set(link.loosely.values()) == {2}


def test_a_flood_of_nonsense_is_counted_in_bounds_and_the_order_in_its_midst_is_heard(link: LinkCore) -> None:
    flood = [Heard(f"nonsense/{n}", b"[" * n, False) for n in range(1000)]
    order = samples.ALL[Topic.ORDER]
    made = link.step([*flood, hears(Topic.ORDER, order)], None, 0.0, UTC)
    assert [passed.topic for passed in made.inbox] == ["malformed"] * MOST_MALFORMED + [Topic.ORDER]
    assert link.refused.total() == len(flood)
    assert len(link.refused) == MOST_REFUSED + 1


def test_a_newer_site_is_kept_and_an_older_or_equal_one_passed_over(link: LinkCore, tmp_path: Path) -> None:
    site: Any = replace(samples.OURS[Topic.SITE], evidence_key=UNSET)  # which only a dog that knows its station keeps
    newer = replace(site, site_version=site.site_version + 1)
    assert step(link, 0.0, hears(Topic.SITE, site, retained=True)).site
    assert not step(link, 0.0, hears(Topic.SITE, site)).site
    assert step(link, 0.0, hears(Topic.SITE, newer)).site
    assert not step(link, 0.0, hears(Topic.SITE, site)).site
    assert not step(link, 0.0, hears(Topic.SITE, b"")).inbox  # the retained message was cleared away
    outbox = Outbox(tmp_path / "next")
    again = LinkCore(samples.ADDRESS, outbox, tmp_path / "site.json")
    assert again.site_copy.site == newer
    assert again.map_id == site.map.map_id
    outbox.close()


def test_a_spoilt_copy_of_the_site_is_told_and_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "site.json").write_bytes(b"\xff half a file")
    outbox = Outbox(tmp_path)
    link = LinkCore(samples.ADDRESS, outbox, tmp_path / "site.json")
    assert link.site_copy.trouble
    assert step(link, 0.0, hears(Topic.SITE, samples.OURS[Topic.SITE])).site
    assert not link.site_copy.trouble
    outbox.close()


def test_the_map_is_named_by_the_mission_or_else_by_the_stored_site(link: LinkCore) -> None:
    assert link.map_id == ""
    step(link, 0.0, hears(Topic.SITE, samples.OURS[Topic.SITE]))
    assert link.map_id == samples.OURS[Topic.SITE].map.map_id  # type: ignore[attr-defined]
    link.take_state(replace(samples.STATE, maps=[replace(samples.STATE.maps[0], map_id="other")]))  # type: ignore[index]
    assert link.map_id == "other"
    link.take_state(replace(samples.STATE, maps=UNSET))
    assert link.map_id == samples.OURS[Topic.SITE].map.map_id  # type: ignore[attr-defined]


def test_what_could_not_be_sent_is_due_still(link: LinkCore) -> None:
    link.keep_anomaly(sighting(KEY), "", UTC)
    for now in (0.0, 0.1):
        made = link.step([Up()] if now == 0 else [], None, now, UTC)
        assert Say(Topic.ANOMALY, made.say[-1].payload, KEY) == made.say[-1]
