"""The doors to command centers, from outside: who may call, what hostile senders get, what is told and how."""

import base64
import hashlib
import hmac
import json
import math
import random
import re
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, update

from fleet_server.accounts.sign_in_limit import MOST_OF_ADDRESS
from fleet_server.center.cap_alert import LARGEST, MalformedAlert, read_alert
from fleet_server.center.outbox import LONGEST_PAUSE_S, MOST_ATTEMPTS, Outbox, Post, pause
from fleet_server.center.webhook_signature import BadSignature, check, made_up_secret, signed
from fleet_server.core.clock import utc_now
from fleet_server.core.stored_secrets import StoredSecrets
from fleet_server.incidents.tables import Incident
from fleet_server.ledger.geojson import MapOnEarth
from protocol.anomaly import AnomalyKind
from tests.fleet_server.world import API, serving, settings, sign_in, station_of
from tests.shared import ROOT

UNUSED_PORT = 25099
CALL = {"siteId": "yard", "x": 9.0, "y": 7.0, "reason": "glass broke"}
GUIDE = (ROOT / "docs" / "center.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```xml\n(.*?)```", GUIDE, re.DOTALL)[0]


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with serving(settings(tmp_path_factory.mktemp("station"), UNUSED_PORT)) as client:
        yield sign_in(client)


@pytest.fixture(scope="module")
def secret(admin: TestClient) -> str:
    """Of the center ``duty``."""
    return str(admin.post(f"{API}/centers", json={"name": "duty"}).json()["secret"])


def stranger(admin: TestClient) -> TestClient:
    return TestClient(admin.app)


def send(admin: TestClient, secret: str, body: bytes, message_id: str = "", kind: str = "application/json") -> Any:
    headers = signed(secret, message_id or str(uuid4()), utc_now(), body) | {"content-type": kind}
    return stranger(admin).post(f"{API}/centers/duty/messages", content=body, headers=headers)


def alert(**texts: str) -> bytes:
    """The example of the handbook, with other texts in it, under an identifier of its own."""
    made = EXAMPLE.replace("KEY-7", f"k-{uuid4()}")
    for name, text in texts.items():
        made = re.sub(rf"<{name}>[^<]*</{name}>", f"<{name}>{text}</{name}>", made)
    return made.encode()


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    """The test vector of the Standard Webhooks libraries."""
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    body = b'{"test": 2432232314}'
    now = utc_now().fromtimestamp(1614265330, utc_now().tzinfo)
    assert check("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", headers, body, now) == headers["webhook-id"]


def test_the_handbooks_example_calls_a_dog_and_a_second_time_does_nothing(admin: TestClient, secret: str) -> None:
    code = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)[0]
    told: dict[str, Any] = {}
    exec(code, told)  # the handbook's own

    def opened(asked: urllib.request.Request) -> Any:
        path = asked.full_url.removeprefix("http://station")
        answer = stranger(admin).post(path, content=asked.data, headers=dict(asked.header_items()))
        assert answer.status_code == 200, answer.text
        return answer

    told["urllib"].request.urlopen, before = opened, told["urllib"].request.urlopen
    told["json"] = type("Json", (), {"load": staticmethod(lambda answer: answer.json())})
    try:
        body = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)[0].encode()
        first = told["send"]("http://station", "duty", secret, "m-1", body)
        again = told["send"]("http://station", "duty", secret, "m-1", body)
        cap = told["send"]("http://station", "duty", secret, "m-2", EXAMPLE.encode(), "application/cap+xml")
    finally:
        told["urllib"].request.urlopen = before
    assert (first["outcome"], again) == ("CALL", first)
    made = admin.get(f"{API}/calls/{first['callId']}").json()
    assert (made["askedBy"], made["reason"]) == ("center:duty", "a caller heard glass break")
    assert cap["outcome"] == "CALL"
    made = admin.get(f"{API}/calls/{cap['callId']}").json()
    assert made["reason"] == "Break-in: Glass broken at the north wall"
    assert 8 < made["to"]["x"] < 9.5
    assert 6 < made["to"]["y"] < 7.5


def test_a_message_that_is_not_from_whom_it_says_is_refused(admin: TestClient, secret: str) -> None:
    body, now = json.dumps(CALL).encode(), utc_now()
    right = signed(secret, "x", now, body)
    wrongs: list[tuple[str, dict[str, str], bytes]] = [
        ("duty", signed(made_up_secret(), "x", now, body), body),
        ("duty", right, body + b" "),
        ("duty", right | {"webhook-id": "y"}, body),
        ("duty", right | {"webhook-timestamp": str(int(time.time()) + 1)}, body),
        ("duty", signed(secret, "x", now - timedelta(minutes=6), body), body),
        ("duty", signed(secret, "x", now + timedelta(minutes=6), body), body),
        ("duty", right | {"webhook-timestamp": "9" * 12}, body),
        ("duty", right | {"webhook-timestamp": "-1"}, body),
        ("duty", right | {"webhook-signature": right["webhook-signature"].replace("v1,", "v0,")}, body),
        ("duty", right | {"webhook-id": "x" * 200}, body),
        ("duty", {}, body),
        ("nobody", right, body),
    ]
    for name, headers, said in wrongs:
        answer = stranger(admin).post(f"{API}/centers/{name}/messages", content=said, headers=headers)
        assert answer.status_code == 401, (name, headers)


def test_who_guesses_signatures_is_slowed_down(tmp_path: Path) -> None:
    with serving(settings(tmp_path, UNUSED_PORT)) as admin:
        answers = [stranger(admin).post(f"{API}/centers/x/messages").status_code for _ in range(MOST_OF_ADDRESS + 1)]
        assert answers == [401] * MOST_OF_ADDRESS + [429]


def test_no_altered_message_is_taken_whatever_was_altered() -> None:
    secret, now = made_up_secret(), utc_now()
    body = json.dumps(CALL).encode()
    for seed in range(300):
        chance = random.Random(seed)
        headers, said = signed(secret, f"m{seed}", now, body), bytearray(body)
        if chance.random() < 0.5:
            said[chance.randrange(len(said))] ^= 1 << chance.randrange(8)
        else:
            name = chance.choice(sorted(headers))
            at = chance.randrange(len(headers[name]))
            swapped = chance.choice([c for c in "abcXYZ0189+/=" if c != headers[name][at]])
            headers[name] = headers[name][:at] + swapped + headers[name][at + 1 :]
        with pytest.raises(BadSignature):
            check(secret, headers, bytes(said), now)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"[]", 422),
        (b"{" * 100_000, 422),
        (json.dumps(CALL | {"siteId": "moon"}).encode(), 422),
        (json.dumps(CALL | {"x": 1e9}).encode(), 422),
        (json.dumps(CALL | {"fly": True}).encode(), 422),
        (json.dumps(CALL | {"x": 500}).encode(), 409),
        (b"\xff\xfe", 422),
        (b" " * (LARGEST + 1), 413),
    ],
)
def test_a_signed_message_that_is_no_call_is_refused(admin: TestClient, secret: str, body: bytes, status: int) -> None:
    answer = send(admin, secret, body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    if b"fly" in body:
        assert [each["pointer"] for each in answer.json()["errors"]] == ["#/fly"]


BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)


@pytest.mark.parametrize(
    "body",
    [
        BOMB + b"]><alert>&j;</alert>",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert>&x;</alert>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><alert/>',
        b'<!DOCTYPE alert><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>',
        b"<alert/>",
        EXAMPLE.replace("cap:1.2", "cap:1.1").encode(),
        b"<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'/>",
        b"<a>" * 100_000,
        EXAMPLE.replace("<info>", "<x/>" * 6000 + "<info>").encode(),
        EXAMPLE.encode("utf-16")[:-3],
        b'<?xml version="1.0" encoding="utf-7"?>' + EXAMPLE.encode(),
        b'<?xml version="1.0" encoding="no-such"?>' + EXAMPLE.encode(),
        EXAMPLE.replace("Actual", "Maybe").encode(),
        EXAMPLE.replace("KEY-7", "KEY 7").encode(),
        EXAMPLE.replace("KEY-7", "K" * 91).encode(),
        EXAMPLE.replace("+08:00", "").encode(),
        *(EXAMPLE.replace("31.20006,121.50009 0.02", bad).encode() for bad in ("x", "1,2,3 4", "nan,1 1", "91,0 1")),
        b"\x00" * 100,
        b"",
    ],
)
def test_hostile_xml_is_refused_and_costs_little(admin: TestClient, secret: str, body: bytes) -> None:
    began = time.process_time()
    with pytest.raises(MalformedAlert):
        read_alert(body)
    assert time.process_time() - began < 5.0  # an entity bomb that goes off takes minutes, and the memory
    answer = admin.post(f"{API}/cap", content=body, headers={"content-type": "application/cap+xml"})
    assert answer.status_code == (413 if len(body) > LARGEST else 422)


def outcome(admin: TestClient, body: bytes) -> dict[str, Any]:
    answer = admin.post(f"{API}/cap", content=body, headers={"content-type": "application/cap+xml"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_alert_becomes_what_it_can(admin: TestClient) -> None:
    assert outcome(admin, alert())["outcome"] == "CALL"
    for text, why in (
        (alert(status="Exercise"), "Exercise"),
        (alert(status="Test"), "Test"),
        (alert(msgType="Ack"), "Ack"),
        (alert(circle="48.1,11.5 1"), "on none of the station's maps"),
        (re.sub(rb"<circle>.*</circle>", b"<geocode/>", alert()), "no circle or polygon"),
    ):
        found = outcome(admin, text)
        assert (found["outcome"], found["callId"]) == ("NOTE", None)
        assert why in found["text"]
    polygon = "31.2,121.5 31.2,121.5002 31.20008,121.5002 31.20008,121.5 31.2,121.5"
    assert outcome(admin, re.sub(rb"<circle>.*</circle>", f"<polygon>{polygon}</polygon>".encode(), alert()))["callId"]
    listed = admin.get(f"{API}/center-messages").json()
    assert {row["outcome"] for row in listed} >= {"CALL", "NOTE"}


def test_an_alert_is_taken_once_and_its_cancel_ends_the_call(admin: TestClient) -> None:
    first = alert()
    made = outcome(admin, first)
    assert outcome(admin, first) == made
    key = read_alert(first).key
    refers = f"</scope><references>other,x,2026-01-01T00:00:00+00:00 {key}</references>".encode()
    second = alert(msgType="Update").replace(b"</scope>", refers)
    updated = outcome(admin, second)
    assert admin.get(f"{API}/calls/{made['callId']}").json()["status"] == "CANCELED"
    assert admin.get(f"{API}/calls/{updated['callId']}").json()["status"] == "ASKED"
    refers = f"</scope><references>{read_alert(second).key}</references>".encode()
    ended = outcome(admin, alert(msgType="Cancel").replace(b"</scope>", refers))
    assert (ended["outcome"], ended["callId"]) == ("CANCELED", updated["callId"])
    assert admin.get(f"{API}/calls/{updated['callId']}").json()["status"] == "CANCELED"


def test_degrees_become_metres_and_back() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        place = {"latitudeDeg": chance.uniform(-70, 70), "longitudeDeg": chance.uniform(-179, 179)}
        on_earth = MapOnEarth(place | {"headingDeg": chance.uniform(-180, 180)})
        x, y = chance.uniform(-300, 300), chance.uniform(-300, 300)
        assert on_earth.to_map(*on_earth(x, y)) == pytest.approx((x, y), abs=0.02)


# Alerts out


class Receiver:
    """A center that takes messages, or does not; ``said`` is what it took."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.away = False
        self.chance: random.Random | None = None
        self.secret = ""

    def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        assert url == "https://center.example/alerts"
        if self.away:
            raise httpx.ConnectError("away")
        if self.chance is not None and self.chance.random() < 0.4:
            return 503
        stamp, said = headers["webhook-timestamp"], headers["webhook-signature"].removeprefix("v1,")
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        right = hmac.new(key, f"{headers['webhook-id']}.{stamp}.".encode() + body, hashlib.sha256).digest()
        assert base64.b64decode(said) == right
        self.said.append((headers["webhook-id"], json.loads(body)))
        return 204


def incident(client: TestClient, status: str = "OPEN", **more: Any) -> str:
    incident_id, now = str(uuid4()), utc_now()
    row = {
        "incident_id": incident_id,
        "site_id": "yard",
        "kind": str(AnomalyKind.PERSON_LYING),
        "status": status,
        **dict.fromkeys(("first_seen", "last_seen", "frame_stamp", "received_at"), now),
        "x": 4.0,
        "y": 5.0,
        "score": 0.9,
        "detector": "test",
        "dog_id": "dog1",
        "held": False,
        "reason": {"zh": "躺着 <不动>", "en": "lies & does not move"},
        **more,
    }
    with station_of(client).database.write() as session:
        session.execute(insert(Incident).values(row))
    return incident_id


def answered(client: TestClient, incident_id: str, status: str) -> None:
    with station_of(client).database.write() as session:
        session.execute(
            update(Incident).where(Incident.incident_id == incident_id).values(status=status, answered_at=utc_now())
        )


@pytest.fixture
def told(tmp_path: Path) -> Iterator[tuple[TestClient, Receiver, Outbox, str]]:
    """A station of its own; the job that sends by itself is replaced by one that the test calls."""
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        receiver = Receiver()
        station = station_of(client)
        station[Outbox]._send = receiver.post
        station[Outbox].update = lambda _now: None  # type: ignore[method-assign]
        made = (
            sign_in(client).post(f"{API}/centers", json={"name": "hq", "url": "https://center.example/alerts"}).json()
        )
        receiver.secret = made["secret"]
        yield client, receiver, outbox_of(client, receiver.post, chance=lambda: 0.0), made["centerId"]


def outbox_of(client: TestClient, send: Post, **options: Any) -> Outbox:
    station = station_of(client)
    return Outbox(station.database, station[StoredSecrets], send, **options)


def states(receiver: Receiver, incident_id: str) -> list[str]:
    return [m["data"]["status"] for _, m in receiver.said if m["data"]["incidentId"] == incident_id]


def test_a_center_is_told_each_state_once_and_in_order(told: tuple[TestClient, Receiver, Outbox, str]) -> None:
    client, receiver, outbox, _ = told
    one = incident(client)
    outbox.update(utc_now())
    outbox.update(utc_now())
    for status in ("ACKNOWLEDGED", "DISPATCHED", "RESOLVED"):
        answered(client, one, status)
        outbox.update(utc_now())
    assert states(receiver, one) == ["OPEN", "ACKNOWLEDGED", "DISPATCHED", "RESOLVED"]
    assert [m["type"] for _, m in receiver.said] == ["incident.opened"] + ["incident.changed"] * 3
    assert len({message_id for message_id, _ in receiver.said}) == 4
    assert receiver.said[0][1]["data"]["kind"] == AnomalyKind.PERSON_LYING


def test_what_a_center_that_is_away_misses_it_gets_in_order_also_after_a_restart(
    told: tuple[TestClient, Receiver, Outbox, str],
) -> None:
    client, receiver, outbox, center = told
    receiver.away, now = True, utc_now()
    one, two = incident(client), incident(client)
    outbox.update(now)
    answered(client, one, "ACKNOWLEDGED")
    outbox.update(now + timedelta(seconds=3))
    (shown,) = client.get(f"{API}/centers").json()
    assert (shown["waiting"], shown["givenUp"], shown["problem"]) == (3, 0, "ConnectError: away")
    receiver.away = False
    later = outbox_of(client, receiver.post)  # nothing of it is in memory
    for minute in range(1, 30):
        later.update(now + timedelta(minutes=minute))
    assert (states(receiver, one), states(receiver, two)) == (["OPEN", "ACKNOWLEDGED"], ["OPEN"])
    assert client.get(f"{API}/centers/{center}/undelivered").json() == []


def test_a_center_that_does_not_answer_delays_no_other_and_is_asked_once_at_a_time(
    told: tuple[TestClient, Receiver, Outbox, str],
) -> None:
    client, _, _, _ = told
    client.post(f"{API}/centers", json={"name": "slow", "url": "https://slow.example/alerts"}).raise_for_status()
    answers, quick, slow = Event(), Event(), []

    def post(url: str, body: bytes, headers: dict[str, str]) -> int:
        if "slow" not in url:
            quick.set()
        else:
            slow.append(headers["webhook-id"])
            assert answers.wait(60)
        return 200

    with ThreadPoolExecutor(4) as pool:
        outbox = outbox_of(client, post, start=pool.submit)
        incident(client)
        for _ in range(3):  # the second and the third find the slow one still at it
            outbox.update(utc_now())
        assert quick.wait(60), "the slow center held up the other"
        answers.set()
    assert len(slow) == len(set(slow)) == 1


def test_what_was_given_up_is_listed_and_sent_again(told: tuple[TestClient, Receiver, Outbox, str]) -> None:
    client, receiver, outbox, center = told
    receiver.away, now = True, utc_now()
    one = incident(client)
    for _ in range(MOST_ATTEMPTS + 2):
        outbox.update(now)
        now += timedelta(seconds=LONGEST_PAUSE_S)
    (listed,) = client.get(f"{API}/centers/{center}/undelivered").json()
    assert (listed["attempts"], listed["problem"]) == (MOST_ATTEMPTS, "ConnectError: away")
    assert listed["givenUpAt"] is not None
    answered(client, one, "RESOLVED")
    receiver.away = False
    outbox.update(now)
    assert receiver.said == []  # the order of an incident is kept: its end waits for its beginning
    assert client.post(f"{API}/centers/{center}/send-again").json() == {"count": 2}
    for _ in range(3):
        outbox.update(now)
    assert states(receiver, one) == ["OPEN", "RESOLVED"]
    deeds = [entry["action"] for entry in client.get(f"{API}/audit").json()]
    assert {"center.created", "center.gave_up", "center.sent_again"} <= set(deeds)


@pytest.mark.parametrize("seed", range(4))
def test_by_a_bad_line_all_arrives_and_of_each_incident_in_order(
    told: tuple[TestClient, Receiver, Outbox, str], seed: int
) -> None:
    client, receiver, outbox, _ = told
    chance, now = random.Random(seed), utc_now()
    receiver.chance = random.Random(seed + 1000)
    wanted: dict[str, list[str]] = defaultdict(list)
    for _ in range(30):
        if not wanted or chance.random() < 0.4:
            wanted[incident(client)].append("OPEN")
        else:
            one = chance.choice(sorted(wanted))
            status = chance.choice([s for s in ("OPEN", "ACKNOWLEDGED", "RESOLVED") if s != wanted[one][-1]])
            answered(client, one, status)
            wanted[one].append(status)
        outbox.update(now)
        now += timedelta(seconds=chance.choice((2, 20)))
    receiver.chance = None
    for _ in range(40):
        now += timedelta(hours=1)
        outbox.update(now)
    assert {one: states(receiver, one) for one in wanted} == dict(wanted)


def test_a_center_hears_nothing_of_before_it_was_known_nor_after_it_was_removed(
    told: tuple[TestClient, Receiver, Outbox, str],
) -> None:
    client, receiver, outbox, center = told
    with station_of(client).database.write() as session:
        old = incident_before = str(uuid4())
        session.execute(
            insert(Incident).values(
                incident_id=old,
                site_id="yard",
                kind="fire",
                status="OPEN",
                **dict.fromkeys(
                    ("first_seen", "last_seen", "frame_stamp", "received_at"), utc_now() - timedelta(days=1)
                ),
                x=1,
                y=1,
                score=1,
                detector="t",
                dog_id="d",
                held=False,
            )
        )
    outbox.update(utc_now())
    assert client.delete(f"{API}/centers/{center}").status_code == 204
    incident(client)
    outbox.update(utc_now())
    assert (receiver.said, incident_before) == ([], old)
    assert client.post(f"{API}/centers", json={"name": "HQ"}).status_code == 409


@pytest.mark.parametrize("url", ["ftp://x/y", "http://", "javascript:1", "http://u:p@h/", "file:///etc/passwd", "//h"])
def test_an_address_that_is_none_is_refused(admin: TestClient, url: str) -> None:
    assert admin.post(f"{API}/centers", json={"name": "odd", "url": url}).status_code == 422


def test_pauses_grow_to_an_hour_and_no_more() -> None:
    pauses = [pause(attempts, 0.0).total_seconds() for attempts in range(1, MOST_ATTEMPTS + 1)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (5, 3600)
    assert 20 < sum(pauses) / 3600 < 30
    assert pause(100_000, 1.0) == timedelta(seconds=2700)


ORDER = ["identifier", "sender", "sent", "status", "msgType", "scope", "restriction", "references", "info", "info"]


def test_an_incident_is_an_alert_that_our_own_reader_takes(told: tuple[TestClient, Receiver, Outbox, str]) -> None:
    client, _, _, _ = told
    one = incident(client)
    feed = ElementTree.fromstring(client.get(f"{API}/cap").content)
    atom = "{http://www.w3.org/2005/Atom}"
    links = [e.attrib["href"] for e in feed.iter(f"{atom}link")]
    assert links == [f"{API}/cap/{one}"]
    answer = client.get(links[0])
    assert answer.headers["content-type"].startswith("application/cap+xml")
    first = read_alert(answer.content)
    assert (first.status, first.message_type, first.text) == (
        "Actual",
        "Alert",
        "有人倒地: 有人倒地: 待处理: 躺着 <不动>",
    )
    assert first.place is not None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-00:00", first.sent)
    for status, kind in (("ACKNOWLEDGED", "Update"), ("RESOLVED", "Update"), ("FALSE_ALARM", "Cancel")):
        answered(client, one, status)
        content = client.get(links[0]).content
        names = [each.tag.rpartition("}")[2] for each in ElementTree.fromstring(content)]
        assert names == ORDER
        later = read_alert(content)
        assert (later.message_type, later.references) == (kind, (first.key,))
    assert client.get(f"{API}/cap/none").status_code == 404


@pytest.mark.parametrize(
    ("said", "metres"),
    [
        ({"covariance": {"xx": 4.0, "xy": 0.0, "yy": 0.25}, "deviation": 9.0}, 2 * 2.4477),
        ({"covariance": {"xx": 2.0, "xy": 1.5, "yy": 2.0}}, math.sqrt(3.5) * 2.4477),
        ({"covariance": {"xx": 1e-8, "xy": 0.0, "yy": 1e-8}}, 0.1),
        ({"deviation": 0.5}, 0.5 * 2.4477),
        ({}, 10.0),
    ],
)
def test_an_alerts_circle_holds_the_place_with_95_percent(
    told: tuple[TestClient, Receiver, Outbox, str], said: dict[str, Any], metres: float
) -> None:
    client = told[0]
    content = client.get(f"{API}/cap/{incident(client, **said)}").content
    read = read_alert(content)
    assert read.place is not None
    assert metres - 1e-3 <= read.place[2] <= metres + 0.1
    circles = re.findall(rb"<cap:circle>([^<]*)</cap:circle>", content)
    assert [re.fullmatch(rb"-?[\d.]+,-?[\d.]+ \d+\.\d{4}", each) is not None for each in circles] == [True, True]
