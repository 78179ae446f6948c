"""``xiaotian dog``: what is done once on a dog."""

from pathlib import Path
from typing import Annotated

import typer

from edge.link.enrolment import NotEnrolled, enrol
from edge.link.identity import BadIdentity, read_identity

app = typer.Typer(help="A dog's identity: enrol at a station.", no_args_is_help=True, pretty_exceptions_enable=False)

Folder = Annotated[Path, typer.Argument(help="Where the identity lies; only this user can read it.")]


@app.command()
def enroll(
    folder: Folder,
    station: Annotated[str, typer.Option(help="The fleet server, https://HOST:PORT.")],
    code: Annotated[str, typer.Option(help="The one-time code of `xiaotian fleet invite`.")],
    force: Annotated[bool, typer.Option("--force", help="Replace an identity that is there.")] = False,
) -> None:
    """Enrol this dog at a station with a one-time code: makes its key here, and gets its certificate."""
    if (folder / "identity.json").exists() and not force:
        typer.echo(f"xiaotian dog: {folder} has an identity already (--force replaces it)", err=True)
        raise typer.Exit(1)
    try:
        made = enrol(station.rstrip("/"), code, folder)
    except (NotEnrolled, OSError) as error:
        typer.echo(f"xiaotian dog: {error}", err=True)
        raise typer.Exit(1) from error
    about = made.about
    typer.echo(f"{about.manufacturer}/{about.name} belongs to {about.server_url} now.")
    typer.echo(f"Start it: xiaotian robot --identity {folder} --site SITE --start X Y THETA")


@app.command()
def show(folder: Folder) -> None:
    """Say who this dog is, and where its station is."""
    try:
        about = read_identity(folder).about
    except BadIdentity as error:
        typer.echo(f"xiaotian dog: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{about.manufacturer}/{about.name} of {about.server_url}, broker {about.mqtt_host}:{about.mqtt_port}")
