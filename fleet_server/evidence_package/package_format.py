"""What lies in an evidence package: names of its files, and the manifest that is signed."""

from datetime import datetime

import msgspec

from protocol.evidence import CLIP, RECORDING

KIND = "xiaotian-evidence-package-1"
MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "station_key.pub"
PAGE, INCIDENT, TIMELINE, AUDIT, HEAD = "index.html", "incident.json", "timeline.json", "audit.json", "audit_head.json"
PICTURES = "pictures"
FOLDERS = {CLIP: "clips", RECORDING: "recordings"}
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", CLIP: "mp4", RECORDING: "mcap"}


class PackedFile(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A file of the package."""

    path: str
    sha256: str
    size_bytes: int


class Picture(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A picture, clip or recording of the incident; ``path`` is None where it was left out: see ``left_out``."""

    evidence_id: str
    sha256: str
    media_type: str
    captured_at: datetime
    dog_id: str
    path: str | None = None
    left_out: str | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All files but the manifest and its signature; who made the package, when and why."""

    kind: str
    incident_id: str
    made_at: datetime
    made_by: str
    role: str
    reason: str
    files: list[PackedFile]
    pictures: list[Picture]
