"""What people can speak to is documented: topics of both worlds, commands, and benchmarks."""

import re
from pathlib import Path

from protocol.topics import Topic
from tests.shared import ROOT
from xiaotian.cli import ROOMS

ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
NODES = ROOT / "ros2_ws/src/patrol_nodes/patrol_nodes"
SPOKEN = re.compile(
    r"(?:create_(?:publisher|subscription|service|client)\(\s*[\w.]+,|Action(?:Client|Server)\(\s*self,\s*[\w.]+,)"
    r"\s*\"([\w/]+)\""
)


def test_every_topic_of_the_wire_is_documented() -> None:
    assert [topic for topic in Topic if f"| `{topic}` |" not in ARCHITECTURE] == []


def test_every_name_on_the_ros_graph_is_documented() -> None:
    spoken = {name for file in NODES.glob("*.py") for name in SPOKEN.findall(file.read_text(encoding="utf-8"))}
    assert len(spoken) > 10
    assert [name for name in sorted(spoken) if f"`{name}`" not in ARCHITECTURE] == []


def test_every_command_and_make_target_is_in_the_readme() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", Path(ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [target for target in targets if f"make {target}" not in README] == []
    assert [room for room in ("demo", "smoke", "robot", "map", *ROOMS) if f"xiaotian {room}" not in README] == []


def test_every_benchmark_is_in_the_readme() -> None:
    names = {file.stem for file in (ROOT / "bench").glob("[!_]*.py")}
    assert [name for name in sorted(names) if f"NAME={name}" not in README] == []


def test_every_attack_is_in_the_table_and_every_test_that_is_there_exists() -> None:
    table = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    tried = set(re.findall(r"^def (test_\w+)", (ROOT / "tests/security/test_attacks.py").read_text(), re.MULTILINE))
    named = {name for line in table.splitlines() if line.startswith("|") for name in re.findall(r"`(test_\w+)`", line)}
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert tried <= named
    assert [name for name in sorted(named) if f"def {name}(" not in tests] == []
