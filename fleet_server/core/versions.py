"""Versions of what people edit: told as ETag and as ``version``, asked for again by If-Match (RFC 9110, 13.1.1).

A version is of what people edit, not of what the server works out beside it (when a schedule is next due, how often a
thing was seen): that may change under an operator without anything of theirs being lost.
"""

import hashlib
import json
from typing import Annotated

from fastapi import Header, Response

IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=1000, description="The `ETag` of what is to be changed.")
]
DIGITS = 16


def version_of(*edited: object) -> str:
    """The same for the same content, whoever wrote it and when; JSON's types, and times."""
    text = json.dumps(edited, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def tag(response: Response, version: str | int) -> None:
    """Tell the version in the answer's head."""
    response.headers["ETag"] = f'"{version}"'


def agrees(if_match: str | None, version: str) -> bool:
    """Whether the caller knows this version, or did not ask; a weak tag agrees with nothing."""
    if if_match is None or if_match.strip() == "*":
        return True
    return f'"{version}"' in {each.strip() for each in if_match.split(",")}
