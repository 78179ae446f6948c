from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from tests.fleet_server.world import API, route_body, serving, settings, sign_in, write_site


def test_a_route_is_made_changed_and_deleted(tmp_path: Path) -> None:
    with serving(settings(tmp_path, 25099)) as client:
        sign_in(client)
        made = client.post(f"{API}/routes", json=route_body("cp_1", "cp_3"))
        assert made.status_code == 201
        where = f"{API}/routes/{made.json()['routeId']}"
        changed = client.put(where, json=route_body("cp_2")).json()
        assert [s["checkpointId"] for s in changed["stops"]] == ["cp_2"]
        assert client.get(where).json() == changed
        assert client.get(f"{API}/routes").json()[0]["routeId"] == "demo_round"
        assert client.delete(where).status_code == 204
        assert client.get(where).status_code == 404
        _refuses_bad_input_and_names_the_field(client)


def _refuses_bad_input_and_names_the_field(client: TestClient) -> None:
    bad: list[tuple[dict[str, Any], str]] = [
        (route_body("nowhere"), "stops.0.checkpointId"),
        (route_body("cp_1", siteId="moon"), "siteId"),
        (route_body(), "stops"),
        (route_body("cp_1", name={"zh": "", "en": "x"}), "name.zh"),
        (route_body("cp_1", stops=[{"checkpointId": "cp_1", "actions": [{"type": "dwell"}]}]), "stops.0.actions.0"),
        (route_body("cp_1", stops=[{"checkpointId": "cp_1", "theta": 7}]), "stops.0.theta"),
        (route_body("cp_1", pursue=True), "pursue"),
    ]
    for body, field in bad:
        answer = client.post(f"{API}/routes", json=body)
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith(field), answer.json()


def test_a_site_is_imported_once_and_anew_when_its_folder_changes(tmp_path: Path) -> None:
    chosen = settings(tmp_path, 25099)
    for checkpoints, version in ((3, 1), (3, 1), (4, 2)):
        write_site(tmp_path / "yard", checkpoints=checkpoints)
        with serving(chosen) as client:
            (site,) = sign_in(client).get(f"{API}/sites").json()
            assert (site["version"], len(site["checkpoints"])) == (version, checkpoints)
            assert (site["map"]["width"], site["map"]["height"]) == (200, 100)
            assert client.get(site["map"]["url"]).headers["content-type"] == "image/png"


def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    with serving(settings(tmp_path, 25099)) as client:
        sign_in(client)
        for path in ("sites/moon", "sites/moon/map.png", "patrols/none", "incidents/none"):
            assert client.get(f"{API}/{path}").status_code == 404
