"""One message of each kind with every field filled, so that a test that walks it misses nothing."""

from uuid import UUID

from protocol.anomaly import Anomaly, AnomalyKind, Covariance, MapPoint
from protocol.codec import header, timestamp
from protocol.connection import Connection, ConnectionState
from protocol.evidence import Evidence, EvidencePurpose
from protocol.factsheet import (
    ActionScope,
    AgvAction,
    AgvActionParameter,
    AgvClass,
    AgvGeometry,
    AgvKinematic,
    Envelope2d,
    Envelope3d,
    Factsheet,
    LoadSet,
    LoadSpecification,
    LocalizationType,
    MaxArrayLens,
    MaxStringLens,
    NavigationType,
    Network,
    OptionalParameter,
    PhysicalParameters,
    PolygonPoint,
    ProtocolFeatures,
    ProtocolLimits,
    Support,
    Timing,
    TypeSpecification,
    ValueDataType,
    VehicleConfig,
    VehicleVersion,
    WheelDefinition,
    WheelPosition,
    WheelType,
)
from protocol.header import Wire
from protocol.instant_actions import InstantActions
from protocol.manual_driving import DriveCommand, DriveState
from protocol.order import (
    Action,
    ActionParameter,
    BlockingType,
    ControlPoint,
    Corridor,
    CorridorRefPoint,
    Edge,
    Node,
    NodePosition,
    Order,
    Trajectory,
)
from protocol.received import Received, Refusal
from protocol.rules import BagLeft, Crowd, FireSeen, Loitering, VehicleParked, ZoneRules
from protocol.site import (
    Checkpoint,
    Dock,
    Geodetic,
    GridMap,
    Hours,
    Point,
    Pose,
    Site,
    Text,
    Zone,
    ZoneKind,
)
from protocol.state import (
    ActionState,
    ActionStatus,
    AgvPosition,
    BatteryState,
    BoundingBoxReference,
    EdgeState,
    Error,
    ErrorLevel,
    ErrorReference,
    EStop,
    InfoLevel,
    InfoReference,
    Information,
    Load,
    LoadDimensions,
    Map,
    MapStatus,
    NodeState,
    OperatingMode,
    SafetyState,
    State,
    StatePosition,
    Velocity,
)
from protocol.topics import Address, Topic
from protocol.visualization import Visualization

ADDRESS = Address("xiaotian", "dog1")
NOW = 1_795_000_000.25
HEADER = header(ADDRESS, 7, NOW)
ID = UUID("6f0bd2f6-6d0e-4d6c-9a39-9a2d5c3a6a11")

ACTION = Action(
    action_type="takePhoto",
    action_id="a1",
    blocking_type=BlockingType.HARD,
    action_description="look",
    action_parameters=[
        ActionParameter(key="seconds", value=3),
        ActionParameter(key="note", value="gate"),
        ActionParameter(key="both", value=True),
        ActionParameter(key="list", value=[1, "a"]),
        ActionParameter(key="object", value={"a": 1.5}),
    ],
)
TRAJECTORY = Trajectory(
    degree=1,
    knot_vector=[0.0, 0.0, 1.0, 1.0],
    control_points=[ControlPoint(x=0.0, y=0.0, weight=1.0), ControlPoint(x=5.0, y=1.0)],
)
POSITION = NodePosition(
    x=1.5, y=-2.5, map_id="yard", theta=0.5, allowed_deviation_xy=0.5, allowed_deviation_theta=0.3, map_description="m"
)
AGV_POSITION = AgvPosition(
    x=1.0,
    y=2.0,
    theta=0.1,
    map_id="yard",
    position_initialized=True,
    map_description="m",
    localization_score=0.9,
    deviation_range=0.1,
)
VELOCITY = Velocity(vx=0.8, vy=0.0, omega=0.1)
BOX = BoundingBoxReference(x=0.0, y=0.0, z=0.3, theta=0.0)
SIZE = LoadDimensions(length=0.3, width=0.2, height=0.1)
NAME = Text(zh="大门", en="Gate")

ORDER = Order(
    **HEADER,
    order_id="o1",
    order_update_id=0,
    zone_set_id="z",
    nodes=[
        Node(node_id="n0", sequence_id=0, released=True, actions=[], node_description="start", node_position=POSITION),
        Node(node_id="n1", sequence_id=2, released=True, actions=[ACTION], node_position=POSITION),
    ],
    edges=[
        Edge(
            edge_id="e0",
            sequence_id=1,
            released=True,
            start_node_id="n0",
            end_node_id="n1",
            actions=[ACTION],
            edge_description="way",
            max_speed=0.8,
            max_height=1.0,
            min_height=0.1,
            orientation=0.0,
            orientation_type="TANGENTIAL",
            direction="left",
            rotation_allowed=True,
            max_rotation_speed=1.0,
            length=5.0,
            trajectory=TRAJECTORY,
            corridor=Corridor(left_width=1.0, right_width=1.0, corridor_ref_point=CorridorRefPoint.CONTOUR),
        )
    ],
)
STATE = State(
    **HEADER,
    maps=[Map(map_id="yard", map_version="1", map_status=MapStatus.ENABLED, map_description="m")],
    order_id="o1",
    order_update_id=0,
    zone_set_id="z",
    last_node_id="n0",
    last_node_sequence_id=0,
    driving=True,
    paused=False,
    new_base_request=False,
    distance_since_last_node=1.5,
    operating_mode=OperatingMode.AUTOMATIC,
    node_states=[
        NodeState(
            node_id="n1",
            sequence_id=2,
            released=True,
            node_description="d",
            node_position=StatePosition(x=1.0, y=2.0, map_id="yard", theta=0.0),
        )
    ],
    edge_states=[EdgeState(edge_id="e0", sequence_id=1, released=True, edge_description="way", trajectory=TRAJECTORY)],
    agv_position=AGV_POSITION,
    velocity=VELOCITY,
    loads=[
        Load(
            load_id="l",
            load_type="box",
            load_position="front",
            bounding_box_reference=BOX,
            load_dimensions=SIZE,
            weight=0.5,
        )
    ],
    action_states=[
        ActionState(
            action_id="a1",
            action_status=ActionStatus.WAITING,
            action_type="takePhoto",
            action_description="look",
            result_description="",
        )
    ],
    battery_state=BatteryState(
        battery_charge=80.0, charging=False, battery_voltage=29.4, battery_health=97.0, reach=4000.0
    ),
    errors=[
        Error(
            error_type="orderError",
            error_level=ErrorLevel.WARNING,
            error_references=[ErrorReference(reference_key="orderId", reference_value="o0")],
            error_description="d",
            error_hint="h",
        )
    ],
    information=[
        Information(
            info_type="phase",
            info_level=InfoLevel.INFO,
            info_references=[InfoReference(reference_key="k", reference_value="v")],
            info_description="DRIVING",
        )
    ],
    safety_state=SafetyState(e_stop=EStop.NONE, field_violation=False),
)
FACTSHEET = Factsheet(
    **HEADER,
    type_specification=TypeSpecification(
        series_name="xiaotian",
        agv_kinematic=AgvKinematic.DIFF,
        agv_class=AgvClass.CARRIER,
        max_load_mass=0.0,
        localization_types=[LocalizationType.NATURAL],
        navigation_types=[NavigationType.AUTONOMOUS],
        series_description="dog",
    ),
    physical_parameters=PhysicalParameters(
        speed_min=0.0,
        speed_max=1.0,
        acceleration_max=1.0,
        deceleration_max=1.5,
        height_max=0.6,
        width=0.4,
        length=0.8,
        height_min=0.4,
    ),
    protocol_limits=ProtocolLimits(
        max_string_lens=MaxStringLens(
            msg_len=100_000,
            topic_serial_len=64,
            topic_elem_len=64,
            id_len=64,
            id_numerical_only=False,
            enum_len=32,
            load_id_len=1,
        ),
        max_array_lens=MaxArrayLens(
            order_nodes=1000,
            order_edges=1000,
            node_actions=16,
            edge_actions=1,
            actions_parameters=16,
            instant_actions=16,
            trajectory_knot_vector=1,
            trajectory_control_points=1,
            state_node_states=1000,
            state_edge_states=1000,
            state_loads=1,
            state_action_states=1000,
            state_errors=100,
            state_information=100,
            error_references=10,
            information_references=10,
        ),
        timing=Timing(
            min_order_interval=1.0, min_state_interval=0.1, default_state_interval=30.0, visualization_interval=0.5
        ),
    ),
    protocol_features=ProtocolFeatures(
        optional_parameters=[
            OptionalParameter(parameter="order.edges.maxSpeed", support=Support.SUPPORTED, description="d")
        ],
        agv_actions=[
            AgvAction(
                action_type="dwell",
                action_scopes=[ActionScope.NODE],
                action_description="d",
                action_parameters=[
                    AgvActionParameter(
                        key="seconds", value_data_type=ValueDataType.FLOAT, description="d", is_optional=True
                    )
                ],
                result_description="r",
            )
        ],
    ),
    agv_geometry=AgvGeometry(
        wheel_definitions=[
            WheelDefinition(
                type=WheelType.FIXED,
                is_active_driven=False,
                is_active_steered=False,
                position=WheelPosition(x=0.0, y=0.0, theta=0.0),
                diameter=0.1,
                width=0.1,
                center_displacement=0.0,
                constraints="c",
            )
        ],
        envelopes2d=[Envelope2d(set="all", polygon_points=[PolygonPoint(x=0.4, y=0.2)], description="d")],
        envelopes3d=[Envelope3d(set="all", format="DXF", data={"a": 1}, url="u", description=1)],
    ),
    load_specification=LoadSpecification(
        load_positions=["front"],
        load_sets=[
            LoadSet(
                set_name="s",
                load_type="box",
                load_positions=["front"],
                bounding_box_reference=BOX,
                load_dimensions=SIZE,
                max_weight=1.0,
                min_loadhandling_height=0.0,
                max_loadhandling_height=1.0,
                min_loadhandling_depth=0.0,
                max_loadhandling_depth=1.0,
                min_loadhandling_tilt=0.0,
                max_loadhandling_tilt=1.0,
                agv_speed_limit=1.0,
                agv_acceleration_limit=1.0,
                agv_deceleration_limit=1.0,
                pick_time=1.0,
                drop_time=1.0,
                description="d",
            )
        ],
    ),
    vehicle_config=VehicleConfig(
        versions=[VehicleVersion(key="software", value="0.1.0")],
        network=Network(dns_servers=["d"], ntp_servers=["n"], local_ip_address="l", netmask="m", default_gateway="g"),
    ),
)
MAP_POINT = MapPoint(x=1.0, y=2.0, map_id="yard", deviation=0.2, covariance=Covariance(xx=0.04, xy=-0.01, yy=0.02))

STANDARD: dict[Topic, Wire] = {
    Topic.ORDER: ORDER,
    Topic.INSTANT_ACTIONS: InstantActions(**HEADER, actions=[ACTION]),
    Topic.STATE: STATE,
    Topic.VISUALIZATION: Visualization(**HEADER, agv_position=AGV_POSITION, velocity=VELOCITY),
    Topic.CONNECTION: Connection(**HEADER, connection_state=ConnectionState.ONLINE),
    Topic.FACTSHEET: FACTSHEET,
}
OURS: dict[Topic, Wire] = {
    Topic.ANOMALY: Anomaly(
        **HEADER,
        anomaly_id=ID,
        kind=AnomalyKind.PERSON_IN_RESTRICTED_ZONE,
        observed_at=timestamp(NOW),
        position=MAP_POINT,
        score=0.9,
        detector="yolox_nano",
        zone_id="armory_yard",
        track_id=4,
        order_id="o1",
        other_than=[3],
        reason=NAME,
        weights_sha256="0" * 64,
        evidence_ids=[ID],
    ),
    Topic.EVIDENCE: Evidence(
        **HEADER,
        evidence_id=ID,
        purpose=EvidencePurpose.ANOMALY,
        sha256="0" * 64,
        size_bytes=12,
        media_type="image/jpeg",
        captured_at=timestamp(NOW),
        masked=True,
        position=MAP_POINT,
        anomaly_id=ID,
        order_id="o1",
        node_id="n1",
        action_id="a1",
        duration_s=20.0,
        anomaly_ids=[ID],
    ),
    Topic.DRIVE_COMMAND: DriveCommand(
        **HEADER, session_id="a-session-of-tests", sequence=7, word="seen", vx=0.5, vy=0.0, omega=-0.2
    ),
    Topic.DRIVE_STATE: DriveState(
        **HEADER,
        session_id="a-session-of-tests",
        sequence=7,
        word="said",
        lost=False,
        passed=VELOCITY,
        reasons=["OBSTACLE_AHEAD"],
        refused={"OLD": 1},
    ),
    Topic.RECEIVED: Received(**HEADER, ids=[ID], refused=[Refusal(id=ID, reason="not masked")]),
    Topic.SITE: Site(
        **HEADER,
        site_id="yard",
        site_version=1,
        name=NAME,
        timezone="Asia/Shanghai",
        origin=Geodetic(latitude_deg=31.2, longitude_deg=121.5),
        map=GridMap(map_id="yard", resolution=0.1, origin=Pose(x=0.0, y=0.0, theta=0.0), image=b"png"),
        zones=[
            Zone(
                zone_id="z",
                kind=ZoneKind.WATCHED,
                name=NAME,
                polygon=[Point(x=0.0, y=0.0), Point(x=1.0, y=0.0), Point(x=1.0, y=1.0)],
                hours=[Hours(start="22:00", end="06:00")],
                max_speed=0.3,
                rules=ZoneRules(
                    vehicle_parked=VehicleParked(),
                    bag_left=BagLeft(),
                    loitering=Loitering(),
                    crowd=Crowd(),
                    fire=FireSeen(),
                ),
            )
        ],
        checkpoints=[Checkpoint(checkpoint_id="c", name=NAME, pose=Pose(x=0.0, y=0.0, theta=0.0))],
        docks=[Dock(dock_id="d", name=NAME, pose=Pose(x=0.0, y=0.0, theta=0.0))],
        evidence_key="CTdy1ZqyKC8nwlUkR3o2x2GkQqB2OSq3xN2rN8wPZHQ=",
    ),
}
ALL = STANDARD | OURS
