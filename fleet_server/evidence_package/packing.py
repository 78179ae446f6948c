"""Writes an evidence package."""

import base64
import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec.structs import replace

from fleet_server.core.detached_signature import StationKey, sign
from fleet_server.evidence.files import PictureStore
from fleet_server.evidence.tables import Evidence
from fleet_server.evidence_package.package_format import (
    AUDIT,
    FOLDERS,
    HEAD,
    INCIDENT,
    KEY,
    KIND,
    MANIFEST,
    PAGE,
    PICTURES,
    SIGNATURE,
    SUFFIXES,
    TIMELINE,
    Manifest,
    PackedFile,
    Picture,
)
from fleet_server.evidence_package.page import page

MOST_PICTURES = 200
MOST_BYTES = 200_000_000  # of all pictures and clips: the package is put together in memory
NOT_ALLOWED, TOO_MANY = "the role may not look at pictures", f"a package holds {MOST_PICTURES} pictures"
TOO_LARGE = f"a package holds {MOST_BYTES} bytes"
GONE, DAMAGED, NOT_HERE = "it is gone from the store", "its hash is not the one that was promised", "not yet received"


@dataclass(frozen=True)
class Account:
    """What is told of an incident, as JSON: itself, its timeline, its entries in the audit log, the log's head."""

    incident: bytes
    timeline: bytes
    audit: bytes
    head: bytes


def pack(
    file: IO[bytes],
    account: Account,
    about: Manifest,
    rows: Iterable[Evidence],
    store: PictureStore | None,
    key: StationKey,
) -> Manifest:
    """Write the package into ``file``; ``store`` is None where its maker may not look at pictures. Raises OSError.

    ``about`` is the manifest without files and pictures.
    """
    pictures, images = _pictures(rows, store)
    contents = {INCIDENT: account.incident, TIMELINE: account.timeline, AUDIT: account.audit, HEAD: account.head}
    contents[KEY] = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    contents |= {picture.path: images[picture.evidence_id] for picture in pictures if picture.path is not None}
    contents[PAGE] = page(
        account.incident, account.timeline, about, [(each, _inline(each, images)) for each in pictures]
    )
    manifest = replace(about, kind=KIND, files=[_packed(*each) for each in contents.items()], pictures=pictures)
    said = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {
            **contents,
            MANIFEST: said,
            SIGNATURE: msgspec.json.encode(sign(key.private, KIND, said)),
        }.items():
            archive.writestr(_entry(path, about.made_at), content)
    return manifest


def _pictures(rows: Iterable[Evidence], store: PictureStore | None) -> tuple[list[Picture], dict[str, bytes]]:
    pictures: list[Picture] = []
    images: dict[str, bytes] = {}
    held = 0
    for row in rows:
        told = Picture(
            evidence_id=row.evidence_id,
            sha256=row.sha256,
            media_type=row.media_type,
            captured_at=row.captured_at,
            dog_id=row.dog_id,
        )
        got: bytes | str
        if len(images) >= MOST_PICTURES:
            got = TOO_MANY
        elif held + row.size_bytes > MOST_BYTES:
            got = TOO_LARGE
        else:
            got = _image(row, store)
        if isinstance(got, bytes):
            images[row.evidence_id] = got
            held += len(got)
            path = f"{FOLDERS.get(row.media_type, PICTURES)}/{row.evidence_id}.{SUFFIXES.get(row.media_type, 'bin')}"
            pictures.append(replace(told, path=path))
        else:
            pictures.append(replace(told, left_out=got))
    return pictures, images


def _image(row: Evidence, store: PictureStore | None) -> bytes | str:
    """Its bytes, or why they are left out."""
    if store is None:
        return NOT_ALLOWED
    if row.complete_at is None:
        return NOT_HERE
    try:
        content = store.content(row.evidence_id)
        image = content.read_bytes() if isinstance(content, Path) else b"".join(content)
    except FileNotFoundError:
        return GONE
    return image if hashlib.sha256(image).hexdigest() == row.sha256 else DAMAGED


def _inline(picture: Picture, images: dict[str, bytes]) -> str | None:
    """The picture as an address that holds it: the page is whole by itself. Clips and recordings lie beside it."""
    if picture.path is None or not picture.media_type.startswith("image/") or picture.media_type not in SUFFIXES:
        return None
    return f"data:{picture.media_type};base64,{base64.b64encode(images[picture.evidence_id]).decode()}"


def _packed(path: str, content: bytes) -> PackedFile:
    return PackedFile(path=path, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))


def _entry(path: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, date_time=at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
