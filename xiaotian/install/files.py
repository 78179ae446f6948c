"""Files to be written, and writing them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class File:
    """``path`` is absolute. What is ``kept`` belongs to the computer's owner once it is there."""

    path: Path
    text: str
    mode: int = 0o644
    kept: bool = False


def write(files: Sequence[File], root: Path) -> list[str]:
    """Write them below ``root``; tells of each what was done. An equal file is left alone."""
    told = []
    for file in files:
        target = root / file.path.relative_to("/")
        before = target.read_text() if target.exists() else None
        if before is not None and (file.kept or before == file.text):
            told.append(f"kept     {target}")
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, file.mode), "w") as stream:
            stream.write(file.text)
        part.chmod(file.mode)
        part.replace(target)
        told.append(f"{'replaced' if before is not None else 'made    '} {target}")
    return told
