"""Where the station takes in a dog's pictures."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class StationDoor:
    """Where a dog's pictures are taken in: the station's address, and with what the dog comes."""

    server_url: str
    upload_token_file: Path | None
    authority: Path | None = None

    def url(self, stream_id: str) -> str:
        """The stream's own address."""
        parts = urlsplit(self.server_url)
        path = f"{parts.path.rstrip('/')}/api/v1/camera-streams/{quote(stream_id, safe='')}"
        return urlunsplit(("wss" if parts.scheme == "https" else "ws", parts.netloc, path, "", ""))
