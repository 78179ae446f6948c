"""A closed fleet for attacks: real Mosquitto, the real server, each a process of its own, and dogs' real links."""

import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import paho.mqtt.client as mqtt
import pytest
from msgspec.structs import replace
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from edge.link.command_authentication import read_authority
from edge.link.enrolment import enrol
from edge.link.identity import Identity
from edge.link.link_core import HEARD, MALFORMED, LinkCore, Pass
from edge.link.mqtt_session import Down, Heard, Session, Will
from edge.link.outbox import Outbox
from edge.mission.factsheet import factsheet
from fleet_server.core.clock import utc_now
from fleet_server.core.fleet_folder import About, FleetFolder
from fleet_server.enrolment.fleet_setup import authority_of, hosts_or_this, init
from fleet_server.enrolment.mosquitto import PLUGIN
from fleet_server.enrolment.pki import make_client
from protocol.mqtt_client import Tls
from protocol.topics import TABLE, Address, Topic
from tests.fleet_server.world import PASSWORD, write_site
from tests.protocol import samples
from xiaotian.local_stack import free_port

PATIENCE_S = 90.0
OWNER = "owner"
READER = "home-assistant"


def mosquitto() -> str:
    """Mosquitto's path; skips the test where it, or its plugin, is absent."""
    found = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None or not PLUGIN.exists():
        pytest.skip("needs Mosquitto and its dynamic security plugin (Debian: mosquitto)")
    return found


@dataclass
class Fleet:
    """What is running, and how to reach it."""

    folder: FleetFolder
    about: About
    work: Path
    site: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.about.https_port}"

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        context = ssl.create_default_context(cafile=str(self.folder.ca))
        with httpx.Client(base_url=f"{self.url}/api/v1", verify=context, trust_env=False, timeout=60.0) as client:
            client.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
            yield client

    def invite(self, name: str) -> str:
        with self.client() as client:
            answer = client.post("/identities", json={"name": name})
            answer.raise_for_status()
            return str(answer.json()["code"])

    def enrol(self, name: str) -> Identity:
        return enrol(self.url, self.invite(name), self.work / f"{name}-{time.time_ns()}")

    def revoke(self, name: str) -> None:
        with self.client() as client:
            assert client.delete(f"/identities/xiaotian/{name}").json()["brokerTold"]

    def seen(self, name: str) -> dict[str, Any]:
        """The dog as the console has it."""
        with self.client() as client:
            return next((dog for dog in client.get("/dogs").json() if dog["dogId"] == name), {})


@contextmanager
def fleet(work: Path) -> Iterator[Fleet]:
    """A closed fleet that runs while the block does."""
    binary = mosquitto()
    about = About(hosts_or_this(["127.0.0.1"]), free_port(), free_port())
    user = "root" if os.geteuid() == 0 else os.environ.get("USER", "nobody")
    folder = init(work / "fleet", about, "127.0.0.1", user, PLUGIN, utc_now())
    made = Fleet(folder, about, work, write_site(work / "yard"))
    _give_the_broker_an_owner(made)
    environment = os.environ | {"XIAOTIAN_ADMIN_PASSWORD": PASSWORD}
    environment |= {"XIAOTIAN_MQTT_FEED": "station", "XIAOTIAN_MQTT_FEED_READERS": READER}
    server = [sys.executable, "-m", "xiaotian.cli", "server", "--fleet-dir", str(folder.root)]
    commands = [
        [binary, "-c", str(folder.mosquitto / "mosquitto.conf")],
        [*server, "--data-dir", str(work / "station"), "--site", str(made.site)],
    ]
    try:
        for number, command in enumerate(commands):
            with (work / f"{number}.log").open("wb") as log:
                made.processes.append(subprocess.Popen(command, stdout=log, stderr=log, env=environment))
        eventually(lambda: _healthy(made), 120.0)
        yield made
    finally:
        for process in reversed(made.processes):
            process.terminate()
        for process in made.processes:
            process.wait(15)


def _give_the_broker_an_owner(made: Fleet) -> None:
    pair = make_client(authority_of(made.folder), OWNER, utc_now())
    owned = broker_owner(made)
    owned.certificate.write_bytes(pair.certificate)
    owned.key.write_bytes(pair.key)
    file = made.folder.mosquitto / "dynamic-security.json"
    rules = json.loads(file.read_text())
    rules["clients"].append({"username": OWNER, "roles": [{"rolename": "station"}]})
    file.write_text(json.dumps(rules))


def _healthy(made: Fleet) -> bool:
    assert all(process.poll() is None for process in made.processes), (made.work / "0.log").read_text()
    try:
        context = ssl.create_default_context(cafile=str(made.folder.ca))
        answer = httpx.get(f"{made.url}/api/v1/health", verify=context, trust_env=False, timeout=2.0)
        return bool(answer.json()["broker"] == "connected")
    except (httpx.HTTPError, ValueError):
        return False


class EnrolledDog:
    """A dog's own link, stepped by the test; ``inbox`` is what its mission would be given."""

    def __init__(self, identity: Identity, data: Path) -> None:
        about = identity.about
        self.identity = identity
        self.address = Address(about.manufacturer, about.name, about.mqtt_prefix)
        self.link = LinkCore(self.address, Outbox(data), data / "site.json", read_authority(identity.station_key))
        self._connection = self.address.topic(Topic.CONNECTION)
        self.session = Session(
            about.mqtt_host,
            about.mqtt_port,
            f"{about.manufacturer}-{about.name}",
            {self.address.topic(topic): TABLE[topic].qos for topic in HEARD},
            Will(self._connection, self.link.will(time.time())),
            tls=tls_of(identity),
        )
        self.inbox: list[Pass] = []
        self.heard: list[Heard] = []
        self.downs: list[Down] = []
        header = {"manufacturer": about.manufacturer, "serial_number": about.name}
        idle = {"order_id": "", "node_states": [], "edge_states": [], "action_states": [], "last_node_id": ""}
        self.link.take_state(replace(samples.STATE, **header, **idle))  # type: ignore[arg-type]
        self.link.take_factsheet(factsheet(self.address, time.time()), time.time())
        self.session.start()

    def __enter__(self) -> "EnrolledDog":
        return self

    def __exit__(self, *_: object) -> None:
        self.session.stop(self._connection, self.link.goodbye(time.time()))
        self.link.outbox.close()

    def until(self, holds: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
        """Step until something holds."""

        def stepped() -> Any:
            self.step()
            return holds()

        return eventually(stepped, patience_s)

    def step(self) -> None:
        """One step, as the node does it."""
        events, now = self.session.take(), time.monotonic()
        self.heard += [event for event in events if isinstance(event, Heard)]
        self.downs += [event for event in events if isinstance(event, Down)]
        step = self.link.step(events, None, now, time.time())
        self.inbox += step.inbox
        for said in step.say:
            row, topic = TABLE[said.topic], self.address.topic(said.topic)
            if self.session.publish(topic, said.payload, row.qos, row.retain, said.properties):
                self.link.sent(said, now)

    def refusals(self) -> list[str]:
        """Why what it heard was refused."""
        return [each.payload for each in self.inbox if each.topic == MALFORMED]


class Attacker:
    """A bare MQTT 5 client with certificates that it should not be able to do harm with."""

    def __init__(
        self, made: Fleet, tls: Tls, will: tuple[str, bytes] | None = None, client_id: str | None = None
    ) -> None:
        self.results: list[str] = []
        self.heard: list[mqtt.MQTTMessage] = []
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id, protocol=mqtt.MQTTv5)
        self.client.tls_set(str(tls.ca), str(tls.certificate), str(tls.key))
        self.client.on_publish = lambda _c, _d, _m, reason, _p: self.results.append(str(reason))
        self.client.on_subscribe = lambda _c, _d, _m, reasons, _p: self.results.extend(map(str, reasons))
        self.client.on_disconnect = lambda _c, _d, _f, reason, _p: self.results.append(f"disconnected: {reason}")
        self.client.on_message = lambda _c, _d, message: self.heard.append(message)
        if will is not None:
            self.client.will_set(*will, qos=1, retain=True)
        self.client.connect("127.0.0.1", made.about.mqtt_port, keepalive=5, clean_start=True)
        self.client.loop_start()
        eventually(self.client.is_connected)

    def __enter__(self) -> "Attacker":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def says(self, topic: str, payload: bytes, properties: Any = ()) -> str:
        """What the broker answers."""
        before = len(self.results)
        beside = Properties(PacketTypes.PUBLISH)
        if properties:
            beside.UserProperty = list(properties)
        self.client.publish(topic, payload, 1, properties=beside)
        return eventually(lambda: self.results[before:])[0]

    def listens(self, topic: str) -> str:
        before = len(self.results)
        self.client.subscribe(topic, 1)
        return eventually(lambda: self.results[before:])[0]


def tls_of(identity: Identity) -> Tls:
    return Tls(identity.authority, identity.certificate, identity.key)


def broker_owner(made: Fleet) -> Tls:
    """The rights of whoever owns the broker: all topics, but not the station's signing key."""
    return Tls(made.folder.ca, made.work / f"{OWNER}.pem", made.work / f"{OWNER}.key")


def eventually(found: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
    deadline = time.monotonic() + patience_s
    while not (value := found()):
        assert time.monotonic() < deadline, f"waited {patience_s} s"
        time.sleep(0.02)
    return value
