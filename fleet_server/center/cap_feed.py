"""Incidents as alerts of CAP 1.2, and the Atom feed that lists them."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from fleet_server.center.cap_alert import NAMESPACE
from fleet_server.incidents.confidence_ellipse import confidence_ellipse, confidence_radius
from fleet_server.incidents.severity import Severity, severity_of
from fleet_server.incidents.status import IncidentStatus
from fleet_server.incidents.tables import Incident
from fleet_server.incidents.words import KINDS, STATES
from fleet_server.ledger.geojson import MapOnEarth
from fleet_server.sites.tables import Site
from protocol.anomaly import AnomalyKind

ATOM = "http://www.w3.org/2005/Atom"
UNTOLD_M = 10.0
"""Radius of the circle in which a thing is taken to be, of which its dog did not say how surely it is where."""
FIRES = (AnomalyKind.FIRE, AnomalyKind.SMOKE)
RESTRICTION = "for the station's command centers"
register_namespace("cap", NAMESPACE)
register_namespace("atom", ATOM)


def alert_xml(incident: Incident, site: Site, simulated: bool) -> bytes:
    """An incident as it is now: an Alert while nobody has answered, then an Update of that, or its Cancel."""
    first = incident.status == IncidentStatus.OPEN
    root = Element(f"{{{NAMESPACE}}}alert")
    _add(root, identifier=identifier(incident), sender=sender(site), sent=cap_time(changed_at(incident)))
    kind = "Alert" if first else "Cancel" if incident.status == IncidentStatus.FALSE_ALARM else "Update"
    _add(root, status="Exercise" if simulated else "Actual", msgType=kind, scope="Restricted", restriction=RESTRICTION)
    if not first:
        _add(root, references=f"{sender(site)},{incident.incident_id}.OPEN,{cap_time(incident.received_at)}")
    for language, number in (("zh-CN", 0), ("en-US", 1)):
        _info(root, incident, site, language, number)
    return _xml(root)


def feed_xml(incidents: Iterable[tuple[Incident, Site]], now: datetime, base: str) -> bytes:
    """The list of alerts (RFC 4287), each with the address of its own below ``base``."""
    feed = Element(f"{{{ATOM}}}feed")
    _atom(feed, id="urn:xiaotian:cap", title="Xiaotian: incidents as CAP 1.2", updated=now.isoformat())
    _atom(SubElement(feed, f"{{{ATOM}}}author"), name="Xiaotian")
    for incident, site in incidents:
        entry = SubElement(feed, f"{{{ATOM}}}entry")
        title = f"{_word(KINDS, incident.kind, 1)} ({_word(STATES, incident.status, 1)}), {site.name['en']}"
        updated = changed_at(incident).isoformat()
        _atom(entry, id=f"urn:xiaotian:cap:{identifier(incident)}", title=title, updated=updated)
        link = {"href": f"{base}/{incident.incident_id}", "type": "application/cap+xml"}
        SubElement(entry, f"{{{ATOM}}}link", link)
    return _xml(feed)


def identifier(incident: Incident) -> str:
    """Of the alert of an incident in its present state."""
    return f"{incident.incident_id}.{incident.status}"


def sender(site: Site) -> str:
    """Who says so."""
    return f"xiaotian@{site.site_id.replace(' ', '_').replace(',', '_')}"


def changed_at(incident: Incident) -> datetime:
    """Since when it is in its present state, as far as that is kept."""
    if incident.status == IncidentStatus.OPEN:
        return incident.received_at
    return incident.answered_at or incident.acknowledged_at or incident.received_at


def cap_time(at: datetime) -> str:
    """As CAP writes times: UTC is -00:00, and Z is not allowed (3.3.2)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _xml(root: Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode").encode()


def _info(root: Element, incident: Incident, site: Site, language: str, number: int) -> None:
    place = ("zh", "en")[number]
    over = incident.status in (IncidentStatus.RESOLVED, IncidentStatus.FALSE_ALARM)
    info = SubElement(root, f"{{{NAMESPACE}}}info")
    event = _word(KINDS, incident.kind, number)
    zone = (incident.zone_name or {}).get(place)
    _add(info, language=language, category="Fire" if incident.kind in FIRES else "Security", event=event)
    _add(info, urgency="Past" if over else "Immediate")
    _add(info, severity="Severe" if severity_of(incident.kind) is Severity.HIGH else "Moderate", certainty="Observed")
    _add(info, headline=f"{event}: {_word(STATES, incident.status, number)}")
    reason = (incident.reason or {}).get(place)
    if reason:
        _add(info, description=str(reason))
    area = SubElement(info, f"{{{NAMESPACE}}}area")
    longitude, latitude = MapOnEarth(site.origin)(incident.x, incident.y)
    _add(area, areaDesc=f"{site.name[place]}, {zone}" if zone else site.name[place])
    _add(area, circle=f"{latitude},{longitude} {_radius_km(incident)}")


def _radius_km(incident: Incident) -> str:
    """Of the circle that holds it with 95 %, up to the next 0.1 m: never less than that, and without an exponent."""
    said = incident.covariance
    ellipse = confidence_ellipse(said["xx"], said["xy"], said["yy"]) if said else None
    radius = confidence_radius(ellipse, incident.deviation)
    return f"{math.ceil((UNTOLD_M if radius is None else radius) * 10) / 10_000:.4f}"


def _word(words: dict[str, tuple[str, str]], key: str, number: int) -> str:
    return words[key][number] if key in words else key


def _add(parent: Element, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, f"{{{NAMESPACE}}}{name}").text = "".join(c for c in text if c.isprintable() or c == "\n")


def _atom(parent: Element, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(parent, f"{{{ATOM}}}{name}").text = text
