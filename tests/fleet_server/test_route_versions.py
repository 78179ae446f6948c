"""Each saved change of a route stays with who made it and when, and can be had again; so can a route that is gone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from fastapi.testclient import TestClient

from fleet_server.core.api_schema import ChangedProblem
from fleet_server.store.database import Database
from fleet_server.store.migrate import alembic_config
from tests.fleet_server.test_hostile_http import UNUSED_PORT
from tests.fleet_server.test_problems import problem
from tests.fleet_server.test_site_edit import YARD, edit_of
from tests.fleet_server.test_site_edit import put as put_site
from tests.fleet_server.world import API, route_body, serving, settings, sign_in, write_site

DEMO = f"{API}/routes/demo_round"


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[TestClient]:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        yield sign_in(client)


def restore(client: TestClient, route: str, number: int, tag: str | None = None) -> Any:
    head = {"If-Match": tag} if tag is not None else {}
    return client.post(f"{route}/versions/{number}/restore", headers=head)


def told(client: TestClient, route: str) -> list[tuple[int, str, str, int]]:
    versions = client.get(f"{route}/versions").json()
    assert all(each["changedAt"].endswith("Z") and each["name"]["zh"] for each in versions)
    return [(each["number"], each["deed"], each["changedBy"], each["stops"]) for each in versions]


def test_each_saved_change_is_a_version_and_an_earlier_one_can_be_had_again(alone: TestClient) -> None:
    first = alone.get(DEMO).json()
    assert told(alone, DEMO) == [(1, "imported", "server", 3)]
    rules = {"onLinkLoss": {"policy": "stand"}, "onBlocked": {"policy": "wait"}, "onLowBattery": {"policy": "end"}}
    second = alone.put(DEMO, json=route_body("cp_2", name={"zh": "西", "en": "West"}, **rules))
    assert second.status_code == 200, second.text
    assert alone.put(DEMO, json=second.json() | {"routeId": None}).status_code == 422  # it was not saved: no version
    same = route_body("cp_2", name={"zh": "西", "en": "West"}, **rules)
    assert alone.put(DEMO, json=same).json() == second.json()  # nor is there one for what was so already
    assert told(alone, DEMO) == [(2, "changed", "admin", 1), (1, "imported", "server", 3)]
    assert alone.get(f"{DEMO}/versions/1").json() == first
    assert alone.get(f"{DEMO}/versions/2").json() == second.json()

    back = restore(alone, DEMO, 1, second.headers["etag"])
    assert back.status_code == 200, back.text
    assert back.json() == first == alone.get(DEMO).json()
    assert back.headers["etag"] == f'"{first["version"]}"'
    assert told(alone, DEMO)[0] == (3, "restored", "admin", 3)
    assert restore(alone, DEMO, 1).json() == first  # it is so
    assert len(told(alone, DEMO)) == 3
    (deed,) = [each for each in alone.get(f"{API}/audit").json() if each["action"] == "route.restored"]
    assert (deed["target"], deed["actor"], deed["details"]["restored"]) == ("demo_round", "admin", 1)
    assert [each["checkpointId"] for each in deed["details"]["stops"]] == ["cp_1", "cp_2", "cp_3"]


def test_who_takes_back_over_anothers_change_is_refused_and_told_whose_it_was(alone: TestClient) -> None:
    tag = alone.get(DEMO).headers["etag"]
    now = alone.put(DEMO, json=route_body("cp_2"))
    said = problem(restore(alone, DEMO, 1, tag), 412, "changed-meanwhile")
    assert ChangedProblem.model_validate(said).changed_by == "admin"
    assert alone.get(DEMO).json() == now.json()
    problem(restore(alone, DEMO, 9), 404, "not-found")
    problem(alone.get(f"{DEMO}/versions/9"), 404, "not-found")
    problem(alone.get(f"{API}/routes/none/versions"), 404, "not-found")
    for number in (0, 2**31, "x"):
        problem(alone.post(f"{DEMO}/versions/{number}/restore"), 422, "invalid-request")


def test_a_version_that_stops_where_the_site_has_nothing_any_more_is_refused_with_the_places_named(
    alone: TestClient,
) -> None:
    now = alone.put(DEMO, json=route_body("cp_1"))
    site = alone.get(YARD).json()
    renamed = [each | {"name": {"zh": "北门", "en": "North gate"}} for each in site["checkpoints"]]
    assert put_site(alone, 1, edit_of(site, checkpoints=[site["checkpoints"][0], *renamed[1:]])).status_code == 200
    assert put_site(alone, 2, edit_of(site, checkpoints=site["checkpoints"][:1])).status_code == 200
    said = problem(restore(alone, DEMO, 1), 409, "conflict")
    places = "北门 · North gate (cp_2), 北门 · North gate (cp_3)"
    assert said["detail"] == f"the route stops at '{places}', which the site no longer has"
    assert alone.get(DEMO).json() == now.json()
    assert len(told(alone, DEMO)) == 2
    assert put_site(alone, 3, edit_of(site)).status_code == 200
    assert restore(alone, DEMO, 1).status_code == 200


def test_a_deleted_route_is_listed_with_who_deleted_it_and_can_be_had_again_in_its_place(alone: TestClient) -> None:
    other = f"{API}/routes/{alone.post(f'{API}/routes', json=route_body('cp_1')).json()['routeId']}"
    before = alone.get(f"{API}/routes").json()
    demo, tag = before[0], alone.get(DEMO).headers["etag"]
    assert alone.get(f"{API}/deleted-routes").json() == []
    for each in (DEMO, other):
        assert alone.delete(each).status_code == 204
    gone = alone.get(f"{API}/deleted-routes").json()
    assert [(each["routeId"], each["number"], each["deletedBy"], each["stops"]) for each in gone] == [
        (other.rpartition("/")[2], 2, "admin", 1),
        ("demo_round", 2, "admin", 3),
    ]
    assert (gone[1]["siteId"], gone[1]["name"]) == ("yard", demo["name"])
    assert told(alone, DEMO) == [(2, "deleted", "admin", 3), (1, "imported", "server", 3)]
    said = problem(restore(alone, DEMO, 1, tag), 412, "changed-meanwhile")  # who saw it there has not seen it go
    assert said["changedBy"] == "admin"

    assert restore(alone, other, 2).status_code == restore(alone, DEMO, 2).status_code == 200
    assert alone.get(f"{API}/routes").json() == before
    assert alone.get(f"{API}/deleted-routes").json() == []
    assert alone.delete(DEMO).status_code == 204
    assert [each["number"] for each in alone.get(f"{API}/deleted-routes").json()] == [4]


def test_a_site_that_comes_later_does_not_take_up_a_deleted_routes_versions(tmp_path: Path) -> None:
    with serving(settings(tmp_path, UNUSED_PORT)) as client:
        assert sign_in(client).delete(DEMO).status_code == 204
    both = settings(tmp_path, UNUSED_PORT)
    both.site.append(write_site(tmp_path / "barn", site_id="barn"))
    with serving(both) as client:
        (route,) = sign_in(client).get(f"{API}/routes").json()
        assert (route["siteId"], route["routeId"] != "demo_round") == ("barn", True)
        assert told(client, DEMO)[0][1] == "deleted"


def test_a_route_of_before_there_were_versions_has_the_one_that_it_is_by_whoever_made_it(tmp_path: Path) -> None:
    chosen = settings(tmp_path, UNUSED_PORT)
    with serving(chosen) as client:
        made = sign_in(client).post(f"{API}/routes", json=route_body("cp_1")).json()
        url = f"{API}/routes/{made['routeId']}"
        changed = client.put(url, json=route_body("cp_2", "cp_3")).json()
    store = Database(chosen.database_url)
    command.downgrade(alembic_config(store.engine), "0041")
    store.close()
    with serving(chosen) as client:
        assert told(sign_in(client), url) == [(1, "changed", "admin", 2)]
        assert client.get(f"{url}/versions/1").json() == changed
        assert told(client, DEMO) == [(1, "imported", "server", 3)]
