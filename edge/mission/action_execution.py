"""The work at nodes and on edges: which of it runs now, by its blocking types (VDA 5050 2.1.0, 6.12)."""

import math

from msgspec.structs import replace

from edge.mission import link_loss
from edge.mission.errors import Fault, warning
from edge.mission.events import CompareToReference, LookEnded, TakePhoto
from edge.mission.mission_context import MissionContext
from edge.mission.order_progress import QUARTERS, Work
from edge.mission.walking import Walking
from protocol.order import BlockingType
from protocol.state import ActionStatus

BY_CAMERA = frozenset({"takePhoto", "compareToReference"})


class ActionExecution:
    """Remembers which looks were asked for: a dog that starts again asks for those under way anew."""

    def __init__(self) -> None:
        self._looks: set[str] = set()
        self._faced: dict[str, float] = {}  # rad on the map, by action id: where it faced as it began to look around

    def update(self, scene: MissionContext, walking: Walking) -> None:
        """Go on with what is due; a HARD action has the dog for itself."""
        running: list[Work] = []
        for work in scene.held.open_works():
            alone = BlockingType.HARD in (work.action.blocking_type, *(w.action.blocking_type for w in running))
            if running and alone:
                break
            running.append(self._go_on(scene, walking, work))
        self.forget_ended(scene)

    def pause(self, scene: MissionContext) -> None:
        """What can wait is PAUSED; a picture that was asked for comes nevertheless."""
        for work in scene.held.open_works():
            if work.status is ActionStatus.RUNNING and work.action.action_type not in BY_CAMERA:
                scene.held = scene.held.with_work(replace(work, status=ActionStatus.PAUSED))
                scene.tell()

    def end_look(self, scene: MissionContext, event: LookEnded) -> None:
        """A picture is promised, or refused; a comparison has come to its end."""
        scene.end_work(event.action_id, event.success, event.message)

    def forget_ended(self, scene: MissionContext) -> None:
        """Looks of works that have ended are nobody's."""
        still = {work.action.action_id for work in scene.held.open_works()}
        self._looks &= still
        self._faced = {action_id: theta for action_id, theta in self._faced.items() if action_id in still}

    def _go_on(self, scene: MissionContext, walking: Walking, work: Work) -> Work:
        match work.action.action_type:
            case "takePhoto" | "compareToReference":
                gone_on = self._look(scene, work)
            case "lookAround":
                gone_on = self._look_around(scene, walking, work)
            case "onLinkLoss":
                rule = link_loss.read(work.action)
                scene.held = replace(scene.held, link_loss=rule)
                gone_on = replace(work, status=ActionStatus.FINISHED, result=str(rule))
            case "onBlocked" | "onLowBattery":  # read when the order was taken, or on the way here
                gone_on = replace(work, status=ActionStatus.FINISHED)
            case "startCharging":
                gone_on = _charge(scene, work)
            case _:
                gone_on = _dwell(scene, work)
        if gone_on.status is not work.status:
            scene.tell()
        scene.held = scene.held.with_work(gone_on)
        return gone_on

    def _look(self, scene: MissionContext, work: Work) -> Work:
        if work.action.action_id not in self._looks:
            self._looks.add(work.action.action_id)
            asks = TakePhoto if work.action.action_type == "takePhoto" else CompareToReference
            scene.ask(asks(work.action.action_id, work.node_id))
        return replace(work, status=ActionStatus.RUNNING)

    def _look_around(self, scene: MissionContext, walking: Walking, work: Work) -> Work:
        """A quarter of a turn after the other, always to the left; the last ends where the first began."""
        if work.remaining <= 0:
            return replace(work, status=ActionStatus.FINISHED)
        if scene.situation.pose is not None:
            done, quarter = QUARTERS - work.remaining, math.tau / QUARTERS
            now = scene.situation.pose.pose.theta
            faced = self._faced.setdefault(work.action.action_id, now - done * quarter)
            walking.turn(scene, work, math.remainder(faced + (done + 1) * quarter, math.tau))
        return replace(work, status=ActionStatus.RUNNING)


def _dwell(scene: MissionContext, work: Work) -> Work:
    if work.status is not ActionStatus.RUNNING:
        return replace(work, status=ActionStatus.RUNNING)
    if work.remaining <= scene.elapsed:
        return replace(work, status=ActionStatus.FINISHED, remaining=0.0)
    return replace(work, remaining=work.remaining - scene.elapsed)


def _charge(scene: MissionContext, work: Work) -> Work:
    """FINISHED as soon as the battery says so (6.8.2); a charger that gives nothing fails."""
    if scene.charging:
        return replace(work, status=ActionStatus.FINISHED)
    if work.status is not ActionStatus.RUNNING:
        return replace(work, status=ActionStatus.RUNNING)
    left = work.remaining - scene.elapsed
    if left > 0:
        return replace(work, remaining=left)
    why = f"no charge at {work.node_id!r}"
    scene.reject(warning(Fault.CHARGING, why, actionId=work.action.action_id))
    return replace(work, status=ActionStatus.FAILED, result=why)
