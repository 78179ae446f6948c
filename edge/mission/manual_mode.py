"""MANUAL (VDA 5050 2.1.0, 6.10.6): a person has the dog in hand. It walks nowhere by itself, and its order waits.

Otherwise than in the standard the order is kept, for who takes the hand wants to give it back. A driver who has gone
leaves a dog that stands in MANUAL and says so: whoever drove it there knows why, and it does not. What makes it go by
itself is a person's word, or its battery: with no more than the way home takes, the hand is taken back.
"""

from msgspec.structs import replace

from edge.mission.errors import Fault, warning
from edge.mission.events import DriverLost, LetDrive
from edge.mission.fall import fall_stage
from edge.mission.mission_context import MissionContext
from protocol.codec import timestamp
from protocol.manual_driving import SESSION
from protocol.order import Action
from protocol.state import ActionStatus, Error

HINT = "take the hand again, or give it back: then it goes on with what it was doing"


class ManualMode:
    """Who has the dog in hand. The session ends with the process; the mode does not."""

    def __init__(self) -> None:
        self._session_id = ""
        self._told: str | None = None
        self._lost = "a restart"

    def start(self, scene: MissionContext, action: Action) -> None:
        """``startManualDriving``: FINISHED at once, or FAILED with a reason."""
        why = _refusal(scene)
        if why:
            scene.add_instant(action, ActionStatus.FAILED, why)
            return
        self._session_id = action.parameter(SESSION)
        scene.held = replace(scene.held, manual=True, displaced=scene.held.displaced or scene.held.busy)
        scene.add_instant(action, ActionStatus.FINISHED)

    def stop(self, scene: MissionContext, action: Action) -> None:
        """``stopManualDriving``: FINISHED, whoever had the hand; one that nobody has in hand is AUTOMATIC already."""
        self._end(scene)
        scene.add_instant(action, ActionStatus.FINISHED)

    def lose(self, scene: MissionContext, event: DriverLost) -> None:
        """The driver has gone."""
        if event.session_id == self._session_id:
            self._session_id, self._lost = "", f"{timestamp(scene.now):%Y-%m-%dT%H:%M:%SZ}"

    def update(self, scene: MissionContext) -> None:
        """Take the hand back where the battery wants it, and tell the gate who drives."""
        if scene.held.manual and (scene.findings.go_home or _is_empty(scene)):
            self._end(scene)
        if self._session_id != self._told:
            self._told = self._session_id
            scene.ask(LetDrive(self._session_id))

    def errors(self, manual: bool) -> tuple[Error, ...]:
        """That it stands for want of a driver."""
        if not manual or self._session_id:
            return ()
        return (warning(Fault.DRIVER_LOST, f"nobody drives it any more since {self._lost}: it stands", hint=HINT),)

    def _end(self, scene: MissionContext) -> None:
        self._session_id = ""
        scene.held = replace(scene.held, manual=False)


def _is_empty(scene: MissionContext) -> bool:
    return any(error.error_type == Fault.BATTERY_CRITICAL for error in scene.findings.errors)


def _refusal(scene: MissionContext) -> str:
    """Why nobody may take the hand now; empty where they may."""
    safety = scene.situation.safety
    if safety is not None and safety.emergency_stop:
        return "an emergency stop holds it"
    if fall_stage(safety) is not None:
        return "it has fallen"
    if scene.findings.go_home or _is_empty(scene) or scene.situation.battery is None:
        return "the battery is low, or silent"
    return ""
