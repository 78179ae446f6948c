"""An order that waits for the battery: home, onto the dock, charged, and on where it was."""

from msgspec.structs import replace

from edge.mission.errors import Fault, fatal, warning
from edge.mission.mission_context import MissionContext
from edge.mission.order_progress import CHARGE_WITHIN_S
from edge.mission.walking import Walking


class Recharging:
    """Goes on with the order as soon as the charge is ``resume`` (0..1), and ends it where a dock gives nothing."""

    def __init__(self, resume: float) -> None:
        self._resume = resume
        self._uncharged = 0.0  # s at the dock

    def update(self, scene: MissionContext, walking: Walking) -> None:
        """One step of it."""
        if walking.homeward or not (scene.at_dock or scene.charging):
            self._uncharged = 0.0
            walking.home(scene)
        elif scene.charging:
            self._uncharged = 0.0
            self._charge(scene)
        else:
            self._uncharged += scene.elapsed
            if self._uncharged > CHARGE_WITHIN_S:
                self._uncharged = 0.0
                scene.reject(warning(Fault.CHARGING, "no charge at the dock"))
                why = "the battery is low, and there is no charge at the dock"
                scene.break_off(fatal(Fault.ORDER_ABORTED, why, orderId=scene.held.order_id))

    def _charge(self, scene: MissionContext) -> None:
        battery = scene.situation.battery
        scene.held = replace(scene.held, going_home=False)
        if battery is not None and battery.charge >= self._resume:
            scene.held = replace(scene.held, recharging=False)
            scene.tell()
