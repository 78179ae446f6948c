"""``xiaotian fleet``: sets a station up with keys and certificates; invites, lists and revokes dogs."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import httpx
import typer
from rich.console import Console
from rich.table import Table

from fleet_server.core.clock import utc_now
from fleet_server.core.fleet_folder import About, BadFolder, FleetFolder
from fleet_server.enrolment.fleet_setup import hosts_or_this, init, make_reader, own
from fleet_server.enrolment.mosquitto import PLUGIN

app = typer.Typer(
    help="The fleet's keys: set a station up, invite dogs, revoke them.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Folder = Annotated[Path, typer.Argument(help="The folder that `xiaotian fleet init` makes.")]
Server = Annotated[str, typer.Option(help="The fleet server's address; default: this machine, by the folder's port.")]
User = Annotated[str, typer.Option(help="Who you are at the fleet server.")]
Password = Annotated[
    str, typer.Option(prompt=True, hide_input=True, envvar="XIAOTIAN_ADMIN_PASSWORD", help="Asked for if not given.")
]

NEXT = """\
Made {root}: a certificate authority, the station's certificate and its signing key. Keep a copy where nobody finds it.

  broker   mosquitto -c {root}/mosquitto/mosquitto.conf
  server   xiaotian server --fleet-dir {root} --host 0.0.0.0
  a dog    xiaotian fleet invite {root} dog1
           and on the dog: xiaotian dog enroll --station https://{host}:{port} --code CODE identity/

Only dogs that have enrolled can speak; what they obey is signed with {root}/station_key.pem."""


@app.command("init")
def init_command(
    folder: Folder,
    host: Annotated[
        list[str], typer.Option(help="The station's name or address, as dogs see it; the first is told to them.")
    ],
    mqtt_port: Annotated[int, typer.Option(min=1, max=65535, help="The broker's port, MQTT 5 over TLS.")] = 8883,
    https_port: Annotated[int, typer.Option(min=1, max=65535, help="The fleet server's port.")] = 8443,
    bind: Annotated[str, typer.Option(help="The address on which the broker listens.")] = "0.0.0.0",  # noqa: S104
    mosquitto_user: Annotated[str, typer.Option(help="As whom Mosquitto runs when root starts it.")] = "mosquitto",
    plugin: Annotated[Path, typer.Option(help="Mosquitto's dynamic security plugin.")] = PLUGIN,
    owner: Annotated[str, typer.Option(help="As whom the fleet server runs, where root makes the folder.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Begin anew: every dog has to enrol again.")] = False,
) -> None:
    """Make keys, certificates and the brokers' configurations. Nothing is overwritten unless told to."""
    about = About(hosts_or_this(host), mqtt_port, https_port)
    try:
        made = init(folder, about, bind, mosquitto_user, plugin, utc_now(), force)
        if owner:
            own(made, owner)
    except (BadFolder, OSError, ValueError) as error:
        _give_up(str(error))
    typer.echo(NEXT.format(root=made.root, host=host[0], port=https_port))


@app.command()
def invite(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="The dog's serial number.")],
    password: Password,
    manufacturer: Annotated[str, typer.Option(help="Who made it.")] = "xiaotian",
    server: Server = "",
    username: User = "admin",
) -> None:
    """Print a one-time code with which a dog enrols within an hour."""
    with _client(folder, server, username, password) as client:
        made = _answer(client.post("/identities", json={"name": name, "manufacturer": manufacturer}))
    typer.echo(f"{made['manufacturer']}/{made['name']}, once, until {made['expiresAt']}:\n{made['code']}")


@app.command("list")
def list_command(folder: Folder, password: Password, server: Server = "", username: User = "admin") -> None:
    """Show who was invited, who has enrolled, and who was revoked."""
    with _client(folder, server, username, password) as client:
        rows = _answer(client.get("/identities"))
    table = Table("dog", "status", "enrolled", "revoked", "by")
    for row in rows:
        name = f"{row['manufacturer']}/{row['name']}"
        table.add_row(
            name, row["status"], row["enrolledAt"] or "", row["revokedAt"] or "", row["revokedBy"] or row["invitedBy"]
        )
    Console().print(table)


@app.command()
def revoke(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="The dog's serial number.")],
    password: Password,
    manufacturer: Annotated[str, typer.Option(help="Who made it.")] = "xiaotian",
    server: Server = "",
    username: User = "admin",
) -> None:
    """Take everything from a dog, at once: its connection, its uploads, its right to come back."""
    with _client(folder, server, username, password) as client:
        told = _answer(client.delete(f"/identities/{manufacturer}/{name}"))
    away = "" if told["brokerTold"] else "; the broker is out of the server's reach, and is told when it is back"
    typer.echo(f"{manufacturer}/{name} is revoked{away}")


@app.command()
def reader(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="Who will hear: home-assistant.")],
    out: Annotated[Path, typer.Argument(help="The folder to put its certificate, its key and the authority's into.")],
) -> None:
    """Make a certificate for a program that may hear the MQTT feed, once XIAOTIAN_MQTT_FEED_READERS names it."""
    try:
        make_reader(FleetFolder(folder), name, out, utc_now())
    except (BadFolder, OSError, ValueError) as error:
        _give_up(str(error))
    typer.echo(f"Made {out}/{name}.pem, {out}/{name}.key and {out}/ca.pem.")


@contextmanager
def _client(folder: Path, server: str, username: str, password: str) -> Iterator[httpx.Client]:
    """A signed-in client of the fleet server, which is known by the folder's own authority."""
    try:
        port = FleetFolder(folder).about().https_port
        context = ssl.create_default_context(cafile=str(FleetFolder(folder).ca))
    except (BadFolder, OSError) as error:
        _give_up(str(error))
    url = f"{server.rstrip('/') or f'https://localhost:{port}'}/api/v1"
    try:
        with httpx.Client(base_url=url, verify=context, timeout=10.0, trust_env=False) as client:
            _answer(client.post("/session", json={"username": username, "password": password}))
            yield client
            client.delete("/session")
    except httpx.HTTPError as error:
        _give_up(f"{url}: {error}")


def _answer(response: httpx.Response) -> Any:
    if response.is_error:
        try:
            why = response.json()["detail"]
        except (ValueError, KeyError, TypeError):
            why = response.text[:200]
        _give_up(f"{response.status_code}: {why}")
    return response.json()


def _give_up(why: str) -> NoReturn:
    typer.echo(f"xiaotian fleet: {why}", err=True)
    raise typer.Exit(1)
