"""The page by which a package is read: Chinese and English, everything inside it, no script."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from fleet_server.evidence_package.package_format import Manifest, Picture
from fleet_server.incidents.words import ACTIONS, KINDS, STATES

if TYPE_CHECKING:
    from jinja2 import Template


def page(incident: bytes, timeline: bytes, about: Manifest, pictures: Sequence[tuple[Picture, str | None]]) -> bytes:
    """The page; ``pictures`` come with the address that holds each, None where it was left out."""
    told: dict[str, Any] = msgspec.json.decode(incident)
    return (
        _template()
        .render(
            incident=told,
            kind=KINDS.get(told["kind"], (told["kind"], told["kind"])),
            state=STATES.get(told["status"], (told["status"], told["status"])),
            timeline=msgspec.json.decode(timeline),
            actions=ACTIONS,
            about=about,
            pictures=pictures,
        )
        .encode()
    )


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # few requests need it

    pages = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    return pages.get_template("page.html")
