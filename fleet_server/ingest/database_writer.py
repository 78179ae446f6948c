"""The one thread that takes in what vehicles say: it commits first, and only then says ``received``."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Histogram
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.log_throttle import LogThrottle
from fleet_server.dispatch.order_sender import Sender
from fleet_server.evidence.record import Refused, record_evidence
from fleet_server.incidents.record import record_anomalies
from fleet_server.ingest.inbox import Arrival, Inbox
from fleet_server.patrols.progress import follow
from fleet_server.patrols.queries import open_patrols_of, progress_of, write_back
from fleet_server.patrols.tables import Patrol
from fleet_server.store.database import Database
from fleet_server.telemetry.fleet_state import MOST_VEHICLES, Fleet
from fleet_server.telemetry.vehicle_id import dog_id
from protocol.anomaly import Anomaly
from protocol.evidence import Evidence
from protocol.header import Wire
from protocol.state import State
from protocol.topics import Address

BATCH = 500
TICK = timedelta(seconds=1)
SILENT_S = 30.0  # longer than the database is waited for twice; a thread that takes longer takes nothing in
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
STORED = (Anomaly, Evidence)
# A row's own fault, that no time heals: a number or a date beyond all bounds, or a rule of the table broken.
UNSTORABLE = (ArithmeticError, ValueError, DataError, IntegrityError)

log = structlog.get_logger()


class Writer:
    """Takes batches from the inbox until it is stopped.

    ``refused`` counts what was understood and not taken, ``unstored`` what the database did not take and may take yet,
    ``failures`` what a fault of ours kept from being taken in.
    """

    def __init__(
        self,
        inbox: Inbox,
        database: Database,
        fleet: Fleet,
        sender: Sender,
        tell: Callable[[ChangeEvents], None],
        publish_site: Callable[[Session, str], bool],
        evidence_max_bytes: int,
    ) -> None:
        self.inbox, self.database, self.fleet, self.sender = inbox, database, fleet, sender
        self.tell = tell
        self.publish_site = publish_site
        self.evidence_max_bytes = evidence_max_bytes
        self.refused = self.unstored = self.failures = 0
        self.delay = _histogram("xiaotian_stored_seconds", "From the arrival of an anomaly or evidence to `received`.")
        self.commits = _histogram("xiaotian_batch_seconds", "To store a batch of them, and to say so.")
        self._throttle = LogThrottle()
        self._turned = time.monotonic()
        self._siteless: set[str] = set()
        self._due = utc_now()
        self._relinked = threading.Event()
        self._hurried = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    @property
    def turns(self) -> bool:
        """Whether its thread is there, and at work."""
        return self._thread.is_alive() and time.monotonic() - self._turned < SILENT_S

    def revive(self) -> bool:
        """Begin anew if the thread has ended; whether it had."""
        if self._thread.is_alive() or self._ending.is_set():
            return False
        log.error("the ingest thread had ended; it is started again")
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self._thread.start()
        return True

    def stop(self) -> None:
        """End after the batch in hand, and store what each vehicle said last."""
        self._ending.set()
        self.inbox.hurry()
        self._thread.join(5.0)
        with self.database.write() as session:
            self.fleet.save(session, utc_now(), all_of_them=True)

    def relink(self) -> None:
        """The broker is new to us, and may have forgotten: every dog gets its site again."""
        self._relinked.set()
        self.inbox.hurry()

    def hurry(self) -> None:
        """There is something to be sent: do not wait for the next second."""
        self._hurried.set()
        self.inbox.hurry()

    def _run(self) -> None:
        while not self._ending.is_set():
            arrivals = self.inbox.take(BATCH, TICK.total_seconds())
            self._turned = time.monotonic()
            try:
                self.update(arrivals, utc_now())
            except OperationalError as error:  # disk full, or locked for too long: dogs say it again, unacknowledged
                log.error("a batch was not stored", messages=len(arrivals), reason=str(error.orig))
                self._ending.wait(1.0)
            except SQLAlchemyError:
                log.exception("a batch was not stored", messages=len(arrivals))
                self._ending.wait(1.0)
            except Exception as error:  # noqa: BLE001 - the thread's main: no message ends it
                self._fail(error)
                self._one_by_one(arrivals)

    def _one_by_one(self, arrivals: Sequence[Arrival]) -> None:
        """A fault of ours that one message brings out costs that message alone; to take a row in twice is harmless."""
        for arrival in arrivals if len(arrivals) > 1 else ():
            try:
                self.update([arrival], utc_now())
            except Exception as error:  # noqa: BLE001 - as above
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        self.failures += 1
        if (count := self._throttle.take(type(error).__name__, time.monotonic())) is not None:
            log.error("messages were not taken in", count=count, total=self.failures, exc_info=error)

    def update(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        """Take in a batch, and once a second what time alone brings."""
        self._tell_refused()
        for arrival in arrivals:
            self._hear(arrival)
        self._store([a for a in arrivals if isinstance(a.message, STORED)], now)
        self._follow({dog_id(a.address) for a in arrivals if isinstance(a.message, State)}, now)
        self._attend(now)

    def _tell_refused(self) -> None:
        changes = ChangeEvents()
        for refused in self.inbox.take_refused():
            changes.refuse(refused.address, refused.row_id, refused.reason)
        self.tell(changes)

    def _hear(self, arrival: Arrival) -> None:
        if self.fleet.is_new(arrival.address):
            if self.fleet.full:
                self._turn_away(arrival)
                return
            log.info("a new dog", dog=dog_id(arrival.address), manufacturer=arrival.address.manufacturer)
            self._siteless.add(dog_id(arrival.address))
        self.fleet.hear(
            arrival.address, arrival.message, arrival.at, arrival.retained, arrival.challenge, arrival.loosely
        )

    def _turn_away(self, arrival: Arrival) -> None:
        self.refused += 1
        if (count := self._throttle.take("full", time.monotonic())) is not None:
            log.error("no room for another vehicle", count=count, dog=dog_id(arrival.address), most=MOST_VEHICLES)

    def _store(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        if not arrivals:
            return
        try:
            self._commit(arrivals, now)
        except OperationalError:  # the database is in trouble, and no single message: one by one would not help
            raise
        except (SQLAlchemyError, *UNSTORABLE):
            log.warning("a batch was not stored; one by one", messages=len(arrivals))
            for arrival in arrivals:
                self._store_alone(arrival, now)

    def _store_alone(self, arrival: Arrival, now: datetime) -> None:
        try:
            self._commit([arrival], now)
        except OperationalError:
            raise
        except UNSTORABLE as error:
            self.refused += 1
            self._log_refusal(arrival.address, error)
            changes = ChangeEvents()
            changes.refuse(arrival.address, _row_id(arrival.message), f"it cannot be stored: {error}")
            self.tell(changes)
        except SQLAlchemyError:  # not acknowledged, so that the dog says it again
            self.unstored += 1
            log.exception("a message was not stored", topic=arrival.topic, dog=dog_id(arrival.address))

    def _commit(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        changes, began = ChangeEvents(), time.perf_counter()
        with self.database.write() as session:
            anomalies = [(a.address, a.message) for a in arrivals if isinstance(a.message, Anomaly)]
            record_anomalies(session, anomalies, now, changes, self.fleet.clock_skew)
            for arrival in arrivals:
                if isinstance(arrival.message, Evidence):
                    self._record(session, arrival.address, arrival.message, now, changes)
        self.tell(changes)
        self.commits.observe(time.perf_counter() - began)
        told = utc_now()
        for arrival in arrivals:
            self.delay.observe((told - arrival.at).total_seconds())

    def _record(
        self, session: Session, address: Address, evidence: Evidence, now: datetime, changes: ChangeEvents
    ) -> None:
        try:
            record_evidence(session, address, evidence, now, changes, self.evidence_max_bytes)
        except Refused as error:
            self.refused += 1
            self._log_refusal(address, error)
            changes.refuse(address, evidence.evidence_id, str(error))

    def _log_refusal(self, address: Address, error: Exception) -> None:
        if (count := self._throttle.take(f"refused {dog_id(address)}", time.monotonic())) is not None:
            log.warning("refused", dog=dog_id(address), reason=str(error), count=count, total=self.refused)

    def _follow(self, dog_ids: set[str], now: datetime) -> None:
        """Patrols go on by what their dogs have said."""
        if not dog_ids:
            return
        with self.database.read() as session:  # most states move no patrol: one query tells, for all of a batch
            moved = {patrol.dog_id for patrol in open_patrols_of(session, dog_ids) if self._step(patrol, now)}
        if moved:
            self._step_for_good(moved, now)

    def _step_for_good(self, dog_ids: set[str], now: datetime) -> None:
        changes = ChangeEvents()
        with self.database.write() as session:
            for patrol in open_patrols_of(session, dog_ids):
                before = patrol.status
                if self._step(patrol, now):
                    changes.patrols.add(patrol.patrol_id)
                    if patrol.status != before:
                        names = {"patrol_id": patrol.patrol_id, "order_id": patrol.order_id, "dog": patrol.dog_id}
                        log.info("a patrol goes on", status=str(patrol.status), before=str(before), **names)
        self.fleet.touch(dog_ids)
        self.tell(changes)

    def _step(self, patrol: Patrol, now: datetime) -> bool:
        vehicle = self.fleet.get(patrol.dog_id)
        if vehicle is None or vehicle.state is None:
            return False
        before = progress_of(patrol)
        return write_back(patrol, follow(before, patrol.order_id, patrol.cancel_action_id, vehicle.state, now))

    def _attend(self, now: datetime) -> None:
        if now < self._due and not self._relinked.is_set() and not self._hurried.is_set():
            return
        self._due = now + TICK
        self._hurried.clear()
        if self._relinked.is_set():
            self._relinked.clear()
            self._siteless.update(vehicle.dog_id for vehicle in self.fleet.all())
        with self.database.write() as session:
            self._siteless -= {dog for dog in self._siteless if self.publish_site(session, dog)}
            changed = self.sender.update(session, now)
            self.fleet.save(session, now)
        self.tell(ChangeEvents(patrols=changed))


def _histogram(name: str, about: str) -> Histogram:
    return Histogram(name, about, registry=None, buckets=BUCKETS)


def _row_id(message: Wire) -> UUID:
    if isinstance(message, Anomaly):
        return message.anomaly_id
    if isinstance(message, Evidence):
        return message.evidence_id
    raise TypeError(f"{type(message).__name__} is no row of an outbox")
