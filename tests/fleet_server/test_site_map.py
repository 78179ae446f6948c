"""A site begins with a map, and gets another: read as dogs read it, checked with what stands on it, told to them."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from edge.mapping.map_files import write_map
from edge.mapping.occupancy_counts import Occupancy
from edge.navigation.maps import Frame
from fleet_server.sites.map_api import MOST_BODY
from protocol.map_file import MOST_CELLS
from tests.broker import TestBroker
from tests.fleet_server.dog import Dog
from tests.fleet_server.test_hostile_http import UNUSED_PORT
from tests.fleet_server.test_problems import problem
from tests.fleet_server.test_site_edit import edit_of
from tests.fleet_server.world import API, eventually, route_body, serving, settings, sign_in, write_site

YARD = f"{API}/sites/yard"
DEPOT: dict[str, Any] = {
    "siteId": "depot",
    "name": {"zh": "东仓库", "en": "East depot"},
    "timezone": "Asia/Shanghai",
    "origin": {"latitudeDeg": 31.2, "longitudeDeg": 121.5, "headingDeg": 12.5},
}


def map_body(picture: Image.Image | bytes, kind: str = "PPM", **described: object) -> dict[str, str]:
    """As a console sends it."""
    into = io.BytesIO()
    if isinstance(picture, Image.Image):
        picture.save(into, kind)
    sent = picture if isinstance(picture, bytes) else into.getvalue()
    said = {"image": "map.pgm", "resolution": 0.1, "origin": [0.0, 0.0, 0.0], "free_thresh": 0.196} | described
    return {"yaml": yaml.safe_dump(said), "image": base64.b64encode(sent).decode()}


def ground(width: int = 200, height: int = 100, wall: tuple[int, int, int, int] | None = None) -> Image.Image:
    picture = Image.new("L", (width, height), 254)
    if wall is not None:
        ImageDraw.Draw(picture).rectangle(wall, fill=0)
    return picture


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[TestClient]:
    with serving(settings(tmp_path, UNUSED_PORT)) as served:
        yield sign_in(served)


def test_a_site_is_made_of_what_xiaotian_map_wrote_drawn_on_and_walked(mqtt: TestBroker, tmp_path: Path) -> None:
    """No folder at all: the console alone brings a station from nothing to a dog on its round."""
    seen = Occupancy(Frame(0.1, -1.0, -2.0, 100, 200), np.zeros((100, 200), np.int32), np.full((100, 200), 9, np.int32))
    file = write_map(seen, tmp_path / "walked")
    made_of = {
        "yaml": file.read_text(),
        "image": base64.b64encode((tmp_path / "walked" / "map.pgm").read_bytes()).decode(),
    }
    with serving(settings(tmp_path, mqtt.port).model_copy(update={"site": []})) as client:
        sign_in(client)
        assert client.get(f"{API}/sites").json() == []
        made = client.post(f"{API}/sites", json=DEPOT | {"map": made_of})
        assert made.status_code == 201, made.text
        site = made.json()
        assert (site["version"], made.headers["etag"]) == (1, '"1"')
        assert site == client.get(f"{API}/sites/depot").json()
        assert {key: site[key] for key in DEPOT} == DEPOT
        assert site["map"]["origin"] == {"x": -1.0, "y": -2.0, "theta": 0.0}
        assert [site["zones"], site["checkpoints"], site["docks"]] == [[], [], []]
        (version,) = client.get(f"{API}/sites/depot/versions").json()
        assert (version["source"], version["changedBy"]) == ("console", "admin")
        with Dog(mqtt.port, "depot1", map_id="depot") as dog:
            dog.online()
            assert dog.hear("site")["siteVersion"] == 1
            place = {"checkpointId": "a", "name": DEPOT["name"], "pose": {"x": 3.0, "y": 3.0, "theta": 0.0}}
            edit = {"zones": [], "checkpoints": [place], "docks": []}
            put = client.put(f"{API}/sites/depot", json=edit, headers={"If-Match": '"1"'})
            assert put.status_code == 200, put.text
            assert dog.hear("site")["checkpoints"] == [place]
            route = client.post(f"{API}/routes", json=route_body("a", siteId="depot")).json()
            order = {"routeId": route["routeId"], "dogId": "depot1"}
            eventually(lambda: client.post(f"{API}/patrols", json=order).status_code == 201)
            assert any(node.get("nodePosition", {}).get("x") == 3.0 for node in dog.hear("order")["nodes"])


def test_a_site_is_made_once_by_key_and_its_id_is_taken_then(alone: TestClient) -> None:
    body, key = DEPOT | {"map": map_body(ground())}, {"Idempotency-Key": "a-new-site"}
    first, again = (alone.post(f"{API}/sites", json=body, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code, again.headers["idempotent-replayed"]) == (201, 201, "true")
    assert first.json() == again.json()
    problem(alone.post(f"{API}/sites", json=body), 409, "conflict")
    problem(alone.post(f"{API}/sites", json=body | {"siteId": "yard"}), 409, "conflict")
    deeds = [each for each in alone.get(f"{API}/audit").json() if each["action"] == "site.created"]
    assert [(each["target"], each["actor"]) for each in deeds] == [("depot", "admin")]
    assert [each["siteId"] for each in alone.get(f"{API}/sites").json()] == ["depot", "yard"]


HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({"siteId": ""}, "#/siteId"),
    ({"siteId": "a/b"}, "#/siteId"),
    ({"siteId": "x" * 65}, "#/siteId"),
    ({"name": {"zh": "", "en": "Depot"}}, "#/name/zh"),
    ({"timezone": "Asia/Atlantis"}, "#/timezone"),
    ({"timezone": "../../etc/passwd"}, "#/timezone"),
    ({"origin": {"latitudeDeg": 91, "longitudeDeg": 0}}, "#/origin/latitudeDeg"),
    ({"origin": {"latitudeDeg": 0, "longitudeDeg": 0, "headingDeg": "north"}}, "#/origin/headingDeg"),
    ({"map": map_body(ground(), resolution=0.0)}, "#/map/yaml"),
    ({"map": map_body(ground(), resolution=float("nan"))}, "#/map/yaml"),
    ({"map": map_body(ground(), image="../../etc/passwd")}, "#/map/yaml"),
    ({"map": map_body(ground(), image="/etc/passwd")}, "#/map/yaml"),
    ({"map": map_body(ground(), image="..\\map.pgm")}, "#/map/yaml"),
    ({"map": map_body(ground(), image="..")}, "#/map/yaml"),
    ({"map": map_body(ground()) | {"yaml": "image: &a [*a, *a]"}}, "#/map/yaml"),
    ({"map": map_body(ground()) | {"yaml": "!!python/object/apply:os.system ['true']"}}, "#/map/yaml"),
    ({"map": map_body(ground()) | {"yaml": "#" * 10_001}}, "#/map/yaml"),
    ({"map": map_body(ground()) | {"image": "not base64"}}, "#/map/image"),
    ({"map": map_body(ground()) | {"image": 7}}, "#/map/image"),
    ({"map": map_body(b"<svg xmlns='http://www.w3.org/2000/svg'/>")}, "#/map/image"),
    ({"map": map_body(b"P5 100000 100000 255\n" + bytes(99))}, "#/map/image"),
    ({"map": map_body(Image.new("L", (MOST_CELLS // 10, 11), 254), "PNG")}, "#/map/image"),
    ({"map": map_body(Image.new("L", (20, 20), 0))}, "#/map/image"),
]


@pytest.mark.parametrize(("wrong", "pointer"), HOSTILE)
def test_what_cannot_be_a_site_is_refused_where_it_is_wrong_and_nothing_is_stored(
    alone: TestClient, wrong: dict[str, Any], pointer: str
) -> None:
    body = DEPOT | {"map": map_body(ground())} | wrong
    said = problem(alone.post(f"{API}/sites", json=body), 422, "invalid-request")
    assert [each["pointer"] for each in said["errors"]] == [pointer]
    assert len(said["detail"]) < 1000
    assert [each["siteId"] for each in alone.get(f"{API}/sites").json()] == ["yard"]


def test_nobody_without_the_right_sends_a_large_body_and_nobody_a_larger_one(alone: TestClient) -> None:
    def large(of: int) -> Iterator[bytes]:
        for _ in range(of // 65536 + 1):
            yield bytes(65536)

    stranger = TestClient(alone.app)
    assert stranger.post(f"{API}/sites", content=large(MOST_BODY)).status_code == 401
    made = alone.post(f"{API}/tokens", json={"name": "watcher", "scopes": ["see"], "days": 1}).json()
    token = {"Authorization": f"Bearer {made['token']}"}
    for method, path in (("POST", f"{API}/sites"), ("PUT", f"{YARD}/map"), ("POST", f"{API}/maps/check")):
        assert stranger.request(method, path, content=large(MOST_BODY), headers=token).status_code == 403
        problem(alone.request(method, path, content=large(MOST_BODY)), 413, "too-large")


def test_a_map_is_shown_as_it_is_read_before_it_is_taken(alone: TestClient) -> None:
    sent = map_body(ground(wall=(50, 40, 60, 60)), resolution=0.05, origin=[-2.0, 3.0, 0.0])
    shown = alone.post(f"{API}/maps/check", json={"map": sent})
    assert shown.status_code == 200, shown.text
    read = shown.json()
    assert (read["width"], read["height"], read["resolution"], read["problems"]) == (200, 100, 0.05, [])
    assert read["origin"] == {"x": -2.0, "y": 3.0, "theta": 0.0}
    alone.post(f"{API}/sites", json=DEPOT | {"map": sent})
    assert alone.get(f"{API}/sites/depot/map.png").content == base64.b64decode(read["picture"])
    assert alone.post(f"{API}/maps/check", json={"map": sent, "siteId": "nowhere"}).status_code == 404


def test_a_new_map_is_the_next_version_and_reaches_the_dogs(client: TestClient, dog: Dog) -> None:
    assert dog.hear("site")["siteVersion"] == 1
    old = client.get(f"{YARD}/map.png").content
    before = client.get(YARD).json()
    wider = map_body(ground(240, 120, (60, 10, 70, 20)), "PNG", origin=[-1.0, -1.0, 0.0])
    assert client.put(f"{YARD}/map", json=wider).status_code == 428
    done = client.put(f"{YARD}/map", json=wider, headers={"If-Match": '"1"'})
    assert done.status_code == 200, done.text
    after = done.json()
    assert (after["version"], after["map"]["width"], after["map"]["origin"]["x"]) == (2, 240, -1.0)
    assert after == client.get(YARD).json()
    assert edit_of(after) == edit_of(before)
    heard = dog.hear("site")
    assert (heard["siteVersion"], heard["map"]["mapId"]) == (2, "yard")
    picture = client.get(f"{YARD}/map.png").content
    assert (base64.b64decode(heard["map"]["image"]), client.get(f"{YARD}/map.png?version=1").content) == (picture, old)
    assert client.put(f"{YARD}/map", json=wider, headers={"If-Match": '"2"'}).json() == after  # no version for the same
    problem(client.put(f"{YARD}/map", json=wider, headers={"If-Match": '"1"'}), 412, "changed-meanwhile")
    (deed,) = [each for each in client.get(f"{API}/audit").json() if each["action"] == "site.mapped"]
    assert (deed["details"]["before"]["width"], deed["details"]["to"]["width"]) == (200, 240)
    client.put(YARD, json=edit_of(after, zones=[]), headers={"If-Match": '"2"'})
    assert client.get(f"{YARD}/map.png?version=2").content == client.get(f"{YARD}/map.png").content == picture
    assert client.get(f"{YARD}/map.png?version=1").content == old


def test_a_version_is_taken_back_whole_with_its_map_and_where_that_lay(client: TestClient, dog: Dog) -> None:
    assert dog.hear("site")["siteVersion"] == 1
    old, first = client.get(f"{YARD}/map.png").content, client.get(YARD).json()
    lies = {"latitudeDeg": 48.2, "longitudeDeg": 16.4, "headingDeg": 30.0}
    wider = map_body(ground(240, 120, (60, 10, 70, 20)), "PNG", origin=[-1.0, -1.0, 0.0]) | {"origin": lies}
    moved = client.put(f"{YARD}/map", json=wider, headers={"If-Match": '"1"'}).json()
    assert (moved["origin"], moved["version"]) == (lies, 2)
    assert client.get(f"{YARD}/versions/1").json()["origin"] == first["origin"] != lies
    client.put(YARD, json=edit_of(moved, zones=[], name=DEPOT["name"]), headers={"If-Match": '"2"'})
    dog.hear("site"), dog.hear("site")

    back = f"{YARD}/versions/1/restore"
    assert client.post(back).status_code == 428
    problem(client.post(back, headers={"If-Match": '"2"'}), 412, "changed-meanwhile")
    assert client.post(f"{YARD}/versions/9/restore", headers={"If-Match": '"3"'}).status_code == 404
    done = client.post(back, headers={"If-Match": '"3"'})
    assert (done.status_code, done.headers["etag"]) == (200, '"4"'), done.text
    now = done.json()
    assert now == client.get(YARD).json()
    assert now.pop("version") == 4
    assert now["map"].pop("url") != first["map"].pop("url")
    assert {"version": 1} | now == first
    heard = dog.hear("site")
    assert (heard["siteVersion"], heard["origin"]) == (4, first["origin"])
    assert base64.b64decode(heard["map"]["image"]) == client.get(f"{YARD}/map.png?version=4").content == old
    assert client.post(back, headers={"If-Match": '"4"'}).json()["version"] == 4  # it is so: no version for the same
    (deed,) = [each for each in client.get(f"{API}/audit").json() if each["action"] == "site.restored"]
    assert (deed["target"], deed["details"]) == ("yard", {"version": 4, "restored": 1})
    again = client.post(f"{YARD}/versions/2/restore", headers={"If-Match": '"4"'}).json()
    assert (again["origin"], again["map"]["width"], again["zones"]) == (lies, 240, moved["zones"])


def test_a_version_that_lacks_a_stop_of_a_route_is_not_taken_back(alone: TestClient) -> None:
    site = alone.get(YARD).json()
    more = {"checkpointId": "new", "name": DEPOT["name"], "pose": {"x": 5.0, "y": 3.0, "theta": 0.0}}
    put = alone.put(YARD, json=edit_of(site, checkpoints=[*site["checkpoints"], more]), headers={"If-Match": '"1"'})
    assert put.status_code == 200, put.text
    assert alone.post(f"{API}/routes", json=route_body("new")).status_code == 201
    refused = alone.post(f"{YARD}/versions/1/restore", headers={"If-Match": '"2"'})
    problem(refused, 422, "invalid-request")
    assert "'new' is missing" in refused.text
    assert alone.get(YARD).json()["version"] == 2


def test_a_map_on_which_the_site_cannot_be_is_refused_with_each_thing_and_its_place(alone: TestClient) -> None:
    before = alone.get(YARD).json()
    walled = map_body(ground(150, 100, (25, 45, 35, 55)))  # over cp_1; and the restricted zone reaches to x = 20
    shown = alone.post(f"{API}/maps/check", json={"map": walled, "siteId": "yard"}).json()["problems"]
    assert [(each["pointer"], each["place"]) for each in shown] == [
        ("/zones/0/polygon/1", {"x": 20.0, "y": 0.0}),
        ("/checkpoints/0/pose", {"x": 3.0, "y": 5.0}),
    ]
    said = problem(alone.put(f"{YARD}/map", json=walled, headers={"If-Match": '"1"'}), 422, "invalid-request")
    assert said["errors"] == [
        {"pointer": "#/image", "detail": "zone 'armory_yard' at x 20.00, y 0.00: it lies outside the map"},
        {"pointer": "#/image", "detail": "checkpoint 'cp_1' at x 3.00, y 5.00: it lies in a wall"},
    ]
    for wrong, pointer in ((map_body(ground(), resolution=0.0), "#/yaml"), (map_body(b"x"), "#/image")):
        said = problem(alone.put(f"{YARD}/map", json=wrong, headers={"If-Match": '"1"'}), 422, "invalid-request")
        assert [each["pointer"] for each in said["errors"]] == [pointer]
    assert alone.get(YARD).json() == before


def spoil(folder: Path, **changed: object) -> str:
    """The folder's site with a wall over its first checkpoint; what it said before."""
    before = (folder / "map.pgm").read_bytes()
    ground(wall=(25, 45, 35, 55)).save(folder / "map.pgm")
    if changed:
        said = yaml.safe_load((folder / "site.yaml").read_text())
        (folder / "site.yaml").write_text(yaml.safe_dump(said | changed))
    return before.hex()


def test_a_folder_with_a_checkpoint_in_a_wall_leaves_what_was_in_force_and_the_station_at_work(tmp_path: Path) -> None:
    chosen = settings(tmp_path, UNUSED_PORT)
    write_site(tmp_path / "other", "other")
    chosen = chosen.model_copy(update={"site": [tmp_path / "yard", tmp_path / "other"]})
    with serving(chosen) as client:
        before = sign_in(client).get(YARD).json()
    sound = bytes.fromhex(spoil(tmp_path / "yard"))
    said: list[str] = []
    with serving(chosen, said) as client:
        assert sign_in(client).get(YARD).json() == before
        assert [each["siteId"] for each in client.get(f"{API}/sites").json()] == ["other", "yard"]
        (deed,) = [each for each in client.get(f"{API}/audit").json() if each["action"] == "site.refused"]
    why = "checkpoint 'cp_1' at x 3.00, y 5.00: it lies in a wall"
    assert why in deed["details"]["reason"]
    assert any(str(tmp_path / "yard" / "site.yaml") in each and why in each for each in said)
    (tmp_path / "yard" / "map.pgm").write_bytes(sound)
    with serving(chosen) as client:
        assert sign_in(client).get(YARD).json() == before


@pytest.mark.parametrize("spoiled", [{}, {"timezone": "Asia/Atlantis"}, {"site_id": "a/b"}, {"map": "gone.yaml"}])
def test_a_station_whose_only_folder_is_unfit_starts_without_it_and_says_why(
    tmp_path: Path, spoiled: dict[str, object]
) -> None:
    chosen = settings(tmp_path, UNUSED_PORT)
    spoil(tmp_path / "yard", **spoiled)
    said: list[str] = []
    with serving(chosen, said) as client:
        assert sign_in(client).get(f"{API}/sites").json() == []
        assert client.get(f"{API}/routes").json() == []
        assert client.post(f"{API}/sites", json=DEPOT | {"map": map_body(ground())}).status_code == 201
    (told,) = [each for each in said if each.startswith("not imported: ")]
    assert all(str(each) in told for each in spoiled.values())
