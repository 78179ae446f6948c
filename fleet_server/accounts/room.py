"""Who may sign in: the administrator is made at the first start."""

from starlette.requests import HTTPConnection

from fleet_server.accounts import accounts_api, api, openid_api, tokens_api
from fleet_server.accounts.api_tokens import TokenUse, bearer_of, program
from fleet_server.accounts.openid_api import OpenId, OpenIdHere
from fleet_server.accounts.passwords import ensure_administrator
from fleet_server.accounts.sessions import COOKIE, find_session
from fleet_server.accounts.sign_in_limit import SignInLimit
from fleet_server.accounts.tables import ApiToken, OpenIdIdentity, SignIn, User
from fleet_server.core.clock import utc_now
from fleet_server.core.current_user import Authentication, SignedIn
from fleet_server.core.room import Room
from fleet_server.core.station import Station


def set_up(station: Station) -> None:
    """What the room does in a station."""
    station.add(SignInLimit())
    station.add(TokenUse())
    station.add(OpenIdHere(OpenId.of(station.settings)))

    def who(connection: HTTPConnection) -> SignedIn | None:
        bearer = bearer_of(connection.headers.get("authorization"))
        if bearer is not None:
            return program(station, bearer, connection)
        token = connection.cookies.get(COOKIE)
        if token is None:
            return None
        with station.database.read() as session:
            return find_session(session, token, utc_now())

    station.add(Authentication(who))
    # That some account is another, not whose: every console hears it, and who may see accounts asks for them.
    station.consoles.show(User, "accounts", lambda _, __, ___: [{}])

    def make_administrator() -> None:
        given = station.settings.admin_password
        with station.database.write() as session:
            password = ensure_administrator(session, utc_now(), given.get_secret_value() if given else None)
        if password is not None:
            station.announce(f"admin password: {password}")

    station.on_open(make_administrator)


ROOM = Room(
    tables=(User, SignIn, OpenIdIdentity, ApiToken),
    api=(accounts_api.router, tokens_api.router),
    doors=(api.router, openid_api.router),
    set_up=set_up,
)
