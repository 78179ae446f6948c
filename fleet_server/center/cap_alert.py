"""Alerts of the Common Alerting Protocol 1.2 (OASIS, 2010), read from whoever sends them."""

from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
LARGEST = 256 * 1024  # bytes
MOST_ELEMENTS = 5000
LONGEST_ID = 90  # characters of sender and of identifier, so that both fit one key


class MalformedAlert(ValueError):
    """No CAP 1.2 alert; the text says why."""


@dataclass(frozen=True, slots=True)
class CapAlert:
    """What of an alert matters here. ``place``: latitude, longitude and radius (m) of the first circle or polygon."""

    sender: str
    identifier: str
    sent: str
    status: str
    message_type: str
    references: tuple[str, ...]
    text: str
    area: str
    place: tuple[float, float, float] | None

    @property
    def key(self) -> str:
        """How other alerts refer to it."""
        return f"{self.sender},{self.identifier},{self.sent}"


def read_alert(body: bytes) -> CapAlert:
    """The alert in ``body``; raises MalformedAlert. No entity is expanded and nothing outside is fetched."""
    if len(body) > LARGEST:
        raise MalformedAlert(f"larger than {LARGEST} bytes")
    try:
        root: Element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise MalformedAlert(f"no XML that is taken here: {type(error).__name__}") from error
    if root.tag != f"{{{NAMESPACE}}}alert":
        raise MalformedAlert(f"{root.tag[:80]!r} is no alert of {NAMESPACE}")
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS:
        raise MalformedAlert(f"more than {MOST_ELEMENTS} elements")
    info = root.find(_tag("info"))
    return CapAlert(
        sender=_id(root, "sender"),
        identifier=_id(root, "identifier"),
        sent=_time(_needed(root, "sent")),
        status=_one_of(root, "status", ("Actual", "Exercise", "System", "Test", "Draft")),
        message_type=_one_of(root, "msgType", ("Alert", "Update", "Cancel", "Ack", "Error")),
        references=tuple((_text(root, "references") or "").split()[:20]),
        text=_words(info),
        area=" ".join((_text(info.find(_tag("area")), "areaDesc") if info is not None else "").split())[:120],
        place=_place(info),
    )


def _words(info: Element | None) -> str:
    said = [_text(info, name) for name in ("event", "headline", "description")] if info is not None else []
    return ": ".join(" ".join(each.split()) for each in said if each)[:500]


def _place(info: Element | None) -> tuple[float, float, float] | None:
    area = info.find(_tag("area")) if info is not None else None
    if area is None:
        return None
    try:
        if circle := _text(area, "circle"):
            centre, _, radius_km = circle.strip().partition(" ")
            return (*_degrees(centre), max(0.0, float(radius_km or 0.0)) * 1000.0)
        if polygon := _text(area, "polygon"):
            corners = [_degrees(each) for each in polygon.split()[:500]]
            count = len(corners)
            return sum(c[0] for c in corners) / count, sum(c[1] for c in corners) / count, 0.0
    except (ValueError, ZeroDivisionError) as error:
        raise MalformedAlert("the area's circle or polygon is none") from error
    return None


def _degrees(pair: str) -> tuple[float, float]:
    latitude, longitude = (float(each) for each in pair.split(","))
    if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):  # NaN is none of these either
        raise ValueError(f"{pair!r} is no place on earth")
    return latitude, longitude


def _time(text: str) -> str:
    try:
        known = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        known = False
    if not known or len(text) > 40:
        raise MalformedAlert("sent is no time with its zone")
    return text


def _id(root: Element, name: str) -> str:
    found = _needed(root, name)
    if len(found) > LONGEST_ID or any(c in found for c in " ,<&") or not found.isprintable():
        raise MalformedAlert(f"{name} has a blank, a comma, < or &, or more than {LONGEST_ID} characters")
    return found


def _one_of(root: Element, name: str, allowed: tuple[str, ...]) -> str:
    found = _needed(root, name)
    if found not in allowed:
        raise MalformedAlert(f"{name} is none of {', '.join(allowed)}")
    return found


def _needed(root: Element, name: str) -> str:
    found = _text(root, name)
    if not found:
        raise MalformedAlert(f"{name} is missing")
    return found


def _text(parent: Element | None, name: str) -> str:
    found = parent.findtext(_tag(name)) if parent is not None else None
    return (found or "").strip()


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
