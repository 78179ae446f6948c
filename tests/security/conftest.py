"""One closed fleet for all attacks; each test enrols dogs of its own."""

from collections.abc import Iterator

import pytest

from tests.security.fleet import Fleet, fleet


@pytest.fixture(scope="session")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with fleet(tmp_path_factory.mktemp("fleet")) as running:
        yield running
