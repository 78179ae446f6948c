"""Anomalies a second, from a dog's publish through the broker to a committed row, told back by ``received``.

Beside it, in the same run and on the same broker, the same messages from a bare paho publisher to a bare paho
subscriber that stores nothing. The server is a process of its own, as at a station; both ways at QoS 1 with the same
window. The ratio is what storing first and acknowledging after costs.
"""

import json
import threading
import time
from typing import Any
from uuid import uuid4

import paho.mqtt.client as mqtt

from bench._station_process import PATIENCE_S, bare_client, station
from protocol.anomaly import Anomaly, AnomalyKind, MapPoint
from protocol.codec import encode, header, timestamp
from protocol.topics import Address, Topic

MESSAGES = 4000
APART_S = 120.0  # beyond a visit, so that each anomaly makes an incident of its own: the dearest case


def run() -> dict[str, Any]:
    """Figures of one run."""
    with station() as here:
        bare = _bare(here.mqtt_port, _anomalies(Address("bench", "bare", "elsewhere")))
        stored = _stored(here.mqtt_port, Address("bench", "dog1"))
    return {
        "messages": MESSAGES,
        "stored_per_s": round(MESSAGES / stored),
        "bare_paho_per_s": round(MESSAGES / bare),
        "ratio": round(bare / stored, 3),
    }


def _bare(port: int, payloads: list[bytes]) -> float:
    """Seconds from the first publish to the last arrival."""
    done, count = threading.Event(), 0

    def arrived(*_: object) -> None:
        nonlocal count
        count += 1
        if count == MESSAGES:
            done.set()

    subscriber, publisher = bare_client(port, "bench/bare", arrived), bare_client(port)
    return _timed(publisher, "bench/bare", payloads, done, subscriber)


def _stored(port: int, address: Address) -> float:
    """Seconds from the first publish until the last id was named in ``received``."""
    done, missing = threading.Event(), set()
    payloads = _anomalies(address)
    missing = {json.loads(payload)["anomalyId"] for payload in payloads}

    def received(_client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        missing.difference_update(json.loads(message.payload)["ids"])
        if not missing:
            done.set()

    listener, publisher = bare_client(port, address.topic(Topic.RECEIVED), received), bare_client(port)
    return _timed(publisher, address.topic(Topic.ANOMALY), payloads, done, listener)


def _timed(
    publisher: mqtt.Client, topic: str, payloads: list[bytes], done: threading.Event, listener: mqtt.Client
) -> float:
    began = time.perf_counter()
    for payload in payloads:
        publisher.publish(topic, payload, 1)
    if not done.wait(PATIENCE_S):
        raise TimeoutError(f"not all {MESSAGES} messages came through in {PATIENCE_S:.0f} s")
    took = time.perf_counter() - began
    for client in (publisher, listener):
        client.disconnect()
        client.loop_stop()
    return took


def _anomalies(address: Address) -> list[bytes]:
    now = time.time()
    return [encode(_anomaly(address, n, now + n * APART_S)) for n in range(MESSAGES)]


def _anomaly(address: Address, number: int, seconds: float) -> Anomaly:
    return Anomaly(
        **header(address, number, seconds),
        anomaly_id=uuid4(),
        kind=AnomalyKind.PERSON_IN_RESTRICTED_ZONE,
        observed_at=timestamp(seconds),
        position=MapPoint(x=1.0, y=2.0, map_id="yard"),
        score=0.9,
        detector="bench",
        zone_id="armory_yard",
        track_id=number,
    )
