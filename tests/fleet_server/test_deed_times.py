"""The audit log's times are in its order: a deed's time is taken in its writer's turn, not while it waits for it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import fleet_server

ROOT = Path(fleet_server.__file__).parent


def _taken_too_early(tree: ast.AST) -> Iterator[int]:
    """The lines that write what was the time before the writer's turn came."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for turn in ast.walk(function):
            if not isinstance(turn, ast.With) or "database.write()" not in ast.unparse(turn.items[0]):
                continue
            inside = {id(node) for node in ast.walk(turn)}
            early = {
                name.id
                for node in ast.walk(function)
                if isinstance(node, ast.Assign) and id(node) not in inside and "utc_now()" in ast.unparse(node.value)
                for target in node.targets
                for name in ast.walk(target)
                if isinstance(name, ast.Name)
            } - {
                name.id
                for node in ast.walk(turn)
                if isinstance(node, ast.Assign)
                for target in node.targets
                for name in ast.walk(target)
                if isinstance(name, ast.Name)
            }
            for node in ast.walk(turn):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "append":
                    told = node.args[1] if len(node.args) > 1 else None
                    if isinstance(told, ast.Name) and told.id in early:
                        yield node.lineno


def test_no_deed_is_written_with_a_time_from_before_its_turn() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in sorted(ROOT.rglob("*.py"))
        if "node_modules" not in file.parts
        for line in _taken_too_early(ast.parse(file.read_text()))
    ]
    assert found == []
