"""Who may sign in: the administrator is made at the first start."""

from fleet_server.accounts import api
from fleet_server.accounts.passwords import ensure_administrator
from fleet_server.accounts.sign_in_limit import SignInLimit
from fleet_server.accounts.tables import SignIn, User
from fleet_server.core.clock import utc_now
from fleet_server.core.room import Room
from fleet_server.core.station import Station


def set_up(station: Station) -> None:
    """What the room does in a station."""
    station.add(SignInLimit())

    def make_administrator() -> None:
        given = station.settings.admin_password
        with station.database.write() as session:
            password = ensure_administrator(session, utc_now(), given.get_secret_value() if given else None)
        if password is not None:
            station.announce(f"admin password: {password}")

    station.on_open(make_administrator)


ROOM = Room(tables=(User, SignIn), doors=(api.router,), set_up=set_up)
