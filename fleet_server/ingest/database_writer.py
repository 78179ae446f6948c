"""The one thread that takes in what vehicles say: it commits first, and only then says ``received``."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Histogram
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError

from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.intake import Arrival, Intake
from fleet_server.core.log_throttle import LogThrottle
from fleet_server.ingest.inbox import Inbox
from fleet_server.store.database import Database
from fleet_server.telemetry.vehicle_id import dog_id
from protocol.topics import Address

BATCH = 500
TICK = timedelta(seconds=1)
SILENT_S = 30.0  # longer than the database is waited for twice; a thread that takes longer takes nothing in
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# A row's own fault, that no time heals: a number or a date beyond all bounds, or a rule of the table broken.
UNSTORABLE = (ArithmeticError, ValueError, DataError, IntegrityError)

log = structlog.get_logger()


class Writer:
    """Takes batches from the inbox until it is stopped.

    ``refused`` counts what was understood and not taken, ``unstored`` what the database did not take and may take yet,
    ``failures`` what a fault of ours kept from being taken in.
    """

    def __init__(self, inbox: Inbox, intake: Intake, database: Database, tell: Callable[[ChangeEvents], None]) -> None:
        self.inbox, self.intake, self.database = inbox, intake, database
        self.tell = tell
        self.refused = self.unstored = self.failures = 0
        self.delay = _histogram("xiaotian_stored_seconds", "From the arrival of an anomaly or evidence to `received`.")
        self.commits = _histogram("xiaotian_batch_seconds", "To store a batch of them, and to say so.")
        self._throttle = LogThrottle()
        self._turned = time.monotonic()
        self._due = utc_now()
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
        """End after the batch in hand."""
        self._ending.set()
        self.inbox.hurry()
        self._thread.join(5.0)

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
            self._take(arrival)
        self._store([a for a in arrivals if type(a.message) in self.intake.stored], now)
        for kind, follow in self.intake.followers if self.intake.leads() else ():
            if said := [a for a in arrivals if isinstance(a.message, kind)]:
                follow(said, now)
        self._attend(now)

    def _tell_refused(self) -> None:
        changes = ChangeEvents()
        for refused in self.inbox.take_refused():
            changes.refuse(refused.address, refused.row_id, refused.reason)
        self.tell(changes)

    def _take(self, arrival: Arrival) -> None:
        for take in self.intake.takers:
            self.refused += not take(arrival)

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
            self._log_refusal(arrival.address, str(error))
            changes = ChangeEvents()
            changes.refuse(arrival.address, self._row_id(arrival), f"it cannot be stored: {error}")
            self.tell(changes)
        except SQLAlchemyError:  # not acknowledged, so that the dog says it again
            self.unstored += 1
            log.exception("a message was not stored", topic=arrival.topic, dog=dog_id(arrival.address))

    def _commit(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        changes, began = ChangeEvents(), time.perf_counter()
        with self.database.write() as session:
            for kind, stored in self.intake.stored.items():
                said = [a for a in arrivals if type(a.message) is kind]
                for arrival, why in stored.record(session, said, now, changes) if said else ():
                    self.refused += 1
                    self._log_refusal(arrival.address, why)
                    changes.refuse(arrival.address, self._row_id(arrival), why)
        self.tell(changes)
        self.commits.observe(time.perf_counter() - began)
        told = utc_now()
        for arrival in arrivals:
            self.delay.observe((told - arrival.at).total_seconds())

    def _log_refusal(self, address: Address, why: str) -> None:
        if (count := self._throttle.take(f"refused {dog_id(address)}", time.monotonic())) is not None:
            log.warning("refused", dog=dog_id(address), reason=why, count=count, total=self.refused)

    def _row_id(self, arrival: Arrival) -> UUID:
        return self.intake.stored[type(arrival.message)].row_id(arrival.message)

    def _attend(self, now: datetime) -> None:
        if now < self._due and not self.intake.hurried.is_set():
            return
        self._due = now + TICK
        self.intake.hurried.clear()
        if not self.intake.due_ticks():
            return
        changes = ChangeEvents()
        with self.database.write() as session:
            for tick in self.intake.due_ticks():  # asked again: the lease may have ended while others wrote
                tick(session, now, changes)
        self.tell(changes)


def _histogram(name: str, about: str) -> Histogram:
    return Histogram(name, about, registry=None, buckets=BUCKETS)
