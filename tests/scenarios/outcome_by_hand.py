"""An outcome made by hand: a dog walked past a yard with somebody in it, and the operator was told."""

from pathlib import Path
from typing import Any

from PIL import Image

from xiaotian.scenarios.event_record import timed
from xiaotian.scenarios.scenario_file import read_scenario
from xiaotian.scenarios.scenario_run import Outcome

START = 1_800_000_000.0  # of the simulator's clock, and of the wall's
ZERO = START + 10.0  # when the patrol was assigned; the wall runs at half the simulated rate
RATE = 2.0

SCENARIO = """\
name: {zh: 有人, en: Somebody}
site: station_yard
stops: [charging_bay, armory_view]
faults:
  - {id: gone, at: 3, do: network, way: cut, seconds: 4}
expect:
  checkpoints: all
  incidents: [{zone: armory_yard, within_s: 20, within_m: 1.0}]
  nearest_approach_m: 0.5
  battery_never_under: 0.5
  walks: [{since: gone, seconds: 4, least_m: 1.0}]
  order: [event:gone, checkpoint:armory_view, patrol:completed]
"""


def wall(t: float) -> float:
    """The wall's time at the scenario's seconds."""
    return START + (10.0 + t) / RATE


def dog(**changed: Any) -> dict[str, Any]:
    """The dog as the live socket shows it."""
    told = {
        "dogId": "dog1",
        "live": True,
        "detector": "person_sim",
        "errors": [],
        "batteryCharge": 80.0,
        "position": {"x": 9.0, "y": 5.5, "theta": 0.0},
    }
    return told | changed


def error(kind: str) -> dict[str, Any]:
    """An error as the live socket shows it."""
    return {"errorType": kind, "errorLevel": "WARNING", "errorDescription": "no way"}


def patrol(status: str, *reached: str) -> dict[str, Any]:
    """The patrol as the live socket shows it."""
    checkpoints = [
        {"checkpointId": name, "status": "DONE" if name in reached else "PENDING", "name": {"zh": name, "en": name}}
        for name in ("charging_bay", "armory_view")
    ]
    return {"patrolId": "p", "dogId": "dog1", "status": status, "reason": None, "checkpoints": checkpoints}


def incident(**changed: Any) -> dict[str, Any]:
    """The incident as the live socket shows it; its frame was taken at 12 s."""
    told = {
        "incidentId": "i",
        "zoneId": "armory_yard",
        "zoneName": {"zh": "军械库院", "en": "Armory yard"},
        "kind": "PERSON_IN_RESTRICTED_ZONE",
        "dogId": "dog1",
        "position": {"x": 22.0, "y": 11.0},
        "frameStamp": "2027-01-15T08:00:22+00:00",
        "pictureUrl": "/api/v1/evidence/e/content",
    }
    return told | changed


def outcome(tmp_path: Path, text: str = SCENARIO) -> Outcome:
    """All went well."""
    file = tmp_path / "somebody.yaml"
    file.write_text(text)
    made = Outcome(read_scenario(file), tmp_path / "somebody", seed=3)
    (made.folder / "logs").mkdir(parents=True, exist_ok=True)
    (made.folder / "logs/dog1-drive.log").write_text("the last word\x1b[0m\n")
    record = made.record
    record.take("snapshot", {"dogs": [dog()], "patrols": [patrol("SENT")], "incidents": []}, wall(0.0))
    record.add(wall(3.0), "event", "gone", "dog1", "network")  # type: ignore[arg-type]
    record.take("patrol", patrol("ACTIVE", "charging_bay"), wall(6.0))
    record.take("incident", incident(pictureUrl=None), wall(12.4))
    record.take("incident", incident(), wall(13.0))
    record.take("patrol", patrol("COMPLETED", "charging_bay", "armory_view"), wall(20.0))
    record.take("dogs", [dog(position={"x": 16.5, "y": 11.0, "theta": 0.0}, batteryCharge=79.0)], wall(20.0))
    made.report = {
        "clock": [[START + n / RATE, START + n] for n in range(40)],
        "real_time_factor": RATE,
        "dogs": {
            "dog1": {
                "distance_m": 15.0,
                "collisions": 0,
                "collided_with": [],
                "falls": 0,
                "nearest_approach_m": 5.0,
                "path": [[START + n / 2, n / 4, 8.0, 0.1] for n in range(60)],
            }
        },
        "start": START,
        "events": [],
        "truth": [{"t": n / 2, "people": {"guard": [22.3, 11.4, 0.0, "stand"]}} for n in range(60)],
    }
    made.zero, made.zero_wall = ZERO, wall(0.0)
    made.timeline = timed(record.entries, made.time_of)
    made.duration_s, made.wall_s = 20.0, 15.0
    picture = made.folder / "incident-1.jpg"
    Image.new("RGB", (64, 48), (90, 120, 90)).save(picture)
    made.pictures["i"] = picture
    return made
