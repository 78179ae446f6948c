"""``xiaotian evidence``: a package is checked and an original opened on the officer's machine, without a server."""

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from fleet_server.core.command_line import give_up
from fleet_server.core.detached_signature import public_keys
from fleet_server.core.secret_file import make_secret
from fleet_server.core.signing import BadKey
from fleet_server.evidence.evidence_key import BadKeyFile, make_evidence_key, read_evidence_key_file
from fleet_server.evidence_package.verification import BadPackage
from fleet_server.evidence_package.verification import verify as verify_package
from protocol.sealed_original import BadSealedOriginal, evidence_key_id, evidence_key_text, open_original

app = typer.Typer(
    help="Verify an evidence package; make the evidence key; open an original.", pretty_exceptions_enable=False
)


@app.callback()
def evidence() -> None:
    """Evidence packages, and originals from before masking."""


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


@app.command()
def key(
    file: Annotated[Path, typer.Argument(help="Where the private key goes: a place of the officer's own.")],
    passphrase: Annotated[
        str,
        typer.Option(
            prompt=True,
            confirmation_prompt=True,
            hide_input=True,
            envvar="XIAOTIAN_EVIDENCE_PASSPHRASE",
            help="Asked for if not given.",
        ),
    ],
) -> None:
    """Make the evidence officer's key, and say its public half, to which a site's dogs then seal originals."""
    try:
        made = make_evidence_key(file, passphrase)
    except (BadKeyFile, OSError) as error:
        give_up(f"{file}: {error}")
    public = made.public_key()
    typer.echo(f"{file}: the private key {evidence_key_id(public)}, under the passphrase; neither comes back when lost")
    typer.echo("in site.yaml, or by PUT /api/v1/sites/SITE/evidence-key, this is the public half:")
    typer.echo(f"evidence_key: {evidence_key_text(public)}")


@app.command(name="open")
def open_(
    file: Annotated[Path, typer.Argument(help="The sealed original, as the console gave it.")],
    key: Annotated[Path, typer.Option(help="The private key, of `xiaotian evidence key`.")],
    passphrase: Annotated[
        str,
        typer.Option(
            prompt=True, hide_input=True, envvar="XIAOTIAN_EVIDENCE_PASSPHRASE", help="Asked for if not given."
        ),
    ],
    picture: Annotated[
        Path | None, typer.Option(help="The masked picture as the station has it: is this the original of that?")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where the JPEG goes. (default: beside the file, as .jpg)")] = None,
) -> None:
    """Open a sealed original; rc 1 where it is altered, sealed to another key, or of another picture."""
    target = out or file.with_suffix(".jpg")
    try:
        label, opened = open_original(read_evidence_key_file(key, passphrase), file.read_bytes())
        if picture is not None and hashlib.sha256(picture.read_bytes()).hexdigest() != label.masked_sha256:
            give_up(f"{file}: it is not the original of {picture}")
        if target.exists():
            give_up(f"{target}: it is there already")
        make_secret(target, opened)
    except (BadSealedOriginal, BadKeyFile, OSError) as error:
        give_up(f"{file}: {error}")
    typer.echo(f"{target}: taken by {label.serial_number} at {label.captured_at:%Y-%m-%d %H:%M:%S} UTC")
    typer.echo(f"of the anomaly {label.anomaly_id}; its masked picture has the SHA-256 {label.masked_sha256}")
    if picture is None:
        typer.echo("that is what the dog says: with --picture it is compared with the masked picture")
