"""Which role somebody has here, by a claim of the provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fleet_server.core.rights import Role


class Misruled(ValueError):
    """A mapping of roles that is none; the text says why."""


@dataclass(frozen=True)
class RoleRule:
    """``claim`` is a path with dots, as ``realm_access.roles``; of ``roles`` the first that somebody has counts."""

    claim: str
    roles: tuple[tuple[str, Role], ...]

    @classmethod
    def read(cls, claim: str, text: str) -> "RoleRule":
        """``value=role, value=role``; raises Misruled."""
        pairs = []
        for part in filter(None, (each.strip() for each in text.split(","))):
            value, _, role = (each.strip() for each in part.rpartition("="))
            if not value or role not in set(Role):
                raise Misruled(f"{part!r}: not a value of the claim, '=' and one of {', '.join(Role)}")
            pairs.append((value, Role(role)))
        if not pairs:
            raise Misruled("nobody would have a role: at least one value=role")
        return cls(claim, tuple(pairs))

    def role(self, claims: Mapping[str, Any]) -> Role | None:
        """The role of who has these claims; None: none here."""
        has = _values(claims, self.claim)
        return next((role for value, role in self.roles if value in has), None)


def _values(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    """A claim's text or texts; a claim that is named with its dots (as a URL is) goes before a path of that name."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return frozenset((found,))
    return frozenset(each for each in found if isinstance(each, str)) if isinstance(found, list) else frozenset()
