"""Live pictures by WebRTC: the dog's frames as they came, to who may watch; hostile offers; back to the WebSocket."""

import asyncio
import gc
import json
import random
import socket
from contextlib import ExitStack
from typing import Any
from unittest.mock import Mock

import av
import numpy as np
import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from fleet_server.camera_stream import api
from fleet_server.camera_stream.streams import Streams
from fleet_server.camera_stream.webrtc_peer import RefusedOffer, WebRtcPeer
from protocol.camera_stream import MOST_OFFER, unpack
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_camera_stream import ask, deeds, publishing, the_dog, told, video, watched, watching
from tests.fleet_server.webrtc_viewer import WebRtcViewer, webrtc_viewer
from tests.fleet_server.world import eventually, station_of

__all__ = ["watched"]


def said(viewer: Any, kind: str) -> Any:
    """What is said next of that kind; frames and other words before it are passed over."""
    while True:
        message = viewer.receive()
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message["code"])
        if kind in (word := json.loads(message.get("text") or "{}")):
            return word[kind]


def connect(viewer: Any, peer: WebRtcViewer) -> None:
    viewer.send_json({"offer": peer.offer()})
    peer.take_answer(said(viewer, "answer"))
    eventually(lambda: peer.connected)


def connected(client: TestClient) -> int:
    """How many have their frames by WebRTC now, by what the station knows."""
    streams = list(station_of(client)[Streams]._streams.values())
    return sum(view.by_webrtc is not None for stream in streams for view in list(stream.views.values()))


def pixels(messages: tuple[bytes, ...]) -> list[Any]:
    """What any decoder makes of them."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    packets = [av.Packet(unpack(message).data) for message in messages]
    return [frame.to_ndarray() for packet in [*packets, None] for frame in decoder.decode(packet)]


def test_frames_go_out_by_webrtc_as_the_dog_encoded_them_and_by_the_websocket_no_more_until_that_is_asked_for(
    client: TestClient, watched: Dog
) -> None:
    with ExitStack() as stack:
        peer = stack.enter_context(webrtc_viewer())
        viewer = stack.enter_context(watching(client, ask(client)))
        dog = stack.enter_context(publishing(client, told(watched)))
        connect(viewer, peer)
        eventually(lambda: connected(client) == 1)
        dog.send_bytes(video()[0])
        dog.receive_json()
        words = [viewer.receive() for _ in range(2)]
        assert video()[0] in [word.get("bytes") for word in words], "the WebSocket goes on until the other way works"
        viewer.send_json({"picturesBy": "WEBRTC", "asked": 1.0})
        assert said(viewer, "asked") == 1.0
        sent = [json.loads(word["text"])["sent"] for word in words if word.get("text")]
        for message in video()[1:30]:
            dog.send_bytes(message)
            dog.receive_json()
            word = viewer.receive()
            assert word.get("bytes") is None, "nothing comes twice"
            sent.append(json.loads(word["text"])["sent"])
        assert [each["number"] for each in sent] == list(range(1, 31))
        assert [each["capturedAt"] for each in sent] == [unpack(message).captured_at for message in video()[:30]]
        eventually(lambda: len(peer.frames) >= 29)
        for shown, encoded in zip(peer.frames, pixels(video()[:29]), strict=False):
            np.testing.assert_array_equal(shown.to_ndarray(), encoded)
        first = sent[0]["rtpTimestamp"]
        stamps = [(each["rtpTimestamp"] - first) % 2**32 for each in sent]
        assert [frame.pts - (peer.frames[0].pts or 0) for frame in peer.frames] == stamps[: len(peer.frames)]

        viewer.send_json({"picturesBy": "WEBSOCKET"})
        eventually(lambda: connected(client) == 0)
        dog.send_bytes(video()[31])
        assert dog.receive_json()["keyFrame"] is True
        dog.send_bytes(video()[10])
        assert viewer.receive_bytes() == video()[10]
        assert len(deeds(client, "dog.camera_watched")) == 1, "one view, whatever way its pictures take"
    eventually(lambda: len(deeds(client, "dog.camera_left")) == 1)
    assert station_of(client)[Streams].peers == 0


def test_a_browser_that_lost_a_packet_for_good_has_the_dog_asked_for_a_key_frame(
    client: TestClient, watched: Dog
) -> None:
    with ExitStack() as stack:
        peer = stack.enter_context(webrtc_viewer())
        viewer = stack.enter_context(watching(client, ask(client)))
        dog = stack.enter_context(publishing(client, told(watched)))
        connect(viewer, peer)
        eventually(lambda: connected(client) == 1)
        (stream,) = station_of(client)[Streams]._streams.values()
        (view,) = stream.views.values()
        for message in video()[:3]:
            dog.send_bytes(message)
            assert "keyFrame" not in dog.receive_json()
        eventually(lambda: peer.frames)
        peer.ask_for_key_frame()
        eventually(lambda: view.by_webrtc is not None and view.by_webrtc.starved)
        dog.send_bytes(video()[3])
        assert dog.receive_json()["keyFrame"] is True


def test_no_address_of_an_offer_is_spoken_to(client: TestClient, watched: Dog) -> None:
    with ExitStack() as stack:
        peer = stack.enter_context(webrtc_viewer())
        viewer = stack.enter_context(watching(client, ask(client)))
        offer = peer.offer()
        here = next(line.split()[4] for line in offer.splitlines() if line.startswith("a=candidate") and "." in line)
        trap = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        trap.bind((here, 0))
        trap.setblocking(False)
        line = f"a=candidate:1 1 udp 2130706431 {here} {trap.getsockname()[1]} typ host\r\n"
        viewer.send_json({"offer": offer.replace("a=end-of-candidates\r\n", "") + line + line.replace(here, "x.local")})
        peer.take_answer(said(viewer, "answer"))
        eventually(lambda: peer.connected)
        with pytest.raises(BlockingIOError):
            trap.recv(2000)


def test_who_has_pictures_by_webrtc_and_falls_silent_is_gone_and_the_dog_is_not_watched_any_more(
    client: TestClient, watched: Dog, monkeypatch: pytest.MonkeyPatch
) -> None:
    with webrtc_viewer() as peer, watching(client, ask(client)) as viewer:
        connect(viewer, peer)
        eventually(lambda: connected(client) == 1)
        monkeypatch.setattr(api, "SILENT_S", 0.05)
        viewer.send_json({"picturesBy": "WEBRTC"})
        with pytest.raises(WebSocketDisconnect):
            said(viewer, "nothing")
        assert the_dog(client)["watchers"] == []
        assert len(deeds(client, "dog.camera_left")) == 1


def test_a_station_answers_no_more_offers_than_it_is_set_to(client: TestClient, watched: Dog) -> None:
    station_of(client).settings.webrtc_viewers = 1
    with ExitStack() as stack:
        peers = [stack.enter_context(webrtc_viewer()) for _ in range(2)]
        viewers = [stack.enter_context(watching(client, ask(client))) for _ in range(2)]
        connect(viewers[0], peers[0])
        viewers[1].send_json({"offer": peers[1].offer()})
        assert said(viewers[1], "answer") is None
        viewers[0].send_json({"picturesBy": "WEBSOCKET", "asked": 0})
        eventually(lambda: station_of(client)[Streams].peers == 0)
        connect(viewers[1], peers[1])


async def answers(offers: list[str]) -> tuple[list[str | None], list[Any]]:
    """The answer to each offer, if any, and what went wrong where nobody hears it."""
    wrong: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, about: wrong.append(about))
    given: list[str | None] = []
    for offer in offers:
        peer = WebRtcPeer(Mock, Mock, Mock)
        try:
            given.append(await peer.answer(offer))
        except RefusedOffer:
            given.append(None)
        await asyncio.sleep(0)  # what it began in the background begins
        await peer.close()
    gc.collect()  # an error that nobody hears is told when its task is gone
    return given, wrong


def test_hostile_offers_get_no_answer_and_broken_ones_harm_nothing() -> None:
    with webrtc_viewer() as peer:
        good = peer.offer()
    sdp = good.splitlines(keepends=True)
    media = next(n for n, line in enumerate(sdp) if line.startswith("m="))
    hostile = {
        "nothing": "",
        "no SDP": "{}",
        "no video": "".join(sdp[:media]),
        "sound": good.replace("m=video", "m=audio"),
        "data": good.replace("m=video", "m=application"),
        "two videos": good + "".join(sdp[media:]),
        "hundreds of videos": "".join(sdp[:media]) + "m=video 9 UDP/TLS/RTP/SAVPF 97\r\n" * 300,
        "another codec": good.replace("H264", "VP8"),
        "it would send": good.replace("a=recvonly", "a=sendonly"),
        "no media type": good.replace("m=video", "m="),
        "no identity": "".join(line for line in sdp if "fingerprint" not in line),
        "no password": "".join(line for line in sdp if "ice-pwd" not in line),
    }
    given, wrong = asyncio.run(answers(list(hostile.values())))
    assert (dict(zip(hostile, given, strict=True)), wrong) == (dict.fromkeys(hostile), [])
    chance = random.Random(13)
    assert asyncio.run(answers([_broken(sdp, chance) for _ in range(60)]))[1] == []


def test_an_offer_that_is_none_leaves_the_view_as_it_is_and_one_without_end_ends_it(
    client: TestClient, watched: Dog
) -> None:
    with watching(client, ask(client)) as viewer, publishing(client, told(watched)) as dog:
        viewer.send_json({"offer": "v=0"})
        assert said(viewer, "answer") is None
        dog.send_bytes(video()[0])
        assert viewer.receive_bytes() == video()[0]
        viewer.send_json({"offer": "a" * (MOST_OFFER + 1)})
        with pytest.raises(WebSocketDisconnect):
            said(viewer, "answer")


def _broken(sdp: list[str], chance: random.Random) -> str:
    """Lines lost, doubled, cut off or with other characters, of a good one."""
    lines = list(sdp)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(lines))
        line = lines[at]
        cut = chance.randrange(len(line) + 1)
        other = chr(chance.choice([0, 10, 32, 58, 61, 255, 0x4E00]))
        lines[at] = chance.choice(["", line * 2, line[:cut], line[:cut] + other + line[cut + 1 :]])
    return "".join(lines)
