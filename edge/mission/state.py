"""What the dog tells of itself: the standard's ``state`` (VDA 5050 2.1.0, 6.10) from report and situation."""

import math

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from edge.mission.errors import short
from edge.mission.events import Situation
from edge.mission.factsheet import HALF_BLIND
from edge.mission.mission import Report
from edge.mission.order_progress import OrderProgress
from protocol.codec import header, timestamp
from protocol.order import Node
from protocol.state import (
    ActionState,
    ActionStatus,
    AgvPosition,
    BatteryState,
    EdgeState,
    EStop,
    InfoLevel,
    InfoReference,
    Information,
    Map,
    MapStatus,
    NodeState,
    OperatingMode,
    SafetyState,
    State,
    StatePosition,
    Velocity,
)
from protocol.topics import Address

MOVES = 0.05  # m/s or rad/s: a dog that is driven and has less stands


def compose(report: Report, situation: Situation, address: Address, now: float) -> State:
    """The whole state; its ``headerId`` is 0, for the link counts."""
    held, battery, safety = report.held, situation.battery, situation.safety
    return State(
        **header(address, 0, now),
        maps=_maps(situation),
        order_id=held.order_id,
        order_update_id=held.order_update_id,
        zone_set_id=held.zone_set_id or UNSET,
        last_node_id=held.last_node_id,
        last_node_sequence_id=held.last_node_sequence_id,
        driving=report.driving or (held.manual and _moves(situation)),
        paused=report.paused or (held.manual and held.busy),
        new_base_request=held.wants_base,
        operating_mode=OperatingMode.MANUAL if held.manual else OperatingMode.AUTOMATIC,
        node_states=[_node(node) for node in held.nodes],
        edge_states=[EdgeState(edge_id=e.edge_id, sequence_id=e.sequence_id, released=e.released) for e in held.edges],
        action_states=[_action(work.state(), report.schema_bound) for work in held.works],
        agv_position=position(situation),
        velocity=velocity(situation),
        battery_state=BatteryState(
            battery_charge=round(100 * battery.charge, 1) if battery else 0.0,
            charging=battery.charging if battery else False,
            battery_voltage=round(battery.voltage, 2) if battery and math.isfinite(battery.voltage) else UNSET,
            reach=round(battery.charge * report.full_reach) if battery else UNSET,
        ),
        errors=list(report.errors),
        information=_information(report, situation),
        safety_state=SafetyState(
            e_stop=EStop.REMOTE if safety is not None and safety.emergency_stop else EStop.NONE,
            field_violation=safety is not None and "OBSTACLE_NEAR" in safety.reasons,
        ),
    )


def _moves(situation: Situation) -> bool:
    twist = situation.twist
    return max(math.hypot(twist.vx, twist.vy), abs(twist.omega)) > MOVES


def position(situation: Situation) -> AgvPosition | UnsetType:
    """Where the dog believes it is; left out while it has never known."""
    if situation.pose is None or not situation.pose.pose.is_finite():
        return UNSET
    pose, quality = situation.pose.pose, situation.pose.quality
    deviation = math.sqrt(max(0.0, float(situation.pose.covariance[:2, :2].trace()) / 2))
    return AgvPosition(
        x=round(pose.x, 3),
        y=round(pose.y, 3),
        theta=round(math.remainder(pose.theta, math.tau), 4),
        map_id=situation.map_id,
        position_initialized=quality > 0,
        localization_score=round(min(1.0, max(0.0, quality)), 3),
        deviation_range=round(deviation, 3) if quality > 0 and math.isfinite(deviation) else UNSET,
    )


def velocity(situation: Situation) -> Velocity | UnsetType:
    """How the legs move it."""
    twist = situation.twist
    if not twist.is_finite():
        return UNSET
    return Velocity(vx=round(twist.vx, 3), vy=round(twist.vy, 3), omega=round(twist.omega, 3))


def _action(state: ActionState, schema_bound: bool) -> ActionState:
    paused = schema_bound and state.action_status is ActionStatus.PAUSED
    return replace(state, action_status=ActionStatus.RUNNING) if paused else state


def _node(node: Node) -> NodeState:
    place = node.node_position
    where = UNSET if place is UNSET else StatePosition(x=place.x, y=place.y, map_id=place.map_id, theta=place.theta)
    return NodeState(node_id=node.node_id, sequence_id=node.sequence_id, released=node.released, node_position=where)


def _maps(situation: Situation) -> list[Map]:
    if not situation.map_id:
        return []
    return [Map(map_id=situation.map_id, map_version=situation.map_version, map_status=MapStatus.ENABLED)]


def _information(report: Report, situation: Situation) -> list[Information]:
    blind = HALF_BLIND if situation.half_blind else ""
    told = [
        ("phase", str(report.phase)),
        ("detector", situation.detector),
        ("halfBlind", blind),
        ("cameraStream", report.camera_stream),
        *(("note", note) for note in report.notes),
    ]
    information = [Information(info_type=k, info_level=InfoLevel.INFO, info_description=v) for k, v in told if v]
    held = report.held
    return [*information, *_aside(situation), *_station(held), *_skipped(held), *_recharging(held)]


def _aside(situation: Situation) -> list[Information]:
    """That it makes room for somebody, cannot, or goes back to where it stood; or why it is not back there."""
    stage, why = situation.aside
    if not stage:
        return []
    reasons = [InfoReference(reference_key="why", reference_value=short(why))] if why else UNSET
    return [
        Information(
            info_type="steppingAside", info_level=InfoLevel.INFO, info_description=stage, info_references=reasons
        )
    ]


def _recharging(held: OrderProgress) -> list[Information]:
    """That the order waits for the battery."""
    if not held.recharging:
        return []
    order = [InfoReference(reference_key="orderId", reference_value=held.order_id)]
    text = "it charges, and then goes on with its order"
    return [
        Information(info_type="recharging", info_level=InfoLevel.INFO, info_description=text, info_references=order)
    ]


def _skipped(held: OrderProgress) -> list[Information]:
    """The nodes that were left out, each with why; until another order comes."""
    return [
        Information(
            info_type="skipped",
            info_level=InfoLevel.INFO,
            info_description=each.why,
            info_references=[
                InfoReference(reference_key=key, reference_value=value)
                for key, value in (
                    ("orderId", held.order_id),
                    ("nodeId", each.node_id),
                    ("sequenceId", str(each.sequence_id)),
                )
            ],
        )
        for each in held.skipped
    ]


def _station(held: OrderProgress) -> list[Information]:
    """Since when the station is out of reach, or what was done the last time that it was."""
    since = f"no station since {timestamp(held.link_lost_at):%Y-%m-%dT%H:%M:%SZ}" if held.link_lost_at else ""
    order = [InfoReference(reference_key="orderId", reference_value=held.order_id)]
    return [
        Information(info_type="linkLost", info_level=InfoLevel.INFO, info_description=text, info_references=order)
        for text in (since, held.link_note)
        if text
    ]
