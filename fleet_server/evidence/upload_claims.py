"""Who writes a file now: two uploads of one file would mix their bytes. The newest has it."""

from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class UploadClaim:
    """One upload's hold on a file; ``sealing`` while its bytes are checked, and nobody may touch them."""

    name: str
    sealing: bool = False


class UploadClaims:
    """Names, each held by the last who took it. For the event loop's thread alone."""

    def __init__(self) -> None:
        self._held: dict[str, UploadClaim] = {}

    def take(self, name: str) -> UploadClaim | None:
        """Hold ``name`` from now on, whoever held it before; None while its bytes are checked."""
        held = self._held.get(name)
        if held is not None and held.sealing:
            return None
        self._held[name] = claim = UploadClaim(name)
        return claim

    def holds(self, claim: UploadClaim) -> bool:
        """Whether nobody has taken it since."""
        return self._held.get(claim.name) is claim

    def leave(self, claim: UploadClaim) -> None:
        """Let go of it."""
        if self.holds(claim):
            del self._held[claim.name]
