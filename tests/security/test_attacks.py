"""What an attacker tries, with real certificates against the real broker, server and link. None gets through."""

import json
import socket
import ssl
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from edge.link.enrolment import NotEnrolled, enrol
from edge.link.identity import Identity
from edge.link.link_core import HEARD
from edge.link.mqtt_session import Heard
from fleet_server.core.clock import utc_now
from fleet_server.enrolment.mosquitto import CONTROL, request
from fleet_server.enrolment.pki import make_authority, make_client
from fleet_server.mqtt_feed.readers import reader_commands
from protocol.codec import encode
from protocol.mqtt_client import Tls
from protocol.topics import TABLE, Topic
from tests.edge.link.dog import sighting
from tests.protocol import samples
from tests.security.fleet import READER, Attacker, EnrolledDog, Fleet, broker_owner, eventually, tls_of

DENIED = "Not authorized"
HEADER = {"headerId": 1, "timestamp": "2026-01-01T00:00:00Z", "version": "2.1.0", "manufacturer": "xiaotian"}


def live(closed: Fleet, name: str) -> bool:
    return bool(closed.seen(name).get("live"))


def patrol(closed: Fleet, dog: EnrolledDog) -> str:
    """Send the dog on its round; the id of the patrol."""
    name = dog.address.serial_number
    dog.until(lambda: live(closed, name) and closed.seen(name)["position"])  # its first state has come, too
    with closed.client() as client:
        answer = client.post("/patrols", json={"routeId": "demo_round", "dogId": name})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["patrolId"])


def test_a_dog_can_neither_speak_nor_listen_as_another(closed: Fleet) -> None:
    thief, victim = closed.enrol("thief"), "xiaotian/v2/xiaotian/victim"
    closed.enrol("victim")
    with Attacker(closed, tls_of(thief)) as attacker:
        assert attacker.says("xiaotian/v2/xiaotian/thief/state", b"{}") == "Success"
        for topic in ("state", "anomaly", "connection", "order", "received"):
            assert attacker.says(f"{victim}/{topic}", b"{}") == DENIED, topic
        for topic in (f"{victim}/order", "xiaotian/#", "#", "$CONTROL/#", "xiaotian/v2/+/+/anomaly"):
            assert attacker.listens(topic) == DENIED, topic


def test_a_dog_cannot_give_itself_orders_or_rights(closed: Fleet) -> None:
    with Attacker(closed, tls_of(closed.enrol("upstart"))) as attacker:
        assert attacker.says("xiaotian/v2/xiaotian/upstart/order", b"{}") == DENIED
        assert attacker.says("xiaotian/v2/xiaotian/upstart/received", b"{}") == DENIED
        grab = {"commands": [{"command": "addClientRole", "username": "xiaotian/upstart", "rolename": "station"}]}
        assert attacker.says("$CONTROL/dynamic-security/v1", json.dumps(grab).encode()) == DENIED


def test_a_reader_hears_the_feed_and_nothing_else_and_says_nothing(closed: Fleet, tmp_path: Path) -> None:
    for name in (READER, "unnamed"):
        command = [
            sys.executable,
            "-m",
            "xiaotian.cli",
            "fleet",
            "reader",
            str(closed.folder.root),
            name,
            str(tmp_path),
        ]
        subprocess.run(command, check=True, capture_output=True)
    reader, unnamed = (
        Tls(tmp_path / "ca.pem", tmp_path / f"{name}.pem", tmp_path / f"{name}.key") for name in (READER, "unnamed")
    )
    with Attacker(closed, reader) as attacker:
        for prefix in ("station", "homeassistant"):
            assert attacker.listens(f"{prefix}/#").startswith("Granted")
        for topic in ("#", "xiaotian/#", "$CONTROL/#"):
            assert attacker.listens(topic) == DENIED, topic
        eventually(lambda: {"station/sites/yard", "station/status"} <= {m.topic for m in attacker.heard})
        eventually(lambda: any(m.topic.endswith("/config") for m in attacker.heard))
        for topic in ("station/sites/yard", "station/status", "homeassistant/sensor/x/y/config"):
            assert attacker.says(topic, b"{}") == DENIED, topic
    for tls in (unnamed, tls_of(closed.enrol("curious"))):
        with Attacker(closed, tls) as attacker:
            assert attacker.listens("station/#") == DENIED
            assert attacker.says("station/status", b"offline") == DENIED
    with Attacker(closed, broker_owner(closed)) as owner:  # as the server does that names nobody any more
        assert owner.says(CONTROL, request(reader_commands([], ["station", "homeassistant"]))) == "Success"
    with Attacker(closed, reader) as attacker:
        assert attacker.listens("station/#") == DENIED


def test_nobody_connects_without_a_certificate_of_this_station(closed: Fleet, tmp_path: Path) -> None:
    other = make_authority("Somebody", utc_now())
    pair = make_client(other, "xiaotian/dog1", utc_now())
    (tmp_path / "it.pem").write_bytes(pair.certificate)
    (tmp_path / "it.key").write_bytes(pair.key)
    bare = ssl.create_default_context(cafile=str(closed.folder.ca))
    foreign = ssl.create_default_context(cafile=str(closed.folder.ca))
    foreign.load_cert_chain(tmp_path / "it.pem", tmp_path / "it.key")
    for context in (bare, foreign):
        with pytest.raises(OSError, match=r"."):
            _knock(closed, context)


def _knock(closed: Fleet, context: ssl.SSLContext) -> None:
    """Say CONNECT; raises OSError where nobody answers."""
    with (
        socket.create_connection(("127.0.0.1", closed.about.mqtt_port), 5) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as wrapped,
    ):
        wrapped.send(b"\x10\x10\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x03x-1")
        if not wrapped.recv(4):
            raise ConnectionResetError("closed")


def test_the_owner_of_the_broker_does_not_own_the_dogs(closed: Fleet, tmp_path: Path) -> None:
    with EnrolledDog(closed.enrol("honest"), tmp_path) as dog, Attacker(closed, broker_owner(closed)) as owner:
        patrol(closed, dog)
        dog.until(lambda: any(each.topic == Topic.ORDER for each in dog.inbox))
        recorded = next(each for each in dog.heard if each.topic.endswith("/order"))
        taken = len([each for each in dog.inbox if each.topic == Topic.ORDER])
        attempts = {
            "not signed": (recorded.payload, {}),
            "heard before": (recorded.payload, recorded.properties),
            "signature": (recorded.payload.replace(b"demo", b"evil") + b" ", recorded.properties),
            "not the station's": (recorded.payload, {**recorded.properties, "sig-key": "0" * 16}),
        }
        for reason, (payload, properties) in attempts.items():
            before = len(dog.refusals())
            assert owner.says(recorded.topic, payload, properties.items()) == "Success"
            dog.until(lambda before=before: len(dog.refusals()) > before)  # type: ignore[misc]
            assert reason in dog.refusals()[-1], reason
        assert len([each for each in dog.inbox if each.topic == Topic.ORDER]) == taken


def test_an_order_for_one_dog_does_not_move_another(closed: Fleet, tmp_path: Path) -> None:
    with (
        EnrolledDog(closed.enrol("alpha"), tmp_path / "a") as alpha,
        EnrolledDog(closed.enrol("beta"), tmp_path / "b") as beta,
        Attacker(closed, broker_owner(closed)) as owner,
    ):
        beta.until(lambda: live(closed, "beta"))
        patrol(closed, alpha)
        alpha.until(lambda: any(each.topic == Topic.ORDER for each in alpha.inbox))
        order = next(each for each in alpha.heard if each.topic.endswith("/order"))
        owner.says(beta.address.topic(Topic.ORDER), order.payload, order.properties.items())
        renamed = order.payload.replace(b'"alpha"', b'"beta"')
        owner.says(beta.address.topic(Topic.ORDER), renamed, order.properties.items())
        beta.until(lambda: len(beta.refusals()) >= 2)
        assert not any(each.topic == Topic.ORDER for each in beta.inbox)


def test_an_order_that_was_held_back_has_expired(closed: Fleet, tmp_path: Path) -> None:
    with EnrolledDog(closed.enrol("late"), tmp_path) as dog:
        patrol(closed, dog)
        order = eventually(lambda: next((each for each in held_back(dog) if each.topic.endswith("/order")), None))
        step = dog.link.step([order], None, time.monotonic() + 100.0, time.time())
        assert "expired" in step.inbox[0].payload


def held_back(dog: EnrolledDog) -> list[Heard]:
    """What has come, kept from the link by somebody in between."""
    for said in dog.link.step([], None, time.monotonic(), time.time()).say:
        dog.session.publish(dog.address.topic(said.topic), said.payload, 0, False, said.properties)
    return [event for event in dog.session.take() if isinstance(event, Heard)]


def test_an_emergency_stop_is_taken_from_anybody(closed: Fleet, tmp_path: Path) -> None:
    action = {"actionType": "emergencyStop", "actionId": "stop-1", "blockingType": "HARD"}
    message = HEADER | {"serialNumber": "stoppable", "actions": [action]}
    with EnrolledDog(closed.enrol("stoppable"), tmp_path) as dog, Attacker(closed, broker_owner(closed)) as owner:
        dog.until(lambda: live(closed, "stoppable"))  # it listens: that went out before its state
        owner.says(dog.address.topic(Topic.INSTANT_ACTIONS), json.dumps(message).encode())
        dog.until(lambda: any(each.topic == Topic.INSTANT_ACTIONS for each in dog.inbox))


def test_a_forged_receipt_does_not_make_a_dog_forget(closed: Fleet, tmp_path: Path) -> None:
    message = HEADER | {"serialNumber": "keeper", "ids": [str(samples.ID)]}
    with EnrolledDog(closed.enrol("keeper"), tmp_path) as dog, Attacker(closed, broker_owner(closed)) as owner:
        dog.until(lambda: live(closed, "keeper"))  # it listens: that went out before its state
        owner.says(dog.address.topic(Topic.RECEIVED), json.dumps(message).encode())
        dog.until(lambda: any("received" in each and "not signed" in each for each in dog.refusals()))


def test_a_forged_will_is_not_spoken(closed: Fleet, tmp_path: Path) -> None:
    thief = closed.enrol("willful")
    will = HEADER | {"serialNumber": "steady", "connectionState": "CONNECTIONBROKEN"}
    with EnrolledDog(closed.enrol("steady"), tmp_path) as dog, Attacker(closed, broker_owner(closed)) as witness:
        dog.until(lambda: live(closed, "steady"))
        assert witness.listens(dog.address.topic(Topic.CONNECTION)) == "Granted QoS 1"
        attacker = Attacker(closed, tls_of(thief), (dog.address.topic(Topic.CONNECTION), json.dumps(will).encode()))
        attacker.client.socket().shutdown(socket.SHUT_RDWR)  # gone without a word: now the will is due
        eventually(lambda: any("disconnected" in each for each in attacker.results))
        attacker.client.loop_stop()
        witness.says("xiaotian/v2/xiaotian/steady/site", b"")  # after it in the broker's order of things
        assert live(closed, "steady")
        assert not any(b"CONNECTIONBROKEN" in message.payload for message in witness.heard)


def test_a_dog_cannot_throw_another_off_by_its_client_id(closed: Fleet, tmp_path: Path) -> None:
    with EnrolledDog(closed.enrol("seated"), tmp_path) as dog:
        dog.until(lambda: live(closed, "seated"))
        with Attacker(closed, tls_of(closed.enrol("pusher")), client_id="xiaotian-seated") as attacker:
            assert attacker.says("xiaotian/v2/xiaotian/pusher/state", b"{}") == "Success"
            said = len(dog.heard)
            with closed.client() as client:  # what the dog hears next was said after the attempt
                patrol(closed, dog)
                dog.until(lambda: any(each.topic.endswith("/order") for each in dog.heard[said:]))
                assert client.get("/health").json()["broker"] == "connected"
        assert dog.downs == []


def test_nested_nonsense_of_an_enrolled_dog_costs_that_dog_alone(closed: Fleet, tmp_path: Path) -> None:
    nested = b'{"beside":' + b"[" * 1000 + b"]" * 1000 + b"}"
    with EnrolledDog(closed.enrol("sober"), tmp_path) as dog, Attacker(closed, tls_of(closed.enrol("mad"))) as attacker:
        dog.until(lambda: live(closed, "sober"))
        for topic in (topic for topic, row in TABLE.items() if row.from_robot):
            attacker.says(f"xiaotian/v2/xiaotian/mad/{topic}", nested)
        key = str(uuid.uuid4())
        dog.link.keep_anomaly(sighting(key), "", time.time())
        dog.until(lambda: key not in dog.link.outbox, 30.0)
        assert live(closed, "sober")
        with closed.client() as client:
            told = client.get("/health").json()
        assert (told["status"], told["broker"], told["restarts"]) == ("ok", "connected", 0)


def test_nested_nonsense_of_the_brokers_owner_moves_and_ends_no_dog(closed: Fleet, tmp_path: Path) -> None:
    nested = b'{"beside":' + b"[" * 1000 + b"]" * 1000 + b"}"
    with EnrolledDog(closed.enrol("calm"), tmp_path) as dog, Attacker(closed, broker_owner(closed)) as owner:
        dog.until(lambda: live(closed, "calm"))
        for topic in HEARD:
            owner.says(dog.address.topic(topic), nested)
        told = len(HEARD) - 1  # of a driver's commands, ten a second, none is told: they are counted
        dog.until(lambda: sum("levels deep" in each for each in dog.refusals()) == told)
        patrol(closed, dog)
        dog.until(lambda: any(each.topic == Topic.ORDER for each in dog.inbox))
        assert dog.downs == []


def test_an_oversized_payload_costs_its_sender_the_connection_and_nobody_else(closed: Fleet, tmp_path: Path) -> None:
    with EnrolledDog(closed.enrol("small"), tmp_path) as dog:
        dog.until(lambda: live(closed, "small"))
        with Attacker(closed, tls_of(closed.enrol("fat"))) as attacker:
            answer = attacker.says("xiaotian/v2/xiaotian/fat/state", b"x" * 3_000_000)
            assert "disconnected" in answer
        dog.until(lambda: live(closed, "small"))


def test_a_flood_of_one_dog_does_not_keep_the_others_from_being_heard(closed: Fleet, tmp_path: Path) -> None:
    quiet, loud = closed.enrol("quiet"), closed.enrol("loud")
    with EnrolledDog(quiet, tmp_path) as dog, Attacker(closed, tls_of(loud)) as attacker:
        dog.until(lambda: live(closed, "quiet"))
        with closed.client() as client:
            honest = json.loads(encode(samples.ALL[Topic.ANOMALY]))
            for n in range(2000):
                wellformed = json.dumps(honest | {"serialNumber": "loud", "anomalyId": str(uuid.uuid4())}).encode()
                for payload in (b'{"n": %d}' % n, wellformed):
                    attacker.client.publish("xiaotian/v2/xiaotian/loud/anomaly", payload, 0)
            key = str(uuid.uuid4())
            dog.link.keep_anomaly(sighting(key), "", time.time())
            dog.until(lambda: key not in dog.link.outbox, 30.0)
            assert client.get("/health").json()["malformed"] >= 1
        assert live(closed, "quiet")


def test_an_enrolment_code_is_good_once(closed: Fleet, tmp_path: Path) -> None:
    code = closed.invite("newcomer")
    enrol(closed.url, code, tmp_path / "first")
    with pytest.raises(NotEnrolled, match="403"):
        enrol(closed.url, code, tmp_path / "second")
    assert not (tmp_path / "second").exists()


def test_a_new_dog_does_not_fall_to_somebody_in_between(closed: Fleet, tmp_path: Path) -> None:
    code = closed.invite("careful")
    secret, pin = code.split("-")
    with pytest.raises(NotEnrolled, match="not the station"):
        enrol(closed.url, f"{secret}-{pin[::-1]}", tmp_path)
    enrol(closed.url, code, tmp_path)  # the secret was not given away, and is good still


def test_a_revoked_dog_is_out_at_once(closed: Fleet, tmp_path: Path) -> None:
    identity = closed.enrol("traitor")
    token = {"Authorization": f"Bearer {identity.upload_token.read_text()}"}
    path = f"/evidence/{uuid.uuid4()}"
    with EnrolledDog(identity, tmp_path) as dog, closed.client() as client:
        dog.until(lambda: live(closed, "traitor"))
        assert client.head(path, headers=token).status_code == 404
        closed.revoke("traitor")
        dog.until(lambda: not dog.session.connected)  # its connection ends
        assert not live(closed, "traitor")
        assert client.head(path, headers=token).status_code == 401
        with Attacker(closed, tls_of(identity)) as attacker:
            assert attacker.says(dog.address.topic(Topic.STATE), b"{}") == DENIED
            assert attacker.listens(dog.address.topic(Topic.ORDER)) == DENIED
        assert not live(closed, "traitor")
        assert any(e["action"] == "dog.revoked" and e["target"] == "xiaotian/traitor" for e in audit(client))
    with EnrolledDog(closed.enrol("traitor"), tmp_path / "again") as back:  # forgiven, with a new certificate
        back.until(lambda: live(closed, "traitor"))


def test_a_stolen_certificate_does_not_come_back_with_the_dog_that_replaces_it(closed: Fleet, tmp_path: Path) -> None:
    stolen = closed.enrol("heir")
    closed.revoke("heir")
    with EnrolledDog(closed.enrol("heir"), tmp_path / "new") as dog, Attacker(closed, tls_of(stolen)) as thief:
        assert thief.says("xiaotian/v2/xiaotian/heir/anomaly", b"{}") == DENIED
        assert thief.listens("xiaotian/v2/xiaotian/heir/order") == DENIED
        dog.until(lambda: live(closed, "heir"))


def test_a_certificate_is_void_when_its_dog_has_a_newer_one(closed: Fleet, tmp_path: Path) -> None:
    copied = closed.enrol("renewed")
    with Attacker(closed, tls_of(copied)) as thief:
        closed.enrol("renewed")  # without a revocation: a renewal
        eventually(lambda: any("disconnected" in each for each in thief.results))


def audit(client: httpx.Client) -> list[dict[str, str]]:
    answer = client.get("/audit").json()
    entries: list[dict[str, str]] = answer if isinstance(answer, list) else answer["entries"]
    return entries


def test_a_dogs_token_does_not_open_anothers_evidence(closed: Fleet) -> None:
    nosy = closed.enrol("nosy")
    key, now = str(uuid.uuid4()), datetime.now(UTC).isoformat().replace("+00:00", "Z")
    announced = HEADER | {
        "serialNumber": "owner",
        "evidenceId": key,
        "purpose": "CHECKPOINT",
        "sha256": "0" * 64,
        "sizeBytes": 3,
        "mediaType": "image/jpeg",
        "capturedAt": now,
        "masked": True,
    }
    owner = closed.enrol("owner")
    with Attacker(closed, tls_of(owner)) as speaker:
        speaker.says("xiaotian/v2/xiaotian/owner/evidence", json.dumps(announced).encode())
    with closed.client() as client:

        def asked(identity: Identity) -> int:
            token = identity.upload_token.read_text()
            return client.head(f"/evidence/{key}", headers={"Authorization": f"Bearer {token}"}).status_code

        eventually(lambda: asked(owner) == 200)
        assert asked(nosy) == 404
        assert client.head(f"/evidence/{key}", headers={"Authorization": "Bearer nobody"}).status_code == 401


def test_guessing_codes_is_slowed_down(closed: Fleet) -> None:
    context = ssl.create_default_context(cafile=str(closed.folder.ca))
    with httpx.Client(base_url=f"{closed.url}/api/v1", verify=context, trust_env=False) as client:
        body = {"code": "0" * 20, "request": "x" * 64}
        answers = [client.post("/enrolment", json=body).status_code for _ in range(12)]
    assert answers[0] == 403
    assert answers[-1] == 429
