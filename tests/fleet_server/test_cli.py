"""The server as a process: it starts, says its password once, and ends with its broker."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
from sqlalchemy import text
from typer.testing import CliRunner

from fleet_server.cli import app
from fleet_server.store.database import Database
from fleet_server.store.migrate import migrate
from tests.answers import broker_of
from tests.broker import broker
from tests.fleet_server.world import API, PASSWORD, eventually, serving, settings, sign_in, write_site
from tests.shared import ROOT
from xiaotian.local_stack import free_port


def command(folder: Path, *options: str, room: str = "server") -> list[str]:
    return [sys.executable, "-m", "xiaotian.cli", room, *options, "--data-dir", str(folder / "station")]


def test_the_server_ends_soon_and_takes_its_broker_along(tmp_path: Path) -> None:
    port, mqtt_port, out = free_port(), free_port(), tmp_path / "out"
    options = ["--port", str(port), "--mqtt-port", str(mqtt_port), "--site", str(write_site(tmp_path / "yard"))]
    with out.open("wb") as file:
        server = subprocess.Popen(command(tmp_path, *options), stdout=file, stderr=file)
    try:
        eventually(lambda: broker_of(f"http://127.0.0.1:{port}{API}") == "connected", 120)
        children = psutil.Process(server.pid).children()
        assert children
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
    finally:
        server.kill()
        server.wait()
    assert all(not child.is_running() for child in children)
    said = out.read_text()
    assert said.count("admin password: ") == 1
    assert f"console: http://127.0.0.1:{port}" in said
    checked = subprocess.run(command(tmp_path, "verify", room="audit"), capture_output=True, text=True, check=False)
    assert checked.returncode == 0
    assert "unbroken" in checked.stdout
    assert "1 signed heads fit" in checked.stdout


def test_the_stations_clock_is_that_of_its_simulated_world(tmp_path: Path) -> None:
    """However far the world's date is from ours: what the server writes down bears it, and it signs people in by it."""
    ahead = timedelta(days=-4000)
    port, site = free_port(), write_site(tmp_path / "yard")
    said = {"XIAOTIAN_ADMIN_PASSWORD": PASSWORD, "XIAOTIAN_CLOCK_AHEAD_S": str(ahead.total_seconds())}
    with broker(tmp_path) as running:
        options = ["--port", str(port), "--broker", "external", "--mqtt-port", str(running.port), "--site", str(site)]
        server = subprocess.Popen(command(tmp_path, *options), env={**os.environ, **said})
        try:
            eventually(lambda: broker_of(f"http://127.0.0.1:{port}{API}") == "connected", 120)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60) as client:
                client.post("/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
                at = datetime.fromisoformat(client.get("/audit").json()[0]["at"])
        finally:
            server.terminate()
            server.wait(10)
    assert abs(datetime.now(UTC) + ahead - at) < timedelta(minutes=10)


def test_who_forgot_the_password_gets_a_new_one_at_the_machine_and_is_signed_out_elsewhere(tmp_path: Path) -> None:
    with broker(tmp_path) as running, serving(chosen := settings(tmp_path, running.port)) as client:
        sign_in(client)
        where = ["--database", str(chosen.database)] if chosen.database else []
        known, unknown = (
            subprocess.run(
                command(tmp_path, "reset-password", "--username", name, *where),
                capture_output=True,
                text=True,
                check=False,
            )
            for name in ("admin", "nobody")
        )
        assert (known.returncode, unknown.returncode) == (0, 1)
        assert "there is no account 'nobody'" in unknown.stderr
        assert client.get(f"{API}/dogs").status_code == 401
        new = known.stdout.split("admin password: ")[1].strip()
        assert client.post(f"{API}/session", json={"username": "admin", "password": new}).status_code == 200


def test_a_database_of_a_newer_server_is_left_alone_and_that_is_said_in_a_line(tmp_path: Path) -> None:
    chosen = settings(tmp_path, free_port())
    database = Database(chosen.database_url)
    migrate(database.engine)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    where = ["--data-dir", str(chosen.data_dir), *(["--database", str(chosen.database)] if chosen.database else [])]
    ended = CliRunner().invoke(app, ["reset-password", *where])
    assert (ended.exit_code, "9999" in ended.stderr) == (1, True), ended.stderr


def test_what_only_some_deeds_need_is_not_loaded_with_the_servers_commands() -> None:
    rare = {"aiortc", "alembic", "av", "boto3", "jinja2", "joserfc", "markdown_it", "psycopg", "pyarrow", "scipy"}
    rare |= {"tcod", "typst", "unittest"}
    program = "import fleet_server.cli, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "fastapi" in run.stdout.split()
    assert rare & set(run.stdout.split()) == set()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with broker(tmp_path) as other:
        ended = subprocess.run(
            command(tmp_path, "--mqtt-port", str(other.port)),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "XIAOTIAN_PORT": str(free_port())},
        )
    assert ended.returncode == 1
    assert f"port {other.port} of 127.0.0.1 is taken" in ended.stderr
