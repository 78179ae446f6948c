"""What comes in from a center becomes a call, takes one back, or stays a note; each message once."""

import math
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.audit.log import append
from fleet_server.calls import asking
from fleet_server.calls.recalling import stop
from fleet_server.calls.tables import ALIVE, Call
from fleet_server.calls.views import DWELL_S, CallBody
from fleet_server.center.cap_alert import CapAlert
from fleet_server.center.tables import CenterMessage
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.station import Station
from fleet_server.ledger.geojson import MapOnEarth
from fleet_server.sites.tables import Site

CALL, CANCELED, NOTE = "CALL", "CANCELED", "NOTE"
LEAST_RADIUS_M = 30.0  # a dog that gets this near to what an alert names sees it


def known(session: Session, key: str) -> CenterMessage | None:
    """What became of a message that came before."""
    return session.get(CenterMessage, key)


def take_call(
    session: Session, station: Station, body: CallBody, key: str, sender: str, now: datetime, changes: ChangeEvents
) -> CenterMessage:
    """A call as the API has it; raises OutOfReach or NotNow, and LookupError where there is no such site."""
    site = session.get(Site, body.site_id)
    if site is None:
        raise LookupError(f"there is no site {body.site_id!r}")
    name = {"zh": body.name, "en": body.name} if body.name else None
    work = asking.work(body.photo, body.dwell_s)
    wish = asking.Wish(body.x, body.y, body.reason, name, work, body.dog_id, body.nearest, key)
    call = asking.ask(session, station, site, wish, sender, now)
    changes.note(Call, call.call_id)
    return _keep(session, key, sender, now, CALL, body.reason, call)


def take_alert(
    session: Session, station: Station, alert: CapAlert, sender: str, now: datetime, changes: ChangeEvents
) -> CenterMessage:
    """An alert: a call at its place, the end of the calls to which it refers, or a note of why it is neither."""
    key, text = cap_key(alert.key), alert.text or alert.area or alert.identifier
    if alert.status != "Actual":
        return _keep(session, key, sender, now, NOTE, f"{text} (status {alert.status}: nothing was done)")
    ended = [call for each in alert.references if (call := _called(session, each)) is not None]
    for call in ended:
        stop(session, call, f"CAP {alert.message_type}: {text}"[:500], sender, now, changes)
    if alert.message_type not in ("Alert", "Update"):
        outcome = CANCELED if ended else NOTE
        return _keep(session, key, sender, now, outcome, f"{alert.message_type}: {text}", *ended[:1])
    made = _call_at(session, station, alert, key, text, sender, now)
    if isinstance(made, str):
        return _keep(session, key, sender, now, NOTE, f"{text} ({made})")
    changes.note(Call, made.call_id)
    return _keep(session, key, sender, now, CALL, text, made)


def cap_key(said: str) -> str:
    """The key of an alert by what it is called in references."""
    return f"cap:{said}"


def _called(session: Session, reference: str) -> Call | None:
    return session.scalar(select(Call).where(Call.external_id == cap_key(reference), Call.status.in_(ALIVE)))


def _call_at(
    session: Session, station: Station, alert: CapAlert, key: str, text: str, sender: str, now: datetime
) -> Call | str:
    """The call at the alert's place, or why there is none."""
    if alert.place is None:
        return "it names no circle or polygon"
    latitude, longitude, radius_m = alert.place
    found = _site_at(session, latitude, longitude)
    if found is None:
        return "its place is on none of the station's maps"
    site, x, y = found
    name = {"zh": alert.area, "en": alert.area} if alert.area else None
    wish = asking.Wish(x, y, text, name, asking.work(True, DWELL_S), nearest=True, external_id=key)
    try:
        to = asking.where_to_stand(station, site, wish)
        if math.dist(to, (x, y)) > max(radius_m, LEAST_RADIUS_M):
            return f"a dog gets no nearer than {math.dist(to, (x, y)):.0f} m"
        return asking.ask(session, station, site, wish, sender, now)
    except (asking.OutOfReach, asking.NotNow) as error:
        return str(error)


def _site_at(session: Session, latitude: float, longitude: float) -> tuple[Site, float, float] | None:
    """The site on whose map a place lies, and where on it (m)."""
    for site in session.scalars(select(Site).order_by(Site.site_id)):
        x, y = MapOnEarth(site.origin).to_map(longitude, latitude)
        column = (x - site.map_origin["x"]) / site.map_resolution
        row = (y - site.map_origin["y"]) / site.map_resolution
        if 0 <= column < site.map_width and 0 <= row < site.map_height:
            return site, round(x, 2), round(y, 2)
    return None


def _keep(
    session: Session, key: str, sender: str, now: datetime, outcome: str, text: str, call: Call | None = None
) -> CenterMessage:
    call_id = call.call_id if call is not None else None
    row = CenterMessage(message_key=key, sender=sender, received_at=now, outcome=outcome, call_id=call_id, text=text)
    session.add(row)
    append(session, now, sender, "center.heard", key[:200], outcome=outcome, call=call_id)
    return row
