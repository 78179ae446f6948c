"""What went wrong between a program and the server, as one exception."""

import json
from typing import Any


class ApiProblem(RuntimeError):
    """``operation`` (method and path) was not carried out, or its answer was not understood; ``detail`` says why.

    ``status`` is None where no answer came: whether the server has done it is not known then. ``request_id`` is under
    which the server's log has it, where it answered; ``kind`` the last part of the problem's ``type`` (docs/api.md).
    """

    def __init__(
        self, operation: str, status: int | None, detail: str, request_id: str | None = None, kind: str | None = None
    ) -> None:
        super().__init__(f"{operation}: {f'{status}: ' if status else ''}{detail}")
        self.operation, self.status, self.detail = operation, status, detail
        self.request_id, self.kind = request_id, kind


def detail_of(body: bytes) -> str:
    """The sentence in a refusal, of ours or as RFC 9457 has it; the beginning of any other body."""
    told = _members(body)
    said = told.get("detail") or told.get("title")
    return str(said) if said else body[:200].decode(errors="replace") or "no reason was given"


def kind_in(body: bytes) -> str | None:
    """The kind of problem, where it says one of the server's own."""
    _, _, code = str(_members(body).get("type", "")).partition("#")
    return code or None


def _members(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
