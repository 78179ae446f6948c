"""`xiaotian smoke`: the demo without a screen and with an end: one JSON line, and rc 0 when all went well."""

import asyncio
import bisect
import itertools
import json
import math
import time
from collections.abc import Callable
from typing import Any

import msgspec
import websockets

from xiaotian.api_client import ApiProblem
from xiaotian.api_client.models import DogView, IncidentView, PatrolView
from xiaotian.child_processes import Family
from xiaotian.demo_plan import DemoPlan
from xiaotian.local_stack import LocalStack, Plan

AFTERGLOW_S = 3.0  # after the patrols' end: time for a second, unwanted incident to show itself
SLOWEST = 5.0  # times slower than the wall a busy computer's world may be
SET_OUT_M = 1.0  # from where it began
ENDED = {"COMPLETED", "CANCELED", "FAILED", "REJECTED"}
REACHED = ("REACHED", "DONE")


def run(plan: Plan, demo: DemoPlan, timeout_s: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Stage ``plan``, send the dogs of ``demo`` on its first patrols, and tell what came of it.

    ``timeout_s`` is in simulated seconds.
    """
    began = time.monotonic()
    with Family(plan.folder / "logs") as family:
        stage = LocalStack(plan, family, lambda part: say(f"starting {part}"))
        stage.start()
        watched = asyncio.run(_watch(stage, demo, timeout_s, say))
        say("stopping")
        family.stop()
        report = stage.report()
    line = _line(watched, report, demo, time.monotonic() - began)
    return line | {"wrong": faults(line)}


class _Watched:
    """What came over the WebSocket, and when on the wall's clock. ``patrols`` by dog."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.patrols: dict[str, PatrolView] = {}
        self.incidents: dict[str, IncidentView] = {}
        self.first_heard: dict[str, float] = {}
        self.detector: str | None = None
        self._say = say

    def take(self, message: dict[str, Any], now: float) -> None:
        kind, data = message["type"], message["data"]
        if kind == "patrol":
            patrol = msgspec.convert(data, PatrolView)
            before = self.patrols.get(patrol.dog_id)
            if before is not None and before.patrol_id == patrol.patrol_id:
                self._tell_progress(before, patrol)
                self.patrols[patrol.dog_id] = patrol
        if kind == "incident":
            incident = msgspec.convert(data, IncidentView)
            if incident.incident_id not in self.incidents:
                self._say(f"incident: {incident.kind} {incident.zone_id or ''}")
            self.incidents[incident.incident_id] = incident
            self.first_heard.setdefault(incident.incident_id, now)
        if kind == "dogs":
            dogs = msgspec.convert(data, list[DogView])
            self.detector = next((dog.detector for dog in dogs if dog.detector), self.detector)

    @property
    def ended(self) -> bool:
        return all(patrol.status in ENDED for patrol in self.patrols.values())

    def _tell_progress(self, old: PatrolView, new: PatrolView) -> None:
        dog = new.dog_id
        if len(_reached(new)) > len(_reached(old)):
            self._say(f"{dog} at {_reached(new)[-1]}, {len(_reached(new))} of {len(new.checkpoints)}")
        if new.status != old.status and new.status in ENDED:
            self._say(f"{dog}: patrol {new.status.lower()} {new.reason or ''}".rstrip())


async def _watch(stage: LocalStack, demo: DemoPlan, timeout_s: float, say: Callable[[str], None]) -> _Watched:
    watched = _Watched(say)
    with stage.client() as client:
        address = stage.url.replace("http", "ws") + "/api/v1/live"
        async with websockets.connect(address, additional_headers=client.live_headers, max_size=None) as live:
            for patrol in demo.patrols:
                try:
                    watched.patrols[patrol.dog] = client.assign_patrol(patrol.route, patrol.dog)
                except ApiProblem as problem:
                    raise RuntimeError(f"the server would not send {patrol.dog}: {problem.detail}") from problem
                say(f"{patrol.dog} walks {patrol.route}")
            began, latest = stage.simulated_s(), time.monotonic() + timeout_s * SLOWEST
            while not watched.ended and stage.simulated_s() - began < timeout_s and time.monotonic() < latest:
                await _take_next(live, watched, 1.0)
                stage.family.check()
            over = time.monotonic() + AFTERGLOW_S
            while time.monotonic() < over:
                await _take_next(live, watched, 0.2)
    return watched


async def _take_next(live: Any, watched: _Watched, patience_s: float) -> None:
    try:
        message = json.loads(await asyncio.wait_for(live.recv(), patience_s))
    except TimeoutError:
        return
    watched.take(message, time.time())


def _reached(patrol: PatrolView) -> list[str]:
    return [c.checkpoint_id for c in patrol.checkpoints if c.status in REACHED]


def _line(watched: _Watched, report: dict[str, Any], demo: DemoPlan, wall_s: float) -> dict[str, Any]:
    """The line. Collisions, falls and metres are of all dogs together; ``dogs`` has them one by one."""
    dogs = {dog.name: _of_dog(watched.patrols.get(dog.name), report["dogs"][dog.name]) for dog in demo.dogs}
    near = [told["nearest_approach_m"] for told in report["dogs"].values() if told["nearest_approach_m"] is not None]
    statuses = {dog["patrol"] for dog in dogs.values() if dog["patrol"]}
    return {
        "patrol": "completed" if statuses == {"completed"} else min(statuses - {"completed"}, default="none"),
        "checkpoints": sum(dog["checkpoints"] for dog in dogs.values()),
        "incidents": len(watched.incidents),
        "incidents_expected": demo.incidents,
        "alert_latency_s": _latency(watched, report["clock"]),
        "collisions": sum(dog["collisions"] for dog in dogs.values()),
        "falls": sum(dog["falls"] for dog in dogs.values()),
        "distance_m": round(sum(dog["distance_m"] for dog in dogs.values()), 1),
        "nearest_approach_m": min(near, default=None),
        "dogs_met_at_m": met_at([told["path"] for told in report["dogs"].values()]),
        "dogs": dogs,
        "detector": watched.detector,
        "real_time_factor": report["real_time_factor"],
        "wall_s": round(wall_s, 1),
    }


def met_at(paths: list[list[list[float]]]) -> float | None:
    """How near (m, their middles) two dogs came to each other of which one had set out; None where none had.

    A path has rows (t, x, y, theta), all paths the same t.
    """
    near = [
        math.dist(a[1:3], b[1:3])
        for one, other in itertools.combinations(paths, 2)
        for a, b in zip(one, other, strict=False)
        if max(math.dist(a[1:3], one[0][1:3]), math.dist(b[1:3], other[0][1:3])) > SET_OUT_M
    ]
    return round(min(near), 2) if near else None


def _of_dog(patrol: PatrolView | None, told: dict[str, Any]) -> dict[str, Any]:
    checkpoints = patrol.checkpoints if patrol else []
    return {
        "route": patrol.route_id if patrol else "",
        "patrol": patrol.status.lower() if patrol else "",
        "reason": (patrol.reason or "") if patrol else "",
        "checkpoints": len(_reached(patrol)) if patrol else 0,
        "missed": [c.checkpoint_id for c in checkpoints if c.status not in REACHED],
        "collisions": told["collisions"],
        "collided_with": sorted({each["with"] for each in told["collided_with"]}),
        "falls": told["falls"],
        "distance_m": round(told["distance_m"], 1),
    }


def faults(line: dict[str, Any]) -> list[str]:
    """What was not as it has to be; empty when all went well."""
    found = [fault for name, dog in line["dogs"].items() for fault in _faults_of(name, dog)]
    if line["incidents"] != line["incidents_expected"]:
        found.append(f"{line['incidents']} incidents, not {line['incidents_expected']}")
    if line["incidents_expected"] and line["alert_latency_s"] is None:
        found.append("no alert latency")
    return found


def _faults_of(name: str, dog: dict[str, Any]) -> list[str]:
    missed = ", ".join(dog["missed"])
    checks = {
        f"{name}: the patrol was not completed but {dog['patrol']} {dog['reason']}": dog["patrol"] in ("", "completed"),
        f"{name}: not at {missed}": not missed,
        f"{name}: {dog['collisions']} collisions with {', '.join(dog['collided_with'])}": dog["collisions"] == 0,
        f"{name}: {dog['falls']} falls": dog["falls"] == 0,
    }
    return [fault.strip() for fault, passed in checks.items() if not passed]


def _latency(watched: _Watched, clock: list[list[float]]) -> float | None:
    """Seconds on the wall's clock from the stamp of the deciding frame to the incident on the WebSocket."""
    if not watched.incidents:
        return None
    first = min(watched.incidents.values(), key=lambda incident: watched.first_heard[incident.incident_id])
    stamp = first.frame_stamp.timestamp()
    return round(watched.first_heard[first.incident_id] - wall_time(stamp, clock), 3)


def wall_time(simulated: float, clock: list[list[float]]) -> float:
    """The wall's time at a simulated time, between the pairs (wall, simulated) of ``clock``, both in seconds."""
    after = min(max(bisect.bisect_left([pair[1] for pair in clock], simulated), 1), len(clock) - 1)
    (wall0, sim0), (wall1, sim1) = clock[after - 1], clock[after]
    return wall0 + (simulated - sim0) / (sim1 - sim0) * (wall1 - wall0)
