"""`xiaotian smoke`: the demo without a screen and with an end: one JSON line, and rc 0 when all went well."""

import asyncio
import bisect
import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import websockets

from xiaotian.processes import Family
from xiaotian.stage import Plan, Stage

LEAST_WALK_M = 80.0
LEAST_CHECKPOINTS = 6
AFTERGLOW_S = 3.0  # after the patrol's end: time for a second, unwanted incident to show itself
ENDED = {"COMPLETED", "CANCELED", "FAILED", "REJECTED"}


def run(plan: Plan, route_name: str, dog: str, timeout_s: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Stage ``plan``, send ``dog`` on the starter route ``route_name``, and tell what happened."""
    began = time.monotonic()
    with Family(plan.folder / "logs") as family:
        stage = Stage(plan, family, lambda part: say(f"starting {part}"))
        stage.start()
        watched = asyncio.run(_watch(stage, route_name, dog, timeout_s, say))
        say("stopping")
        family.stop()
        report = stage.report()
    return _verdict(watched, report, dog, time.monotonic() - began)


class _Watched:
    """What came over the WebSocket, and when on the wall's clock."""

    def __init__(self) -> None:
        self.patrol: dict[str, Any] = {}
        self.incidents: dict[str, dict[str, Any]] = {}
        self.first_heard: dict[str, float] = {}
        self.detector: str | None = None

    def take(self, message: dict[str, Any], now: float) -> None:
        kind, data = message["type"], message["data"]
        if kind == "patrol" and data["patrolId"] == self.patrol.get("patrolId"):
            self.patrol = data
        if kind == "incident":
            self.incidents[data["incidentId"]] = data
            self.first_heard.setdefault(data["incidentId"], now)
        if kind == "dogs":
            self.detector = next((d["detector"] for d in data if d["detector"]), self.detector)

    @property
    def ended(self) -> bool:
        return self.patrol.get("status") in ENDED


async def _watch(stage: Stage, route_name: str, dog: str, timeout_s: float, say: Callable[[str], None]) -> _Watched:
    watched = _Watched()
    with stage.client() as client:
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        address = stage.url.replace("http", "ws") + "/api/v1/live"
        async with websockets.connect(address, additional_headers={"Cookie": cookie}, max_size=None) as live:
            route = next(r for r in client.get("/routes").json() if r["routeId"] == route_name)
            answer = client.post("/patrols", json={"routeId": route["routeId"], "dogId": dog})
            if answer.is_error:
                raise RuntimeError(f"the server would not send {dog}: {answer.json()['detail']}")
            watched.patrol = answer.json()
            say(f"{dog} walks {route['name']['en']}")
            deadline = time.monotonic() + timeout_s
            while time.monotonic() < deadline and not watched.ended:
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


def _verdict(watched: _Watched, report: dict[str, Any], dog: str, wall_s: float) -> dict[str, Any]:
    walked = report["dogs"][dog]
    reached = [c for c in watched.patrol.get("checkpoints", []) if c["status"] in ("REACHED", "DONE")]
    return {
        "patrol": str(watched.patrol.get("status", "unknown")).lower(),
        "checkpoints": len(reached),
        "incidents": len(watched.incidents),
        "alert_latency_s": _latency(watched, report["clock"]),
        "collisions": walked["collisions"],
        "distance_m": round(walked["distance_m"], 1),
        "falls": walked["falls"],
        "nearest_approach_m": walked["nearest_approach_m"],
        "detector": watched.detector,
        "real_time_factor": report["real_time_factor"],
        "wall_s": round(wall_s, 1),
    }


def faults(line: dict[str, Any]) -> list[str]:
    """What was not as it has to be; empty when all went well."""
    checks = {
        "the patrol was not completed": line["patrol"] == "completed",
        f"fewer than {LEAST_CHECKPOINTS} checkpoints": line["checkpoints"] >= LEAST_CHECKPOINTS,
        "not exactly one incident": line["incidents"] == 1,
        "no alert latency": line["alert_latency_s"] is not None,
        "a collision": line["collisions"] == 0,
        "a fall": line["falls"] == 0,
        f"less than {LEAST_WALK_M} m walked": line["distance_m"] >= LEAST_WALK_M,
    }
    return [fault for fault, passed in checks.items() if not passed]


def _latency(watched: _Watched, clock: list[list[float]]) -> float | None:
    """Seconds on the wall's clock from the stamp of the deciding frame to the incident on the WebSocket."""
    if not watched.incidents:
        return None
    first = min(watched.incidents.values(), key=lambda incident: watched.first_heard[incident["incidentId"]])
    stamp = datetime.fromisoformat(first["frameStamp"]).timestamp()
    return round(watched.first_heard[first["incidentId"]] - wall_time(stamp, clock), 3)


def wall_time(simulated: float, clock: list[list[float]]) -> float:
    """The wall's time at a simulated time, between the pairs (wall, simulated) of ``clock``, both in seconds."""
    after = min(max(bisect.bisect_left([pair[1] for pair in clock], simulated), 1), len(clock) - 1)
    (wall0, sim0), (wall1, sim1) = clock[after - 1], clock[after]
    return wall0 + (simulated - sim0) / (sim1 - sim0) * (wall1 - wall0)
