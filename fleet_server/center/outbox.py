"""What centers are to be told: an entry for each change of an incident's state, tried until taken, in its order."""

import json
import random
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

import httpx
import structlog
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from fleet_server.audit.log import SERVER, append
from fleet_server.center.center_secrets import secret_of
from fleet_server.center.tables import Center, Delivery, Told
from fleet_server.center.webhook_signature import signed
from fleet_server.core.stored_secrets import StoredSecrets, UnreadableSecret
from fleet_server.incidents.tables import Incident
from fleet_server.incidents.views import incident_view
from fleet_server.store.database import Database

PERIOD_S = 2.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 3600.0
MOST_ATTEMPTS = 30  # about a day
PATIENCE_S = 10.0  # of a center
LOOK_BACK = timedelta(days=7)  # an older incident that changes is told to nobody any more
AT_ONCE = 50  # incidents or deliveries of one look

log = structlog.get_logger()
Post = Callable[[str, bytes, dict[str, str]], int]
"""Sends a body with headers to a URL; the status of the answer. Raises httpx.HTTPError."""


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """By HTTP, following no redirection."""
    return httpx.post(url, content=body, headers=headers, timeout=PATIENCE_S, follow_redirects=False).status_code


def at_once(work: Callable[[], None]) -> None:
    """Do it here and now."""
    work()


class Outbox:
    """Called by one job. ``start`` begins the deliveries to a center, each center by itself: a slow one delays none."""

    def __init__(
        self,
        database: Database,
        stored: StoredSecrets,
        send: Post = post,
        chance: Callable[[], float] = random.random,
        start: Callable[[Callable[[], None]], object] = at_once,
    ) -> None:
        self._database, self._stored = database, stored
        self._send, self._chance, self._start = send, chance, start
        self._lock = threading.Lock()
        self._under_way: set[str] = set()

    def update(self, now: datetime) -> None:
        """Note what has changed, and send what is due."""
        with self._database.read() as session:
            centers = list(session.scalars(select(Center).where(Center.removed_at.is_(None), Center.url.is_not(None))))
            changed = {c.center_id: list(_changed(session, c, now)) for c in centers}
        if any(changed.values()):
            with self._database.write() as session:
                for center_id, incident_ids in changed.items():
                    for incident_id in incident_ids:
                        _note(session, center_id, incident_id, now)
        for center in centers:
            with self._lock:
                if center.center_id in self._under_way:
                    continue
                self._under_way.add(center.center_id)
            self._start(partial(self._deliver_alone, center, now))

    def _deliver_alone(self, center: Center, now: datetime) -> None:
        """One at a time to each center, so that its order is kept."""
        try:
            self._deliver(center, now)
        except Exception:
            log.exception("the deliveries to a center failed", center=center.name)
        finally:
            with self._lock:
                self._under_way.discard(center.center_id)

    def _deliver(self, center: Center, now: datetime) -> None:
        """Those that are due, until one is not taken: a center that is away is not asked for each."""
        with self._database.read() as session:
            due = list(islice(_due(session, center.center_id, now), AT_ONCE))
        for delivery in due:
            problem = self._attempt(center, delivery, now)
            with self._database.write() as session:
                row = session.get(Delivery, delivery.delivery_id)
                if row is not None:
                    self._record(session, center, row, problem, now)
            if problem is not None:
                return

    def _attempt(self, center: Center, delivery: Delivery, now: datetime) -> str | None:
        """Why it was not taken; None where it was."""
        body = delivery.body.encode()
        try:
            secret = secret_of(center, self._stored)
            headers = signed(secret, f"msg_{center.center_id}_{delivery.delivery_id}", now, body)
            status = self._send(center.url or "", body, headers | {"content-type": "application/json"})
        except UnreadableSecret as error:
            return str(error)[:300]
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"{type(error).__name__}: {error}"[:300]
        return None if 200 <= status < 300 else f"it answered {status}"

    def _record(self, session: Session, center: Center, row: Delivery, problem: str | None, now: datetime) -> None:
        row.attempts += 1
        row.problem = problem
        if problem is None:
            row.delivered_at = now
        elif row.attempts >= MOST_ATTEMPTS:
            row.given_up_at = now
            append(session, now, SERVER, "center.gave_up", center.name, incident=row.incident_id, reason=problem)
            log.warning("a center was not told of an incident", center=center.name, reason=problem)
        else:
            row.next_at = now + pause(row.attempts, self._chance())


def pause(attempts: int, chance: float) -> timedelta:
    """After so many attempts in vain: doubled each time up to an hour, less up to a quarter by ``chance`` (0 to 1)."""
    seconds = min(FIRST_PAUSE_S * 2 ** min(attempts - 1, 20), LONGEST_PAUSE_S)
    return timedelta(seconds=seconds * (1.0 - 0.25 * chance))


def undelivered(session: Session, center_id: str) -> Iterable[Delivery]:
    """What a center has not taken, in its order."""
    query = select(Delivery).where(Delivery.center_id == center_id, Delivery.delivered_at.is_(None))
    return session.scalars(query.order_by(Delivery.delivery_id))


def send_again(session: Session, center_id: str, now: datetime) -> int:
    """Try all that a center has not taken from the beginning; how many that is."""
    rows = list(undelivered(session, center_id))
    for row in rows:
        row.attempts, row.next_at, row.given_up_at = 0, now, None
    return len(rows)


def _changed(session: Session, center: Center, now: datetime) -> Iterable[str]:
    since = max(center.created_at, now - LOOK_BACK)
    same = and_(Told.incident_id == Incident.incident_id, Told.center_id == center.center_id)
    differs = or_(
        Told.status.is_(None), Told.status != Incident.status, Told.escalated != Incident.escalated_at.is_not(None)
    )
    query = select(Incident.incident_id).outerjoin(Told, same).where(Incident.received_at >= since, differs)
    return session.scalars(query.order_by(Incident.received_at).limit(AT_ONCE))


def _note(session: Session, center_id: str, incident_id: str, now: datetime) -> None:
    incident = session.get(Incident, incident_id)
    if incident is None:
        return
    told = session.get(Told, (center_id, incident_id))
    kind = "incident.opened" if told is None else "incident.changed"
    data = incident_view(session, incident).model_dump(mode="json")
    body = json.dumps({"type": kind, "timestamp": now.isoformat(), "data": data}, ensure_ascii=False)
    session.add(
        Delivery(center_id=center_id, incident_id=incident_id, body=body, created_at=now, attempts=0, next_at=now)
    )
    session.merge(
        Told(
            center_id=center_id,
            incident_id=incident_id,
            status=incident.status,
            escalated=incident.escalated_at is not None,
        )
    )


def _due(session: Session, center_id: str, now: datetime) -> Iterable[Delivery]:
    """Of each incident the first that is not delivered, if its time has come: its later ones wait for it."""
    waiting: set[str] = set()
    for row in undelivered(session, center_id):
        if row.incident_id not in waiting and row.given_up_at is None and row.next_at <= now:
            yield row
        waiting.add(row.incident_id)
