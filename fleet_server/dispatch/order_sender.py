"""Says orders and cancellations until they are echoed: QoS 0 promises nothing, and a repetition is harmless."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.core.change_events import ChangeEvents
from fleet_server.core.vehicle_publisher import VehiclePublisher
from fleet_server.dispatch.interruption import let_go
from fleet_server.dispatch.order_base import update_from
from fleet_server.patrols.progress import CANCEL, end
from fleet_server.patrols.queries import progress_of, write_back
from fleet_server.patrols.tables import OPEN, Patrol, PatrolStatus
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from protocol.codec import timestamp
from protocol.instant_actions import InstantActions
from protocol.order import Action, ActionParameter, BlockingType, Order
from protocol.topics import Topic

FIRST_REPEAT = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(seconds=15)
# A dog that was restarted may need a while to take its order up again before it is believed to have lost it.
LOST_AFTER = timedelta(seconds=30)
LET_GO = (PatrolStatus.CANCELED, PatrolStatus.INTERRUPTED)
# A factsheet is retained; a vehicle of which none has come by then is asked.
ASK_AFTER = timedelta(seconds=10)


# An instant action that somebody asked for is of no use any more when the dog has not heard it by then.
ASKED_FOR = timedelta(seconds=20)


@dataclass(frozen=True)
class _Asked:
    dog_id: str
    action_type: str
    until: datetime
    parameters: tuple[tuple[str, Any], ...] = ()


@dataclass
class _Repeat:
    due: datetime
    pause: timedelta = FIRST_REPEAT


class OrderSender:
    """What has been said and not been echoed. One thread calls it, but for `ask` and `withdraw`."""

    def __init__(self, bus: VehiclePublisher, fleet: Fleet) -> None:
        self.bus = bus
        self.fleet = fleet
        self._repeats: dict[str, _Repeat] = {}
        self._lost_since: dict[str, datetime] = {}
        self._unknown_since: dict[str, datetime] = {}
        self._asked: dict[str, _Asked] = {}  # by action id

    def ask(
        self,
        dog_id: str,
        action_type: str,
        now: datetime,
        until: datetime | None = None,
        action_id: str = "",
        parameters: Mapping[str, Any] | None = None,
    ) -> str:
        """Have a vehicle do an instant action, said until its state shows it; the action's id. From any thread.

        With the ``action_id`` of one that was asked for already it is that one, wanted still.
        """
        action_id = action_id or str(uuid4())
        given = tuple((parameters or {}).items())
        self._asked[action_id] = _Asked(dog_id, action_type, until or now + ASKED_FOR, given)
        return action_id

    def withdraw(self, action_id: str) -> None:
        """Say that no more; what was heard of it already stays heard. From any thread."""
        self._asked.pop(action_id, None)

    def update(self, session: Session, now: datetime, changes: ChangeEvents) -> None:
        """Say again what is due; end patrols that were lost."""
        patrols = list(session.scalars(select(Patrol).where(Patrol.status.in_(OPEN))))
        changes.note(Patrol, *(p.patrol_id for p in patrols if self._attend(p, now)))
        self._cancel_strays(session, patrols, now)
        self._ask_strangers(now)
        known = {key for p in patrols for key in (p.order_id, p.cancel_action_id, _update_key(p))}
        self._repeats = {k: r for k, r in self._repeats.items() if k in known or k.startswith(("stray ", "ask "))}

    def _attend(self, patrol: Patrol, now: datetime) -> bool:
        vehicle = self.fleet.get(patrol.dog_id)
        if vehicle is None or vehicle.state is None or not self.fleet.is_live(vehicle, now):
            self._lost_since.pop(patrol.order_id, None)
            return False
        holds = vehicle.state.order_id == patrol.order_id
        if patrol.cancel_action_id is not None and holds:
            self._repeat(patrol.cancel_action_id, now, partial(self.say_cancel, patrol, vehicle, now))
        elif patrol.status == PatrolStatus.SENT and patrol.based:
            self._repeat(patrol.order_id, now, partial(self.say_order, patrol, vehicle, now))
        elif holds and vehicle.state.order_update_id < patrol.order["orderUpdateId"]:
            self._repeat(_update_key(patrol), now, partial(self.say_order, patrol, vehicle, now))
        return self._notice_loss(patrol, holds, now)

    def _notice_loss(self, patrol: Patrol, holds: bool, now: datetime) -> bool:
        if holds or patrol.status != PatrolStatus.ACTIVE:
            self._lost_since.pop(patrol.order_id, None)
            return False
        since = self._lost_since.setdefault(patrol.order_id, now)
        if patrol.cancel_action_id is not None:
            return write_back(patrol, let_go(patrol, now))
        if now - since < LOST_AFTER:
            return False
        why = f"{patrol.dog_id} no longer carries the order"
        return write_back(patrol, end(progress_of(patrol), PatrolStatus.FAILED, why, now))

    def _cancel_strays(self, session: Session, patrols: list[Patrol], now: datetime) -> None:
        """A dog may take an order after it was canceled here unheard; it is told to let go."""
        expected = {p.order_id for p in patrols}
        for vehicle in self.fleet.all():
            order_id = vehicle.state.order_id if vehicle.state and vehicle.executing else ""
            if not order_id or order_id in expected or not self.fleet.is_live(vehicle, now):
                continue
            stray = session.scalar(select(Patrol).where(Patrol.order_id == order_id, Patrol.status.in_(LET_GO)))
            if stray is not None and stray.cancel_action_id is not None:
                self._repeat(f"stray {order_id}", now, partial(self.say_cancel, stray, vehicle, now))

    def _ask_strangers(self, now: datetime) -> None:
        """What a vehicle can is asked of it (6.8.1, factsheetRequest) until it says so."""
        for vehicle in self.fleet.all():
            if vehicle.factsheet is not None or not self.fleet.is_live(vehicle, now):
                self._unknown_since.pop(vehicle.dog_id, None)
                self._repeats.pop(f"ask {vehicle.dog_id}", None)
            elif now - self._unknown_since.setdefault(vehicle.dog_id, now) >= ASK_AFTER:
                self._repeat(f"ask {vehicle.dog_id}", now, partial(self._say, vehicle, "factsheetRequest", now))

    def forget(self) -> None:
        """Another process has said orders since, or has begun to: what was noted of them here is old."""
        self._lost_since.clear()
        self._unknown_since.clear()
        for key in [key for key in self._repeats if not key.startswith("ask ")]:
            self._repeats.pop(key, None)

    def say_asked(self, now: datetime) -> None:
        """Say again what was asked for in this process and is not heard yet."""
        for action_id, asked in list(self._asked.items()):
            vehicle = self.fleet.get(asked.dog_id)
            states = vehicle.state.action_states if vehicle is not None and vehicle.state is not None else []
            if now >= asked.until or any(each.action_id == action_id for each in states):
                self._asked.pop(action_id, None)
                self._repeats.pop(f"ask {action_id}", None)
            elif vehicle is not None:
                say = partial(self._say, vehicle, asked.action_type, now, action_id, asked.parameters)
                self._repeat(f"ask {action_id}", now, say)

    def _say(
        self,
        vehicle: Vehicle,
        action_type: str,
        now: datetime,
        action_id: str = "",
        parameters: tuple[tuple[str, Any], ...] = (),
    ) -> bool:
        """Send one instant action once."""
        action = Action(
            action_type=action_type,
            action_id=action_id or str(uuid4()),
            blocking_type=BlockingType.NONE,
            action_parameters=[ActionParameter(key=k, value=v) for k, v in parameters] or UNSET,
        )
        header = self.bus.header(vehicle.address, Topic.INSTANT_ACTIONS, now)
        return self.bus.publish(vehicle.address, Topic.INSTANT_ACTIONS, InstantActions(**header, actions=[action]))

    def _repeat(self, key: str, now: datetime, say: Callable[[], object]) -> None:
        repeat = self._repeats.setdefault(key, _Repeat(now))
        if repeat.due > now:
            return
        say()
        repeat.due = now + repeat.pause
        repeat.pause = min(repeat.pause * 2, LONGEST_PAUSE)

    def say_order(self, patrol: Patrol, vehicle: Vehicle, now: datetime) -> bool:
        """Send the patrol's order, or its newest update, once; says whether there was a broker to take it."""
        order = update_from(msgspec.convert(patrol.order, Order), patrol.base_from or 0)
        said = replace(
            order, header_id=self.bus.next_id(vehicle.address, Topic.ORDER), timestamp=timestamp(now.timestamp())
        )
        return self.bus.publish(vehicle.address, Topic.ORDER, said)

    def say_cancel(self, patrol: Patrol, vehicle: Vehicle, now: datetime) -> bool:
        """Send cancelOrder once, under the patrol's own action id."""
        return self._say(vehicle, CANCEL, now, patrol.cancel_action_id or "")


def _update_key(patrol: Patrol) -> str:
    return f"{patrol.order_id} {patrol.order['orderUpdateId']}"
