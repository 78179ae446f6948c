"""Who has a dog in hand: one at a time, on record, not where the dog cannot. Broker, server and dog are real."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace
from starlette.websockets import WebSocketDisconnect

from edge.driving.driving_session import LIFE_S
from edge.link.command_authentication import read_authority
from edge.types import STILL
from fleet_server.core.rights import Role
from fleet_server.driving.socket import OVER
from protocol.manual_driving import START, STOP
from protocol.topics import Topic
from tests.broker import TestBroker
from tests.driven_dog import Driven, driven_dog
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_dispatch import OURS, tell_factsheet
from tests.fleet_server.test_rights import make, signed_in_as
from tests.fleet_server.world import API, eventually, station_of


def post(client: TestClient, what: str, dog: str = "dog1") -> tuple[int, str]:
    answer = client.post(f"{API}/dogs/{dog}/driving/{what}")
    return answer.status_code, answer.json()["detail"] if answer.content and answer.json() else ""


def the_dog(client: TestClient, name: str = "dog1") -> Any:
    return next(d for d in client.get(f"{API}/dogs").json() if d["dogId"] == name)


def driver(client: TestClient) -> tuple[str, str | None] | None:
    shown = the_dog(client)["driver"]
    return (shown["username"], shown["askedBy"]) if shown else None


def deeds(client: TestClient) -> list[tuple[str, str, dict[str, Any]]]:
    entries = [e for e in client.get(f"{API}/audit").json() if e["action"].startswith("dog.driving")]
    return [(e["actor"], e["action"].removeprefix("dog.driving_"), e["details"]) for e in entries]


def told(dog: Dog, *kinds: str) -> dict[str, Any]:
    """The next instant action of these kinds."""
    while True:
        for action in dog.hear("instantActions")["actions"]:
            if action["actionType"] in kinds:
                return action  # type: ignore[no-any-return]


def confirm(dog: Dog, action: dict[str, Any], mode: str = "MANUAL", status: str = "FINISHED", why: str = "") -> None:
    said = {"actionId": action["actionId"], "actionType": action["actionType"], "actionStatus": status}
    dog.state(actionStates=[said | ({"resultDescription": why} if why else {})], operatingMode=mode)


@pytest.fixture
def able(client: TestClient, dog: Dog) -> Iterator[Dog]:
    """A bare vehicle that says that it can be driven."""
    tell_factsheet(client, dog, OURS)
    return dog


@contextmanager
def people(client: TestClient, **roles: Role) -> Iterator[list[TestClient]]:
    with ExitStack() as stack:
        for name, role in roles.items():
            make(client, name, role)
        yield [stack.enter_context(signed_in_as(client, name)) for name in roles]


def test_a_vehicle_that_has_not_said_that_it_can_be_driven_is_not(client: TestClient, dog: Dog) -> None:
    assert the_dog(client)["drivable"] is None
    assert post(client, "take") == (409, f"dog1 cannot do {START}: it has not said so in its factsheet")
    actions = [a for a in OURS.protocol_features.agv_actions if a.action_type != START]
    tell_factsheet(client, dog, replace(OURS, protocol_features=replace(OURS.protocol_features, agv_actions=actions)))
    assert the_dog(client)["drivable"] is False
    assert post(client, "take")[0] == 409
    assert (post(client, "take", "nobody")[0], driver(client), deeds(client)) == (404, None, [])


def test_a_dog_is_taken_and_given_back_by_name_and_every_console_sees_it(client: TestClient, able: Dog) -> None:
    assert post(client, "take") == (202, "")
    action = told(able, START)
    (parameter,) = action["actionParameters"]
    assert (parameter["key"], len(parameter["value"])) == ("sessionId", 32)
    confirm(able, action)
    eventually(lambda: the_dog(client)["operatingMode"] == "MANUAL")
    assert driver(client) == ("admin", None)
    assert post(client, "give-back") == (202, "")
    confirm(able, told(able, STOP), "AUTOMATIC")
    assert driver(client) is None
    assert deeds(client) == [("admin", "given_back", {}), ("admin", "taken", {})]


def test_a_second_operator_asks_and_the_first_hands_over_or_a_supervisor_takes(client: TestClient, able: Dog) -> None:
    with people(client, ann=Role.OPERATOR, ben=Role.OPERATOR, sue=Role.SUPERVISOR) as (ann, ben, sue):
        assert post(ann, "take")[0] == 202
        assert post(ben, "take") == (409, "ann drives dog1")
        assert post(ben, "give-back") == (409, "ben does not drive dog1")
        assert post(ben, "take-over")[0] == 403
        assert post(ann, "grant") == (409, "nobody has asked for dog1")
        assert post(ann, "refuse") == (409, "nobody has asked for dog1")
        assert post(ben, "ask")[0] == 202
        assert post(ben, "refuse") == (409, "ben does not drive dog1")
        assert post(ann, "refuse")[0] == 202
        assert driver(client) == ("ann", None)
        assert post(ben, "ask")[0] == 202
        assert driver(client) == ("ann", "ben")
        assert post(sue, "ask") == (409, "ben has asked for dog1 before")
        first = told(able, START)
        assert post(ann, "grant")[0] == 202
        second = eventually(lambda: next((a for a in [told(able, START)] if a != first), None))
        assert driver(client) == ("ben", None)
        assert second["actionParameters"] != first["actionParameters"], "another drive"
        assert post(sue, "take-over")[0] == 202
        assert driver(client) == ("sue", None)
        assert [(who, deed) for who, deed, _ in deeds(client)] == [
            ("sue", "taken_over"),
            ("ann", "granted"),
            ("ann", "refused"),
            ("ann", "taken"),
        ]
        assert deeds(client)[0][2] == {"driver": "ben"}


def test_a_dog_that_refuses_is_nobodys_and_the_reason_is_on_record(client: TestClient, able: Dog) -> None:
    post(client, "take")
    confirm(able, told(able, START), "AUTOMATIC", "FAILED", "it has fallen")
    eventually(lambda: driver(client) is None)
    eventually(lambda: deeds(client)[0] == ("server", "lost", {"driver": "admin", "reason": "it has fallen"}))


def test_a_page_that_says_nothing_loses_the_hand_and_anybody_may_give_the_dog_back(
    client: TestClient, able: Dog
) -> None:
    post(client, "take")
    confirm(able, told(able, START))
    eventually(lambda: driver(client) is None)
    gone = ("server", "lost", {"driver": "admin", "reason": "the driver's page is silent"})
    eventually(lambda: deeds(client)[0] == gone)
    with people(client, ann=Role.OPERATOR) as (ann,):
        assert post(ann, "give-back")[0] == 202
        confirm(able, told(able, STOP), "AUTOMATIC")
        eventually(lambda: the_dog(client)["operatingMode"] == "AUTOMATIC")
        assert post(ann, "give-back") == (409, "ann does not drive dog1")


def test_only_who_has_the_hand_opens_the_drivers_socket(client: TestClient, able: Dog) -> None:
    with people(client, ann=Role.OPERATOR, eve=Role.AUDITOR) as (ann, eve):
        post(client, "take")
        for nobody in (ann, eve, TestClient(client.app)):
            with pytest.raises(WebSocketDisconnect), nobody.websocket_connect(f"{API}/dogs/dog1/driving"):
                pass
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(f"{API}/dogs/dog1/driving", headers={"origin": "http://evil"}),
        ):
            pass


# With a real dog: its own mind, its own link, and a key.


@pytest.fixture
def real(client: TestClient, mqtt: TestBroker, tmp_path: Path) -> Iterator[Driven]:
    authority = read_authority(station_of(client).settings.station_public_key_file)
    with driven_dog(mqtt.port, tmp_path / "dog", "rex", authority) as dog:
        eventually(lambda: any(d["dogId"] == "rex" and d["drivable"] for d in client.get(f"{API}/dogs").json()))
        eventually(lambda: (d := the_dog(client, "rex"))["live"] and d["position"] and d["batteryCharge"])
        eventually(lambda: not the_dog(client, "rex")["errors"])
        yield dog
    for topic in ("connection", "site", "factsheet"):
        address = dog.address.topic(Topic(topic))
        station_of(client).bus.say(address, b"", 1, True)


class Page:
    """What the driver's page does: holds a velocity, a command each tenth of a second with the latest word."""

    def __init__(self, socket: Any) -> None:
        self.socket, self.word, self.state = socket, "", {}

    def say(self, vx: float = 0.0, omega: float = 0.0) -> None:
        self.socket.send_text(json.dumps({"vx": vx, "vy": 0.0, "omega": omega, "word": self.word}))

    def hear(self) -> dict[str, Any]:
        """How the drive stands; the dog says it ten times a second."""
        self.state = json.loads(self.socket.receive_text())
        self.word = self.state["word"]
        return self.state

    def hold(self, vx: float, until: Any) -> None:
        deadline = time.monotonic() + 60
        while not until():
            assert time.monotonic() < deadline
            self.hear()
            self.say(vx)


@contextmanager
def page(client: TestClient) -> Iterator[Page]:
    assert post(client, "take", "rex")[0] == 202
    with client.websocket_connect(f"{API}/dogs/rex/driving") as socket:
        made = Page(socket)
        made.hear()
        made.say()
        yield made


def test_a_held_key_drives_a_real_dog_and_letting_go_or_a_lost_socket_stops_it(
    client: TestClient, real: Driven
) -> None:
    before = real.place
    with page(client) as at:
        at.hold(0.5, lambda: real.place[0] - before[0] > 0.5)
        assert any(each.command.vx > 0.3 for each in real.sent)
        at.hear()
        at.say()
        eventually(lambda: not real.moves)
        at.hold(0.5, lambda: real.moves)
    eventually(lambda: not real.moves)  # the page is gone
    heard = [command for _, command in real.heard]
    assert [each.sequence for each in heard] == sorted({each.sequence for each in heard})
    assert (heard[-1].vx, heard[-1].omega) == (0.0, 0.0), "a zero was said as the socket ended"
    assert real.refused == 0


def test_where_another_process_leads_no_command_is_passed_on_and_the_drive_is_over(
    client: TestClient, real: Driven, monkeypatch: pytest.MonkeyPatch
) -> None:
    with page(client) as at:
        at.hear()
        before = len(real.heard)
        monkeypatch.setattr(station_of(client), "leads", lambda: False)
        with pytest.raises(WebSocketDisconnect) as ended:
            at.hold(0.5, lambda: False)
        assert ended.value.code == OVER
    assert not any(command.vx for _, command in real.heard[before:])
    monkeypatch.undo()
    post(client, "give-back", "rex")


def test_under_no_command_does_the_dog_move_for_longer_than_promised(client: TestClient, real: Driven) -> None:
    with page(client) as at:
        at.hold(0.5, lambda: real.moves)
        station_of(client).bus.attach(lambda *_: False)  # nothing leaves the server any more
        eventually(lambda: not real.moves)
    last = max(at for at, command in real.heard if command.vx)
    moved = max(each.at for each in real.sent if each.command != STILL)
    assert 0.0 < moved - last <= LIFE_S
    eventually(lambda: "driverLost" in real.errors)


def test_a_flood_of_forged_and_recorded_commands_moves_nothing_and_the_driver_drives_on(
    client: TestClient, real: Driven, mqtt: TestBroker
) -> None:
    topic = real.address.topic(Topic.DRIVE_COMMAND)
    with Dog(mqtt.port, "spy") as spy, page(client) as at:
        heard: list[tuple[bytes, Any]] = []
        spy.client.on_message = lambda _c, _d, message: heard.append((message.payload, message.properties))
        spy.client.subscribe(topic)
        at.hold(0.5, lambda: real.moves and len(heard) > 5)
        at.say()
        eventually(lambda: not real.moves)
        recorded = next((payload, beside) for payload, beside in reversed(heard) if json.loads(payload)["vx"])
        forged = [
            json.dumps(json.loads(recorded[0]) | {"sequence": 10_000 + n, "vx": 0.8}).encode() for n in range(1000)
        ]
        sent, refused = len(real.sent), real.refused
        for payload in forged:  # unsigned, and with the seal of another
            spy.client.publish(topic, payload)
            spy.client.publish(topic, payload, properties=recorded[1])
            spy.client.publish(topic, *recorded[:1], properties=recorded[1])  # the very same again
        eventually(lambda: real.refused >= refused + 1000)
        assert {each.command for each in real.sent[sent:]} == {STILL}
        at.hold(0.5, lambda: real.moves)


def test_what_was_recorded_is_void_after_a_restart_of_the_dog(
    client: TestClient, real: Driven, mqtt: TestBroker
) -> None:
    topic = real.address.topic(Topic.DRIVE_COMMAND)
    heard: list[Any] = []
    with Dog(mqtt.port, "spy") as spy:
        spy.client.on_message = lambda _c, _d, message: heard.append(message)
        spy.client.subscribe(topic)
        with page(client) as at:
            at.hold(0.5, lambda: real.moves and len(heard) > 5)
        eventually(lambda: not real.moves)
        session = heard[-1]
        real.trial.lockstep.dogs["dog1"].safety.driving.__init__()  # type: ignore[misc]
        real.trial.lockstep.dogs["dog1"].safety.driving.begin(
            json.loads(session.payload)["sessionId"], real.trial.sim.now
        )
        sent, taken = len(real.sent), len(real.heard)
        for message in heard:
            spy.client.publish(topic, message.payload, properties=message.properties)
        eventually(lambda: len(real.heard) > taken)
        eventually(lambda: len(real.sent) > sent + 20)
        assert {each.command for each in real.sent[sent:]} == {STILL}


def test_anything_else_than_a_velocity_within_the_limits_ends_the_socket(client: TestClient, real: Driven) -> None:
    for nonsense in ("", "[]", '{"vx": 1e9, "vy": 0, "omega": 0}', '{"vx": NaN}', "x" * 2000):
        with page(client) as at:
            at.socket.send_text(nonsense)
            with pytest.raises(WebSocketDisconnect):
                at.hold(0.0, lambda: False)
    assert not real.moves
