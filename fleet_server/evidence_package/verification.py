"""Whether a package is as the station made it: no server is asked."""

import hashlib
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from fleet_server.core.detached_signature import Signature, is_signed, keys_in
from fleet_server.evidence_package.package_format import KEY, KIND, MANIFEST, SIGNATURE, Manifest, PackedFile

T = TypeVar("T")
MOST_BESIDE = 16 * 1024 * 1024  # bytes of a manifest; one of 200 pictures has 100 KB
CHUNK = 1024 * 1024
# What Python's reader says of a spoilt ZIP; OSError where a bit has it seek before the beginning, or read bzip2.
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)


class BadPackage(ValueError):
    """A package that is not as the station made it; the text names the first file at fault."""


@dataclass(frozen=True)
class Verified:
    """A package that is as it was made. ``by_its_own_key``: nothing but the package itself says whose key that is."""

    manifest: Manifest
    key_id: str
    by_its_own_key: bool


def verify(file: Path, keys: Sequence[Ed25519PublicKey] | None = None) -> Verified:
    """Check signature and files; ``keys`` are the station's, as known elsewhere. Raises BadPackage, or OSError."""
    with file.open("rb") as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                return _verified(archive, keys)
        except BROKEN as error:
            raise BadPackage(f"no whole ZIP: {error}") from error


def _verified(archive: zipfile.ZipFile, keys: Sequence[Ed25519PublicKey] | None) -> Verified:
    names = archive.namelist()
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadPackage(f"{twice} is there twice")
    said, signature = _beside(archive, MANIFEST), _decoded(_beside(archive, SIGNATURE), Signature, SIGNATURE)
    known = keys if keys is not None else keys_in(_beside(archive, KEY))
    if not is_signed(known, KIND, said, signature):
        raise BadPackage(f"{MANIFEST} was altered, or is signed with another key than this station's")
    manifest = _decoded(said, Manifest, MANIFEST)
    expected = {each.path for each in manifest.files}
    added = next((name for name in names if name not in expected | {MANIFEST, SIGNATURE}), None)
    if added is not None:
        raise BadPackage(f"{added} was added")
    for each in manifest.files:
        _check(archive, each)
    return Verified(manifest, signature.key_id, keys is None)


def _check(archive: zipfile.ZipFile, expected: PackedFile) -> None:
    try:
        entry = archive.getinfo(expected.path)
    except KeyError:
        raise BadPackage(f"{expected.path} was removed") from None
    digest, left = hashlib.sha256(), expected.size_bytes
    try:
        with archive.open(entry) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                left -= len(chunk)
                if left < 0:  # what unpacks to more than was packed is not read to its end
                    break
    except BROKEN as error:
        raise BadPackage(f"{expected.path} was altered: {error}") from error
    if left != 0 or digest.hexdigest() != expected.sha256:
        raise BadPackage(f"{expected.path} was altered")


def _beside(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        with archive.open(name) as file:
            return file.read(MOST_BESIDE)
    except KeyError:
        raise BadPackage(f"{name} was removed") from None


def _decoded(content: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        raise BadPackage(f"{name} was altered: {error}") from error
