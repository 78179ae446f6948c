"""Signing in at a provider of OpenID Connect: there, back again, and out."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse

from fleet_server.accounts.openid_accounts import Person, Refusal, Refused, account_of
from fleet_server.accounts.openid_provider import BadAnswer, Client, Provider, Unreachable
from fleet_server.accounts.sessions import give_cookie, open_session
from fleet_server.accounts.sign_in_limit import MOST_OF_ADDRESS, SignInLimit, who_asks
from fleet_server.audit.log import append
from fleet_server.core.api_schema import View
from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.clock import utc_now
from fleet_server.core.openid_roles import RoleRule
from fleet_server.core.settings import Settings
from fleet_server.core.station import Station, StationHere

router = APIRouter(tags=["accounts"])
log = structlog.get_logger()
PLACE = "/api/v1/session/openid"
COOKIE = "xiaotian_openid"
LASTS_S = 600  # from going to the provider until being back
MOST_CODE = 4096  # characters
Text = Annotated[str, Query(max_length=MOST_CODE)]


@dataclass(frozen=True)
class OpenId:
    """The provider, and what its claims mean here."""

    provider: Provider
    rule: RoleRule
    name: str
    username_claim: str
    makes_accounts: bool
    home: str

    @classmethod
    def of(cls, settings: Settings) -> "OpenId | None":
        """As the settings say; None: there is none."""
        if settings.openid_issuer is None or settings.openid_client_id is None or settings.openid_public_url is None:
            return None
        home = settings.openid_public_url.rstrip("/")
        secret = settings.openid_client_secret
        client = Client(
            settings.openid_issuer,
            settings.openid_client_id,
            secret.get_secret_value() if secret is not None else None,
            f"{home}{PLACE}/callback",
            settings.openid_scope,
        )
        rule = RoleRule.read(settings.openid_role_claim, settings.openid_roles)
        claim, makes = settings.openid_username_claim, settings.openid_new_accounts
        return cls(Provider(client), rule, settings.openid_name, claim, makes, home)


@dataclass(frozen=True)
class OpenIdHere:
    """The station's provider; None: it has none."""

    openid: OpenId | None


class SignInMethodsView(View):
    """How one may sign in besides a password; ``openId`` is what the provider is called, null: there is none."""

    open_id: str | None


@router.get("/sign-in-methods")
def sign_in_methods(station: StationHere) -> SignInMethodsView:
    """What the sign-in page shows."""
    found = station[OpenIdHere].openid
    return SignInMethodsView(open_id=found.name if found is not None else None)


@router.get("/session/openid", status_code=303, response_class=RedirectResponse)
def begin(station: StationHere) -> RedirectResponse:
    """Go to the provider."""
    openid = _openid(station)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        to = openid.provider.sign_in_address(state, nonce, verifier)
    except Unreachable as error:
        return _back(Refused(Refusal.UNREACHABLE, str(error)))
    answer = RedirectResponse(to, 303)
    # Lax, for the browser comes back from another site; it holds no more than what this browser has begun itself.
    answer.set_cookie(
        COOKIE,
        f"{state}~{nonce}~{verifier}",
        max_age=LASTS_S,
        path=PLACE,
        httponly=True,
        samesite="lax",
        secure=station.settings.secure_cookie,
    )
    return answer


@router.get("/session/openid/callback", status_code=303, response_class=RedirectResponse)
def come_back(
    request: Request, station: StationHere, code: Text = "", state: Text = "", error: Text = ""
) -> RedirectResponse:
    """Come back from the provider: signed in, or to the sign-in page, which is told why not."""
    openid, where = _openid(station), who_asks(request.client.host if request.client else None)
    try:
        token = _signed_in(station, openid, where, request.cookies.get(COOKIE, ""), code, state, error)
    except Refused as refused:
        answer = _back(refused)
        if refused.refusal is not Refusal.TOO_OFTEN:  # the log of deeds never ages out: nobody may fill it
            with station.database.write() as session:
                append(session, utc_now(), "openid", "session.refused", where, reason=refused.refusal)
    else:
        answer = RedirectResponse("/", 303)
        give_cookie(answer, token, station.settings)
    answer.delete_cookie(COOKIE, path=PLACE, httponly=True, samesite="lax", secure=station.settings.secure_cookie)
    return answer


@router.get("/session/openid/sign-out", status_code=303, response_class=RedirectResponse)
def sign_out_there(station: StationHere) -> RedirectResponse:
    """Go and end the provider's own session, where it has a place for that; ours is ended by ``DELETE /session``."""
    openid = _openid(station)
    try:
        to = openid.provider.sign_out_address(f"{openid.home}/")
    except Unreachable as error:
        return _back(Refused(Refusal.UNREACHABLE, str(error)))
    return RedirectResponse(to or "/", 303)


def _signed_in(station: Station, openid: OpenId, where: str, cookie: str, code: str, state: str, error: str) -> str:
    """The token of a new session; raises Refused."""
    now, key = utc_now(), f"openid from {where}"
    if station[SignInLimit].begin({key: MOST_OF_ADDRESS}, now) > 0:
        raise Refused(Refusal.TOO_OFTEN, "too many sign-ins in vain")
    begun = cookie.split("~")
    if len(begun) != 3 or not state or not hmac.compare_digest(begun[0].encode(), state.encode()):
        raise Refused(Refusal.INVALID, "nobody has begun this sign-in in this browser")
    if error or not code:
        raise Refused(Refusal.DENIED, f"the provider says {error[:100] or 'no code'!r}")
    try:
        claims = openid.provider.claims(code, begun[2], begun[1])
    except Unreachable as problem:
        raise Refused(Refusal.UNREACHABLE, str(problem)) from problem
    except BadAnswer as problem:
        raise Refused(Refusal.INVALID, str(problem)) from problem
    person = _person(openid, claims)
    changes = ChangeEvents()
    with station.database.write() as session:
        now = utc_now()
        user = account_of(session, person, openid.makes_accounts, now, changes)
        append(session, now, user.username, "session.opened", where, by="openid")
        lasts = timedelta(hours=station.settings.session_hours)
        token = open_session(session, user, now, lasts, by_openid=True)
    station[SignInLimit].succeed(key)
    station.tell(changes)
    return token


def _person(openid: OpenId, claims: dict[str, Any]) -> Person:
    role = openid.rule.role(claims)
    if role is None:
        raise Refused(Refusal.NO_ROLE, f"no value of {openid.rule.claim!r} is a role here")
    name = claims.get(openid.username_claim)
    return Person(openid.provider.client.issuer, claims["sub"], name if isinstance(name, str) else claims["sub"], role)


def _openid(station: Station) -> OpenId:
    found = station[OpenIdHere].openid
    if found is None:
        raise HTTPException(404, "this station knows no provider of OpenID Connect")
    return found


def _back(refused: Refused) -> RedirectResponse:
    log.warning("a sign-in by OpenID Connect came to nothing", why=refused.refusal, reason=str(refused))
    return RedirectResponse(f"/?signIn={refused.refusal}", 303)
