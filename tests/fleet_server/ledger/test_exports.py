"""Exports: whole, readable by others, and without anything of persons or accounts."""

import csv
import io
import json
import math
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text

from bench._station_history import PEOPLE
from fleet_server.core.clock import utc_now
from fleet_server.core.rights import RIGHTS, Right, Role
from fleet_server.incidents.tables import Incident
from fleet_server.ledger.export_files import _told
from fleet_server.ledger.export_views import VIEWS, Export
from fleet_server.ledger.geojson import MapOnEarth, features
from fleet_server.ledger.span import Span, place_of
from fleet_server.ledger.tables import CheckpointVisit, PatrolAccount
from fleet_server.store.database import SQLITE
from tests.fleet_server.test_rights import make, signed_in_as
from tests.fleet_server.world import API, station_of

WHOLE = {"siteId": "yard", "since": (datetime.now(UTC) - timedelta(days=30)).isoformat()}
ACCOUNTS = (*PEOPLE, "admin")
OF_PERSONS = ("_by", "note", "answer", "assigned", "name", "reason_text")  # in a column's name: answered_at is a time


def exported(client: TestClient, what: str, kind: str, **more: str) -> bytes:
    answer = client.get(f"{API}/ledger/exports/{what}", params=WHOLE | {"format": kind} | more)
    assert answer.status_code == 200, answer.text
    return answer.content


def everything(client: TestClient) -> dict[str, bytes]:
    files = {f"{what}.{kind}": exported(client, what, kind) for what in Export for kind in ("csv", "parquet")}
    for n in range(5):
        day = (utc_now() - timedelta(days=n)).date().isoformat()
        files[f"{day}.geojson"] = client.get(f"{API}/ledger/geojson", params={"siteId": "yard", "day": day}).content
    return files


def test_csv_and_parquet_hold_the_same_rows_and_all_of_them(past: TestClient) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    with station_of(past).database.read() as session:
        counts = {
            what: session.scalar(select(func.count()).select_from(table))
            for what, table in (("patrols", PatrolAccount), ("visits", CheckpointVisit), ("incidents", Incident))
        }
    for what in Export:
        lines = list(csv.DictReader(io.StringIO(exported(past, what, "csv").decode())))
        rows = pq.read_table(io.BytesIO(exported(past, what, "parquet"))).to_pylist()
        assert len(lines) == len(rows) == counts[what] > 0
        assert list(lines[0]) == list(rows[0]) == list(VIEWS[what].columns)
        for line, row in zip(lines, rows, strict=True):
            assert line == {name: plain(value) for name, value in row.items()}
        times = [row[VIEWS[what].at] for row in rows]
        assert times == sorted(times)


def plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return "" if value is None else str(value)


def test_no_export_holds_a_person_an_account_or_what_somebody_wrote(past: TestClient) -> None:
    with station_of(past).database.read() as session:
        written = {each.note for each in session.scalars(select(Incident)) if each.note}
        assert written, "there is something to be kept out"
    for name, content in everything(past).items():
        said = content.decode(errors="replace") if not name.endswith("parquet") else _parquet_text(content)
        assert [who for who in (*ACCOUNTS, *written) if who in said] == [], name


def _parquet_text(content: bytes) -> str:
    """All of it in clear: what is compressed would hide a name."""
    pq = pytest.importorskip("pyarrow.parquet")
    table = pq.read_table(io.BytesIO(content))
    return f"{table.schema} {table.to_pylist()}"


def test_the_views_have_the_columns_that_are_written_down_and_none_of_persons(past: TestClient) -> None:
    with station_of(past).database.read() as session:
        for view in VIEWS.values():
            columns = list(session.execute(text(f"SELECT * FROM {view.name}")).keys())
            assert columns == list(view.columns)
            assert [
                name for name in columns if any(part in name for part in OF_PERSONS) and name != "answered_at"
            ] == []


def test_a_view_can_be_read_and_not_written(past: TestClient) -> None:
    station = station_of(past)
    if station.database.engine.url.get_backend_name() != SQLITE:
        pytest.skip("PostgreSQL: the rights of the role say so (docs/ledger.md)")
    address = f"file:{station.database.engine.url.database}?mode=ro"
    reader = sqlite3.connect(address, uri=True)
    assert reader.execute("SELECT count(*) FROM ledger_patrols").fetchone() == (150,)
    with pytest.raises(sqlite3.OperationalError):
        reader.execute("DELETE FROM ledger_patrols")
    reader.close()


def test_a_day_as_geojson_lies_where_the_site_is_and_has_what_the_day_had(past: TestClient) -> None:
    day = (utc_now() - timedelta(days=1)).astimezone(UTC).date()
    answer = past.get(f"{API}/ledger/geojson", params={"siteId": "yard", "day": day.isoformat()})
    told = json.loads(answer.content)
    kinds = [each["properties"]["feature"] for each in told["features"]]
    since = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)  # midnight in Shanghai
    with station_of(past).database.read() as session:
        began = [a for a in session.scalars(select(PatrolAccount.began_at)) if since <= a < since + timedelta(days=1)]
    assert kinds.count("patrol") == len(began) > 0
    assert {"patrol", "visit", "incident"} == set(kinds)
    for each in told["features"]:
        for longitude, latitude in _points(each["geometry"]):
            assert abs(longitude - 121.5) < 0.0004
            assert abs(latitude - 31.2) < 0.0002
    assert next(e["entry"] for e in _deeds(past)) == f"{day}.geojson"


def _points(geometry: dict[str, Any] | None) -> list[list[float]]:
    if geometry is None:
        return []
    if geometry["type"] == "Point":
        return [geometry["coordinates"]]
    return [point for line in geometry["coordinates"] for point in line]


def _deeds(client: TestClient) -> list[dict[str, Any]]:
    entries = client.get(f"{API}/audit").json()
    return [{"entry": e["details"]["file"], "who": e["actor"]} for e in entries if e["action"] == "ledger.exported"]


@pytest.mark.parametrize("heading", [0.0, 37.0, 270.0])
def test_a_metre_on_the_map_is_a_metre_on_the_earth(heading: float) -> None:
    on_earth = MapOnEarth({"latitudeDeg": 48.0, "longitudeDeg": 11.0, "headingDeg": heading})
    (longitude, latitude), start = on_earth(0.0, 100.0), on_earth(0.0, 0.0)
    north = (latitude - start[1]) * 111_200
    east = (longitude - start[0]) * 111_320 * math.cos(math.radians(48.0))
    assert math.hypot(north, east) == pytest.approx(100, rel=0.005)
    assert math.degrees(math.atan2(east, north)) % 360 == pytest.approx(heading, abs=0.3)


def incidents_on_earth(client: TestClient, heading: float = 0.0) -> tuple[dict[str, dict[str, Any]], MapOnEarth]:
    """The features of incidents by their ids, as if the site's map were turned so."""
    with station_of(client).database.read() as session:
        place = place_of(session, "yard")
        place = replace(place, origin=place.origin | {"headingDeg": heading})
        span = Span("yard", datetime.fromisoformat(WHOLE["since"]), utc_now())
        told = [f for f in features(session, span, place) if f["properties"]["feature"] == "incident"]
    return {f["properties"]["incident_id"]: f for f in told}, MapOnEarth(place.origin)


@pytest.mark.parametrize("heading", [0.0, 37.0, 270.0])
def test_how_unsure_a_place_is_holds_on_the_earth_what_it_promises(past: TestClient, heading: float) -> None:
    rng = np.random.default_rng(round(heading))
    spreads, station = {}, station_of(past)
    with station.database.write() as session:
        for row in session.scalars(select(Incident).order_by(Incident.received_at).limit(6)):
            root = rng.normal(0, 1.5, (2, 2)) * [1.0, 0.3]
            (xx, xy), (_, yy) = (root @ root.T + 0.05 * np.eye(2)).tolist()
            row.covariance = {"xx": xx, "xy": xy, "yy": yy}
            spreads[row.incident_id] = row.x, row.y, [[xx, xy], [xy, yy]]
    told, on_earth = incidents_on_earth(past, heading)
    for incident_id, (x, y, spread) in spreads.items():
        about, (longitude, latitude) = told[incident_id]["properties"], told[incident_id]["geometry"]["coordinates"]
        drawn = rng.multivariate_normal([x, y], spread, 4000)
        there = np.array([on_earth(*each) for each in drawn.tolist()]) - [longitude, latitude]
        east, north = there.T * [[95_306], [110_871]]  # metres a degree at 31.2 north
        bearing = math.radians(about["major_bearing_deg"])
        along = east * math.sin(bearing) + north * math.cos(bearing)
        across = east * math.cos(bearing) - north * math.sin(bearing)
        within = (along / about["major_95_m"]) ** 2 + (across / about["minor_95_m"]) ** 2 <= 1
        assert float(within.mean()) == pytest.approx(0.95, abs=0.015)
        assert float((np.hypot(east, north) <= about["radius_95_m"]).mean()) > 0.945
        assert about["major_95_m"] >= about["minor_95_m"] > 0


def test_a_dog_that_says_one_deviation_has_a_circle_and_one_that_says_none_has_nothing(past: TestClient) -> None:
    with station_of(past).database.write() as session:
        one, other = session.scalars(select(Incident).order_by(Incident.received_at.desc()).limit(2))
        one.deviation, one.covariance, other.deviation, other.covariance = 0.5, None, None, None
        ids = one.incident_id, other.incident_id
    told, _ = incidents_on_earth(past)
    sums = [
        [told[each]["properties"][name] for name in ("radius_95_m", "major_95_m", "major_bearing_deg")] for each in ids
    ]
    assert sums == [[pytest.approx(0.5 * 2.4477, abs=1e-4), None, None], [None, None, None]]
    lines = {
        line["incident_id"]: line for line in csv.DictReader(io.StringIO(exported(past, "incidents", "csv").decode()))
    }
    assert [lines[each]["deviation_m"] for each in ids] == ["0.5", ""]


@pytest.mark.parametrize("role", Role)
def test_only_who_may_export_does_and_it_is_written_down(past: TestClient, role: Role) -> None:
    make(past, f"one-{role.lower()}", role)
    before = len(_deeds(past))
    with signed_in_as(past, f"one-{role.lower()}") as client:
        answers = [
            client.get(f"{API}/ledger/exports/visits", params=WHOLE).status_code,
            client.get(f"{API}/ledger/geojson", params={"siteId": "yard", "day": "2026-05-01"}).status_code,
        ]
    may = Right.EXPORT in RIGHTS[role]
    assert answers == ([200, 200] if may else [403, 403])
    assert [each["who"] for each in _deeds(past)[: len(_deeds(past)) - before]] == [f"one-{role.lower()}"] * 2 * may


@pytest.mark.parametrize("said", ["=1+1", "+1", "-1", "@cmd", "\tx"])
def test_a_text_that_a_spreadsheet_would_carry_out_is_told_as_text(said: str) -> None:
    assert _told(said) == f"'{said}"
    assert _told(-1.5) == -1.5


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("exports/people?siteId=yard", 422),
        ("exports/patrols?siteId=yard&format=xlsx", 422),
        ("exports/patrols?siteId=nowhere", 404),
        ("geojson?siteId=yard", 422),
        ("geojson?siteId=yard&day=9999-12-31", 422),
        ("geojson?siteId=nowhere&day=2026-05-01", 404),
    ],
)
def test_what_cannot_be_exported_is_refused(past: TestClient, path: str, status: int) -> None:
    assert past.get(f"{API}/ledger/{path}").status_code == status
