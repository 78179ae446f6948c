"""A dog on its way home: it is sent before a free dock, and told there to go onto it."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet_server.calls.candidates import on_map
from fleet_server.calls.docks import START_CHARGING, charges_at_node, docks_itself, free_dock, which_dock
from fleet_server.calls.endings import end, fail
from fleet_server.calls.tables import ALIVE, Call, CallKind, CallStatus
from fleet_server.core.station import Station
from fleet_server.dispatch.order_sender import OrderSender
from fleet_server.sites.tables import Site
from fleet_server.sites.walkable_ground import Grounds
from fleet_server.telemetry.fleet_state import Fleet, Vehicle
from protocol.state import ActionStatus

DOCKED_WITHIN = timedelta(minutes=5)  # from before the dock


class Homecoming:
    """The part of dispatch that knows of docks."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def choose_dock(self, session: Session, call: Call, site: Site, vehicle: Vehicle) -> bool:
        """Let the call lead to the nearest dock that nobody has; or say that there is none."""
        assert vehicle.position is not None
        here = (vehicle.position.x, vehicle.position.y)
        grounds = self._station[Grounds]
        dock = free_dock(
            site.docks, here, self._taken(session, call, site, vehicle), grounds.of(site), grounds.way_to(site, *here)
        )
        if dock is None:
            call.why = "no dock is free that it can get to"
            return False
        self_docking = docks_itself(vehicle) or not charges_at_node(vehicle)
        call.name = dock.name
        call.x, call.y, call.to_theta = dock.pose
        call.to_x, call.to_y = dock.before if self_docking else dock.pose[:2]
        call.to_theta = None if self_docking else call.to_theta
        call.work = [] if self_docking else [{"type": START_CHARGING}]
        return True

    def follow(self, session: Session, call: Call, now: datetime) -> None:
        """The dog stands before its dock: it is told to go onto it until it says what came of that."""
        vehicle = self._station[Fleet].get(call.dog_id or "")
        if call.status == CallStatus.ON_THE_WAY:
            call.status, call.there_at = CallStatus.THERE, now
        if vehicle is None or vehicle.state is None:
            return
        if vehicle.state.battery_state.charging or not docks_itself(vehicle):
            end(session, call, CallStatus.DONE, None, now)
            return
        call.charge_action_id = call.charge_action_id or str(uuid4())
        said = next((a for a in vehicle.state.action_states if a.action_id == call.charge_action_id), None)
        if said is None:
            asked = self._station[OrderSender].ask
            asked(
                vehicle.dog_id,
                START_CHARGING,
                now,
                action_id=call.charge_action_id,
                parameters=which_dock(vehicle, call.x, call.y),
            )
        elif said.action_status is ActionStatus.FINISHED:
            end(session, call, CallStatus.DONE, None, now)
        elif said.action_status is ActionStatus.FAILED:
            fail(session, call, str(said.result_description or "it could not get onto its dock"), now)
        if call.status == CallStatus.THERE and call.there_at and now - call.there_at > DOCKED_WITHIN:
            fail(session, call, "it does not charge at its dock", now)

    def _taken(self, session: Session, call: Call, site: Site, vehicle: Vehicle) -> list[tuple[float, float]]:
        others = [
            (v.position.x, v.position.y)
            for v in on_map(self._station, site)
            if v.position is not None and v.dog_id != vehicle.dog_id
        ]
        homeward = select(Call).where(
            Call.kind == CallKind.HOME,
            Call.status.in_(ALIVE),
            Call.site_id == site.site_id,
            Call.call_id != call.call_id,
        )
        return others + [(c.x, c.y) for c in session.scalars(homeward) if c.patrol_id is not None]
