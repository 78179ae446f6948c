"""YAML with line numbers, decoded strictly: a mistake is answered with file, line, what was found and what expected."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

T = TypeVar("T")
Path_ = tuple[str | int, ...]  # of keys and indices from the top
_AT = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<key>.*)`")
_TYPE = re.compile(r"Expected (?P<wanted>.*?)(, got `?(?P<got>[^`]*)`?)?$")
_WORDS = {"array": "a list", "object": "a mapping", "str": "text", "float": "a number", "int": "a whole number"}
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})\b")


class MalformedScenario(ValueError):
    """A scenario that cannot be run; the text is ``file:line: what was found, what was expected``."""


@dataclass(frozen=True)
class Document:
    """A YAML document as plain data, and on which line each part of it stands."""

    file: Path
    data: Any
    lines: Mapping[Path_, int]

    def line(self, path: Path_) -> int:
        """The line of the part at ``path``, or of the nearest part that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def wrong(self, path: Path_, found: str, expected: str) -> MalformedScenario:
        """The error to raise about the part at ``path``."""
        return MalformedScenario(f"{self.file}:{self.line(path)}: found {found}, expected {expected}")

    def part(self, path: Path_) -> Any:
        """The data at ``path``; raises LookupError."""
        at = self.data
        for step in path:
            at = at[step]
        return at

    def decode(self, path: Path_, kind: type[T], data: Any = ...) -> T:
        """The part at ``path`` (or ``data``, that was made of it) as ``kind``; raises MalformedScenario."""
        given = self.part(path) if data is ... else data
        try:
            return msgspec.convert(given, kind, strict=True)
        except msgspec.ValidationError as error:
            raise self._told(path, given, kind, str(error)) from error

    def _told(self, path: Path_, data: Any, kind: Any, text: str) -> MalformedScenario:
        at = _AT.search(text)
        steps = _steps(at["path"]) if at else ()
        what = text[: at.start()] if at else text
        there = _follow(data, steps)
        if unknown := _UNKNOWN.match(what):
            known = ", ".join(_fields(kind, data, steps)) or "no such key"
            return self.wrong((*path, *steps, unknown["key"]), f"the key {unknown['key']!r}", f"one of: {known}")
        if missing := _MISSING.match(what):
            return self.wrong((*path, *steps), f"no {missing['key']!r} here", f"the key {missing['key']!r}")
        if what.startswith("Invalid enum value"):
            return self.wrong((*path, *steps), _shown(there), f"one of: {', '.join(_choices(kind, data, steps))}")
        if wanted := _TYPE.match(what):
            return self.wrong((*path, *steps), _shown(there), _plain(wanted["wanted"]))
        return self.wrong((*path, *steps), _shown(there), what[:1].lower() + what[1:])


def read(file: Path) -> Document:
    """The document in ``file``; raises MalformedScenario."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise MalformedScenario(f"{file}:1: found no readable file ({error.strerror}), expected a scenario") from error
    except UnicodeDecodeError as error:
        raise MalformedScenario(f"{file}:1: found bytes that are no UTF-8, expected text") from error
    try:
        top = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise MalformedScenario(f"{file}:{line}: found {error.problem}, expected YAML") from error
    except yaml.YAMLError as error:
        raise MalformedScenario(f"{file}:1: found no YAML ({error}), expected YAML") from error
    if top is None:
        raise MalformedScenario(f"{file}:1: found an empty file, expected a scenario")
    lines: dict[Path_, int] = {}
    return Document(file, _value(top, (), lines, file), lines)


def _value(node: yaml.Node, path: Path_, lines: dict[Path_, int], file: Path) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, file)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, n), lines, file) for n, item in enumerate(node.value)]
    return yaml.SafeLoader("").construct_object(node)


def _mapping(node: yaml.MappingNode, path: Path_, lines: dict[Path_, int], file: Path) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in made:
            line = key_node.start_mark.line + 1
            raise MalformedScenario(f"{file}:{line}: found the key {key!r} a second time, expected it once")
        lines[(*path, key)] = key_node.start_mark.line + 1
        made[key] = _value(value_node, (*path, key), lines, file)
    return made


def _steps(path: str) -> Path_:
    """msgspec's ``.dogs[0].dock`` as keys and indices; where it says ``[...]`` (a mapping's value) the way ends."""
    steps: list[str | int] = []
    for match in _STEP.finditer(path):
        if match["index"] == "...":
            break
        steps.append(int(match["index"]) if match["index"] else match["key"])
    return tuple(steps)


def _follow(data: Any, steps: Path_) -> Any:
    for step in steps:
        try:
            data = data[step]
        except (LookupError, TypeError):
            return data
    return data


def _fields(kind: Any, data: Any, steps: Path_) -> list[str]:
    """The keys that the Struct at ``steps`` below ``kind`` knows."""
    info = _info(kind, data, steps)
    if not isinstance(info, msgspec.inspect.StructType):
        return []
    tag = [info.tag_field] if info.tag_field else []
    return sorted([*tag, *(f.encode_name for f in info.fields)])


def _choices(kind: Any, data: Any, steps: Path_) -> list[str]:
    """What may stand at ``steps`` below ``kind``, where that is one of a few."""
    info = _info(kind, data, steps)
    if isinstance(info, msgspec.inspect.EnumType):
        return [str(member.value) for member in info.cls]
    return [str(value) for value in getattr(info, "values", ())]


def _info(kind: Any, data: Any, steps: Path_) -> Any:
    """What msgspec knows of the type at ``steps`` below ``kind``."""
    info = msgspec.inspect.type_info(kind)
    for step in steps:
        info = _pick(info, data)
        if isinstance(info, msgspec.inspect.StructType) and isinstance(step, str):
            info = next(f.type for f in info.fields if f.encode_name == step)
        elif isinstance(info, msgspec.inspect.ListType | msgspec.inspect.VarTupleType):
            info = info.item_type
        data = _follow(data, (step,))
    return _pick(info, data)


def _pick(info: Any, data: Any) -> Any:
    """Of a union, the member that ``data`` is meant to be."""
    if isinstance(info, msgspec.inspect.Metadata):
        return _pick(info.type, data)
    if not isinstance(info, msgspec.inspect.UnionType):
        return info
    members = [_pick(each, data) for each in info.types]
    if isinstance(data, dict):
        structs = [each for each in members if isinstance(each, msgspec.inspect.StructType)]
        tagged = [each for each in structs if each.tag_field and data.get(each.tag_field) == each.tag]
        return next(iter([*tagged, *structs]), info)
    wanted: tuple[type, ...] = (msgspec.inspect.ListType, msgspec.inspect.VarTupleType)
    if isinstance(data, str):
        wanted = (msgspec.inspect.EnumType, msgspec.inspect.LiteralType)
    return next((each for each in members if isinstance(each, wanted)), info)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "nothing" if value is None else repr(value)


def _plain(wanted: str) -> str:
    """msgspec's words for a type in ours."""
    text = wanted.replace("`", "").replace(" | null", "").replace(".0", "")
    return _WORD.sub(lambda word: _WORDS[word[0]], text).replace(" | ", " or ")
