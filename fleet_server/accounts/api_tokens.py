"""Tokens of programs: ``Authorization: Bearer``. No cookie comes with them, so no page can borrow them (CSRF)."""

import hashlib
import secrets
import threading
from collections import deque
from datetime import datetime, timedelta

from fastapi import HTTPException
from sqlalchemy import select
from starlette.requests import HTTPConnection

from fleet_server.accounts.sign_in_limit import MOST_OF_ADDRESS, SignInLimit, who_asks
from fleet_server.accounts.tables import ApiToken
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import SignedIn
from fleet_server.core.rights import Right
from fleet_server.core.station import Station

PREFIX = "xt_"  # by which who finds one knows what it is
ROLE = "token"
ACTOR = "token:"  # before its name in the audit log; no account has a colon in its name
MOST_REQUESTS, WINDOW = 600, timedelta(minutes=1)  # of one token


class TokenUse:
    """How often each token was used in the last minute. Safe to call from any thread."""

    def __init__(self) -> None:
        self._used: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def take(self, token_id: str, now: datetime) -> bool:
        """Count a use; False: it was used too often, and this does not count."""
        with self._lock:
            used = self._used.setdefault(token_id, deque())
            while used and used[0] <= now - WINDOW:
                used.popleft()
            if len(used) >= MOST_REQUESTS:
                return False
            used.append(now)
            return True


def made_up_token() -> tuple[str, str]:
    """A new token, which is told once, and its hash, which is kept."""
    token = PREFIX + secrets.token_urlsafe(32)
    return token, token_hash(token)


def token_hash(token: str) -> str:
    """What is kept of a token; it has 256 bits of chance, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def bearer_of(header: str | None) -> str | None:
    """The token in an Authorization header; None where it has none of that kind (RFC 6750)."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def program(station: Station, token: str, connection: HTTPConnection) -> SignedIn | None:
    """Whose token it is. Raises 429 for who guesses, and for a token that is used too often."""
    now = utc_now()
    with station.database.read() as session:
        row = session.scalar(select(ApiToken).where(ApiToken.token_hash == token_hash(token)))
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        where = f"token from {who_asks(connection.client.host if connection.client else None)}"
        wait_s = station[SignInLimit].begin({where: MOST_OF_ADDRESS}, now)
        if wait_s > 0:
            raise HTTPException(429, "too many wrong tokens; wait a while", {"Retry-After": str(int(wait_s) + 1)})
        return None
    if not station[TokenUse].take(row.token_id, now):
        raise HTTPException(429, f"more than {MOST_REQUESTS} requests a minute with this token", {"Retry-After": "5"})
    scopes = frozenset(Right(scope) for scope in row.scopes if scope in set(Right))
    return SignedIn(ACTOR + row.name, ROLE, scopes)
