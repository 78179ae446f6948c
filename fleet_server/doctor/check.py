"""``xiaotian server check``: each thing that the server needs, looked at by itself."""

import ipaddress
import os
import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from fleet_server.core.settings import BrokerKind, Settings
from fleet_server.core.signing import BadKey, station_key
from fleet_server.enrolment.expiry import of_the_dogs, of_the_station
from fleet_server.evidence.opening import evidence_of
from fleet_server.health.check import LEAST_FREE
from fleet_server.sites.site_import import refuse_unfit
from fleet_server.store.database import SQLITE, Database
from fleet_server.store.migrate import revision_of, revisions
from protocol.site_folder import MalformedSite, read_site

PATIENCE_S = 3.0


class Weight(StrEnum):
    """How much a finding matters."""

    FINE = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """``setting`` is its name as an option or a variable has it."""

    weight: Weight
    setting: str
    text: str


def check(settings: Settings, now: datetime, offline: bool) -> Iterator[Finding]:
    """All findings; ``offline`` looks at nothing that other programs have to serve."""
    yield from _data_dir(settings)
    yield from _fleet_dir(settings, now)
    yield from _doors(settings)
    yield from _sites(settings)
    yield from _console(settings)
    if not offline or settings.database_url.get_backend_name() == SQLITE:
        yield from _database(settings, now)
    yield from _evidence(settings, offline)
    if not offline:
        yield from _port(settings)
        yield from _broker(settings)


def _data_dir(settings: Settings) -> Iterator[Finding]:
    folder = settings.data_dir
    above = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        yield _wrong("data_dir", f"{above} cannot be written by this user")
        return
    if folder.exists() and folder.stat().st_mode & 0o077:
        yield _warning("data_dir", f"{folder} can be read by others: chmod 700")
    free = shutil.disk_usage(above).free
    if free < LEAST_FREE:
        yield _wrong("data_dir", f"{free // 1024**2} MB are free on its disk, and {LEAST_FREE // 1024**2} are needed")
    else:
        yield _fine("data_dir", f"{folder}, {free / 1024**3:.0f} GB free")


def _fleet_dir(settings: Settings, now: datetime) -> Iterator[Finding]:
    if settings.fleet_dir is None:
        yield _warning("fleet_dir", "not set: every program on the network of the broker is taken for a dog")
        return
    try:
        ours = list(of_the_station(settings.fleet_dir))
        for name in ("station", "fleet-server"):
            pair = (settings.fleet_dir / f"{name}.pem", settings.fleet_dir / f"{name}.key")
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(*pair)
        station_key(settings.station_key_file, settings.station_public_key_file)
    except (OSError, ValueError, BadKey) as error:  # ssl.SSLError among the first
        yield _wrong("fleet_dir", f"{settings.fleet_dir}: {error}")
        return
    yield _fine("fleet_dir", f"{settings.fleet_dir}, keys and certificates fit each other")
    for certificate in ours:
        if warning := certificate.warning(now):
            yield (_wrong if certificate.ends <= now else _warning)("fleet_dir", warning)
    if settings.broker is BrokerKind.EMBEDDED:
        yield _warning("broker", "the embedded one asks nobody for a certificate: use Mosquitto in a closed fleet")


def _doors(settings: Settings) -> Iterator[Finding]:
    if settings.fleet_dir is None and not _only_here(settings.host):
        yield _warning("host", f"{settings.host} is open to the network without TLS: passwords go in the clear")
    if settings.fleet_dir is not None and not settings.secure_cookie:
        yield _warning("secure_cookie", "off behind TLS: the session's cookie would travel in the clear as well")
    if settings.clock_ahead_s:
        yield _warning("clock_ahead_s", f"{settings.clock_ahead_s:g}: for simulated worlds alone")


def _sites(settings: Settings) -> Iterator[Finding]:
    for folder in settings.site:
        try:
            site, grid = read_site(folder)
            refuse_unfit(folder, site, grid)
        except (MalformedSite, OSError, ValueError) as error:
            yield _wrong("site", f"{folder}: {error}")
        else:
            yield _fine("site", f"{folder}: {site.site_id}")


def _console(settings: Settings) -> Iterator[Finding]:
    if (settings.console_dir / "index.html").is_file():
        yield _fine("console_dir", str(settings.console_dir))
    else:
        yield _warning("console_dir", f"{settings.console_dir} has no console: `make setup` builds it")


def _database(settings: Settings, now: datetime) -> Iterator[Finding]:
    name = settings.database_url.render_as_string()
    path = settings.database_url.database
    if settings.database_url.get_backend_name() == SQLITE and not Path(str(path)).exists():
        yield _fine("database", f"{name}, made at the first start")
        return
    database = Database(settings.database_url)
    try:
        yield from _schema(database, name)
        with database.read() as session:
            if "identities" in inspect(session.connection()).get_table_names():
                for certificate in of_the_dogs(session):
                    if warning := certificate.warning(now):
                        yield _warning("fleet_dir", warning)
    except (SQLAlchemyError, OSError) as error:
        yield _wrong("database", f"{name}: {getattr(error, 'orig', None) or error}".strip())
    finally:
        database.close()


def _schema(database: Database, name: str) -> Iterator[Finding]:
    with database.engine.connect() as connection:
        at = revision_of(connection)
    last = max(revisions())
    if at is not None and at not in revisions():
        yield _wrong(
            "database", f"{name} is of a newer server (revision {at}): go on with that one, or restore a backup"
        )
    elif at == last:
        yield _fine("database", name)
    else:
        yield _fine("database", f"{name}, brought to revision {last} at the next start")


def _evidence(settings: Settings, offline: bool) -> Iterator[Finding]:
    if settings.evidence is None or offline:
        return
    if trouble := evidence_of(settings).store.trouble():
        yield _wrong("evidence", trouble)
    else:
        yield _fine("evidence", "the bucket is there")


def _port(settings: Settings) -> Iterator[Finding]:
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            yield _warning("port", f"{settings.host}:{settings.port}: {error.strerror}; by this server, if it runs")
        else:
            yield _fine("port", f"{settings.host}:{settings.port} is free")


def _broker(settings: Settings) -> Iterator[Finding]:
    where = f"{settings.mqtt_host}:{settings.mqtt_port}"
    if settings.broker is BrokerKind.EMBEDDED:
        yield _fine("broker", f"embedded, {where}")
        return
    try:
        with socket.create_connection((settings.mqtt_host, settings.mqtt_port), PATIENCE_S) as opened:
            if settings.mqtt_tls is not None:
                context = ssl.create_default_context(cafile=str(settings.mqtt_tls.ca))
                context.load_cert_chain(settings.mqtt_tls.certificate, settings.mqtt_tls.key)
                context.wrap_socket(opened, server_hostname=settings.mqtt_host).close()
    except OSError as error:
        yield _wrong("mqtt_host", f"{where}: {getattr(error, 'verify_message', '') or error.strerror or error}")
    else:
        yield _fine("mqtt_host", where)


def _only_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _finding(weight: Weight) -> Callable[[str, str], Finding]:
    return lambda setting, said: Finding(weight, setting, said)


_fine, _warning, _wrong = (_finding(weight) for weight in (Weight.FINE, Weight.WARNING, Weight.WRONG))
