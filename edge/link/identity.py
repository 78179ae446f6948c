"""A dog's place in a fleet: the folder that enrolment writes, and that the link reads."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from edge.atomic_file import replace_file

ABOUT, CERTIFICATE, KEY, AUTHORITY = "identity.json", "dog.pem", "dog.key", "ca.pem"
STATION_KEY, UPLOAD_TOKEN = "station_key.pub", "upload_token"


class BadIdentity(ValueError):
    """A folder that holds no identity; the text names it and what is wrong."""


class About(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who the dog is, and where its station is."""

    manufacturer: str
    name: str
    mqtt_prefix: str
    mqtt_host: str
    mqtt_port: int
    server_url: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What a dog needs to speak to its station, and to nobody else."""

    folder: Path
    about: About

    @property
    def certificate(self) -> Path:
        """The dog's certificate, PEM."""
        return self.folder / CERTIFICATE

    @property
    def key(self) -> Path:
        """Its private key, which never leaves the dog."""
        return self.folder / KEY

    @property
    def authority(self) -> Path:
        """Whom it trusts to be the station."""
        return self.folder / AUTHORITY

    @property
    def station_key(self) -> Path:
        """Whose signature it obeys."""
        return self.folder / STATION_KEY

    @property
    def upload_token(self) -> Path:
        """With what it uploads evidence."""
        return self.folder / UPLOAD_TOKEN


def read_identity(folder: Path) -> Identity:
    """The identity in ``folder``; raises BadIdentity where a part of it is missing."""
    try:
        about = msgspec.json.decode((folder / ABOUT).read_bytes(), type=About)
    except (OSError, msgspec.MsgspecError) as error:
        raise BadIdentity(f"{folder / ABOUT}: {error}; does the dog have to enrol?") from error
    identity = Identity(folder, about)
    for path in (
        identity.certificate,
        identity.key,
        identity.authority,
        identity.station_key,
        identity.upload_token,
    ):
        if not path.is_file():
            raise BadIdentity(f"{path} is missing: the dog has to enrol again")
    return identity


def write_identity(folder: Path, about: About, parts: dict[str, bytes]) -> Identity:
    """Write an identity, all of it readable to this user alone; ``identity.json`` last, so that half of one is none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in parts.items():
        replace_file(folder / name, text)
    replace_file(folder / ABOUT, msgspec.json.format(msgspec.json.encode(about)) + b"\n")
    return read_identity(folder)
