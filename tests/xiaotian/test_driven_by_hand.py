"""A dog in the simulated world that somebody drives blindly, by the wire's commands: the gate is always between."""

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from edge.dog.dog import Outputs
from edge.dog.mission_core import MissionCore
from edge.driving.driving_session import LEASE_S
from edge.mission.events import Battery, InstantActionsCame
from edge.types import STILL
from protocol.codec import header
from protocol.instant_actions import InstantActions
from protocol.manual_driving import MOST_SPEED, SESSION, START, DriveCommand
from protocol.order import Action, ActionParameter, BlockingType
from protocol.topics import Address
from sim.engine.dog_bodies import CONTROL_S
from sim.engine.simulation import Make
from xiaotian.direct.observer import Account
from xiaotian.direct.trial import Trial

ADDRESS = Address("xiaotian", "dog1")
DRIVE = "a-drive-of-the-tests"
OPEN = (8.0, 4.0, 0.0)  # a place in the yard with six metres of nothing ahead
TRIALS = int(os.environ.get("HAND_TRIALS", "2"))  # hundreds, for who has changed the gate or the session
SEND_EVERY = round(0.1 / CONTROL_S)  # steps


@dataclass
class Driven:
    """``hold`` a velocity for so long; None says nothing at all."""

    trial: Trial
    sequence: int = 0
    word: str = ""
    steps: int = 0
    lost: bool = False
    reasons: set[str] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)

    @property
    def account(self) -> Account:
        return self.trial.observer.accounts["dog1"]

    def take(self) -> None:
        core = self.trial.lockstep.dogs["dog1"].mission
        assert core is not None
        core.latest.take_battery(Battery(0.9, 29.0, charging=False), self.trial.sim.now)
        action = Action(
            action_type=START,
            action_id="take",
            blocking_type=BlockingType.NONE,
            action_parameters=[ActionParameter(key=SESSION, value=DRIVE)],
        )
        self.step({"events": (InstantActionsCame(InstantActions(**self._header(), actions=[action])),)})
        list(self.hold((0.0, 0.0, 0.0), 0.5))

    def hold(self, velocity: tuple[float, float, float] | None, seconds: float) -> Iterator[Outputs]:
        for _ in range(round(seconds / CONTROL_S)):
            wish = {}
            if velocity is not None and self.steps % SEND_EVERY == 0:
                self.sequence += 1
                wish["drives"] = (self._command(velocity),)
            yield self.step(wish)

    def step(self, wish: dict[str, object]) -> Outputs:
        self.steps += 1
        self.trial._wishes["dog1"] = wish
        core = self.trial.lockstep.dogs["dog1"].mission
        assert core is not None
        core.latest.take_battery(Battery(0.9, 29.0, charging=False), self.trial.sim.now)
        out = self.trial.step()["dog1"]
        if out.drive is not None:
            self.word, self.lost, self.refused = out.drive.word, out.drive.lost, out.drive.refused
            self.reasons.update(out.drive.reasons)
        return out

    @property
    def place(self) -> tuple[float, float, float]:
        return self.trial.sim.dogs["dog1"].place(self.trial.sim.data)

    def _command(self, velocity: tuple[float, float, float]) -> DriveCommand:
        vx, vy, omega = velocity
        return DriveCommand(
            **self._header(), session_id=DRIVE, sequence=self.sequence, word=self.word, vx=vx, vy=vy, omega=omega
        )

    def _header(self) -> dict[str, object]:
        return header(ADDRESS, 0, self.trial.sim.now)


@contextmanager
def driven(
    start: tuple[float, float, float] = OPEN,
    script: Sequence[Mapping[str, Any]] = (),
    seed: int = 1,
    make: Make = Make.LIGHT,
) -> Iterator[Driven]:
    """A dog of the yard in somebody's hand."""
    with Trial("station_yard", {"dog1": start}, script, seed, make) as trial:
        core = MissionCore(ADDRESS)
        core.take_site(trial.site.ground.message, 1, trial.site.file.docks, trial.site.ground.zones)
        trial.lockstep.dogs["dog1"].mission = core
        made = Driven(trial)
        list(made.hold(None, 3.0))
        made.take()
        yield made


@pytest.mark.parametrize("make", [Make.LIGHT, Make.LEGGED])
def test_a_held_key_drives_the_dog_and_silence_stops_it_within_three_tenths_of_a_second(make: Make) -> None:
    with driven(make=make) as dog:
        before = dog.place
        list(dog.hold((0.6, 0.0, 0.0), 3.0))
        assert math.dist(before[:2], dog.place[:2]) > 0.8
        silent_since, commands = dog.trial.sim.now, [(dog.trial.sim.now, out.command) for out in dog.hold(None, 2.0)]
        zero_at = next(at for at, command in commands if command == STILL)
        assert zero_at - silent_since <= 0.3
        assert {command for at, command in commands if at >= zero_at} == {None, STILL}
        assert not dog.account.falls


def test_letting_go_stops_at_once_and_not_by_a_ramp() -> None:
    with driven(make=Make.LEGGED) as dog:
        list(dog.hold((MOST_SPEED, 0.0, 0.0), 3.0))
        commands = [out.command for out in dog.hold((0.0, 0.0, 0.0), 1.0)]
        let_go = next(n for n, command in enumerate(commands) if command == STILL)
        assert let_go * CONTROL_S <= 0.2, "a tenth until it is said, and the gate's period"
        assert {*commands[let_go:]} == {None, STILL}
        assert not dog.account.falls


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(TRIALS))
def test_whoever_drives_blindly_touches_neither_a_person_nor_a_wall(seed: int) -> None:
    """People about the dog, who stand, lie or pass, in the way or beside it; a velocity that changes by chance."""
    random = Random(seed)
    start = (random.uniform(5.0, 9.0), random.uniform(3.5, 4.5), random.uniform(-math.pi, math.pi))
    with driven(start, [somebody(random, n, start) for n in range(3)], seed) as dog:
        for _ in range(4):
            velocity = (random.choice((MOST_SPEED, 0.5, -0.4)), random.uniform(-0.3, 0.3), random.uniform(-0.7, 0.7))
            velocity = tuple(each * min(1.0, MOST_SPEED / math.hypot(*velocity[:2])) for each in velocity)  # type: ignore[assignment]
            list(dog.hold(velocity, random.uniform(1.0, 5.0)))
        assert dog.account.own_contacts == [], seed
        assert not dog.account.falls
        assert not dog.refused, "it was truly driven"


def somebody(random: Random, number: int, start: tuple[float, float, float]) -> dict[str, Any]:
    far, where = random.uniform(1.6, 3.5), random.uniform(-math.pi, math.pi)
    at = {"x": start[0] + far * math.cos(where), "y": start[1] + far * math.sin(where)}
    if random.random() < 0.3:
        way = [at, {"x": start[0] - far * math.cos(where), "y": start[1] - far * math.sin(where)}]
    else:
        way = [at | {"act": random.choice(("stand", "lie", "sit")), "seconds": 99, "theta": where}]
    return {"at": 0, "do": "person", "name": f"p{number}", "way": way}


def test_straight_ahead_it_stops_before_somebody_who_stands_there_and_slows_down_before() -> None:
    stands = {"at": 0, "do": "person", "name": "p", "way": [{"x": 10.6, "y": 4.0, "act": "stand", "seconds": 99}]}
    with driven(OPEN, [stands], make=Make.LEGGED) as dog:
        seen = [(dog.account.nearest, out.verdict) for out in dog.hold((MOST_SPEED, 0.0, 0.0), 8.0)]
        assert dog.account.contacts == []
        assert 9.0 < dog.place[0] < 10.3
        close = [verdict.command.vx for nearest, verdict in seen if verdict is not None and nearest < 1.0]
        assert close
        assert max(close) <= 0.5 + 1e-6
        assert any(str(reason).startswith("OBSTACLE") for reason in dog.reasons)


def test_against_a_wall_it_stops() -> None:
    with driven((6.0, 6.0, math.pi / 2)) as dog:
        list(dog.hold((MOST_SPEED, 0.0, 0.0), 10.0))
        assert (dog.account.contacts, dog.account.falls) == ([], 0)
        out = list(dog.hold((MOST_SPEED, 0.0, 0.0), 1.0))[-1]
        assert out.verdict is not None
        assert out.verdict.command.vx < 0.1


def test_an_emergency_stop_wins_and_a_key_that_was_held_meanwhile_does_not_set_it_off_again() -> None:
    with driven() as dog:
        list(dog.hold((0.5, 0.0, 0.0), 1.0))
        out = dog.step({"emergency_stop": True})
        assert out.command == STILL
        assert {out.command for out in dog.hold((0.5, 0.0, 0.0), 1.0)} == {None, STILL}
        dog.step({"emergency_stop": False})
        assert {out.command for out in dog.hold((0.5, 0.0, 0.0), 1.0)} == {None, STILL}
        assert dog.refused["LET_GO_FIRST"]
        list(dog.hold((0.0, 0.0, 0.0), 0.2))
        assert any(out.command is not None and out.command.vx > 0 for out in dog.hold((0.5, 0.0, 0.0), 1.0))


def test_without_its_place_on_the_map_it_is_not_driven_for_nobody_could_keep_it_within_its_borders() -> None:
    with driven() as dog:
        core = dog.trial.lockstep.dogs["dog1"].safety
        core.take_pose = lambda estimate: None  # type: ignore[method-assign]
        list(dog.hold((0.5, 0.0, 0.0), 1.0))
        assert {out.command for out in dog.hold((0.5, 0.0, 0.0), 1.0)} == {None, STILL}
        assert "POSE_STALE" in dog.reasons


def test_a_driver_who_has_gone_loses_the_hand_and_the_dog_says_so() -> None:
    with driven() as dog:
        list(dog.hold((0.5, 0.0, 0.0), 1.0))
        list(dog.hold(None, LEASE_S + 1.0))
        assert dog.lost
        told = [out.told for out in dog.hold((0.5, 0.0, 0.0), 2.0) if out.told is not None]
        assert [error.error_type for error in told[-1].report.errors] == ["driverLost"]
        assert {out.command for out in dog.hold((0.5, 0.0, 0.0), 1.0)} == {None, STILL}
