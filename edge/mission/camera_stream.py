"""The camera, live, as instant actions: it is shown while the station says again that somebody watches, and no longer.

``startCameraStream`` is FINISHED when pictures flow. Said again under the same id it lengthens what runs. The dog ends
it by itself when that does not come, and when its battery is low; it ends with the dog's process, and is not kept.
"""

from edge.camera_stream.stream_order import USUAL_FPS, USUAL_KBPS, StreamOrder
from edge.mission.events import CameraStreamTold, EndCameraStream, StreamCamera
from edge.mission.mission_context import MissionContext
from protocol.camera_stream import LEASE_S, MOST_FPS, MOST_KBPS, START_STREAM, StreamEnd
from protocol.order import Action
from protocol.state import ActionStatus

BEGINS_WITHIN_S = 15.0  # or perception is not there


class CameraLease:
    """The stream under way; its id is that of the action by which it was asked for."""

    def __init__(self) -> None:
        self._order: StreamOrder | None = None
        self._asked_at = 0.0
        self._flows = False

    @property
    def stream_id(self) -> str:
        """Empty while nobody watches."""
        return self._order.stream_id if self._order is not None else ""

    def renews(self, action: Action) -> bool:
        """Whether ``action`` is the one that runs, said again."""
        return (
            action.action_type == START_STREAM and self._order is not None and action.action_id == self._order.stream_id
        )

    def start(self, scene: MissionContext, action: Action) -> None:
        """Begin, or go on for another while."""
        if not self.renews(action):
            self._end(scene, StreamEnd.REPLACED)
            scene.add_instant(action, ActionStatus.RUNNING)
            self._asked_at, self._flows = scene.now, False
        self._order = StreamOrder(
            action.action_id,
            str(action.parameter("token")),
            scene.now + LEASE_S,
            float(action.parameter("fps") or USUAL_FPS),
            float(action.parameter("kbps") or USUAL_KBPS),
        )
        scene.ask(StreamCamera(self._order))

    def stop(self, scene: MissionContext, action: Action) -> None:
        """End it; FINISHED though it has ended already."""
        if action.parameter("streamId") in (None, self.stream_id):
            self._end(scene, StreamEnd.STOPPED)
        scene.add_instant(action, ActionStatus.FINISHED)

    def hear(self, scene: MissionContext, told: CameraStreamTold) -> None:
        """What perception says of it."""
        if self._order is None or told.stream_id != self._order.stream_id:
            return
        if told.ended is None:
            self._flows = True
            scene.end_work(told.stream_id, success=True)
        else:
            self._close(scene, told.ended)

    def update(self, scene: MissionContext) -> None:
        """End what has to."""
        if self._order is None:
            return
        if scene.findings.go_home and not scene.charging:
            self._end(scene, StreamEnd.BATTERY_LOW)
        elif scene.now > self._order.until:
            self._end(scene, StreamEnd.UNWATCHED)
        elif not self._flows and scene.now - self._asked_at > BEGINS_WITHIN_S:
            self._end(scene, StreamEnd.NO_CAMERA)

    def _end(self, scene: MissionContext, why: StreamEnd) -> None:
        if self._order is not None:
            scene.ask(EndCameraStream(self._order.stream_id, why))
            self._close(scene, why)

    def _close(self, scene: MissionContext, why: StreamEnd) -> None:
        scene.end_work(self.stream_id, success=False, result=why)  # nothing where it has flowed
        scene.tell()
        self._order = None


def wrong_limits(action: Action) -> str | None:
    """What is wrong with the limits of a stream; None: nothing."""
    for key, most in (("fps", MOST_FPS), ("kbps", MOST_KBPS)):
        value = action.parameter(key)
        if value is not None and not 0 < value <= most:
            return f"{key} is {value!r}, expected above 0, to {most:.0f}"
    return None
