"""The dog's own copy of its site: what it knows of the place when it starts without a network."""

from pathlib import Path

from edge.atomic_file import replace_file
from protocol.codec import MalformedMessage, decode
from protocol.site import Site


class SiteCopy:
    """The newest site, kept in a file. ``trouble`` says why the last one could not be read or kept, or is empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.trouble = ""
        self.site: Site | None = None
        self.payload = ""
        try:
            payload = path.read_text(encoding="utf-8")
            self.site, self.payload = decode(payload, Site), payload
        except FileNotFoundError:
            pass
        except (OSError, UnicodeDecodeError, MalformedMessage) as error:
            self.trouble = f"the stored site cannot be used: {error}"

    @property
    def map_id(self) -> str:
        """The map in use; empty where none was ever received."""
        return self.site.map.map_id if self.site is not None else ""

    def take(self, site: Site, payload: str) -> bool:
        """Use and keep ``site`` if it is newer than what is here, or of another place; whether it was.

        A disk that does not take it is no reason not to use it.
        """
        here = self.site
        if here is not None and here.site_id == site.site_id and here.site_version >= site.site_version:
            return False
        self.site, self.payload, self.trouble = site, payload, ""
        try:
            replace_file(self._path, payload.encode())
        except OSError as error:
            self.trouble = f"the site was not kept: {error.strerror}"
        return True
