"""What went wrong between a program and the server, as one exception."""

import json


class ApiProblem(RuntimeError):
    """``operation`` (method and path) was not carried out, or its answer was not understood; ``detail`` says why.

    ``status`` is None where no answer came: whether the server has done it is not known then. ``request_id`` is under
    which the server's log has it, where it answered.
    """

    def __init__(self, operation: str, status: int | None, detail: str, request_id: str | None = None) -> None:
        super().__init__(f"{operation}: {f'{status}: ' if status else ''}{detail}")
        self.operation, self.status, self.detail, self.request_id = operation, status, detail, request_id


def detail_of(body: bytes) -> str:
    """The sentence in a refusal, of ours or as RFC 9457 has it; the beginning of any other body."""
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    said = (told.get("detail") or told.get("title")) if isinstance(told, dict) else None
    return str(said) if said else body[:200].decode(errors="replace") or "no reason was given"
