"""What the dog is and can (VDA 5050 2.1.0, 6.15): true to what is implemented, and nothing more."""

from dataclasses import dataclass

from msgspec import UNSET

from edge.mission.node_position import DEVIATION, HEADING, LEAST_DEVIATION, LEAST_HEADING
from edge.mission.order_validation import HEIGHT, LONGEST_ID, MOST_ACTIONS, MOST_NODES
from edge.mission.supported_actions import TABLE
from protocol.codec import header
from protocol.factsheet import (
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
)
from protocol.topics import Address

# The body with its legs, metres from base_link, x forward.
FRONT, BACK, HALF_WIDTH = 0.38, -0.32, 0.16
MOST_PAYLOAD = 2 * 1024 * 1024  # bytes of a message, as edge.link.mqtt_session takes and sends it
NEEDED = ("order.nodes.nodePosition",)
USED = {  # optional fields that are heeded; those in check.UNUSABLE are refused
    "order.nodes.nodePosition.theta": "",
    "order.nodes.nodePosition.allowedDeviationXY": f"0: the dog's own, {DEVIATION} m; else at least {LEAST_DEVIATION}",
    "order.nodes.nodePosition.allowedDeviationTheta": (
        f"0: the dog's own, {HEADING} rad; else at least {LEAST_HEADING}; from nearly pi on any heading will do"
    ),
    "order.edges.maxSpeed": "above 0",
    "order.edges.maxHeight": f"at least {HEIGHT}",
    "order.edges.rotationAllowed": "true: the dog turns as it walks",
    "order.edges.length": "the dog plans its own way",
    "order.zoneSetId": "the mapId: a map has one set of zones",
}
VISUALIZATION_S = 0.5


@dataclass(frozen=True, slots=True)
class Make:
    """What differs from dog to dog: the speed to which its profile holds it (m/s), and what it senses with."""

    speed: float = 0.8
    sensors: tuple[str, ...] = ("scan", "points")

    @property
    def half_blind(self) -> bool:
        """Whether it sees nothing of what is lower than its lidar's plane, and not where the ground ends."""
        return not LOW_SENSORS & set(self.sensors)


LOW_SENSORS = {"points", "depth"}
SERIES = "Four-legged patrol robot; observes and reports, carries nothing"
HALF_BLIND = "half blind: it has no sensor for what is lower than its lidar's plane, nor for where the ground ends"


def factsheet(
    address: Address,
    now: float,
    visualization_s: float = VISUALIZATION_S,
    make: Make = Make(),
) -> Factsheet:
    """The data sheet of a dog of this ``make`` that tells its position every ``visualization_s`` seconds."""
    return Factsheet(
        **header(address, 0, now),
        type_specification=TypeSpecification(
            series_name="Xiaotian",
            series_description=f"{SERIES}; {HALF_BLIND}" if make.half_blind else SERIES,
            agv_kinematic=AgvKinematic.OMNI,  # of the standard's three the nearest: it turns on the spot
            agv_class=AgvClass.CARRIER,  # the standard has no class for a robot that only looks
            max_load_mass=0.0,
            localization_types=[LocalizationType.NATURAL],
            navigation_types=[NavigationType.AUTONOMOUS],
        ),
        physical_parameters=PhysicalParameters(
            speed_min=0.0,
            speed_max=make.speed,
            acceleration_max=1.0,
            deceleration_max=1.5,
            height_max=HEIGHT,
            width=2 * HALF_WIDTH,
            length=FRONT - BACK,
        ),
        protocol_limits=ProtocolLimits(
            max_string_lens=MaxStringLens(id_len=LONGEST_ID, msg_len=MOST_PAYLOAD),
            max_array_lens=MaxArrayLens(
                order_nodes=MOST_NODES, order_edges=MOST_NODES - 1, node_actions=MOST_ACTIONS, edge_actions=MOST_ACTIONS
            ),
            timing=Timing(
                min_order_interval=1.0,
                min_state_interval=0.1,
                default_state_interval=5.0,
                visualization_interval=visualization_s,
            ),
        ),
        protocol_features=ProtocolFeatures(
            optional_parameters=[
                *(OptionalParameter(parameter=name, support=Support.REQUIRED) for name in NEEDED),
                *(
                    OptionalParameter(parameter=name, support=Support.SUPPORTED, description=text or UNSET)
                    for name, text in USED.items()
                ),
            ],
            agv_actions=_actions(),
        ),
        agv_geometry=AgvGeometry(envelopes2d=[Envelope2d(set="standing", polygon_points=_outline())]),
        load_specification=LoadSpecification(),
    )


def _actions() -> list[AgvAction]:
    return [
        AgvAction(
            action_type=kind.name,
            action_scopes=list(kind.scopes),
            action_description=kind.text,
            action_parameters=[
                AgvActionParameter(
                    key=each.key,
                    value_data_type=each.kind,
                    description=each.text or UNSET,
                    is_optional=each.optional or UNSET,
                )
                for each in kind.parameters
            ]
            or UNSET,
        )
        for kind in TABLE.values()
    ]


def _outline() -> list[PolygonPoint]:
    corners = [(FRONT, HALF_WIDTH), (BACK, HALF_WIDTH), (BACK, -HALF_WIDTH), (FRONT, -HALF_WIDTH)]
    return [PolygonPoint(x=x, y=y) for x, y in corners]
