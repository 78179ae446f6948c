"""Twenty bare dogs that walk and see things with pictures, and viewers that come and go."""

import hashlib
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.fleet_server.dog import Dog, iso
from tests.fleet_server.world import API, PASSWORD

STATE_S, PLACE_S = 1.0, 0.2
SIGHT_S = 15.0  # of each dog, on average
LEAST, MOST = 2_000, 40_000  # bytes of a picture
STAY_S = (2.0, 20.0)  # of a viewer
KNOWN_S = 30.0  # after which the station has to have heard of a picture
ASK = ("/incidents", "/patrols", "/dogs", "/audit?limit=50")
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A picture whose bytes go ``at`` a time, and have to be known ``until`` another (steady seconds)."""

    evidence_id: str
    picture: bytes
    at: float
    until: float


class Walkers:
    """The dogs, in one thread; what they see is uploaded in another. ``failures`` says which pictures the station
    has not taken, and why a thread has ended."""

    def __init__(self, mqtt_port: int, http_port: int, token: Path, count: int, seed: int) -> None:
        self.dogs = [Dog(mqtt_port, f"dog{number}") for number in range(1, count + 1)]
        self.seen = self.uploaded = 0
        self.failures: list[str] = []
        self._chance = random.Random(seed)
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{http_port}{API}", trust_env=False, timeout=PATIENCE_S)
        self._token = token
        self.waiting: list[Waiting] = []
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(work,), daemon=True) for work in (self._walk, self._upload)
        ]

    def start(self) -> None:
        """Let them walk."""
        for dog in self.dogs:
            dog.__enter__()
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether they walk and upload."""
        return all(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """Let them end."""
        self._ending.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)
        for dog in self.dogs:
            dog.__exit__()

    def _work(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - a thread's main: who soaks has to learn of it
            self.failures.append(f"{work.__name__} has ended: {error!r}")

    def _walk(self) -> None:
        turn = 0
        while not self._ending.wait(PLACE_S):
            turn += 1
            for dog in self.dogs:
                place = {"x": 10 + 5 * random.random(), "y": 5.0, "theta": 0.0, "mapId": "yard"}
                if turn % round(STATE_S / PLACE_S) == 1:
                    dog.say("connection", retain=True, connectionState="ONLINE")
                    dog.state()
                dog.say("visualization", agvPosition=place | {"positionInitialized": True})
                if self._chance.random() < PLACE_S / SIGHT_S:
                    self._see(dog)
                for heard in dog.heard.values():  # nobody else empties them
                    while not heard.empty():
                        heard.get_nowait()

    def _see(self, dog: Dog) -> None:
        picture, anomaly, evidence = (
            self._chance.randbytes(self._chance.randint(LEAST, MOST)),
            str(uuid4()),
            str(uuid4()),
        )
        place = {"x": self._chance.uniform(0, 20), "y": self._chance.uniform(0, 10), "mapId": "yard"}
        dog.say(
            "anomaly",
            anomalyId=anomaly,
            kind="PERSON_IN_RESTRICTED_ZONE",
            observedAt=iso(time.time()),
            position=place,
            score=0.9,
            detector="soak",
            zoneId="armory_yard",
        )
        digest = hashlib.sha256(picture).hexdigest()
        dog.say(
            "evidence",
            evidenceId=evidence,
            purpose="ANOMALY",
            sha256=digest,
            sizeBytes=len(picture),
            mediaType="image/jpeg",
            capturedAt=iso(time.time()),
            anomalyId=anomaly,
            masked=True,
        )
        self.seen += 1
        now = time.monotonic()
        self.waiting.append(Waiting(evidence, picture, now + 1.0, now + KNOWN_S))

    def _upload(self) -> None:
        while not self._ending.wait(0.05):
            now = time.monotonic()
            if not self.waiting or self.waiting[0].at > now:
                continue
            each = self.waiting.pop(0)
            headers = {"Authorization": f"Bearer {self._token.read_text().strip()}", "Upload-Offset": "0"}
            try:
                answer = self._http.patch(f"/evidence/{each.evidence_id}", content=each.picture, headers=headers)
            except httpx.HTTPError as error:
                self.failures.append(f"a picture: {error!r}")
                continue
            if answer.is_success:
                self.uploaded += 1
            elif answer.status_code == httpx.codes.NOT_FOUND and now < each.until:  # what the dog said is on its way
                self.waiting.append(replace(each, at=now + 1.0))
            else:
                self.failures.append(f"a picture: {answer.status_code} {answer.text[:100]}")


class Viewers:
    """People who sign in, look, listen for a while, and go."""

    def __init__(self, http_port: int, count: int, seed: int) -> None:
        self.sessions = 0
        self.failures: list[str] = []
        self._port, self._seed = http_port, seed
        self._ending = threading.Event()
        self._threads = [threading.Thread(target=self._come_and_go, args=(n,), daemon=True) for n in range(count)]

    def start(self) -> None:
        """Let them come."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """No more."""
        self._ending.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def _come_and_go(self, number: int) -> None:
        chance = random.Random(f"{self._seed} {number}")
        while not self._ending.wait(chance.uniform(0.5, 3.0)):
            try:
                self._visit(chance)
                self.sessions += 1
            except (httpx.HTTPError, WebSocketException, OSError) as error:
                self.failures.append(f"{type(error).__name__}: {error}")

    def _visit(self, chance: random.Random) -> None:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{self._port}{API}", trust_env=False, timeout=PATIENCE_S
        ) as client:
            client.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
            cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
            address = f"ws://127.0.0.1:{self._port}{API}/live"
            with connect(address, additional_headers={"Cookie": cookie}, max_size=None, proxy=None) as live:
                until = time.monotonic() + chance.uniform(*STAY_S)
                while time.monotonic() < until and not self._ending.is_set():
                    _heard(live.recv(timeout=PATIENCE_S))
                    if chance.random() < 0.05:
                        client.get(chance.choice(ASK)).raise_for_status()
            if chance.random() < 0.7:  # the others just close the lid
                client.delete("/session")


def _heard(text: Any) -> None:
    json.loads(text)
