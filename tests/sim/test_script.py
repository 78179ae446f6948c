"""The script of what happens."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from sim.engine import script
from sim.engine.script import KINDS, MalformedScript, decode, read_script

DOCS = Path(__file__).resolve().parents[2] / "docs/simulation.md"
AN_ENTRY_OF_EACH_KIND: list[dict[str, Any]] = [
    {"at": 1, "do": "person", "name": "ann", "way": [{"x": 1, "y": 2}, {"x": 3, "y": 2, "go": "run", "act": "lie"}]},
    {"at": 1, "do": "gather", "name": "crowd", "x": 1, "y": 2, "sources": [[3, 4]]},
    {"at": 1, "do": "vehicle", "name": "van", "way": [{"x": 1, "y": 2, "speed": 3}]},
    {"at": 1, "do": "thing", "name": "bag", "x": 1, "y": 2},
    {"at": 1, "do": "remove", "name": "bag"},
    {"at": 1, "do": "move", "name": "bin_1", "x": 1, "y": 2},
    {"at": 1, "do": "door", "name": "door_1", "state": "open"},
    {"at": 1, "do": "smoke", "name": "smoke", "x": 1, "y": 2},
    {"at": 1, "do": "fire", "name": "fire", "x": 1, "y": 2},
    {"at": 1, "do": "light", "light": "night"},
    {"at": 1, "do": "fog", "visibility": 20},
    {"at": 1, "do": "block", "name": "block", "x": 1, "y": 2},
    {"at": 1, "do": "push", "dog": "dog1", "left": 20},
    {"at": 1, "do": "topple", "dog": "dog1"},
    {"at": 1, "do": "sensor", "dog": "dog1", "sensor": "scan", "fault": "frozen"},
    {"at": 1, "do": "mend", "dog": "dog1"},
    {"at": 1, "do": "lift", "dog": "dog1", "x": 1, "y": 2},
    {"at": 1, "do": "battery", "dog": "dog1", "charge": 0.2},
    {"at": 1, "do": "clock", "dog": "dog1", "offset": -3},
]


def test_every_kind_can_be_read() -> None:
    read = decode(json.dumps(AN_ENTRY_OF_EACH_KIND))
    assert [type(entry) for entry in read] == [KINDS[entry["do"]] for entry in AN_ENTRY_OF_EACH_KIND]
    assert {entry["do"] for entry in AN_ENTRY_OF_EACH_KIND} == set(KINDS)


def test_what_happens_first_comes_first_and_what_happens_together_stays_in_order() -> None:
    read = decode(
        '[{"at": 2, "do": "fog"}, {"at": 1, "do": "light", "light": "day"}, {"at": 2, "do": "topple", "dog": "d"}]'
    )
    assert [type(entry).__name__ for entry in read] == ["LightChange", "Fog", "Topple"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[{"at": 1, "do": "persn"}]', r"entry 1 \(persn, at 1\).*did you mean 'person'"),
        ('[{"at": 1}]', r"entry 1 \(at 1\): field 'do' is missing; it is one of person"),
        ('[{"at": -1, "do": "fog"}]', r"entry 1 .*'at': .*>= 0"),
        ('[{"do": "fog"}]', r"missing required field `at`"),
        ('[{"at": 1, "do": "fog", "visbility": 9}]', r"unknown field `visbility`; there are do, at, visibility"),
        ('[{"at": 1, "do": "person", "name": "a", "way": [{"x": ""}]}]', r"name a, at 1\): field 'way\[0\]\.x'"),
        ('[{"at": 1, "do": "person", "name": "a", "way": []}]', r"field 'way'"),
        ('[{"at": 1, "do": "sensor", "dog": "d", "sensor": "imu", "fault": "slip"}]', r"the imu cannot be slip; it"),
        ('[{"at": 1, "do": "battery", "dog": "d"}]', r"needs 'charge', 'drain' or both"),
        ('[{"at": 1, "do": "push", "dog": "d"}]', r"needs 'forward', 'left' or both"),
        ('[{"at": 1, "do": "door", "name": "d", "state": "ajar"}]', r"field 'state'"),
        ("{}", r"expected a list"),
        ("[3]", r"entry 1: expected an object"),
        ("[", r"no JSON"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered_with_its_entry_and_field(text: str, told: str) -> None:
    with pytest.raises(MalformedScript, match=told):
        decode(text, "night.json")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "night.json"
    path.write_text('[{"at": 1, "do": "fog", "a": 1}, {"at": 1, "do": "fog"}, {"at": "x", "do": "fog"}]')
    with pytest.raises(MalformedScript) as caught:
        read_script(path)
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[1].split(" ")[:2] for line in lines] == [["entry", "1"], ["entry", "3"]]
    assert all(line.startswith(str(path)) for line in lines)
    with pytest.raises(MalformedScript, match="No such file"):
        read_script(tmp_path / "none.json")


def test_the_page_tells_every_kind_and_every_field() -> None:
    rows = {m[1]: m[0] for m in re.finditer(r"^\| `(\w+)` \|.*$", DOCS.read_text(), re.MULTILINE)}
    for name, kind in KINDS.items():
        nested = {s for f in msgspec.structs.fields(kind) for s in _structs(f.type)}
        told = {f.name for struct in (kind, *nested) for f in msgspec.structs.fields(struct)} - {"at"}
        assert not {f for f in told if f"`{f}`" not in rows[name]}, name


def _structs(kind: Any) -> set[type[msgspec.Struct]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {kind}
    return {found for part in get_args(kind) for found in _structs(part)}


def test_each_fault_that_a_sensor_can_have_is_known() -> None:
    assert set(script.CAN_FAIL_SO) == set(script.Fault)
