"""A station for tests: a small site, the real application, a real broker."""

import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

from fastapi.testclient import TestClient
from PIL import Image
from pwdlib.hashers.argon2 import Argon2Hasher

from fleet_server.accounts.passwords import ADMINISTRATOR, ROLE
from fleet_server.accounts.tables import User
from fleet_server.app import create_app
from fleet_server.core.clock import utc_now
from fleet_server.core.settings import BrokerKind, Settings
from fleet_server.core.station import Station
from fleet_server.store.database import Database
from fleet_server.store.migrate import migrate

PASSWORD = "a-test-of-the-gate"
API = "/api/v1"


def beside_the_data(_folder: Path) -> str | None:
    """No database of its own choosing: the station's SQLite file."""
    return None


database_for: Callable[[Path], str | None] = beside_the_data


def database_in(folder: Path) -> Database:
    """The database that belongs to ``folder``, without a table yet."""
    return Database(database_for(folder) or f"sqlite:///{folder / 'test.sqlite3'}")


def write_site(folder: Path, site_id: str = "yard", checkpoints: int = 3) -> Path:
    """A site of 20 x 10 m with checkpoints in a row, a restricted zone and a starter route."""
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("L", (200, 100), 254).save(folder / "map.pgm")
    (folder / "map.yaml").write_text("image: map.pgm\nresolution: 0.1\norigin: [0.0, 0.0, 0.0]\n")
    text = f"""
        site_id: {site_id}
        name: {{zh: 院子, en: Yard}}
        timezone: Asia/Shanghai
        origin: {{latitude_deg: 31.2, longitude_deg: 121.5, heading_deg: 0.0}}
        map: map.yaml
        zones:
          - zone_id: armory_yard
            kind: restricted
            name: {{zh: 械库院, en: Armoury yard}}
            polygon: [{{x: 10, y: 0}}, {{x: 20, y: 0}}, {{x: 20, y: 10}}]
        docks:
          - {{dock_id: dock_1, name: {{zh: 坞一, en: Dock 1}}, pose: {{x: 1, y: 1, theta: 0}}}}
        checkpoints:
    """
    places = [
        f"  - {{checkpoint_id: cp_{n}, name: {{zh: 点{n}, en: Point {n}}}, pose: {{x: {3 * n}, y: 5, theta: 1.5}}}}"
        for n in range(1, checkpoints + 1)
    ]
    route = ["routes:", "  - route_id: demo_round", "    name: {zh: 一圈, en: Round}", "    stops:"]
    route += ["      - {checkpoint_id: cp_1, actions: [{type: takePhoto}]}"]
    route += ["      - {checkpoint_id: cp_2, actions: [{type: dwell, seconds: 2}]}", "      - {checkpoint_id: cp_3}"]
    (folder / "site.yaml").write_text("\n".join([textwrap.dedent(text).strip(), *places, *route]) + "\n")
    return folder


@cache
def kept_database() -> bytes:
    """The file of a station that was started before, with an administrator whose password is cheap to try."""
    cheap = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "kept.sqlite3"
        database = Database(f"sqlite:///{file}")
        migrate(database.engine)
        with database.write() as session:
            password_hash = cheap.hash(PASSWORD)
            session.add(User(username=ADMINISTRATOR, password_hash=password_hash, role=ROLE, created_at=utc_now()))
        database.close()
        return file.read_bytes()


def settings(folder: Path, mqtt_port: int, **more: Any) -> Settings:
    """Settings of a station whose data lie below ``folder``; on SQLite its tables and administrator are there."""
    chosen = first_settings(folder, mqtt_port, **more)
    file = Path(chosen.database_url.database or "")
    if chosen.database is None and not file.exists():
        chosen.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_bytes(kept_database())
    return chosen


def first_settings(folder: Path, mqtt_port: int, **more: Any) -> Settings:
    """The same of a station that was never started: migrating and hashing take it half a second of the processor."""
    return Settings.load(
        data_dir=folder / "station",
        database=database_for(folder),
        site=[write_site(folder / "yard")],
        mqtt_port=mqtt_port,
        broker=BrokerKind.EXTERNAL,
        admin_password=PASSWORD,
        **more,
    )


@contextmanager
def serving(chosen: Settings, said: list[str] | None = None) -> Iterator[TestClient]:
    """The real application, in process; the client is not signed in."""
    with TestClient(create_app(chosen, (said if said is not None else []).append)) as client:
        yield client


def station_of(client: TestClient) -> Station:
    station: Station = client.app.state.station  # type: ignore[attr-defined]
    return station


def sign_in(client: TestClient) -> TestClient:
    answer = client.post(f"{API}/session", json={"username": "admin", "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return client


def eventually(found: Callable[[], Any], patience_s: float = 60.0) -> Any:
    """What ``found`` returns as soon as it is true."""
    deadline = time.monotonic() + patience_s
    while not (value := found()):
        assert time.monotonic() < deadline, f"waited {patience_s} s"
        Event().wait(0.02)
    return value


def hear(socket: Any, kind: str, accept: Callable[[Any], bool] = lambda _: True) -> Any:
    """The data of the next message of ``kind`` that ``accept`` takes."""
    while True:
        message = socket.receive_json()
        if message["type"] == kind and accept(message["data"]):
            return message["data"]


def route_body(*checkpoints: str, **more: Any) -> dict[str, Any]:
    stops = [{"checkpointId": c, "actions": [{"type": "takePhoto"}]} for c in checkpoints]
    return {"siteId": "yard", "name": {"zh": "东线", "en": "East"}, "stops": stops} | more
