"""``xiaotian evidence``: an evidence package is checked, without a server."""

from pathlib import Path
from typing import Annotated

import typer

from fleet_server.core.command_line import give_up
from fleet_server.core.detached_signature import public_keys
from fleet_server.core.signing import BadKey
from fleet_server.evidence_package.verification import BadPackage
from fleet_server.evidence_package.verification import verify as verify_package

app = typer.Typer(help="Evidence packages: verify one.", pretty_exceptions_enable=False)


@app.callback()
def evidence() -> None:
    """Evidence packages."""


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The ZIP.")],
    key: Annotated[
        Path | None, typer.Option(help="The station's public key, as it gave it to you. (default: the package's own)")
    ] = None,
) -> None:
    """Check the manifest's signature and every file's hash; rc 1 and the first file that is not as it was."""
    try:
        found = verify_package(file, public_keys(key) if key is not None else None)
    except (BadPackage, BadKey, OSError) as error:
        give_up(f"{file}: {error}")
    about = found.manifest
    typer.echo(f"{file}: as the station made it: {len(about.files)} files, incident {about.incident_id}")
    typer.echo(f"made by {about.made_by} ({about.role}) at {about.made_at:%Y-%m-%d %H:%M:%S} UTC: {about.reason}")
    for picture in about.pictures:
        if picture.left_out is not None:
            typer.echo(f"the picture {picture.evidence_id} was left out: {picture.left_out}")
    whose = "the package's own key: compare it with the station's" if found.by_its_own_key else "the key that was given"
    typer.echo(f"signed with {found.key_id}, {whose}")
