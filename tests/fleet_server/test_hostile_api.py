"""Requests that nobody chose, made by schemathesis from the server's own OpenAPI document, sent to a real server."""

import os
from collections.abc import Iterator

import pytest

pytest.importorskip("schemathesis", reason="needs schemathesis")

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from fleet_server.app import create_app
from tests.fleet_server.test_hostile_http import UNUSED_PORT, listening
from tests.fleet_server.world import API, PASSWORD
from tests.fleet_server.world import settings as station_settings

EXAMPLES = int(os.environ.get("EXAMPLES", "3"))  # of each operation, right and wrong; 40 have been tried
SIGN_OUT = ("delete", f"{API}/session")  # else the rest would be sent by a stranger

DOCUMENT = create_app(station_settings, lambda _: None).openapi()  # type: ignore[arg-type]
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = {
    f"{operation.method} {operation.path}": operation
    for operation in (result.ok() for result in SCHEMA.get_all_operations())
    if (operation.method, operation.path) != SIGN_OUT
}
# In what is no body every text is allowed: nothing wrong can be made of it.
CASES = [(name, GenerationMode.POSITIVE) for name in OPERATIONS]
CASES += [(name, GenerationMode.NEGATIVE) for name, operation in OPERATIONS.items() if operation.body]


@pytest.fixture(scope="module")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, requests.Session]]:
    folder = tmp_path_factory.mktemp("station")
    with (
        listening(create_app(station_settings(folder, UNUSED_PORT), lambda _: None)) as port,
        requests.Session() as session,
    ):
        url = f"http://127.0.0.1:{port}"
        session.trust_env = False
        session.post(f"{url}{API}/session", json={"username": "admin", "password": PASSWORD}).raise_for_status()
        yield url, session


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_no_request_whatever_brings_out_a_fault_of_the_server(
    name: str, mode: GenerationMode, station: tuple[str, requests.Session]
) -> None:
    url, session = station

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def try_it(data: st.DataObject) -> None:
        case = data.draw(OPERATIONS[name].as_strategy(generation_mode=mode))
        answer = case.call(base_url=url, session=session)
        case.validate_response(
            answer, checks=[not_a_server_error, content_type_conformance, response_schema_conformance]
        )

    try_it()
