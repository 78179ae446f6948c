"""What strangers send to the server's HTTP doors, through a real socket: it is refused, and costs little."""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.routing import Route
from starlette.websockets import WebSocketDisconnect

from fleet_server.accounts.sign_in_limit import MOST_FAILURES, MOST_KEYS, MOST_OF_ADDRESS, WINDOW, SignInLimit, who_asks
from fleet_server.app import MOST_BODY, create_app
from fleet_server.console_files import HEADERS
from fleet_server.core.clock import utc_now
from fleet_server.core.request_timeout import RequestTimeout
from fleet_server.evidence.files import EvidenceFiles
from fleet_server.evidence.upload_token import UploadToken
from fleet_server.ingest.mqtt_session import Session
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_incidents import PICTURE, evidence
from tests.fleet_server.world import API, PASSWORD, eventually, serving, settings, sign_in

UNUSED_PORT = 25099  # nothing listens there: most of these tests need no broker
MANY = 150 * 1024 * 1024  # bytes
WRONG = {"username": "admin", "password": "wrong-wrong"}


@contextmanager
def listening(app: FastAPI) -> Iterator[int]:
    """``app`` behind uvicorn on a port of its own."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        eventually(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[TestClient]:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        yield client


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A station at which nobody has signed in."""
    folder = tmp_path_factory.mktemp("station")
    console = folder / "console"
    (console / "assets").mkdir(parents=True)
    (console / "index.html").write_text("the page")
    (folder / "secret").write_text("a secret")
    with listening(create_app(settings(folder, UNUSED_PORT, console_dir=console), lambda _: None)) as found:
        yield found


def request(method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(lines).encode()


def answered(connection: socket.socket) -> tuple[int, bytes]:
    """The status and all of an answer after which the connection is closed, or nothing comes for a while."""
    said = b""
    connection.settimeout(5)
    with contextlib.suppress(TimeoutError, ConnectionError):
        while chunk := connection.recv(65536):
            said += chunk
            head, _, body = said.partition(b"\r\n\r\n")
            if body or b" 204 " in head:
                break
    return int(said.split(b" ", 2)[1]), said


BODIES = [
    ("POST", f"{API}/session"),
    ("POST", f"{API}/enrolment"),
    ("POST", f"{API}/routes"),
    ("PUT", f"{API}/routes/r"),
    ("POST", f"{API}/patrols"),
    ("POST", f"{API}/identities"),
    *(
        ("POST", f"{API}/incidents/i/{deed}")
        for deed in ("acknowledge", "comments", "dispatch", "false-alarm", "package", "reopen", "resolve")
    ),
    ("POST", f"{API}/dogs/d/camera-views"),
    ("POST", f"{API}/dogs/d/sentences"),
    ("POST", f"{API}/evidence/e/original"),
    ("PUT", f"{API}/incidents/i/assignee"),
    ("PUT", f"{API}/sites/y/escalation"),
    ("PUT", f"{API}/sites/y"),
    ("PUT", f"{API}/sites/y/evidence-key"),
    ("POST", f"{API}/sites/y/check"),
    ("PUT", f"{API}/sites/y/checkpoints/p/reference"),
    ("POST", f"{API}/sites"),
    ("PUT", f"{API}/sites/y/map"),
    ("POST", f"{API}/maps/check"),
    ("POST", f"{API}/calls"),
    ("POST", f"{API}/tokens"),
    ("POST", f"{API}/centers"),
    ("POST", f"{API}/centers/c/messages"),
    ("POST", f"{API}/cap"),
    ("POST", f"{API}/sites/y/recall"),
    ("POST", f"{API}/schedules"),
    ("PUT", f"{API}/schedules/s"),
    ("POST", f"{API}/plan/backtest"),
    ("POST", f"{API}/accounts"),
    ("PATCH", f"{API}/accounts/u"),
    ("PUT", f"{API}/accounts/u/password"),
    ("PUT", f"{API}/accounts/u/openid-subject"),
]
LARGE = {("POST", f"{API}/sites"), ("PUT", f"{API}/sites/y/map"), ("POST", f"{API}/maps/check")}  # read of nobody else
NAMES = {
    "{name}": "c",
    "{route_id}": "r",
    "{incident_id}": "i",
    "{schedule_id}": "s",
    "{username}": "u",
    "{dog_id}": "d",
    "{site_id}": "y",
    "{checkpoint_id}": "p",
    "{evidence_id}": "e",
}


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_body_that_says_it_is_large_is_refused_before_it_is_sent(port: int, method: str, path: str) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request(method, path, f"Content-Length: {MANY}"))
        assert answered(connection)[0] == 413


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_a_body_that_does_not_say_how_large_it_is_is_refused_when_it_has_become_so(
    port: int, method: str, path: str
) -> None:
    sent, chunk = 0, b"10000\r\n" + b" " * 65536 + b"\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request(method, path, "Transfer-Encoding: chunked"))
        connection.settimeout(5)
        with contextlib.suppress(ConnectionError):
            while sent < 4 * MOST_BODY:
                connection.sendall(chunk)
                sent += 65536
        with contextlib.suppress(ConnectionError, IndexError):
            assert answered(connection)[0] == (401 if (method, path) in LARGE else 413)
    assert httpx.get(f"http://127.0.0.1:{port}{API}/health").json()["status"] == "ok"


def test_every_door_that_takes_a_body_is_among_those_tried(alone: TestClient) -> None:
    document = alone.app.openapi()  # type: ignore[attr-defined]
    taking = {
        (method.upper(), re.sub(r"{\w+}", lambda found: NAMES[found[0]], path))
        for path, methods in document["paths"].items()
        for method, described in methods.items()
        if "requestBody" in described
    }
    assert taking == set(BODIES)


@pytest.mark.parametrize(
    "path",
    ["/assets/%00", "/%00", "/assets/" + "a" * 300, "/" + "a" * 5000, "/assets/%2e%2e/%2e%2e/secret", "/%2e%2e/b"],
)
def test_a_name_that_is_no_file_is_not_found(port: int, path: str) -> None:
    answer = httpx.get(f"http://127.0.0.1:{port}{path}")
    assert answer.status_code == 404
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_a_fault_of_our_own_is_answered_in_few_words_and_with_all_headers(port: int, tmp_path: Path) -> None:
    app = create_app(settings(tmp_path, UNUSED_PORT), lambda _: None)
    app.router.routes.insert(0, Route("/fault", lambda _: 1 // 0))
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/fault")
    assert (answer.status_code, answer.json()["detail"]) == (500, "the station has a fault; its log tells more")
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_eighty_guesses_side_by_side_are_no_more_than_ten_and_lock_out_their_sender_alone(alone: TestClient) -> None:
    stranger = TestClient(alone.app, client=("203.0.113.9", 1))
    with ThreadPoolExecutor(80) as side_by_side:
        answers = list(side_by_side.map(lambda _: stranger.post(f"{API}/session", json=WRONG).status_code, range(80)))
    checked = answers.count(401)
    assert 1 <= checked <= MOST_FAILURES
    assert answers.count(429) == 80 - checked
    right = {"username": "admin", "password": PASSWORD}
    assert stranger.post(f"{API}/session", json=right).status_code == 429
    assert TestClient(alone.app, client=("203.0.113.10", 1)).post(f"{API}/session", json=right).status_code == 200
    refused = [entry for entry in sign_in(alone).get(f"{API}/audit").json() if entry["action"] == "session.refused"]
    assert len(refused) == checked


def test_guessing_many_names_from_one_address_is_guessing_too() -> None:
    limit, now = SignInLimit(), utc_now()
    waits = [limit.begin({f"user{n} from a": MOST_FAILURES, "a": MOST_OF_ADDRESS}, now) for n in range(50)]
    assert waits == [0.0] * MOST_OF_ADDRESS + [WINDOW.total_seconds()] * (50 - MOST_OF_ADDRESS)
    assert limit.begin({"user0 from b": MOST_FAILURES, "b": MOST_OF_ADDRESS}, now) == 0.0
    assert limit.begin({"a": MOST_OF_ADDRESS}, now + WINDOW) == 0.0


def test_those_who_sign_in_often_are_not_locked_out() -> None:
    limit, now = SignInLimit(), utc_now()
    for _ in range(10 * MOST_OF_ADDRESS):
        assert limit.begin({"me from a": MOST_FAILURES, "a": MOST_OF_ADDRESS}, now) == 0.0
        limit.succeed("me from a", "a")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.9", "203.0.113.10", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
    ],
)
def test_whoever_has_one_address_of_a_network_has_all(one: str, other: str, same: bool) -> None:
    assert (who_asks(one) == who_asks(other)) is same


def test_a_guesser_with_endless_addresses_does_not_fill_the_memory() -> None:
    limit = SignInLimit()
    for n in range(MOST_KEYS + 500):
        limit.begin({f"address {n}": 1}, utc_now())
    assert len(limit._guesses) == MOST_KEYS
    assert limit.begin({f"address {n}": 1}, utc_now()) > 0


def test_a_binary_frame_on_the_live_socket_ends_it_with_a_code(alone: TestClient) -> None:
    with sign_in(alone).websocket_connect(f"{API}/live") as live:
        assert live.receive_json()["type"] == "snapshot"
        live.send_text("hello")
        live.send_bytes(b"\x00")
        with pytest.raises(WebSocketDisconnect) as ended:
            live.receive_json()
    assert ended.value.code == 1003


def test_a_newer_upload_takes_over_from_one_that_stalls(mqtt: TestBroker, tmp_path: Path) -> None:
    chosen = settings(tmp_path, mqtt.port)
    app = create_app(chosen, lambda _: None)
    with listening(app) as port, Dog(mqtt.port, "uploader") as dog:
        station = app.state.station
        eventually(lambda: station[Session].connected)
        shot = evidence(PICTURE)
        url, token = f"{API}/evidence/{shot['evidenceId']}", f"Bearer {station[UploadToken].value}"
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": token}) as client:

            def announced() -> bool:
                """Said again until it is heard, as a dog does: connected is not yet subscribed."""
                dog.say("evidence", **shot)
                return client.head(url).status_code == 200

            eventually(announced)
            with socket.create_connection(("127.0.0.1", port)) as stalled:
                says = (f"Authorization: {token}", f"Content-Length: {len(PICTURE)}", "Upload-Offset: 0")
                stalled.sendall(request("PATCH", url, *says) + PICTURE[:10])
                eventually(lambda: client.head(url).headers["Upload-Offset"] == "10")
                answer = client.patch(url, content=PICTURE[10:], headers={"Upload-Offset": "10"})
                assert answer.status_code == 204
                with contextlib.suppress(ConnectionError):
                    stalled.sendall(PICTURE[10:])
                assert answered(stalled)[0] in (204, 409)
        assert dog.hear("received")["ids"] == [shot["evidenceId"]]
        assert station[EvidenceFiles].store.content(shot["evidenceId"]).read_bytes() == PICTURE


def test_a_request_that_stalls_is_given_up_and_one_that_is_slow_is_not() -> None:
    app = FastAPI()
    app.add_middleware(RequestTimeout, idle_s=0.5)

    @app.post("/")
    async def body(request: Request) -> int:
        return len(await request.body())

    with listening(app) as port:
        with socket.create_connection(("127.0.0.1", port)) as stalled:
            stalled.sendall(request("POST", "/", "Content-Length: 10") + b"12345")
            assert answered(stalled)[0] == 408
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(request("POST", "/", "Content-Length: 4"))
            for byte in b"1234":
                threading.Event().wait(0.2)
                slow.sendall(bytes([byte]))
            assert answered(slow)[1].endswith(b"4")
