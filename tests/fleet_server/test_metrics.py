"""What machines that watch a station read: figures, probes and the log."""

import json
import re
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from fleet_server.core.fleet_folder import About
from fleet_server.enrolment.expiry import Certificate, end_of, of_the_station
from fleet_server.enrolment.fleet_setup import init
from fleet_server.evidence.upload_token import UploadToken
from fleet_server.ingest.database_writer import Writer
from fleet_server.metrics.token import MetricsToken
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_incidents import anomaly
from tests.fleet_server.world import API, eventually, serving, settings, station_of
from tests.shared import ROOT

SECOND = timedelta(seconds=1)
METRIC = re.compile(r"\bxiaotian_\w+")


def scrape(client: TestClient) -> dict[tuple[str, ...], float]:
    """Samples by their name and their labels' values."""
    token = {"Authorization": f"Bearer {station_of(client)[MetricsToken].value}"}
    answer = client.get("/metrics", headers=token)
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def see(dog: Dog, key: str) -> None:
    dog.say("anomaly", **anomaly(anomalyId=key))


def test_the_figures_are_for_who_has_the_token_alone(client: TestClient) -> None:
    file = station_of(client).settings.metrics_token_file
    assert file.stat().st_mode & 0o077 == 0
    robot = station_of(client)[UploadToken].value
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {robot}"},
        {"Authorization": "Basic x"},
    ):
        assert client.get("/metrics", headers=headers).status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"bearer {file.read_text().strip()}"}).status_code == 200


def test_what_dogs_say_is_counted_by_topic_and_timed_until_it_is_stored(client: TestClient, dog: Dog) -> None:
    before = scrape(client)
    keys = [str(uuid.uuid4()) for _ in range(7)]
    for key in keys:
        see(dog, key)
    dog.client.publish(f"{dog.root}/anomaly", b"{not json").wait_for_publish(30)
    eventually(lambda: scrape(client)["xiaotian_messages_not_taken_total", "malformed"] == 1)
    eventually(lambda: scrape(client)["xiaotian_stored_seconds_count",] >= 7)
    after = scrape(client)
    assert after["xiaotian_messages_total", "anomaly"] - before.get(("xiaotian_messages_total", "anomaly"), 0) == 7
    assert 0 < after["xiaotian_stored_seconds_sum",] < 7 * 60
    assert after["xiaotian_dogs", "yes"] == 1
    assert after["xiaotian_battery_percent", "dog1"] > 0
    assert after["xiaotian_ready",] == after["xiaotian_broker_connected",] == 1


def test_requests_are_timed_by_route_and_strangers_make_no_series(client: TestClient) -> None:
    for number in range(20):
        client.get(f"{API}/incidents/{uuid.uuid4()}")
        client.request(f"STRANGE{number}", f"/wp-admin/{number}")
        client.get(f"{API}/nothing/{number}")
    routes = {sample[1:] for sample in scrape(client) if sample[0] == "xiaotian_http_request_seconds_count"}
    assert ("GET", "/incidents/{incident_id}", "404") in routes
    assert len(routes) < 12
    assert not [route for route in routes if "wp-admin" in route[1] or "nothing" in route[1]]


def test_dashboard_and_alarms_ask_for_figures_that_exist(client: TestClient, dog: Dog) -> None:
    see(dog, str(uuid.uuid4()))
    eventually(lambda: scrape(client)["xiaotian_stored_seconds_count",] >= 1)
    told = {sample[0] for sample in scrape(client)} | {"xiaotian_certificate_seconds_left"}  # of a closed fleet alone
    board = json.loads((ROOT / "deploy/grafana/xiaotian.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alarms.yml").read_text(encoding="utf-8"))
    alarms = [rule for group in rules["groups"] for rule in group["rules"]]
    asked += [rule["expr"] for rule in alarms]
    assert len(asked) > 15
    assert {name for expression in asked for name in METRIC.findall(expression)} - told == set()
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in alarms)
    places = [tuple(panel["gridPos"].values()) for panel in board["panels"]]
    assert len(set(places)) == len(places)


# Probes


def test_a_station_is_ready_with_its_broker_and_alive_without(mqtt: TestBroker, tmp_path: Path) -> None:
    with serving(settings(tmp_path / "with", mqtt.port)) as client:
        eventually(lambda: client.get(f"{API}/health/ready").status_code == 200)
        assert client.get(f"{API}/health/ready").json() == {"well": True, "faults": []}
        assert client.get(f"{API}/health/live").json() == {"well": True, "faults": []}
    with serving(settings(tmp_path / "without", 1)) as client:
        assert client.get(f"{API}/health/live").status_code == 200
        answer = client.get(f"{API}/health/ready")
        assert (answer.status_code, answer.json()["faults"]) == (503, ["no connection to the broker"])


def test_a_station_whose_ingest_thread_has_ended_is_not_alive(client: TestClient) -> None:
    station = station_of(client)
    station[Writer].stop()
    answer = client.get(f"{API}/health/live")
    assert (answer.status_code, answer.json()["faults"]) == (503, ["the ingest thread does not turn"])
    assert scrape(client)["xiaotian_ready",] == 0


# The log


def test_every_answer_bears_the_requests_id_the_callers_own_where_it_is_one(client: TestClient) -> None:
    assert client.get(f"{API}/health", headers={"X-Request-Id": "gate-7.a_b"}).headers["x-request-id"] == "gate-7.a_b"
    bad = [client.get(f"{API}/health", headers={"X-Request-Id": name}) for name in ("", "a b", "x" * 65)]
    made = {answer.headers["x-request-id"] for answer in bad}
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in made)
    assert len(made) == 3


def test_as_json_every_line_of_the_log_is_an_object_and_names_its_request(tmp_path: Path) -> None:
    program = """
import logging, structlog
from fleet_server.core.logs import LogFormat, log_to_stderr
log_to_stderr(LogFormat.JSON)
with structlog.contextvars.bound_contextvars(request_id="r1"):
    structlog.get_logger().info("a deed", dog="哮天")
    try:
        1 / 0
    except ZeroDivisionError:
        structlog.get_logger().exception("a fault")
    logging.getLogger("somebody.else").warning("%s", "theirs")
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    lines: list[dict[str, Any]] = [json.loads(line) for line in run.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["a deed", "a fault", "theirs"]
    assert {line["request_id"] for line in lines} == {"r1"}
    assert [line["level"] for line in lines] == ["info", "error", "warning"]
    assert "ZeroDivisionError" in lines[1]["exception"]
    assert lines[0]["dog"] == "哮天"


# Certificates


def test_certificates_warn_thirty_days_before_they_end(tmp_path: Path) -> None:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    folder = init(tmp_path / "fleet", About(["localhost"], 1, 2), "127.0.0.1", "root", Path("/none.so"), now)
    ends = {certificate.name: certificate.ends for certificate in of_the_station(folder.root)}
    assert ends == {name: end_of(folder.root / f"{name}.pem") for name in ("ca", "station", "fleet-server")}
    assert ends["station"] - now == timedelta(days=825)
    station = Certificate("station", ends["station"])
    assert station.warning(station.ends - timedelta(days=30) - SECOND) == ""
    assert "ends in 30 days" in station.warning(station.ends - timedelta(days=30))
    assert "has ended" in station.warning(station.ends + SECOND)


def test_a_closed_fleets_certificates_are_among_the_figures(mqtt: TestBroker, tmp_path: Path) -> None:
    root, now = tmp_path / "fleet", datetime.now(UTC)
    init(root, About(["localhost"], mqtt.port, 2), "127.0.0.1", "root", Path("/none.so"), now)
    with serving(settings(tmp_path, mqtt.port, fleet_dir=root)) as client:
        found = scrape(client)
    left = found["xiaotian_certificate_seconds_left", "station"]
    assert timedelta(days=824) < timedelta(seconds=left) <= timedelta(days=825)
