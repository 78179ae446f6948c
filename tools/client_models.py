"""Writes the Python client's models from the server's OpenAPI document: ``python tools/client_models.py``."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "fleet_server" / "console" / "src" / "api" / "openapi.json"
MODELS = ROOT / "xiaotian" / "api_client" / "models.py"
# What operations.py names; what these refer to comes with them.
WANTED = (
    *("CallBody", "CallView", "CommentBody", "Credentials", "DogView", "EvidenceView", "HealthView", "IncidentView"),
    *("PatrolBody", "PatrolPageView", "PatrolView", "ReasonBody", "RouteBody", "RouteView", "ScheduleBody"),
    *("ScheduleView", "SessionView", "SiteView"),
)
OPTIONS = (
    *("--input-file-type", "openapi", "--output-model-type", "msgspec.Struct", "--target-python-version", "3.11"),
    *("--snake-case-field", "--use-annotated", "--use-union-operator", "--use-standard-collections", "--keyword-only"),
    *("--use-schema-description", "--output-datetime-class", "datetime", "--capitalise-enum-members"),
    *("--collapse-root-models", "--disable-timestamp", "--formatters", "builtin"),
)
# The server checks these, and fills in what was not said: the client repeats neither.
NOT_REPEATED = {"title", "default", "minLength", "maxLength", "pattern", "minimum", "maximum", "minItems", "maxItems"}
HEAD = '''"""What the API takes and answers. Written by tools/client_models.py from the OpenAPI document."""
'''


def models() -> str:
    """The module's text, the same for the same document."""
    schemas = json.loads(DOCUMENT.read_text(encoding="utf-8"))["components"]["schemas"]
    wanted, todo = set[str](), list(WANTED)
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            todo += references(schemas[name])
    small = {"openapi": "3.1.0", "info": {"title": "Xiaotian", "version": "1"}, "paths": {}}
    small["components"] = {"schemas": {name: answered(name, plain(schemas[name])) for name in sorted(wanted)}}
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "openapi.json", Path(folder) / "models.py"
        source.write_text(json.dumps(small), encoding="utf-8")
        generate = [sys.executable, "-m", "datamodel_code_generator", *OPTIONS]
        subprocess.run([*generate, "--input", str(source), "--output", str(made)], check=True)
        code = made.read_text(encoding="utf-8").partition("\n\n")[2]
    for tidy in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        ruff = [sys.executable, "-m", "ruff", *tidy, "--stdin-filename", str(MODELS), "-"]
        code = subprocess.run(ruff, input=code, text=True, capture_output=True, check=True, cwd=ROOT).stdout
    return HEAD + "\n" + code


def references(schema: Any) -> Iterator[str]:
    """The schemas that one names."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].rsplit("/", 1)[1]
        for each in schema.values():
            yield from references(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from references(each)


def plain(schema: Any, names: bool = False) -> Any:
    """A schema without what the client does not repeat; ``names``: the keys are those of properties."""
    if isinstance(schema, list):
        return [plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: plain(each, key == "properties") for key, each in schema.items() if names or key not in NOT_REPEATED}


def answered(name: str, schema: Any) -> Any:
    """A view, all of which the server says each time; anything else as it is."""
    if name.endswith("View"):
        schema["required"] = list(schema["properties"])
    return schema


if __name__ == "__main__":
    MODELS.write_text(models(), encoding="utf-8")
