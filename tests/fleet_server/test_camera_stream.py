"""A dog's camera, live: who may watch, what is on record, and what is relayed of what a dog, or a liar, sends."""

import contextlib
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from edge.camera_stream.encoder import H264Encoder
from edge.mission.factsheet import factsheet
from edge.perception.head_masking import mask
from fleet_server.core.rights import Role
from fleet_server.evidence.upload_token import UploadToken
from protocol.camera_stream import MOST_MESSAGE, START_STREAM, STOP_STREAM, TOKEN_HEADER, VideoFrame, unpack
from protocol.codec import encode
from protocol.topics import Address
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_rights import make, signed_in_as
from tests.fleet_server.world import API, eventually, station_of

REASON = {"reason": "核实告警"}


@cache
def video(frames: int = 40) -> tuple[bytes, ...]:
    """Messages of a dog: a bright square that wanders; a key frame first, and another every tenth."""
    encoder = H264Encoder(5.0)
    made = []
    for n in range(frames):
        pixels = np.zeros((120, 160, 3), np.uint8)
        pixels[40:80, 3 * n % 120 : 3 * n % 120 + 40] = 255
        data, key = encoder.encode(mask(pixels, []), 500_000, n / 5, key=n % 10 == 0)
        made.append(VideoFrame(key, n + 1, 1000.0 + n / 5, data).pack())
    return tuple(made)


@pytest.fixture
def watched(client: TestClient, dog: Dog) -> Dog:
    """A dog of ours: it has said what it can."""
    sheet = json.loads(encode(factsheet(Address("xiaotian", dog.name), 0.0)))
    dog.say("factsheet", **{key: value for key, value in sheet.items() if key not in dog.message("factsheet")})
    eventually(lambda: the_dog(client)["cameraStream"])
    return dog


def the_dog(client: TestClient) -> Any:
    return next(dog for dog in client.get(f"{API}/dogs").json() if dog["dogId"] == "dog1")


def ask(client: TestClient, **body: Any) -> str:
    answer = client.post(f"{API}/dogs/dog1/camera-views", json=body or REASON)
    assert answer.status_code == 201, answer.text
    view_id: str = answer.json()["viewId"]
    return view_id


def told(dog: Dog, kind: str = START_STREAM) -> dict[str, Any]:
    """The next instant action of that kind."""
    while True:
        for action in dog.hear("instantActions")["actions"]:
            if action["actionType"] == kind:
                return dict(action)


@contextlib.contextmanager
def publishing(client: TestClient, action: dict[str, Any], **headers: str) -> Iterator[Any]:
    """The dog's connection for the stream that ``action`` asked for; its first word is heard."""
    token = station_of(client)[UploadToken].value
    given = {"Authorization": f"Bearer {token}", TOKEN_HEADER: action["actionParameters"][0]["value"]} | headers
    with client.websocket_connect(f"{API}/camera-streams/{action['actionId']}", headers=given) as socket:
        assert "at" in socket.receive_json()
        yield socket


def watching(client: TestClient, view_id: str) -> Any:
    return client.websocket_connect(f"{API}/camera-views/{view_id}")


def deeds(client: TestClient, action: str) -> list[Any]:
    return [each for each in client.get(f"{API}/audit").json() if each["action"] == action]


def test_frames_reach_who_watches_as_the_dog_sent_them_and_each_is_acknowledged(
    client: TestClient, watched: Dog
) -> None:
    view_id = ask(client)
    action = told(watched)
    with watching(client, view_id) as viewer, publishing(client, action) as dog:
        for message in video()[:5]:
            dog.send_bytes(message)
            assert dog.receive_json()["seen"] == unpack(message).number
            assert viewer.receive_bytes() == message
        viewer.send_json({"asked": 12.5})
        answer = viewer.receive_json()
        assert (answer["asked"], answer["at"] > 1e9) == (12.5, True)


def test_who_when_why_and_how_long_is_on_record_and_the_dog_shows_who_watches(client: TestClient, watched: Dog) -> None:
    assert the_dog(client)["watchers"] == []
    with watching(client, ask(client)):
        (shown,) = the_dog(client)["watchers"]
        assert (shown["username"], shown["reason"]) == ("admin", "核实告警")
        (deed,) = deeds(client, "dog.camera_watched")
        assert (deed["actor"], deed["target"]) == ("admin", "dog1")
        assert "核实告警" in json.dumps(deed, ensure_ascii=False)
        assert deeds(client, "dog.camera_left") == []
    (left,) = eventually(lambda: deeds(client, "dog.camera_left"))
    assert "seconds" in json.dumps(left)
    eventually(lambda: the_dog(client)["watchers"] == [])


def test_the_dog_is_asked_again_while_somebody_watches_and_told_to_stop_when_nobody_does(
    client: TestClient, watched: Dog
) -> None:
    with watching(client, ask(client)):
        first, again = told(watched), told(watched)
        assert (first["actionId"], first["actionParameters"]) == (again["actionId"], again["actionParameters"])
    stop = told(watched, STOP_STREAM)
    assert stop["actionParameters"] == [{"key": "streamId", "value": first["actionId"]}]


def test_a_reason_is_asked_for_where_the_station_wants_one(client: TestClient, watched: Dog) -> None:
    answer = client.post(f"{API}/dogs/dog1/camera-views", json={"reason": "  "})
    assert (answer.status_code, answer.json()["detail"]) == (422, "reason: this station asks what you watch for")
    assert client.get(f"{API}/session").json()["watchReason"] is True
    station_of(client).settings.watch_reason = False
    assert client.post(f"{API}/dogs/dog1/camera-views", json={}).status_code == 201


@pytest.mark.parametrize("role", Role)
def test_each_role_watches_or_does_not(client: TestClient, watched: Dog, role: Role) -> None:
    may = role in (Role.OPERATOR, Role.SUPERVISOR, Role.ADMINISTRATOR)
    make(client, "other", role)
    with signed_in_as(client, "other") as other:
        assert other.post(f"{API}/dogs/dog1/camera-views", json=REASON).status_code == (201 if may else 403)


def test_a_view_is_for_who_asked_for_it_and_for_once(client: TestClient, watched: Dog) -> None:
    view_id = ask(client)
    make(client, "other", Role.SUPERVISOR)
    with signed_in_as(client, "other") as other, pytest.raises(WebSocketDisconnect), watching(other, view_id):
        pass
    stranger = TestClient(client.app)
    with pytest.raises(WebSocketDisconnect), watching(stranger, view_id):
        pass
    with watching(client, view_id), pytest.raises(WebSocketDisconnect), watching(client, view_id):
        pass


def test_a_page_of_another_origin_does_not_watch(client: TestClient, watched: Dog) -> None:
    headers = {"Origin": "https://elsewhere.example"}
    path = f"{API}/camera-views/{ask(client)}"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(path, headers=headers):
        pass


def test_a_vehicle_that_does_not_offer_it_has_no_live_camera_and_the_api_says_so(client: TestClient, dog: Dog) -> None:
    answer = client.post(f"{API}/dogs/dog1/camera-views", json=REASON)
    assert (answer.status_code, answer.json()["detail"]) == (409, "dog1 has not said yet what it can")
    sheet = json.loads(encode(factsheet(Address("xiaotian", dog.name), 0.0)))
    offered = sheet["protocolFeatures"]["agvActions"]
    sheet["protocolFeatures"]["agvActions"] = [each for each in offered if each["actionType"] != START_STREAM]
    dog.say("factsheet", **{key: value for key, value in sheet.items() if key not in dog.message("factsheet")})
    eventually(lambda: the_dog(client)["cameraStream"] is False)
    answer = client.post(f"{API}/dogs/dog1/camera-views", json=REASON)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "dog1 has no live camera: its factsheet has no startCameraStream"
    assert client.post(f"{API}/dogs/nobody/camera-views", json=REASON).status_code == 404


def test_why_the_dog_refuses_or_ends_reaches_who_watches(client: TestClient, watched: Dog) -> None:
    with watching(client, ask(client)) as viewer:
        action = told(watched)
        failed = {"actionId": action["actionId"], "actionStatus": "FAILED", "resultDescription": "NO_MASKING"}
        watched.state(actionStates=[failed | {"actionType": START_STREAM}])
        assert viewer.receive_json() == {"ended": "NO_MASKING"}
    with watching(client, ask(client)) as viewer, publishing(client, told(watched)) as dog:
        dog.send_json({"withheld": "PRIVACY"})
        assert viewer.receive_json() == {"withheld": "PRIVACY"}
        dog.send_json({"withheld": None})
        assert viewer.receive_json() == {"withheld": None}
        note = {"number": 1, "seen": [{"label": "person", "score": 0.7, "box": [0.1, 0.2, 0.3, 0.4]}]}
        dog.send_json({"note": note})
        assert viewer.receive_json() == {"note": note}
        dog.send_json({"ended": "BATTERY_LOW"})
        assert viewer.receive_json() == {"ended": "BATTERY_LOW"}


def test_a_stream_ends_when_another_process_begins_to_lead(client: TestClient, watched: Dog) -> None:
    with watching(client, ask(client)) as viewer, publishing(client, action := told(watched)):
        for hear in station_of(client)._on_lead:
            hear(False)
        assert viewer.receive_json() == {"ended": "STOPPED"}
        assert told(watched, STOP_STREAM)["actionParameters"][0]["value"] == action["actionId"]


def test_five_watch_and_the_dog_sends_each_frame_once(client: TestClient, watched: Dog) -> None:
    with contextlib.ExitStack() as stack:
        viewers = [stack.enter_context(watching(client, ask(client))) for _ in range(5)]
        action = told(watched)
        dog = stack.enter_context(publishing(client, action))
        for message in video()[:20]:
            dog.send_bytes(message)
            dog.receive_json()
        for viewer in viewers:
            assert [viewer.receive_bytes() for _ in range(20)] == list(video()[:20])
        assert told(watched)["actionId"] == action["actionId"], "one stream for all"


def test_who_comes_later_begins_with_a_key_frame_for_which_the_dog_is_asked(client: TestClient, watched: Dog) -> None:
    first_id = ask(client)
    with watching(client, first_id), publishing(client, told(watched)) as dog:
        dog.send_bytes(video()[0])
        assert "keyFrame" not in dog.receive_json()
        with watching(client, ask(client)) as late:
            eventually(lambda: len(the_dog(client)["watchers"]) == 2)
            dog.send_bytes(video()[1])
            assert dog.receive_json()["keyFrame"] is True
            dog.send_bytes(video()[10])
            dog.receive_json()
            assert late.receive_bytes() == video()[10]


def test_a_slow_viewer_misses_pictures_and_costs_nobody_anything() -> None:
    from fleet_server.camera_stream.mailbox import MOST_WAITING, Mailbox

    slow, quick, seen = Mailbox(), Mailbox(), []
    frames = [(unpack(message), message) for message in video()]
    for frame, message in frames:
        slow.put(frame, message)
        quick.put(frame, message)
        seen.append(quick._frames.popleft())
    assert seen == list(video())
    waiting = [unpack(message) for message in slow._frames]
    assert len(waiting) <= MOST_WAITING
    assert waiting[0].key, "what it gets next can be decoded"
    numbers = [frame.number for frame in waiting]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "a series without a hole"
    assert slow.dropped + len(waiting) == len(frames)


LIES: dict[str, Any] = {
    "no header": b"\1",
    "no picture": video()[0][:13],
    "noise": b"\1\0\0\0\1" + b"\0" * 8 + b"not H.264 at all, but something else",
    "a JPEG": b"\1\0\0\0\1" + b"\0" * 8 + b"\xff\xd8\xff\xe0" + b"x" * 1000,
    "a key frame without parameter sets": VideoFrame(True, 1, 0.0, b"\0\0\0\1\x65" + b"x" * 50).pack(),
    "a frame that says to be a key frame": b"\1" + video()[1][1:],
    "a time that is none": VideoFrame(True, 1, float("nan"), unpack(video()[0]).data).pack(),
    "thousands of units": VideoFrame(False, 1, 0.0, b"\0\0\0\1\x41" * 5000).pack(),
    "too long": VideoFrame(False, 1, 0.0, b"\0\0\0\1\x41" + b"x" * MOST_MESSAGE).pack(),
    "no JSON": "{",
    "a box beyond the picture": '{"note": {"number": 1, "seen": [{"label": "a", "score": 1, "box": [0, 0, 1, 9]}]}}',
    "another JSON": '{"ended": "PERHAPS"}',
    "a long text": json.dumps({"withheld": None, "more": "x" * 7000}),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_publisher_that_sends_no_video_is_cut_off_and_who_watches_is_told(
    client: TestClient, watched: Dog, lie: str
) -> None:
    with watching(client, ask(client)) as viewer, publishing(client, told(watched)) as dog:
        sent = LIES[lie]
        dog.send_bytes(sent) if isinstance(sent, bytes) else dog.send_text(sent)
        assert dog.receive_json()["ended"] == "NOT_VIDEO"
        assert viewer.receive_json() == {"ended": "NOT_VIDEO"}
        with pytest.raises(WebSocketDisconnect):
            viewer.receive_json()


def test_a_flood_is_cut_off(client: TestClient, watched: Dog) -> None:
    large = VideoFrame(True, 1, 0.0, unpack(video()[0]).data + b"x" * 200_000).pack()
    with watching(client, ask(client)), publishing(client, told(watched)) as dog:
        answers = []
        for _ in range(100):
            dog.send_bytes(large)
            answers.append(dog.receive_json())
            if "ended" in answers[-1]:
                break
        assert answers[-1]["ended"] == "NOT_VIDEO"
        assert len(answers) > 3


def test_nobody_publishes_without_both_tokens_or_for_another_stream(client: TestClient, watched: Dog) -> None:
    ask(client)
    action = told(watched)
    for headers in ({"Authorization": "Bearer wrong"}, {TOKEN_HEADER: "wrong"}, {"Authorization": ""}):
        with pytest.raises(WebSocketDisconnect), publishing(client, action, **headers):
            pass
    with pytest.raises(WebSocketDisconnect), publishing(client, action | {"actionId": "another"}):
        pass
    with publishing(client, action):
        pass


def test_a_stream_has_one_publisher_the_newest(client: TestClient, watched: Dog) -> None:
    with watching(client, ask(client)) as viewer:
        action = told(watched)
        with publishing(client, action) as stalled, publishing(client, action) as dog:
            assert stalled.receive_json()["ended"] == "REPLACED"
            dog.send_bytes(video()[0])
            assert viewer.receive_bytes() == video()[0]


def test_what_a_viewer_sends_beside_questions_ends_their_view(client: TestClient, watched: Dog) -> None:
    for said in ("x" * 7000, '{"asked": "now"}', '{"asked": 1e999}', "[]"):
        with watching(client, ask(client)) as viewer:
            viewer.send_text(said)
            with pytest.raises(WebSocketDisconnect):
                viewer.receive_json()


def test_a_session_that_ends_ends_the_view(client: TestClient, watched: Dog, monkeypatch: pytest.MonkeyPatch) -> None:
    from fleet_server.core import websocket_tasks

    monkeypatch.setattr(websocket_tasks, "CHECK_SESSION_S", 0.05)
    with watching(client, ask(client)) as viewer:
        client.delete(f"{API}/session")
        with pytest.raises(WebSocketDisconnect):
            viewer.receive_json()


def test_the_document_says_that_the_right_is_one_of_its_own(client: TestClient) -> None:
    paths = client.app.openapi()["paths"]  # type: ignore[attr-defined]
    assert paths[f"{API}/dogs/{{dog_id}}/camera-views"]["post"]["x-right"] == "watch"
    assert httpx.URL(f"http://x{API}/camera-views/1").path not in paths
