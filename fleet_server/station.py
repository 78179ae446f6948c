"""The running server: what its rooms share, put together in one place."""

import asyncio
import contextlib
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import structlog
from fastapi import Depends
from sqlalchemy import select
from sqlalchemy.orm import Session as Transaction
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from fleet_server.accounts.passwords import ensure_administrator
from fleet_server.accounts.sign_in_limit import SignInLimit
from fleet_server.audit.log import SERVER, append
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.requests import timings
from fleet_server.core.settings import Settings
from fleet_server.core.signing import Signer, station_key
from fleet_server.core.vehicle_publisher import VehiclePublisher
from fleet_server.core.websocket_hub import Hub
from fleet_server.dispatch.order_sender import Sender
from fleet_server.enrolment.admission import Admission
from fleet_server.enrolment.expiry import Certificate, of_the_dogs, of_the_station
from fleet_server.evidence.opening import evidence_of
from fleet_server.evidence.upload_claims import UploadClaims
from fleet_server.evidence.verification import Verification
from fleet_server.evidence.view_audit import FirstViews
from fleet_server.health.check import stuck
from fleet_server.ingest.database_writer import Writer
from fleet_server.ingest.inbox import Inbox
from fleet_server.ingest.mqtt_session import Session
from fleet_server.live.live_messages import dogs, events
from fleet_server.retention import EVERY, age_out
from fleet_server.sites.site_import import import_site
from fleet_server.sites.site_message import to_wire
from fleet_server.sites.tables import Site
from fleet_server.store.database import Database
from fleet_server.store.migrate import migrate
from fleet_server.telemetry.fleet_state import Fleet
from protocol.received import Received
from protocol.sd_notify import ALIVE, STOPPING, notify, watchdog_s
from protocol.topics import Topic

COALESCE_S = 0.2  # dogs' changes go out at most five times a second
WATCH_S = 1.0  # between looks at whether our threads live
MOST_IDS = 500  # ids in one `received`

log = structlog.get_logger()


class Station:
    """All that a request may need. ``running`` opens it and closes it."""

    def __init__(self, settings: Settings, announce: Callable[[str], None]) -> None:
        self.settings = settings
        self.announce = announce
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.database = Database(settings.database_url)
        self.sign_in_limit = SignInLimit()
        self.hub = Hub()
        self.requests = timings()
        self.metrics_token = ""
        self.bus = VehiclePublisher()
        self.views = FirstViews()
        self.uploads = UploadClaims()
        self.evidence_files = evidence_of(settings)
        self.verification = Verification()
        self.robot_token = ""
        self.restarts = 0  # of threads that had ended
        self.fleet = Fleet(timedelta(seconds=settings.live_after_s), settings.mqtt_prefix)
        self.inbox = inbox = Inbox()
        self.session = Session(
            settings.mqtt_host,
            settings.mqtt_port,
            settings.mqtt_prefix,
            inbox,
            self.fleet.misreads,
            self._on_link,
            admits=lambda address: self.gate.admits(address),
            tls=settings.mqtt_tls,
        )
        self.gate = Admission(settings.fleet_dir is not None, settings.mqtt_prefix, self.session.publish)
        self.bus.attach(self.session.publish)
        key = station_key(settings.station_key_file, settings.station_public_key_file)
        self.bus.translate_by(self.fleet.version_of)
        self.bus.sign_with(Signer(key, self.fleet.challenge_of))
        self.sender = Sender(self.bus, self.fleet)
        self.writer = Writer(
            inbox,
            self.database,
            self.fleet,
            self.sender,
            self.tell,
            self.publish_site,
            settings.evidence_max_bytes,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The station, open while the block runs."""
        await run_in_threadpool(self._open)
        self.hub.open(asyncio.get_running_loop())
        self.writer.start()
        self.session.start()
        work = (self._tell_dogs, self._age_out, self._watch_threads, self._tell_supervisor)
        jobs = [asyncio.create_task(job()) for job in work]
        try:
            yield
        finally:
            notify(STOPPING)
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            self.hub.close()
            await run_in_threadpool(self._close)

    def _open(self) -> None:
        migrate(self.database.engine)
        now, given = utc_now(), self.settings.admin_password
        with self.database.write() as session:
            password = ensure_administrator(session, now, given.get_secret_value() if given else None)
            for folder in self.settings.site:
                site = import_site(session, folder, now)
                if site is not None:
                    append(session, now, SERVER, "site.imported", site.site_id, version=site.version)
            self.fleet.load(session)
            self.gate.load(session)
        self.robot_token = _token(self.settings.token_file)
        self.metrics_token = _token(self.settings.metrics_token_file)
        if password is not None:
            self.announce(f"admin password: {password}")

    def _close(self) -> None:
        self.session.stop()
        self.writer.stop()
        self.database.close()

    def hurry(self) -> None:
        """An order or a cancellation waits to be said."""
        self.writer.hurry()

    def tell(self, changes: ChangeEvents) -> None:
        """After a commit: robots may forget what is stored, consoles show what changed. From any thread."""
        now = utc_now()
        for address, ids in changes.stored.items():
            for start in range(0, len(ids), MOST_IDS):
                header = self.bus.header(address, Topic.RECEIVED, now)
                self.bus.publish(address, Topic.RECEIVED, Received(**header, ids=ids[start : start + MOST_IDS]))
        for address, refused in changes.refused.items():
            for start in range(0, len(refused), MOST_IDS):
                header = self.bus.header(address, Topic.RECEIVED, now)
                part = refused[start : start + MOST_IDS]
                self.bus.publish(address, Topic.RECEIVED, Received(**header, ids=[], refused=part))
        if not self.hub.watched:
            return
        with self.database.read() as session:
            for kind, data in events(session, changes, self.fleet, now):
                self.hub.publish(kind, data)

    def publish_site(self, session: Transaction, dog_id: str) -> bool:
        """Give the dog its site: that of the map on which it is, or the only one. False: not yet possible."""
        vehicle = self.fleet.get(dog_id)
        if vehicle is None:
            return False
        query = select(Site)
        if vehicle.position is not None:
            query = query.where(Site.map_id == vehicle.position.map_id)
        sites = session.scalars(query.limit(2)).all()
        if len(sites) != 1:
            return False
        header_id = self.bus.next_id(vehicle.address, Topic.SITE)
        message = to_wire(sites[0], vehicle.address, header_id, utc_now().timestamp())
        return self.bus.publish(vehicle.address, Topic.SITE, message)

    def _on_link(self, up: bool) -> None:
        self.fleet.link_up = up
        if up:
            self.gate.tell_broker()
            self.writer.relink()

    async def _watch_threads(self) -> None:
        while True:
            await asyncio.sleep(WATCH_S)
            for thread in (self.session, self.writer):
                self.restarts += await run_in_threadpool(thread.revive)

    async def _tell_supervisor(self) -> None:
        """systemd starts anew what does not say in time that it lives."""
        pause = watchdog_s()
        while pause is not None:
            if not stuck(self):
                notify(ALIVE)
            await asyncio.sleep(pause)

    async def _tell_dogs(self) -> None:
        while True:
            await asyncio.sleep(COALESCE_S)
            changed = self.fleet.take_changed(utc_now()) | self.fleet.misreads.take_changed()
            if changed and self.hub.watched:
                self.hub.publish("dogs", await run_in_threadpool(self._dogs, changed))

    def _dogs(self, dog_ids: set[str]) -> list[dict[str, object]]:
        with self.database.read() as session:
            return dogs(session, self.fleet, dog_ids, utc_now())

    async def _age_out(self) -> None:
        while True:
            await run_in_threadpool(self._age_out_once)
            await run_in_threadpool(self._warn_of_ends)
            await asyncio.sleep(EVERY.total_seconds())

    def _age_out_once(self) -> None:
        with self.database.write() as session:
            aged = age_out(session, utc_now(), timedelta(days=self.settings.retention_days))
        try:
            for evidence_id in aged.evidence_ids:
                self.evidence_files.remove(evidence_id)
            with self.database.read() as session:
                self.verification.update(session, self.evidence_files)
        except OSError as error:
            log.error("the store of evidence is out of reach", reason=str(error))

    def certificates(self) -> list[Certificate]:
        """All certificates of a closed fleet, and when they end."""
        if self.settings.fleet_dir is None:
            return []
        with self.database.read() as session:
            return [*of_the_station(self.settings.fleet_dir), *of_the_dogs(session)]

    def _warn_of_ends(self) -> None:
        try:
            for warning in filter(None, (each.warning(utc_now()) for each in self.certificates())):
                log.warning(warning)
        except (OSError, ValueError) as error:
            log.error("a certificate of the fleet cannot be read", reason=str(error))


def _token(path: Path) -> str:
    """A token, made at the first start; only the server's user can read the file."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text().strip()
    token = secrets.token_urlsafe(32)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(token + "\n")
    return token


def here(connection: HTTPConnection) -> Station:
    """The station that serves this connection."""
    station: Station = connection.app.state.station
    return station


StationHere = Annotated[Station, Depends(here)]
