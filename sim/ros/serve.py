"""The simulator as a process: steps the world beside the wall clock, speaks ROS, and writes the report at its end."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import rclpy
import structlog

from sim.engine.dog_bodies import CONTROL_S
from sim.engine.replay import ReplayRecorder
from sim.engine.simulation import Simulation
from sim.package_files import of_package
from sim.ros.control_channel import Cues, Live
from sim.ros.topic_interface import TopicInterface

log = structlog.get_logger()
LIVE_S = 0.2  # from one truth told to the next
DEBT_S = 0.25  # of lateness that it makes up for; what is more is let go, and shows in the real-time factor
LEASH_S = 0.2  # simulated, between commands, of which a dog sends twenty in a second of the wall's
WAIT_S = 0.25  # of the wall's clock: five times what a healthy dog takes
FASTDDS = of_package("patrol_bringup", "config") / "fastdds.xml"


class Stop:
    """Becomes true at SIGINT or SIGTERM."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True


class Pace:
    """Sleeps so that simulated time runs at ``rate`` times the wall clock's; at rate 0 it never sleeps."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._due = time.monotonic()

    def wait(self) -> None:
        """To be called once a control step."""
        if self._rate <= 0:
            return
        self._due = max(self._due + CONTROL_S / self._rate, time.monotonic() - DEBT_S)
        time.sleep(max(0.0, self._due - time.monotonic()))


class Leash:
    """Where no pace is set, keeps the world from outrunning its dogs' minds, which think on the wall's time.

    A dog that was commanded within the last second is waited for when LEASH_S of simulated time have passed since, for
    WAIT_S of the wall's at most: one whose processes have ended holds nobody up for longer.
    """

    def __init__(self, rate: float) -> None:
        self._on = rate <= 0
        self._heard: dict[str, float] = {}

    def wait(self, sim: Simulation, listen: Callable[[], Iterable[str]]) -> None:
        """To be called once a control step; ``listen`` tells who was commanded since it was last called."""
        self._note(listen(), sim.elapsed)
        if not self._on:
            return
        until = time.monotonic() + WAIT_S
        while (late := self._late(sim.elapsed)) and time.monotonic() < until:
            time.sleep(0.001)
            self._note(listen(), sim.elapsed)
        for dog in late:
            del self._heard[dog]

    def _note(self, dogs: Iterable[str], now: float) -> None:
        self._heard.update(dict.fromkeys(dogs, now))

    def _late(self, now: float) -> list[str]:
        return [dog for dog, at in self._heard.items() if now - at >= LEASH_S]


def serve(
    sim: Simulation,
    rate: float,
    report: Path | None,
    duration: float | None = None,
    depth: bool = False,
    cues: Cues | None = None,
    live: Live | None = None,
    tape: ReplayRecorder | None = None,
) -> dict[str, Any]:
    """Serve ``sim`` until SIGINT, SIGTERM or ``duration`` simulated seconds; return the report, which is written."""
    for name in ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE"):
        os.environ.setdefault(name, str(FASTDDS))
    rclpy.init(signal_handler_options=rclpy.signals.SignalHandlerOptions.NO)
    node = rclpy.create_node("simulator")
    stop, pace, leash, face = Stop(), Pace(rate), Leash(rate), TopicInterface(node, sim, depth)

    def listen() -> list[str]:
        heard = face.listen()
        for dog, command in heard.items() if tape else ():
            tape.command(sim.steps, dog, command)  # type: ignore[union-attr]
        return list(heard)

    clock, began, spent, worked = [], time.time(), time.monotonic(), time.process_time()
    log.info("simulator_ready", dogs=list(sim.dogs), camera=sim.camera_backend, rate=rate)
    try:
        while not stop.asked and (duration is None or sim.elapsed < duration):
            leash.wait(sim, listen)
            for number in cues.take() if cues else ():
                sim.story.cue(number, sim.elapsed)
                if tape is not None:
                    tape.cue(sim.steps, number)
            sim.step()
            face.publish()
            if live and sim.steps % round(LIVE_S / CONTROL_S) == 0:
                live.tell(sim.truth())
            if sim.steps % round(1 / CONTROL_S) == 0:
                clock.append((time.time(), sim.now))
            pace.wait()
    finally:
        spent = time.monotonic() - spent
        result = _account(sim, clock, began, spent) | {"cpu_s": round(time.process_time() - worked, 2)}
        if report is not None:
            report.parent.mkdir(parents=True, exist_ok=True)
            report.write_text(json.dumps(result))
        if tape is not None:
            tape.end(sim)
        sim.close()
        node.destroy_node()
        rclpy.try_shutdown()
    return result


def _account(sim: Simulation, clock: list[tuple[float, float]], began: float, spent: float) -> dict[str, Any]:
    return {
        "dogs": sim.report(),
        "clock": [[round(wall, 3), round(now, 3)] for wall, now in clock],
        "events": sim.events(),
        "truth": sim.truths,
        "start": round(sim.start, 3),
        "began": round(began, 3),
        "simulated_s": round(sim.elapsed, 2),
        "real_time_factor": round(sim.elapsed / spent, 3) if spent else 0.0,
        "camera_backend": sim.camera_backend,
        "trace": sim.trace,
    }
