"""What the dog is and can (VDA 5050 2.1.0, 6.15): true to what is implemented, and nothing more."""

from edge.mission.check import LONGEST_DWELL_S, LONGEST_ID, MOST_ACTIONS, MOST_NODES
from protocol.codec import header
from protocol.factsheet import (
    ActionScope,
    AgvAction,
    AgvActionParameter,
    AgvClass,
    AgvGeometry,
    AgvKinematic,
    Envelope2d,
    Factsheet,
    LoadSpecification,
    LocalizationType,
    MaxArrayLens,
    MaxStringLens,
    NavigationType,
    OptionalParameter,
    PhysicalParameters,
    PolygonPoint,
    ProtocolFeatures,
    ProtocolLimits,
    Support,
    Timing,
    TypeSpecification,
    ValueDataType,
)
from protocol.topics import Address

# The body with its legs, metres from base_link, x forward.
FRONT, BACK, HALF_WIDTH, HEIGHT = 0.38, -0.32, 0.16, 0.55
MOST_PAYLOAD = 2 * 1024 * 1024  # bytes of a message, as edge.link.session takes and sends it
USED = ("order.nodes.nodePosition", "order.nodes.nodePosition.theta", "order.nodes.nodePosition.allowedDeviationXY")


def factsheet(address: Address, now: float) -> Factsheet:
    """The data sheet of a dog."""
    return Factsheet(
        **header(address, 0, now),
        type_specification=TypeSpecification(
            series_name="Xiaotian",
            series_description="Four-legged patrol robot; observes and reports, carries nothing",
            agv_kinematic=AgvKinematic.OMNI,  # of the standard's three the nearest: it turns on the spot
            agv_class=AgvClass.CARRIER,  # the standard has no class for a robot that only looks
            max_load_mass=0.0,
            localization_types=[LocalizationType.NATURAL],
            navigation_types=[NavigationType.AUTONOMOUS],
        ),
        physical_parameters=PhysicalParameters(
            speed_min=0.0,
            speed_max=0.8,
            acceleration_max=1.0,
            deceleration_max=1.5,
            height_max=HEIGHT,
            width=2 * HALF_WIDTH,
            length=FRONT - BACK,
        ),
        protocol_limits=ProtocolLimits(
            max_string_lens=MaxStringLens(id_len=LONGEST_ID, msg_len=MOST_PAYLOAD),
            max_array_lens=MaxArrayLens(
                order_nodes=MOST_NODES, order_edges=MOST_NODES - 1, node_actions=MOST_ACTIONS, edge_actions=0
            ),
            timing=Timing(
                min_order_interval=1.0, min_state_interval=0.1, default_state_interval=5.0, visualization_interval=0.5
            ),
        ),
        protocol_features=ProtocolFeatures(
            optional_parameters=[
                OptionalParameter(parameter=USED[0], support=Support.REQUIRED),
                *(OptionalParameter(parameter=name, support=Support.SUPPORTED) for name in USED[1:]),
                OptionalParameter(parameter="order.edges.maxSpeed", support=Support.SUPPORTED),
            ],
            agv_actions=_actions(),
        ),
        agv_geometry=AgvGeometry(envelopes2d=[Envelope2d(set="standing", polygon_points=_outline())]),
        load_specification=LoadSpecification(),
    )


def _actions() -> list[AgvAction]:
    seconds = AgvActionParameter(
        key="seconds", value_data_type=ValueDataType.FLOAT, description=f"0 to {LONGEST_DWELL_S:.0f}"
    )
    place = [AgvActionParameter(key=key, value_data_type=ValueDataType.FLOAT) for key in ("x", "y", "theta")]
    on_map = AgvActionParameter(key="mapId", value_data_type=ValueDataType.STRING, is_optional=True)
    at_once = {
        "cancelOrder": "stops where it is",
        "startPause": "stands; a dwell waits, a photo begun is kept; outlives a restart",
        "stopPause": "goes on",
        "stateRequest": "sends its state",
        "factsheetRequest": "sends this",
        "emergencyStop": "latches the safety gate's stop",
        "releaseEmergencyStop": "releases it",
    }
    return [
        AgvAction(
            action_type="takePhoto",
            action_scopes=[ActionScope.NODE],
            action_description="keeps the next picture, heads pixelated, as evidence",
        ),
        AgvAction(
            action_type="dwell",
            action_scopes=[ActionScope.NODE],
            action_description="stands and watches",
            action_parameters=[seconds],
        ),
        AgvAction(action_type="initPosition", action_scopes=[ActionScope.INSTANT], action_parameters=[*place, on_map]),
        *(
            AgvAction(action_type=name, action_scopes=[ActionScope.INSTANT], action_description=text)
            for name, text in at_once.items()
        ),
    ]


def _outline() -> list[PolygonPoint]:
    corners = [(FRONT, HALF_WIDTH), (BACK, HALF_WIDTH), (BACK, -HALF_WIDTH), (FRONT, -HALF_WIDTH)]
    return [PolygonPoint(x=x, y=y) for x, y in corners]
