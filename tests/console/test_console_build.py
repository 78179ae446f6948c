"""What the console is built from is as fresh as it says."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fleet_server.openapi import document
from tests.shared import ROOT

CONSOLE = ROOT / "fleet_server" / "console"
OPENAPI = CONSOLE / "src" / "api" / "openapi.json"


def test_the_types_come_from_the_servers_present_openapi_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XIAOTIAN_SCREENSHOTS", raising=False)  # the tests' own, and no setting of the server
    assert OPENAPI.read_text(encoding="utf-8") == document(), (
        "run: python -m fleet_server.openapi > fleet_server/console/src/api/openapi.json, "
        "then `npm run types` in fleet_server/console, and python tools/client_models.py"
    )


def test_the_generated_types_are_those_of_the_document(tmp_path: Path) -> None:
    fresh = tmp_path / "schema.d.ts"
    _node_tool("openapi-typescript", str(OPENAPI), "--output", str(fresh))
    assert fresh.read_text(encoding="utf-8") == (CONSOLE / "src" / "api" / "schema.d.ts").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_unit_tests_of_the_console_pass() -> None:
    _node_tool("vitest", "run")


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (CONSOLE / "package-lock.json").read_text(encoding="utf-8")


def _node_tool(name: str, *arguments: str) -> None:
    tool = CONSOLE / "node_modules" / ".bin" / name
    if not tool.exists():
        pytest.skip("the console's packages are not installed: make setup")
    node = shutil.which("node", path=f"{os.environ.get('PATH', '')}{os.pathsep}{ROOT / '.venv' / 'bin'}")
    if node is None:
        pytest.skip("needs Node")
    path = os.pathsep.join((str(Path(node).parent), os.environ.get("PATH", "")))
    ended = subprocess.run(
        [tool, *arguments], cwd=CONSOLE, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
