"""``xiaotian server``: starts the fleet server, and the few things that are done beside it."""

import contextlib
import signal
import socket
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from fleet_server.accounts.administration import set_password
from fleet_server.accounts.passwords import ADMINISTRATOR, UnknownUser, hashed, made_up
from fleet_server.app import create_app
from fleet_server.audit.log import SERVER, append
from fleet_server.backup import cli as backup
from fleet_server.core.clock import set_ahead, utc_now
from fleet_server.core.command_line import DatabaseUrl, DataDir, FleetDir, give_up, settings_or_exit
from fleet_server.core.embedded_broker import EmbeddedBroker
from fleet_server.core.logs import log_to_stderr
from fleet_server.core.process_role import Role
from fleet_server.core.settings import BrokerKind, Settings
from fleet_server.core.settings_file import write_settings
from fleet_server.core.sole_process import SoleProcess
from fleet_server.doctor import cli as doctor
from fleet_server.openapi import document
from fleet_server.store.database import POSTGRESQL, Database
from fleet_server.store.migrate import UnknownRevision, migrate
from protocol.camera_stream import MOST_MESSAGE
from protocol.sd_notify import READY, notify

NO_GUARD = (
    "warning: the embedded broker encrypts, but asks nobody for a certificate and lets everybody say everything; "
    "orders are safe by their signatures, what dogs say is not: use Mosquitto at a station (docs/security.md)"
)
END_S = 3  # open connections get this long at the end
NEEDS_POSTGRESQL = (
    "several processes need PostgreSQL (XIAOTIAN_DATABASE): SQLite tells no process what another has written, "
    "and its file is one computer's; on SQLite `xiaotian server` does all in one"
)
NEEDS_A_NAME_EACH = (
    "several processes cannot share a fleet folder yet: its broker knows the station by one certificate, and takes a "
    "second connection with it for the first one's return"
)

Host = Annotated[str | None, typer.Option(help="Where the API and the console listen. (default: 127.0.0.1)")]
Port = Annotated[int | None, typer.Option(help="The console's port. (default: 8080)")]
MqttHost = Annotated[str | None, typer.Option(help="An external broker's host. (default: 127.0.0.1)")]
MqttPort = Annotated[
    int | None, typer.Option(help="The broker's port: MQTT 5; MQTT 3.1.1 on the next. (default: 1883)")
]
Site = Annotated[list[Path] | None, typer.Option(help="A site folder to import; may be given again.")]

app = typer.Typer(help="The fleet server: API, console, broker, database.", pretty_exceptions_enable=False)
for command in (doctor.check, backup.backup, backup.restore):
    app.command()(command)


@app.callback(invoke_without_command=True)
def server(
    context: typer.Context,
    host: Host = None,
    port: Port = None,
    mqtt_host: MqttHost = None,
    mqtt_port: MqttPort = None,
    broker: Annotated[
        BrokerKind | None, typer.Option(help="Start one, or use one that runs. (default: embedded)")
    ] = None,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    fleet_dir: FleetDir = None,
    site: Site = None,
) -> None:
    """Run the fleet server until Ctrl-C. Every option can be set as XIAOTIAN_ and its name in capitals, too."""
    if context.invoked_subcommand is not None:
        return
    settings = settings_or_exit(
        host=host,
        port=port,
        mqtt_host=mqtt_host,
        mqtt_port=mqtt_port,
        broker=broker,
        data_dir=data_dir,
        database=database,
        fleet_dir=fleet_dir,
        site=site or None,
    )
    _start(settings, Role.WHOLE)


@app.command()
def ingest(
    host: Host = None,
    port: Port = None,
    mqtt_host: MqttHost = None,
    mqtt_port: MqttPort = None,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
) -> None:
    """Store what dogs report, beside others that do so: the broker gives each its share. Needs PostgreSQL and a broker.

    Its port answers who watches it (health, metrics), and nobody else.
    """
    settings = _one_of_several(
        host=host, port=port, mqtt_host=mqtt_host, mqtt_port=mqtt_port, data_dir=data_dir, database=database
    )
    _start(settings, Role.INGEST)


@app.command()
def api(
    host: Host = None,
    port: Port = None,
    mqtt_host: MqttHost = None,
    mqtt_port: MqttPort = None,
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    site: Site = None,
) -> None:
    """Serve the API and the console, beside others that do so; one of them leads. Needs PostgreSQL and a broker."""
    settings = _one_of_several(
        host=host,
        port=port,
        mqtt_host=mqtt_host,
        mqtt_port=mqtt_port,
        data_dir=data_dir,
        database=database,
        site=site or None,
    )
    _start(settings, Role.API)


@app.command("reset-password")
def reset_password(
    data_dir: DataDir = None,
    database: DatabaseUrl = None,
    username: Annotated[str, typer.Option(help="Whose password.")] = ADMINISTRATOR,
) -> None:
    """Give a user a new password, print it, and end their sessions. The server may be running."""
    opened = _open_database(settings_or_exit(data_dir=data_dir, database=database))
    password = made_up()
    try:
        with opened.write() as session:
            set_password(session, username, hashed(password))
            append(session, utc_now(), SERVER, "password.reset", username)
    except UnknownUser as error:
        give_up(str(error))
    typer.echo(f"{username} password: {password}")


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    typer.echo(document(), nl=False)


def _one_of_several(**options: Any) -> Settings:
    """The settings of one process among several; ends the command where there cannot be several."""
    settings = settings_or_exit(broker=BrokerKind.EXTERNAL, **options)
    if settings.database_url.get_backend_name() != POSTGRESQL:
        give_up(NEEDS_POSTGRESQL)
    if settings.fleet_dir is not None:
        give_up(NEEDS_A_NAME_EACH)
    return settings


def _start(settings: Settings, role: Role) -> None:
    log_to_stderr(settings.log_format)
    try:
        _run(settings, role)
    except (OSError, SQLAlchemyError) as error:
        give_up(str(error))


def _run(settings: Settings, role: Role) -> None:
    set_ahead(settings.clock_ahead_s)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if role.alone:
        write_settings(settings, settings.data_dir)
    with contextlib.ExitStack() as stack:
        database = Database(settings.database_url)
        stack.callback(database.close)
        sole = stack.enter_context(SoleProcess(database, role.alone))
        if settings.broker is BrokerKind.EMBEDDED:
            tls = settings.fleet_dir
            embedded = stack.enter_context(
                EmbeddedBroker(settings.data_dir, settings.mqtt_port, settings.mqtt_v4_port, tls)
            )
            if tls is not None:
                typer.echo(NO_GUARD, err=True)
            typer.echo(f"broker: MQTT 5 on 127.0.0.1:{embedded.port}, MQTT 3.1.1 on {embedded.v4_port or 'no port'}")
        config = uvicorn.Config(
            create_app(settings, role=role),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=END_S,
            ws_max_size=MOST_MESSAGE,
            ws_per_message_deflate=False,  # it would be done anew for each console: of a hundred, most of the work
            ssl_certfile=settings.fleet_dir / "station.pem" if settings.fleet_dir else None,
            ssl_keyfile=settings.fleet_dir / "station.key" if settings.fleet_dir else None,
        )
        typer.echo(
            f"{'console' if role.serves else 'health'}: {'https' if settings.fleet_dir else 'http'}://{settings.host}:{settings.port}"
        )
        uvicorn_server = _Supervised(config)
        sole.watch(lambda: setattr(uvicorn_server, "should_exit", True))
        for number in (signal.SIGTERM, signal.SIGINT):  # also where the shell had them ignored
            signal.signal(number, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn_server.run()
        sole.check()
        if not uvicorn_server.started:
            raise OSError(f"the server did not start on {settings.host}:{settings.port}; see the log above")


class _Supervised(uvicorn.Server):
    """Tells systemd when its address is open."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        if self.started:
            notify(READY)


def _open_database(settings: Settings) -> Database:
    if not settings.data_dir.is_dir():
        give_up(f"{settings.data_dir} is no station's data folder")
    database = Database(settings.database_url)
    try:
        migrate(database.engine)
    except UnknownRevision as error:
        give_up(str(error))
    return database
