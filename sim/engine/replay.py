"""A run on tape: with what it began, and each command with the step at which it took effect. Played, it is the same.

The file is of JSON lines: the beginning, then ``{"step": n, "dog": name, "command": [m/s, m/s, rad/s]}`` and
``{"step": n, "cue": number}``, at last ``{"steps": n, "trace": sha256}``. One that was cut off plays as far as it goes.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from sim.engine.dog import DogPlan, Make
from sim.engine.dog_bodies import Command
from sim.engine.script import Daylight, Script, check
from sim.engine.simulation import Simulation


class MalformedReplay(ValueError):
    """A file that is no tape; the text names file and line."""


@dataclass(frozen=True)
class Beginning:
    """All that a run begins with."""

    world: Path
    dogs: tuple[DogPlan, ...]
    seed: int = 0
    start: float = 0.0
    light: Daylight = Daylight.DAY
    script: Script = ()

    def simulation(self, pictures: bool = True) -> Simulation:
        """The world at its start."""
        return Simulation(self.world, self.dogs, self.seed, self.start, pictures, self.light, self.script)


class ReplayRecorder:
    """Writes one."""

    def __init__(self, path: Path, beginning: Beginning) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")
        told = {**asdict(beginning), "world": str(beginning.world.resolve())}
        self._write({**told, "script": msgspec.to_builtins(beginning.script)})

    def command(self, step: int, dog: str, velocity: Command) -> None:
        """This command took effect before ``step``."""
        self._write({"step": step, "dog": dog, "command": velocity})

    def cue(self, step: int, number: int) -> None:
        """This entry of the script was called before ``step``."""
        self._write({"step": step, "cue": number})

    def end(self, sim: Simulation) -> None:
        """The run is over."""
        self._write({"steps": sim.steps, "trace": sim.trace})
        self._file.close()

    def _write(self, entry: dict[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")


@dataclass(frozen=True)
class Played:
    """How a tape ended when it was played: ``same`` is None where it was cut off before it could say."""

    simulation: Simulation
    same: bool | None


def replay(path: Path) -> Played:
    """Run what is on the tape again, without ROS and without pictures; raises MalformedTape."""
    lines = _lines(path)
    try:
        _, first = next(lines)
        plans = tuple(DogPlan(d["name"], d["x"], d["y"], d["theta"], Make(d["make"])) for d in first["dogs"])
        told = check(first["script"], str(path))
        beginning = Beginning(
            Path(first["world"]), plans, first["seed"], first["start"], Daylight(first["light"]), told
        )
    except (StopIteration, KeyError, TypeError) as error:
        raise MalformedReplay(f"{path}: line 1: not the beginning of a tape") from error
    sim = beginning.simulation(pictures=False)
    for number, entry in lines:
        try:
            if "trace" in entry:
                _run_to(sim, entry["steps"])
                return Played(sim, sim.trace == entry["trace"])
            _run_to(sim, entry["step"])
            if "cue" in entry:
                sim.story.cue(entry["cue"], sim.elapsed)
            else:
                sim.dogs[entry["dog"]].command(tuple(entry["command"]), sim.now)
        except (KeyError, TypeError) as error:
            raise MalformedReplay(f"{path}: line {number}: expected a step and a command or cue") from error
    return Played(sim, None)


def _run_to(sim: Simulation, step: int) -> None:
    while sim.steps < step:
        sim.step()


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                if line.endswith("\n"):
                    raise MalformedReplay(f"{path}: line {number}: no JSON: {error}") from error
