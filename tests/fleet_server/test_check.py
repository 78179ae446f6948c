"""`xiaotian server check` names what is wrong, each thing by its setting; and the server tells systemd how it is."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from fleet_server.cli import app
from fleet_server.core.fleet_folder import About
from fleet_server.core.settings import BrokerKind, Settings
from fleet_server.doctor.check import Weight, check
from fleet_server.enrolment.fleet_setup import init
from fleet_server.ingest.database_writer import Writer
from fleet_server.store.database import Database
from fleet_server.store.migrate import migrate
from tests.broker import TestBroker
from tests.fleet_server import world
from tests.fleet_server.world import eventually, first_settings, serving, settings, station_of
from xiaotian.local_stack import free_port

NOW = datetime.now(UTC)


def found(chosen: Settings, offline: bool = False, now: datetime = NOW) -> dict[str, list[tuple[Weight, str]]]:
    told: dict[str, list[tuple[Weight, str]]] = {}
    for finding in check(chosen, now, offline):
        told.setdefault(finding.setting, []).append((finding.weight, finding.text))
    return told


def wrong(told: dict[str, list[tuple[Weight, str]]]) -> dict[str, str]:
    return {name: said for name, all_of_it in told.items() for weight, said in all_of_it if weight is Weight.WRONG}


def closed(tmp_path: Path, port: int, **more: Any) -> Settings:
    root = tmp_path / "fleet"
    if not root.exists():
        init(root, About(["localhost"], port, 8443), "127.0.0.1", "root", Path("/none.so"), NOW)
    return settings(tmp_path, port, fleet_dir=root, **more)


def test_of_a_station_that_works_nothing_is_wrong(mqtt: TestBroker, tmp_path: Path) -> None:
    chosen = settings(tmp_path, mqtt.port, port=free_port())
    assert wrong(found(chosen)) == {}
    database = Database(chosen.database_url) if chosen.database is not None else None
    with serving(chosen):
        assert wrong(found(chosen)) == {}
    if database is not None:
        database.close()


def test_each_thing_that_is_wrong_is_named(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    chosen = settings(tmp_path, 1).model_copy(
        update={
            "data_dir": tmp_path / "a file" / "station",
            "site": [tmp_path / "no site"],
            "database": Settings.load(database="postgresql://nobody:wrong@127.0.0.1:1/nothing").database,
        }
    )
    told = wrong(found(chosen))
    assert set(told) == {"data_dir", "site", "database", "mqtt_host"}
    assert "wrong" not in told["database"].replace("WRONG", "")  # the password is not shown
    assert set(wrong(found(chosen, offline=True))) == {"data_dir", "site"}


def test_a_key_that_does_not_fit_its_certificate_and_one_that_is_gone(tmp_path: Path) -> None:
    chosen = closed(tmp_path, 1)
    root = tmp_path / "fleet"
    assert "fleet_dir" not in wrong(found(chosen, offline=True))
    shutil.copy(root / "station.key", tmp_path / "kept")
    shutil.copy(root / "fleet-server.key", root / "station.key")
    assert "MISMATCH" in wrong(found(chosen, offline=True))["fleet_dir"].upper()
    shutil.copy(tmp_path / "kept", root / "station.key")
    (root / "station_key.pub").write_text("another")
    assert "public half" in wrong(found(chosen, offline=True))["fleet_dir"]
    (root / "ca.pem").unlink()
    assert "ca.pem" in wrong(found(chosen, offline=True))["fleet_dir"]


def test_certificates_are_warned_of_before_they_end_and_wrong_after(tmp_path: Path) -> None:
    chosen = closed(tmp_path, 1)
    long, soon, late = (found(chosen, True, NOW + timedelta(days=days))["fleet_dir"] for days in (700, 800, 830))
    assert len(long) == 1
    assert [weight for weight, _ in soon] == [Weight.FINE, Weight.WARNING, Weight.WARNING]
    assert "station ends in 24 days" in soon[1][1]
    assert [weight for weight, _ in late] == [Weight.FINE, Weight.WRONG, Weight.WRONG]


def test_a_database_of_a_newer_server_is_wrong_and_one_of_an_older_is_not(tmp_path: Path) -> None:
    chosen = first_settings(tmp_path, 1)
    chosen.data_dir.mkdir()
    database = Database(chosen.database_url)
    migrate(database.engine)
    assert "database" not in wrong(found(chosen))
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    assert "newer server (revision 9999)" in wrong(found(chosen))["database"]


def test_what_is_open_to_the_network_without_tls_is_warned_of(tmp_path: Path) -> None:
    told = found(settings(tmp_path, 1, host="0.0.0.0"), offline=True)
    assert told["host"][0][0] is Weight.WARNING
    assert "host" not in found(settings(tmp_path, 1, host="127.0.0.1"), offline=True)
    embedded = closed(tmp_path, 1).model_copy(update={"broker": BrokerKind.EMBEDDED})
    assert found(embedded, offline=True)["broker"][0][0] is Weight.WARNING


def test_the_command_names_a_setting_that_there_is_not_and_ends_with_1_where_something_is_wrong(tmp_path: Path) -> None:
    line = ["check", "--data-dir", str(tmp_path / "x"), "--offline"]
    told = CliRunner().invoke(app, line, env={"XIAOTIAN_PROT": "1"})
    assert (told.exit_code, "XIAOTIAN_PROT" in told.stderr) == (1, True)
    told = CliRunner().invoke(app, line, env={"XIAOTIAN_SITE": f'["{tmp_path}"]'})
    assert (told.exit_code, "wrong    site" in told.stdout) == (1, True)
    assert CliRunner().invoke(app, line).exit_code == 0


# systemd


@pytest.mark.slow  # a server's start
def test_the_server_says_when_it_listens_that_it_lives_and_when_it_stops(mqtt: TestBroker, tmp_path: Path) -> None:
    port, address = free_port(), str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(60.0)
        given = os.environ | {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "200000"}
        if url := world.database_for(tmp_path):
            given["XIAOTIAN_DATABASE"] = url
        line = [sys.executable, "-m", "xiaotian.cli", "server", "--broker", "external", "--mqtt-port", str(mqtt.port)]
        line += ["--port", str(port), "--data-dir", str(tmp_path / "station")]
        with subprocess.Popen(line, env=given, stdout=subprocess.DEVNULL) as server:
            said = [systemd.recv(100).decode() for _ in range(4)]
            assert sorted(set(said)) == ["READY=1", "WATCHDOG=1"]
            while "READY=1" not in said:
                said.append(systemd.recv(100).decode())
            with socket.create_connection(("127.0.0.1", port), 10.0):
                pass
            server.send_signal(signal.SIGTERM)
            while systemd.recv(100).decode() != "STOPPING=1":
                pass


def test_a_server_whose_thread_has_ended_says_no_more_that_it_lives(
    mqtt: TestBroker, tmp_path: Path, monkeypatch: Any
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0xiaotian-test-{os.getpid()}")
        systemd.settimeout(30.0)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@xiaotian-test-{os.getpid()}")
        monkeypatch.setenv("WATCHDOG_USEC", "100000")
        with serving(settings(tmp_path, mqtt.port)) as client:
            assert systemd.recv(100) == b"WATCHDOG=1"
            station_of(client)[Writer].stop()
            systemd.settimeout(0.5)  # ten times as long as it would take to say so

            def silent() -> bool:
                try:
                    systemd.recv(100)
                except TimeoutError:
                    return True
                return False

            eventually(silent)
