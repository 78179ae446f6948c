"""A site is edited in versions: nothing is lost, nobody overwrites another unseen, and its dogs get it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from fastapi.testclient import TestClient
from sqlalchemy import text

from fleet_server.core.api_schema import ChangedProblem
from fleet_server.store.database import Database
from fleet_server.store.migrate import alembic_config
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_hostile_http import UNUSED_PORT
from tests.fleet_server.test_problems import problem
from tests.fleet_server.world import API, eventually, route_body, serving, settings, sign_in, write_site

YARD = f"{API}/sites/yard"
SLOW = {
    "zoneId": "lane",
    "kind": "slow",
    "name": {"zh": "窄道", "en": "Lane"},
    "polygon": [{"x": 2.0, "y": 2.0}, {"x": 4.0, "y": 2.0}, {"x": 4.0, "y": 4.0}],
    "hours": [{"start": "22:00", "end": "06:00"}],
    "maxSpeed": 0.4,
}
CROSSED = [{"x": 10, "y": 0}, {"x": 20, "y": 10}, {"x": 20, "y": 0}, {"x": 10, "y": 10}]


def edit_of(site: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a console sends that changed nothing, and ``more``."""
    zones = [{key: value for key, value in zone.items() if value is not None} for zone in site["zones"]]
    return {"zones": zones, "checkpoints": site["checkpoints"], "docks": site["docks"]} | more


def put(client: TestClient, version: int, edit: dict[str, Any]) -> Any:
    return client.put(YARD, json=edit, headers={"If-Match": f'"{version}"'})


def test_an_edit_is_the_next_version_and_reaches_the_dogs_who_say_what_they_have(client: TestClient, dog: Dog) -> None:
    first = dog.hear("site")
    assert client.get(f"{YARD}/dogs").json() == [{"dogId": "dog1", "siteVersion": None}]
    site = client.get(YARD).json()
    moved = [each | {"pose": {"x": 4.5, "y": 6.0, "theta": 0.0}} for each in site["checkpoints"][:1]]
    edit = edit_of(site, zones=[SLOW], checkpoints=[*moved, *site["checkpoints"][1:]], name={"zh": "营", "en": "Camp"})
    done = put(client, site["version"], edit)
    assert done.status_code == 200, done.text
    assert done.json() == client.get(YARD).json()
    assert done.headers["etag"] == '"2"'
    heard = dog.hear("site")
    assert (first["siteVersion"], heard["siteVersion"]) == (1, 2)
    assert (heard["zones"], heard["name"]) == ([SLOW], edit["name"])
    assert heard["checkpoints"] == edit["checkpoints"]
    assert heard["map"] == first["map"]
    dog.state(maps=[{"mapId": "yard", "mapVersion": "2", "mapStatus": "ENABLED"}])
    eventually(lambda: client.get(f"{YARD}/dogs").json() == [{"dogId": "dog1", "siteVersion": 2}])
    dog.state(maps=[{"mapId": "yard", "mapVersion": "2.1-b", "mapStatus": "ENABLED"}])
    eventually(lambda: client.get(f"{YARD}/dogs").json()[0]["siteVersion"] is None)
    patrol = client.post(f"{API}/patrols", json={"routeId": "demo_round", "dogId": "dog1"})
    assert patrol.status_code == 201, patrol.text
    places = [node["nodePosition"] for node in dog.hear("order")["nodes"] if "nodePosition" in node]
    assert any((place["x"], place["y"]) == (4.5, 6.0) for place in places)
    assert not any((place["x"], place["y"]) == (3.0, 5.0) for place in places)


@pytest.fixture
def alone(tmp_path: Path) -> Any:
    with serving(settings(tmp_path, UNUSED_PORT)) as served:
        yield sign_in(served)


def test_who_saves_over_another_or_names_no_version_is_refused(alone: TestClient) -> None:
    site = alone.get(YARD).json()
    assert alone.put(YARD, json=edit_of(site)).status_code == 428
    assert put(alone, 1, edit_of(site)).json() == site  # nothing is another: no version for it
    assert put(alone, 1, edit_of(site, zones=[SLOW])).json()["version"] == 2
    told = ChangedProblem.model_validate(problem(put(alone, 1, edit_of(site)), 412, "changed-meanwhile"))
    assert (told.version, told.changed_by) == ("2", "admin")
    (deed,) = [each for each in alone.get(f"{API}/audit").json() if each["action"] == "site.edited"]
    assert deed["details"]["before"] == {"zones": edit_of(site)["zones"]}
    assert deed["details"]["to"] == {"zones": [SLOW]}


def test_what_cannot_be_is_found_before_and_refused_with_the_same_words(alone: TestClient) -> None:
    site = alone.get(YARD).json()
    assert alone.post(f"{YARD}/check", json=edit_of(site)).json() == {"problems": []}
    route = alone.post(f"{API}/routes", json=route_body("cp_2", name={"zh": "西", "en": "West"})).json()
    wrong = edit_of(site, zones=[SLOW | {"polygon": CROSSED}], checkpoints=site["checkpoints"][::2])
    wrong["docks"] = [site["docks"][0] | {"pose": {"x": 30.0, "y": 5.0, "theta": 0.0}}]
    found = alone.post(f"{YARD}/check", json=wrong).json()["problems"]
    assert [each["pointer"] for each in found][:2] == ["/zones/0/polygon", "/docks/0/pose"]
    assert found[0]["place"] == {"x": 15.0, "y": 5.0}
    assert found[-1]["pointer"] == "/checkpoints"
    assert "'cp_2' is missing: the route 'Round' (demo_round) stops there" in found[-1]["detail"]
    said = problem(put(alone, 1, wrong), 422, "invalid-request")
    assert said["errors"] == [{"detail": each["detail"], "pointer": f"#{each['pointer']}"} for each in found]
    assert alone.get(YARD).json() == site
    for each in (route["routeId"], "demo_round"):
        assert alone.delete(f"{API}/routes/{each}").status_code == 204
    assert put(alone, 1, edit_of(site, checkpoints=site["checkpoints"][::2])).status_code == 200


def test_every_version_stays_with_who_made_it_and_can_be_had_again(alone: TestClient) -> None:
    first = alone.get(YARD).json()
    second = put(alone, 1, edit_of(first, zones=[SLOW], docks=[])).json()
    versions = alone.get(f"{YARD}/versions").json()
    assert [(each["version"], each["source"], each["changedBy"]) for each in versions] == [
        (2, "console", "admin"),
        (1, "folder", "server"),
    ]
    assert [(each["zones"], each["checkpoints"], each["docks"]) for each in versions] == [(1, 3, 0), (1, 3, 1)]
    assert alone.get(f"{YARD}/versions/1").json() == first
    assert alone.get(f"{YARD}/versions/2").json() == second
    assert alone.get(f"{YARD}/versions/3").status_code == 404
    assert alone.get(first["map"]["url"]).content == alone.get(second["map"]["url"]).content
    third = put(alone, 2, edit_of(alone.get(f"{YARD}/versions/1").json())).json()
    assert edit_of(third) == edit_of(first)
    assert third["version"] == 3


SAID = [{"zh": "军械库已关闭，请离开。", "en": "The armory is closed. Please leave."}, {"zh": None, "en": "Hello."}]


def test_a_sites_sentences_are_edited_in_versions_and_come_back_with_them_and_no_dog_is_told_them(
    client: TestClient, dog: Dog
) -> None:
    dog.hear("site")
    site = client.get(YARD).json()
    assert site["sentences"] == []
    done = put(client, 1, edit_of(site, sentences=SAID))
    assert (done.status_code, done.json()["sentences"]) == (200, SAID)
    heard = dog.hear("site")
    assert heard["siteVersion"] == 2
    assert "sentences" not in heard
    assert put(client, 2, edit_of(site, sentences=SAID)).json()["version"] == 2  # they are so: no new version
    assert put(client, 2, edit_of(site, zones=[SLOW])).json()["sentences"] == SAID  # left out: as they are
    assert put(client, 3, edit_of(site, sentences=SAID[::-1])).json()["sentences"] == SAID[::-1]
    back = client.post(f"{YARD}/versions/3/restore", headers={"If-Match": '"4"'}).json()
    assert (back["version"], back["sentences"]) == (5, SAID)
    first = client.post(f"{YARD}/versions/1/restore", headers={"If-Match": '"5"'}).json()
    assert first["sentences"] == []
    versions = client.get(f"{YARD}/versions").json()
    assert [each["sentences"] for each in versions] == [0, 2, 2, 2, 2, 0]
    deed = next(each for each in client.get(f"{API}/audit").json() if each["details"].get("version") == 2)
    assert deed["details"]["to"]["sentences"] == [SAID[0], {"en": "Hello."}]


def test_a_sentence_that_cannot_be_spoken_is_found_and_refused_by_its_language(alone: TestClient) -> None:
    site = alone.get(YARD).json()
    wrong = edit_of(site, sentences=[SAID[0], {"zh": "好", "en": " ... "}, {}, {"zh": "好" * 201}, {"en": "a\u202eb"}])
    found = alone.post(f"{YARD}/check", json=wrong).json()["problems"]
    places = [each["pointer"] for each in found]
    assert places == ["/sentences/1/en", "/sentences/2", "/sentences/3/zh", "/sentences/4/en"]
    said = problem(put(alone, 1, wrong), 422, "invalid-request")
    assert [each["pointer"] for each in said["errors"]] == [f"#{place}" for place in places]
    assert put(alone, 1, edit_of(site, sentences=[SAID[0]] * 21)).status_code == 422
    assert put(alone, 1, edit_of(site, sentences=[{"fr": "Partez."}])).status_code == 422
    assert put(alone, 1, edit_of(site, sentences=[SAID[0]] * 20)).status_code == 200


def test_a_version_of_before_there_were_sentences_is_had_and_taken_back_without_any(tmp_path: Path) -> None:
    chosen = settings(tmp_path, UNUSED_PORT)
    with serving(chosen) as client:
        site = put(sign_in(client), 1, edit_of(client.get(YARD).json(), zones=[SLOW])).json()
    store = Database(chosen.database_url)
    command.downgrade(alembic_config(store.engine), "0047")
    with store.engine.begin() as old:
        for version, described in old.execute(text("SELECT version, described FROM site_versions")).all():
            said = {key: value for key, value in json.loads(described).items() if key != "sentences"}
            change = text("UPDATE site_versions SET described = :said WHERE version = :version")
            old.execute(change, {"said": json.dumps(said), "version": version})
    store.close()
    with serving(chosen) as client:
        assert sign_in(client).get(YARD).json() == client.get(f"{YARD}/versions/2").json() == site
        assert put(client, 2, edit_of(site, sentences=SAID)).json()["sentences"] == SAID
        assert [each["sentences"] for each in client.get(f"{YARD}/versions").json()] == [2, 0, 0]
        back = client.post(f"{YARD}/versions/1/restore", headers={"If-Match": '"3"'}).json()
        assert (back["version"], back["sentences"], back["zones"] == [SLOW]) == (4, [], False)


def test_a_changed_folder_replaces_an_edit_and_says_so_and_an_unchanged_one_does_not(tmp_path: Path) -> None:
    chosen = settings(tmp_path, UNUSED_PORT)
    with serving(chosen) as client:
        site = sign_in(client).get(YARD).json()
        edited = put(client, 1, edit_of(site, zones=[SLOW])).json()
    with serving(chosen) as client:
        assert sign_in(client).get(YARD).json() == edited
    shutil.rmtree(tmp_path / "yard")
    write_site(tmp_path / "yard", checkpoints=4)
    with serving(chosen) as client:
        sign_in(client)
        assert [each["source"] for each in client.get(f"{YARD}/versions").json()] == ["folder", "console", "folder"]
        assert client.get(f"{YARD}/versions/2").json() == edited
        told = [each for each in client.get(f"{API}/audit").json() if each["action"] == "site.replaced"]
        assert [(each["details"]["version"], each["details"]["editedBy"]) for each in told] == [(2, "admin")]


def test_a_site_of_before_there_were_versions_has_the_one_that_it_is(tmp_path: Path) -> None:
    chosen = settings(tmp_path, UNUSED_PORT)
    with serving(chosen) as client:
        site = put(sign_in(client), 1, edit_of(client.get(YARD).json(), zones=[SLOW])).json()
        picture = client.get(site["map"]["url"]).content
    store = Database(chosen.database_url)
    command.downgrade(alembic_config(store.engine), "0032")
    store.close()
    with serving(chosen) as client:
        (kept,) = sign_in(client).get(f"{YARD}/versions").json()
        assert (kept["version"], kept["source"], kept["changedBy"]) == (2, "folder", "server")
        assert client.get(f"{YARD}/versions/2").json() == client.get(YARD).json() == site
        put(client, 2, edit_of(site, zones=[]))
        assert client.get(site["map"]["url"]).content == picture
