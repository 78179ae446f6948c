"""What is told passes the standard's own schemas, whatever the dog is doing."""

import json
from pathlib import Path

import jsonschema
import pytest

from edge.mission.events import OrderCame, Situation
from edge.mission.factsheet import factsheet
from edge.mission.mission import Mission
from edge.mission.order_progress import OrderProgress
from edge.mission.order_storage import OrderFile
from edge.mission.state import compose
from protocol.codec import decode, encode
from protocol.state import State
from tests.edge.mission.world import ADDRESS, NOW, Dog, action, order
from tests.edge.mission.world import node as at
from tests.shared import shared

ROUND = order(at("a", 0), at("b", 2, action("takePhoto", "p")), at("c", 4, action("dwell", "w", seconds=2)))


def states() -> list[State]:
    """Every half second of a round, and a dog that knows nothing yet."""
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    told = [compose(Mission().report(), Situation(), ADDRESS, NOW)]
    for _ in range(40):
        dog.run(0.5)
        told.append(compose(dog.report(), dog.situation, ADDRESS, dog.now))
    return told


def test_every_state_of_a_round_passes_the_official_schema() -> None:
    schema = json.loads(shared("vda5050/2.1.0/state.schema").read_text(encoding="utf-8-sig"))
    for state in states():
        jsonschema.Draft202012Validator(schema).validate(json.loads(encode(state)))


def test_every_state_of_a_round_comes_back_as_it_went() -> None:
    for state in states():
        assert decode(encode(state), State) == state


def test_a_state_tells_phase_and_detector_to_people() -> None:
    told = {(i.info_type, i.info_description) for s in states() for i in s.information}
    assert {("phase", "DRIVING"), ("phase", "ACTING"), ("phase", "IDLE"), ("detector", "eyes")} <= told


def test_the_factsheet_passes_the_official_schema() -> None:
    schema = json.loads(shared("vda5050/2.1.0/factsheet.schema").read_text(encoding="utf-8-sig"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(encode(factsheet(ADDRESS, NOW))))


def test_a_held_order_is_kept_whole(tmp_path: Path) -> None:
    dog = Dog()
    dog.tell(OrderCame(ROUND))
    dog.run(3)
    file = OrderFile(tmp_path / "dog/order.json")
    assert file.get() is None
    file.put(dog.held)
    assert file.get() == dog.held


@pytest.mark.parametrize("torn", [b"", b"{", b'{"order_id": 3}'])
def test_a_file_that_is_no_order_is_set_aside_and_not_taken(tmp_path: Path, torn: bytes) -> None:
    (tmp_path / "order.json").write_bytes(torn)
    file = OrderFile(tmp_path / "order.json")
    assert file.get() is None
    assert (tmp_path / "order.unreadable").read_bytes() == torn
    file.put(OrderProgress())
    assert file.get() == OrderProgress()
