from pathlib import Path

import pytest

from edge.dog.safety_latch import SafetyLatch
from edge.navigation.safety_gate import Latched, Reason, SafetyGate
from edge.types import STILL, Imu
from tests.edge.navigation.test_safety_gate import CONFIG, inputs, run


def again(folder: Path) -> SafetyGate:
    """A gate that starts anew on the same disk."""
    gate = SafetyGate(CONFIG)
    gate.restore(SafetyLatch(folder / "safety.json", pytest.fail).load())
    return gate


def keep(folder: Path, gate: SafetyGate) -> None:
    SafetyLatch(folder / "safety.json", pytest.fail).save(gate.latched)


def fall(gate: SafetyGate, now: float) -> None:
    gate.update(inputs(now, imu=Imu(1.4, 0.0, 0.0, now)), now)


def test_a_gate_that_starts_for_the_first_time_is_held_by_nothing(tmp_path: Path) -> None:
    assert again(tmp_path).latched == Latched()


def test_an_emergency_stop_outlives_the_gate_and_so_does_its_release(tmp_path: Path) -> None:
    gate = SafetyGate(CONFIG)
    gate.latch()
    keep(tmp_path, gate)
    gate = again(tmp_path)
    assert run(gate, 2.0).reasons == (Reason.EMERGENCY_STOP,)
    gate.release()
    keep(tmp_path, gate)
    assert run(again(tmp_path), 2.0).reasons == ()


def test_a_dog_that_lies_or_is_checked_after_a_fall_is_not_up_because_its_gate_started_again(tmp_path: Path) -> None:
    gate = SafetyGate(CONFIG)
    fall(gate, 0.0)
    keep(tmp_path, gate)
    gate = again(tmp_path)
    assert gate.update(inputs(1.0), 1.0).reasons == (Reason.CHECKING_AFTER_FALL,)
    keep(tmp_path, gate)
    assert again(tmp_path).update(inputs(4.5), 4.5).reasons == (Reason.CHECKING_AFTER_FALL,)


def test_who_waits_for_a_person_after_a_second_fall_waits_still_and_a_first_fall_is_remembered(tmp_path: Path) -> None:
    gate = SafetyGate(CONFIG)
    fall(gate, 0.0)
    run(gate, 5.0, 0.05, command=STILL)
    assert gate.latched == Latched(falls=(0.0,))
    keep(tmp_path, gate)
    gate = again(tmp_path)
    fall(gate, 20.0)
    assert run(gate, 5.0, 20.05, command=STILL).reasons == (Reason.WAITING_AFTER_FALL,)
    keep(tmp_path, gate)
    assert run(again(tmp_path), 5.0, 40.0, command=STILL).reasons == (Reason.WAITING_AFTER_FALL,)


@pytest.mark.parametrize("torn", [b"", b"{", b"\x00\xff", b"[]", b'{"fall": "ASLEEP"}', b'{"falls": ["yesterday"]}'])
def test_a_torn_file_holds_the_dog_by_its_emergency_stop_and_says_so(tmp_path: Path, torn: bytes) -> None:
    (tmp_path / "safety.json").write_bytes(torn)
    said: list[str] = []
    latch = SafetyLatch(tmp_path / "safety.json", said.append)
    gate = SafetyGate(CONFIG)
    gate.restore(latch.load())
    assert run(gate, 1.0).reasons == (Reason.EMERGENCY_STOP,)
    assert "safety.json cannot be read" in said[0]
    gate.release()
    latch.save(gate.latched)
    assert again(tmp_path).latched == Latched()


def test_a_disk_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said: list[str] = []
    SafetyLatch(tmp_path / "file" / "safety.json", said.append).save(Latched(emergency_stop=True))
    assert "cannot be written" in said[0]
