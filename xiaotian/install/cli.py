"""``xiaotian install server`` and ``xiaotian install robot``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from xiaotian.install import robot as a_robot
from xiaotian.install import server as a_server
from xiaotian.install.files import File, write

app = typer.Typer(
    help="Services of systemd: a station's server, a dog's nodes.", no_args_is_help=True, pretty_exceptions_enable=False
)

Root = Annotated[Path, typer.Option(help="Write below this folder instead, to look at it or to build an image.")]


@app.command()
def server(root: Root = Path("/")) -> None:
    """Write the fleet server's units, its settings, its nightly backup and the turning of its log."""
    _write(a_server.files(_program()), root, a_server.next_steps())


@app.command()
def robot(root: Root = Path("/")) -> None:
    """Write the unit of a dog's nodes, its settings and the turning of its log."""
    _write(a_robot.files(_program()), root, a_robot.next_steps())


def _program() -> Path:
    """The command that is running, by whatever name it was called."""
    beside = Path(sys.executable).with_name("xiaotian")
    return beside if beside.exists() else Path(sys.argv[0]).resolve()


def _write(files: list[File], root: Path, after: str) -> None:
    try:
        told = write(files, root)
    except OSError as error:
        typer.echo(f"xiaotian install: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo("\n".join(told))
    typer.echo(f"\nNext:\n{after}")
