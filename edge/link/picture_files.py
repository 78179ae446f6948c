"""A folder of pictures, clips and recordings that survives a power cut: a file is there whole, or it is not there."""

from pathlib import Path

from edge.atomic_file import PART, replace_file


class PictureFiles:
    """Files named by their evidence id, ``.jpg`` whatever they are. Only their owner may read them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder

    def path(self, evidence_id: str) -> Path:
        """Where the bytes lie."""
        return self._folder / f"{evidence_id}.jpg"

    def write(self, evidence_id: str, data: bytes) -> None:
        """Put the bytes on the disk; they outlive a power cut once this returns. Raises OSError, leaving nothing."""
        replace_file(self.path(evidence_id), data)

    def remove(self, evidence_id: str) -> None:
        """Forget the bytes, if they are there."""
        self.path(evidence_id).unlink(missing_ok=True)

    def ids(self) -> set[str]:
        """The ids of all files that are here."""
        return {file.stem for file in self._folder.glob("*.jpg")}

    def sweep(self, known: set[str]) -> int:
        """Remove what no row speaks of: leftovers of a power cut. Returns how many whole pictures those were."""
        for part in self._folder.glob(f"*{PART}"):
            part.unlink(missing_ok=True)
        orphans = self.ids() - known
        for orphan in orphans:
            self.remove(orphan)
        return len(orphans)
