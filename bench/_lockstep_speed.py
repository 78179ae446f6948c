"""How fast the direct wiring goes, on one core, and what each part of a dog's mind costs of it."""

import time
from collections.abc import Callable
from typing import Any

from edge.dog.dog import Dog
from edge.dog.perception_core import PerceptionCore
from edge.navigation.navigator import Goal
from edge.perception.camera_geometry import Intrinsics
from edge.perception.detector_selection import choose, places
from edge.types import Pose2D
from sim.engine.simulation import DogPlan, Make, Simulation
from xiaotian.direct.lockstep import Lockstep
from xiaotian.direct.trial_site import site

SIMULATED_S, CAMERA_S = 30.0, 12.0
WANTED, WANTED_WITH_CAMERA = 10.0, 3.0  # simulated seconds a second of one core
PARTS = {  # what is timed, by the object of the dog and its method
    "localization": ("localization", "take_scan"),
    "navigator": ("navigator", "update"),
    "navigator_scan": ("navigator", "take_pose"),
    "height_map": ("navigator", "take_cloud"),
    "gate": ("safety", "update"),
}


def measured() -> dict[str, Any]:
    """The factors of real time, and milliseconds a call and share of a core by part."""
    seeing, _ = _walk(Make.LIGHT, camera=True)
    plain, parts = _walk(Make.LIGHT, camera=False)
    legged, _ = _walk(Make.LEGGED, camera=False)
    return {
        "direct": plain,
        "direct_legged": legged,
        "direct_with_camera": seeing,
        "wanted": [WANTED, WANTED_WITH_CAMERA],
        "parts": parts,
    }


def _walk(make: Make, camera: bool) -> tuple[float, dict[str, dict[str, float]]]:
    """A dog that walks across the yard; by the processor's time, for the wall's depends on who else is there."""
    yard = site("station_yard")
    here, there = yard.file.checkpoints[0].pose, yard.file.checkpoints[-1].pose
    sim = Simulation(yard.world, [DogPlan("dog1", here.x, here.y, here.theta, make)], pictures=camera)
    eyes = None
    if camera:
        eyes, lens = PerceptionCore(choose("fallback", places([])).detector, lambda: "id"), sim.dogs["dog1"].camera
        eyes.take_site(yard.file.zones, yard.file.timezone, 0)
        eyes.take_intrinsics(
            Intrinsics(lens.focal, lens.focal, lens.width / 2, lens.height / 2, lens.width, lens.height)
        )
    dog = Dog(yard.ground, Pose2D(here.x, here.y, here.theta), on=yard.field, perception=eyes)
    lockstep, seconds = Lockstep(sim, {"dog1": dog}), CAMERA_S if camera else SIMULATED_S
    spent = {name: _timed(getattr(dog, part), method) for name, (part, method) in PARTS.items()}
    goal = Goal(Pose2D(there.x, there.y, 0.0))
    began = time.process_time()
    lockstep.step({"dog1": {"goal": goal}})
    while sim.elapsed < seconds:
        lockstep.step()
    factor = round(seconds / (time.process_time() - began), 2)
    sim.close()
    parts = {
        name: {"ms": round(1000 * total / max(calls, 1), 2), "of_a_core": round(total / seconds, 3)}
        for name, (total, calls) in ((name, tuple(each)) for name, each in spent.items())
    }
    return factor, parts


def _timed(part: Any, method: str) -> list[float]:
    """Count calls of a method, and the processor's time in them."""
    called: Callable[..., Any] = getattr(part, method)
    spent = [0.0, 0.0]

    def instead(*given: Any) -> Any:
        began = time.process_time()
        try:
            return called(*given)
        finally:
            spent[0] += time.process_time() - began
            spent[1] += 1

    setattr(part, method, instead)
    return spent
