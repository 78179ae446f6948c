"""The address of a bucket of S3, as a setting has it."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

FORM = "s3://KEY:SECRET@HOST[:PORT]/BUCKET[?region=REGION&secure=false]"


class UnusableBucket(ValueError):
    """An address that names no bucket; the text says why, without the secret."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where it is, and with what we come."""

    host: str
    name: str
    key: str
    secret: str
    region: str
    secure: bool


def bucket(url: str) -> Bucket:
    """The bucket that FORM names; raises UnusableBucket."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise UnusableBucket(f"not of the form {FORM}") from error
    name, asked = parts.path.strip("/"), parse_qs(parts.query)
    if parts.scheme != "s3" or not (parts.hostname and parts.username and parts.password and name) or "/" in name:
        raise UnusableBucket(f"not of the form {FORM}")
    if unknown := asked.keys() - {"region", "secure"}:
        raise UnusableBucket(f"{', '.join(sorted(unknown))}: not known; {FORM}")
    return Bucket(
        host=f"{parts.hostname}{port}",
        name=name,
        key=unquote(parts.username),
        secret=unquote(parts.password),
        region=asked.get("region", ["us-east-1"])[-1],
        secure=asked.get("secure", ["true"])[-1].lower() != "false",
    )
