"""A station with a past."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from bench._station_history import Past, write_past
from fleet_server.core.clock import utc_now
from tests.fleet_server.world import serving, settings, sign_in, station_of

UNUSED_PORT = 25099  # nothing listens there: the past needs no broker
DAYS = timedelta(days=3)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A station with three days behind it."""
    with serving(settings(tmp_path_factory.mktemp("past"), UNUSED_PORT)) as client:
        until = utc_now().replace(microsecond=0) - timedelta(hours=1)
        with station_of(client).database.write() as session:
            write_past(session, Past("yard", until, DAYS, patrols=150, incidents=300, dogs=3, seed=5))
        yield sign_in(client)
