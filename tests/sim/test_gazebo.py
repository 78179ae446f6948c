"""What Gazebo is given: worlds, models, dogs, bridge and launch file agree with each other and with Gazebo's own words.

Gazebo itself cannot be had here; what its sources say is in PLUGINS and SENSORS, with the file that says it.
"""

import configparser
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from sim.engine.sdf import MODEL_FOLDERS, SIM
from sim.engine.simulation import DogPlan
from sim.gazebo import __main__ as written
from sim.gazebo.bridge import bridge
from sim.gazebo.dog import dog_sdf, published
from sim.gazebo.spawning import read_spawning, spawn_arguments
from sim.gazebo.visibility_flags import CAMERAS, lidar_mask, show_what_is_solid
from sim.topics import BATTERY, CLOCK, COMMAND, DEPTH, DEPTH_INFO, DOG_TOPICS, IMAGE, IMU, ODOM, POINTS, SCAN, Direction
from tests.shared import ROOT
from tests.sim import specification
from tests.sim.conftest import Room

WORLDS = sorted((SIM / "worlds").glob("*/world.sdf"))
MODELS = [path for folder in MODEL_FOLDERS for path in sorted(folder.glob("*/model.sdf"))]
LAUNCH = ROOT / "ros2_ws/src/patrol_bringup/launch/gazebo.launch.py"
DOG_LAUNCH = LAUNCH.with_name("dog.launch.py")
STRINGS = (
    "site_folder", "data_dir", "mqtt_host", "server_url", "upload_token_file", "station_key_file", "detector",
)  # fmt: skip
DOG = ROOT / "ros2_ws/src/patrol_description/models/xiaotian_dog/model.sdf"

# A plugin's file, its class, and the parameters that it reads, by gz-sim8's src/systems/<folder>/<Class>.cc.
PLUGINS = {
    "gz-sim-physics-system": ("Physics", "physics", set()),
    "gz-sim-user-commands-system": ("UserCommands", "user_commands", set()),
    "gz-sim-scene-broadcaster-system": ("SceneBroadcaster", "scene_broadcaster", set()),
    "gz-sim-sensors-system": ("Sensors", "sensors", {"render_engine"}),
    "gz-sim-imu-system": ("Imu", "imu", set()),
    "gz-sim-velocity-control-system": ("VelocityControl", "velocity_control", {"topic"}),
    "gz-sim-odometry-publisher-system": (
        "OdometryPublisher",
        "odometry_publisher",
        {"odom_topic", "odom_frame", "robot_base_frame", "odom_publish_frequency", "dimensions", "gaussian_noise"},
    ),
    "gz-sim-joint-position-controller-system": (
        "JointPositionController",
        "joint_position_controller",
        {"joint_name", "p_gain", "d_gain", "use_velocity_commands", "cmd_max"},
    ),
    "gz-sim-linearbatteryplugin-system": (
        "LinearBatteryPlugin",
        "battery_plugin",
        {
            "battery_name", "voltage", "open_circuit_voltage_constant_coef", "open_circuit_voltage_linear_coef",
            "capacity", "initial_charge", "resistance", "smooth_current_tau", "power_load", "start_draining",
            "enable_recharge", "charging_time", "recharge_by_topic",
        },
    ),
    "gz-sim-hydrodynamics-system": (
        "Hydrodynamics",
        "hydrodynamics",
        {
            "link_name", "xDotU", "yDotV", "zDotW", "kDotP", "mDotQ", "nDotR",
            "xU", "yV", "zW", "kP", "mQ", "nR", "xUU", "yVV", "zWW", "kPP", "mQQ", "nRR",
        },
    ),
    "gz-sim-trajectory-follower-system": (
        "TrajectoryFollower",
        "trajectory_follower",
        {"link_name", "loop", "range_tolerance", "force", "torque", "waypoints"},
    ),
}  # fmt: skip
OURS = {"speed", "pause", "skin", "top", "trousers", "shoes", "hair"}  # what our engine reads beside Gazebo's waypoints
# A sensor's type in SDF and the messages in which gz-sensors8 (src/<Class>.cc) publishes it.
SENSORS = {
    "imu": ({"gz.msgs.IMU"}, "ImuSensor"),
    "gpu_lidar": ({"gz.msgs.LaserScan", "gz.msgs.PointCloudPacked"}, "GpuLidarSensor"),
    "camera": ({"gz.msgs.Image"}, "CameraSensor"),
    "depth_camera": ({"gz.msgs.Image"}, "DepthCameraSensor"),
}
# ROS and Gazebo types that belong together: ros_gz ros_gz_bridge/README.md.
BRIDGED = {
    ("sensor_msgs/msg/LaserScan", "gz.msgs.LaserScan"),
    ("sensor_msgs/msg/PointCloud2", "gz.msgs.PointCloudPacked"),
    ("sensor_msgs/msg/Imu", "gz.msgs.IMU"),
    ("nav_msgs/msg/Odometry", "gz.msgs.Odometry"),
    ("sensor_msgs/msg/BatteryState", "gz.msgs.BatteryState"),
    ("sensor_msgs/msg/Image", "gz.msgs.Image"),
    ("sensor_msgs/msg/CameraInfo", "gz.msgs.CameraInfo"),
    ("geometry_msgs/msg/Twist", "gz.msgs.Twist"),
    ("rosgraph_msgs/msg/Clock", "gz.msgs.Clock"),
    ("std_msgs/msg/Bool", "gz.msgs.Boolean"),
}


def parsed(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("path", [*WORLDS, *MODELS], ids=named)
def test_a_file_says_nothing_that_sdf_does_not_know(path: Path) -> None:
    root = parsed(path)
    assert root.get("version") == "1.9"
    if not specification.FOLDER.is_dir():
        pytest.skip("needs Debian's sdformat-sdf")
    assert specification.sdf().faults(root) == []


def test_what_sdf_does_not_know_is_found() -> None:
    if not specification.FOLDER.is_dir():
        pytest.skip("needs Debian's sdformat-sdf")
    text = (
        "<sdf version='1.9'><model name='m' colour='red'><link name='l'><wheel/><visual name='v'/></link></model></sdf>"
    )
    faults = specification.sdf().faults(ElementTree.fromstring(text))
    assert faults == ["/sdf/model@colour", "/sdf/model/link/wheel"]


@pytest.mark.parametrize("path", [*WORLDS, *MODELS], ids=named)
def test_a_plugin_has_its_file_its_class_and_parameters_that_it_reads(path: Path) -> None:
    for plugin in parsed(path).iter("plugin"):
        kind, _, reads = PLUGINS[plugin.get("filename", "")]
        assert plugin.get("name") == f"gz::sim::systems::{kind}"
        mine = OURS if kind == "TrajectoryFollower" else set()
        assert {child.tag for child in plugin} <= reads | mine


@pytest.mark.parametrize("path", WORLDS, ids=named)
def test_a_world_has_what_gazebo_needs_to_move_to_spawn_and_to_sense(path: Path) -> None:
    world = parsed(path).find("world")
    assert world is not None
    kinds = {PLUGINS[plugin.get("filename", "")][0] for plugin in world.findall("plugin")}
    assert kinds == {"Physics", "UserCommands", "SceneBroadcaster", "Sensors", "Imu"}
    assert world.get("name") == path.parent.name
    for include in world.findall("include"):
        name = include.findtext("uri", "").removeprefix("model://")
        assert any((folder / name / "model.sdf").is_file() for folder in MODEL_FOLDERS), name


@pytest.mark.parametrize("path", MODELS, ids=named)
def test_a_model_can_be_found_by_its_name(path: Path) -> None:
    model, config = parsed(path).find("model"), parsed(path.parent / "model.config")
    assert model is not None
    assert model.get("name") == config.findtext("name") == path.parent.name
    sdf = config.find("sdf")
    assert sdf is not None
    assert (sdf.text, sdf.get("version")) == ("model.sdf", "1.9")


def test_the_dogs_sensors_are_those_of_the_table() -> None:
    rows = {topic.in_gazebo("dog1"): topic for topic in DOG_TOPICS}
    told = {}
    for sensor in parsed(DOG).iter("sensor"):
        row = rows[published("dog1", sensor)]
        assert row.gz_type in SENSORS[sensor.get("type", "")][0]
        assert float(sensor.findtext("update_rate", "0")) == row.rate
        told[row.name] = sensor
    assert set(told) == {SCAN.name, POINTS.name, IMU.name, IMAGE.name}
    assert told[IMAGE.name].findtext("camera/camera_info_topic") == "camera/camera_info"
    assert told[IMAGE.name].findtext("camera/optical_frame_id") == IMAGE.frame


def test_the_dogs_plugins_speak_the_tables_topics() -> None:
    plugins = {plugin.get("filename", ""): plugin for plugin in parsed(DOG).iter("plugin")}
    odometry = plugins["gz-sim-odometry-publisher-system"]
    assert plugins["gz-sim-velocity-control-system"].findtext("topic") == COMMAND.name
    assert odometry.findtext("odom_topic") == ODOM.name
    assert float(odometry.findtext("odom_publish_frequency", "0")) == ODOM.rate
    assert odometry.findtext("odom_frame") == ODOM.frame
    battery = plugins["gz-sim-linearbatteryplugin-system"].findtext("battery_name")
    assert BATTERY.in_gazebo("dog1") == f"/model/dog1/battery/{battery}/state"
    servos = [p for p in parsed(DOG).iter("plugin") if "joint-position" in p.get("filename", "")]
    joints = {joint.get("name") for joint in parsed(DOG).iter("joint") if joint.get("type") == "revolute"}
    assert {servo.findtext("joint_name") for servo in servos} == joints


def test_a_named_dog_says_everything_under_its_name() -> None:
    model = ElementTree.fromstring(dog_sdf("rex")).find("model")
    assert model is not None
    assert model.get("name") == "rex"
    tags = ("topic", "camera_info_topic", "odom_topic")
    told = {(element.text or "").strip() for tag in tags for element in model.iter(tag)}
    elsewhere = {BATTERY.in_gazebo("rex"), POINTS.in_gazebo("rex")}
    assert told | elsewhere == {topic.in_gazebo("rex") for topic in DOG_TOPICS} | {"/rex/lidar_3d"}
    frames = {sensor.findtext("gz_frame_id") for sensor in model.iter("sensor")}
    assert frames == {SCAN.frame, POINTS.frame, IMU.frame, IMAGE.frame}


def test_the_bridge_carries_each_topic_of_each_dog_once_and_the_clock() -> None:
    told = bridge(["rex", "lassie"])
    assert len(told) == 1 + 2 * (len(DOG_TOPICS) + 2)
    assert {(row["ros_type_name"], row["gz_type_name"]) for row in told} == BRIDGED
    assert len({row["ros_topic_name"] for row in told}) == len({row["gz_topic_name"] for row in told}) == len(told)
    inward = {row["ros_topic_name"]: row["gz_topic_name"] for row in told if row["direction"] == Direction.IN}
    for dog in ("rex", "lassie"):
        assert inward[f"/{dog}/gazebo/cmd_vel"] == f"/{dog}/cmd_vel"
        assert inward[f"/{dog}/gazebo/recharge/start"] == f"/model/{dog}/battery/battery/recharge/start"
        assert inward[f"/{dog}/gazebo/recharge/stop"] == f"/model/{dog}/battery/battery/recharge/stop"
    assert len(inward) == 6
    assert (told[0]["ros_topic_name"], told[0]["gz_topic_name"]) == ("/gazebo/clock", "/clock")


def test_with_depth_a_dog_has_a_depth_camera_behind_its_lens_and_the_bridge_carries_it() -> None:
    rows = {row["ros_topic_name"]: row for row in bridge(["rex"], depth=True)}
    assert rows["/rex/camera/depth"]["gz_type_name"] in SENSORS["depth_camera"][0]
    assert "/rex/camera/depth" not in {row["ros_topic_name"] for row in bridge(["rex"])}
    model = ElementTree.fromstring(dog_sdf("rex", depth=True))
    sensors = {sensor.get("type", ""): sensor for sensor in model.iter("sensor")}
    depth, camera = sensors["depth_camera"], sensors["camera"]
    assert depth.findtext("topic") == rows["/rex/camera/depth"]["gz_topic_name"]
    assert depth.findtext("gz_frame_id") == camera.findtext("gz_frame_id")
    for same in ("camera/horizontal_fov", "camera/image/width", "camera/image/height"):
        assert depth.findtext(same) == camera.findtext(same)
    assert (depth.findtext("camera/clip/near"), depth.findtext("camera/clip/far")) == ("0.3", "12")
    assert depth.findtext("camera/image/format") == "R_FLOAT32"
    topics = [sensor.findtext("camera/camera_info_topic") for sensor in (depth, camera)]
    assert topics == ["/rex/camera/depth_info", "/rex/camera/camera_info"], "both would speak on one"
    assert topics[0] in rows


def test_in_gazebo_nothing_of_a_dog_grips_and_in_our_engine_its_feet_do() -> None:
    model = ElementTree.fromstring(dog_sdf("rex"))
    collisions = list(model.iter("collision"))
    assert len(collisions) > 8
    for collision in collisions:
        assert [collision.findtext(f"surface/friction/ode/{tag}") for tag in ("mu", "mu2")] == ["0", "0"]
        assert len(collision.findall("surface")) == 1
    assert {grip.text for grip in parsed(DOG).iter("mu")} == {"1.1"}


def test_a_dogs_lidars_do_not_see_its_own_body_and_see_the_other_dogs() -> None:
    dogs = [ElementTree.fromstring(dog_sdf(name, number)) for number, name in enumerate(("rex", "lassie"))]
    flags = [{int(flag.text or "") for flag in dog.iter("visibility_flags")} for dog in dogs]
    lidars = [[int(mask.text or "") for mask in dog.findall(".//lidar/visibility_mask")] for dog in dogs]
    cameras = [int(mask.text or "") for dog in dogs for mask in dog.findall(".//camera/visibility_mask")]
    for mine, other in ((0, 1), (1, 0)):
        assert len(flags[mine]) == 1
        assert len(lidars[mine]) == 2
        assert all(not mask & flag for mask in lidars[mine] for flag in flags[mine])
        assert all(mask & flag for mask in lidars[mine] for flag in flags[other])
        assert all(mask & flag for mask in cameras for flag in flags[mine])
    assert len(list(dogs[0].iter("visibility_flags"))) == len(list(dogs[0].iter("visual")))


PERSON = SIM / "models/person/model.sdf"


@pytest.mark.parametrize("path", [*WORLDS, *MODELS], ids=named)
def test_gazebos_lidars_see_each_collision_and_nothing_else_and_its_cameras_each_visual(path: Path) -> None:
    root, before = parsed(path), parsed(path)
    show_what_is_solid(root)
    for link, was in zip(root.iter("link"), before.iter("link"), strict=True):
        visuals = link.findall("visual")
        seen = {mask: sorted(shape(v) for v in visuals if flags(v) & mask) for mask in (lidar_mask(0), CAMERAS)}
        assert set(seen[lidar_mask(0)]) == {shape(collision) for collision in was.findall("collision")}
        assert seen[CAMERAS] == sorted(shape(visual) for visual in was.findall("visual"))
        assert all(flags(visual) & WITHOUT_A_MASK for visual in visuals), "an old lidar sees less than it could"
        assert len({visual.get("name") for visual in visuals}) == len(visuals)


WITHOUT_A_MASK = 0x0FFFFFFC  # what a lidar sees where Gazebo knows no masks of lidars


def flags(visual: ElementTree.Element) -> int:
    return int(visual.findtext("visibility_flags", ""))


def shape(part: ElementTree.Element) -> str:
    geometry = part.find("geometry")
    assert geometry is not None
    words = f"{part.findtext('pose', '0 0 0 0 0 0')} {' '.join(geometry.itertext())}".split()
    return f"{geometry[0].tag} {[float(word) for word in words]}"


def test_a_railing_is_a_wall_to_gazebos_lidars_and_bars_to_its_cameras() -> None:
    panel = parsed(SIM / "models/fence_panel/model.sdf")
    show_what_is_solid(panel)
    to_lidars = [v.get("name") for v in panel.iter("visual") if flags(v) & lidar_mask(0)]
    assert to_lidars == ["panel_collision_solid"]
    assert sum(bool(flags(v) & CAMERAS) for v in panel.iter("visual")) > 10


def test_the_dogs_camera_does_not_see_what_is_for_lidars() -> None:
    masks = {
        int(mask.text or "") for mask in ElementTree.fromstring(dog_sdf("rex")).findall(".//camera/visibility_mask")
    }
    assert masks == {CAMERAS}
    depth = ElementTree.fromstring(dog_sdf("rex", 3, depth=True)).find(".//sensor[@type='depth_camera']/camera")
    assert depth is not None
    assert int(depth.findtext("visibility_mask", "")) == lidar_mask(3)


def test_a_person_slides_in_gazebo_on_a_hull_that_reaches_the_ground_and_does_not_grip() -> None:
    hull = next(parsed(PERSON).iter("collision"))
    middle = float(hull.findtext("pose", "").split()[2])
    assert middle == float(hull.findtext("geometry/cylinder/length", "")) / 2
    assert [hull.findtext(f"surface/friction/ode/{tag}") for tag in ("mu", "mu2")] == ["0", "0"]


@pytest.mark.parametrize("path", WORLDS, ids=named)
def test_everybody_who_walks_in_a_world_is_pushed_as_his_drag_asks_for_at_his_speed(path: Path) -> None:
    water = next(p for p in parsed(PERSON).iter("plugin") if "hydrodynamics" in p.get("filename", ""))
    drag = {tag: float(water.findtext(tag, "nan")) for tag in ("xU", "yV", "zW", "kP", "mQ", "nR")}
    assert all(value <= 0.0 for value in drag.values()), "what is positive drives instead of braking"
    assert all(
        float(water.findtext(f"{axis}Dot{rate}", "nan")) == 0.0 for axis, rate in zip("xyzkmn", "UVWPQR", strict=True)
    )
    walkers = [p for p in parsed(path).iter("plugin") if "trajectory" in p.get("filename", "")]
    assert len(walkers) >= 2
    for walker in walkers:
        force, speed = (float(walker.findtext(tag, "nan")) for tag in ("force", "speed"))
        assert force == pytest.approx(-drag["xU"] * speed)
        assert 0.0 < float(walker.findtext("torque", "nan")) / -drag["nR"] <= 1.5


def test_a_dog_begins_with_a_charge_at_which_gazebo_lets_it_charge() -> None:
    battery = next(p for p in parsed(DOG).iter("plugin") if "linearbattery" in p.get("filename", ""))
    charge, capacity = (float(battery.findtext(tag, "nan")) for tag in ("initial_charge", "capacity"))
    assert 0.5 < charge / capacity < 0.9


def test_the_committed_bridge_is_the_one_that_the_table_gives() -> None:
    assert written.FILE.read_text(encoding="utf-8") == written.text()
    assert yaml.safe_load(written.text()) == bridge(["dog1"])


def test_the_architecture_page_names_the_tables_topics_and_no_others_below_the_stack() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if "driver or simulator" in line or "| legs |" in line]
    told = {name.strip("`") for row in rows for name in row[1].split()}
    assert told == {topic.name for topic in (*DOG_TOPICS, DEPTH, DEPTH_INFO)}
    types = {word.strip(" ,") for row in rows for word in row[2].split()}
    assert types == {topic.ros_type.rpartition("/")[2] for topic in DOG_TOPICS}
    assert "`/clock`" in page
    assert CLOCK.name == "clock"


class Recorder:
    """A node that only notes what is made on it."""

    def __init__(self) -> None:
        self.out: dict[str, str] = {}
        self.heard: dict[str, str] = {}

    def create_publisher(self, kind: type, name: str, _: object) -> None:
        self.out[name] = f"{kind.__module__.partition('.')[0]}/msg/{kind.__name__}"

    def create_subscription(self, kind: type, name: str, *_: object) -> None:
        self.heard[name] = f"{kind.__module__.partition('.')[0]}/msg/{kind.__name__}"


def test_our_engine_says_and_hears_what_gazebo_does(room: Room) -> None:
    pytest.importorskip("rclpy")
    from sim.ros.topic_interface import TopicInterface

    with_depth = Recorder()
    TopicInterface(with_depth, room(dogs=(DogPlan("rex", 0, 0, 0),)), depth=True)
    node = Recorder()
    TopicInterface(node, room(dogs=(DogPlan("rex", 0, 0, 0),)))
    more = with_depth.out.items() - node.out.items()
    assert dict(more) == {topic.in_ros("rex"): topic.ros_type for topic in (DEPTH, DEPTH_INFO)}
    dog = {name: kind for name, kind in node.out.items() if name.startswith("/rex/")}
    assert dog == {t.in_ros("rex"): t.ros_type for t in DOG_TOPICS if t.direction is Direction.OUT}
    assert node.out["/clock"] == CLOCK.ros_type
    heard = {name: kind for name, kind in node.heard.items() if name.startswith("/rex/")}
    assert heard == {t.in_ros("rex"): t.ros_type for t in DOG_TOPICS if t.direction is Direction.IN}


def test_dogs_stand_at_docks_or_where_they_are_told_to() -> None:
    scene = read_spawning("logistics_park", "dog1 rex:1.5,-2,0.5 dog2")
    first, second, *_ = yaml.safe_load((SIM / "worlds/logistics_park/site.yaml").read_text())["docks"]
    assert [(dog.name, dog.x, dog.y) for dog in scene.dogs] == [
        ("dog1", first["pose"]["x"], first["pose"]["y"]),
        ("rex", 1.5, -2.0),
        ("dog2", second["pose"]["x"], second["pose"]["y"]),
    ]
    words = spawn_arguments(scene.dogs[1], Path("rex.sdf"))
    assert dict(zip(words[::2], words[1::2], strict=True)) == {
        "-name": "rex", "-file": "rex.sdf", "-x": "1.5", "-y": "-2", "-z": "0.386", "-Y": "0.5",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("site", "dogs", "complaint"),
    [
        ("moon", "dog1", "no world.sdf in .*moon; ours are logistics_park, residential_compound, station_yard"),
        ("station_yard", "a b c", "no dock is left in .*station_yard for 'c'; say c:X,Y,THETA"),
        ("station_yard", "a a", "'a' is there twice"),
        ("station_yard", "a:1,2", "'a:1,2': expected NAME or NAME:X,Y,THETA"),
    ],
)
def test_a_mistake_in_the_arguments_is_told(site: str, dogs: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        read_spawning(site, dogs)


def launched(tmp_path: Path, *arguments: str, launch: Path = LAUNCH) -> list[dict[str, object]]:
    """What the launch file would start, by tests/sim/launch_api, which stands in for ROS's launch."""
    api = ROOT / "tests/sim/launch_api"
    path = ":".join([str(api), str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "launch", str(launch), *arguments],
        env={**os.environ, "PYTHONPATH": path, "TMPDIR": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: list[dict[str, object]] = json.loads(done.stdout)
    return told


def test_the_launch_file_starts_gazebo_dogs_and_bridge(tmp_path: Path) -> None:
    told = launched(tmp_path, "site:=residential_compound", "dogs:=dog1 dog2", "headless:=true")
    resource, fast_rtps, fast_dds, gazebo, first, second, carrier, driver = told
    assert (fast_rtps["name"], fast_dds["name"]) == ("FASTRTPS_DEFAULT_PROFILES_FILE", "FASTDDS_DEFAULT_PROFILES_FILE")
    assert Path(str(fast_rtps["value"])).is_file()
    assert fast_rtps["value"] == fast_dds["value"]
    assert driver["cmd"][1:5] == ["-m", "sim.ros.gazebo", "dog1", "dog2"]  # type: ignore[index]
    assert driver["on_exit"] == ["Shutdown"], "without it the dogs would walk on"
    assert str(driver["cmd"][6]).endswith("residential_compound")  # type: ignore[index]
    assert resource["name"] == "GZ_SIM_RESOURCE_PATH"
    models = Path(str(resource["value"]))
    assert {path.parent.name for path in MODELS} == {path.name for path in models.iterdir()}
    assert str(gazebo["source"]).endswith("ros_gz_sim/launch/gz_sim.launch.py")
    words = dict(gazebo["launch_arguments"])["gz_args"].split()  # type: ignore[call-overload]
    assert words[:5] == ["-r", "-v", "2", "-s", "--headless-rendering"]
    world = ElementTree.parse(words[5]).getroot().find("world")
    assert world is not None
    assert world.get("name") == "residential_compound"
    assert models.parent == Path(words[5]).parent
    for spawn, name in ((first, "dog1"), (second, "dog2")):
        assert (spawn["package"], spawn["executable"]) == ("ros_gz_sim", "create")
        given = dict(zip(spawn["arguments"][::2], spawn["arguments"][1::2], strict=True))  # type: ignore[index]
        assert given["-name"] == name
        assert ElementTree.parse(given["-file"]).getroot().find(f"model[@name='{name}']") is not None
    assert (carrier["package"], carrier["executable"]) == ("ros_gz_bridge", "parameter_bridge")
    config = Path(carrier["parameters"][0]["config_file"])  # type: ignore[index]
    assert yaml.safe_load(config.read_text()) == bridge(["dog1", "dog2"])


def test_the_launch_file_can_start_the_dogs_nodes_too(tmp_path: Path) -> None:
    passed_on = {
        "mqtt_port": "1999", "upload_token_file": "/etc/token", "station_key_file": "", "detector": "fallback",
        "profile": "scan_only", "mqtt_host": "station",
    }  # fmt: skip
    told = launched(tmp_path, "dogs:=rex:1,2,3", "nodes:=true", *(f"{n}:={value}" for n, value in passed_on.items()))
    nodes = told[-1]
    assert str(nodes["source"]).endswith("patrol_bringup/launch/dog.launch.py")
    given = dict(nodes["launch_arguments"])  # type: ignore[call-overload]
    assert passed_on.items() <= given.items()
    assert (given["dog"], given["use_sim_time"]) == ("rex", "true")
    assert (given["initial_x"], given["initial_y"], given["initial_theta"]) == ("1.0", "2.0", "3.0")
    declared = [entity["name"] for entity in launched(tmp_path, "--all", launch=DOG_LAUNCH) if is_argument(entity)]
    assert set(given) <= set(declared)


def test_a_dogs_launch_file_gives_each_parameter_in_the_type_that_its_node_declares(tmp_path: Path) -> None:
    told = launched(tmp_path, "initial_x:=5", "data_dir:=7", "profile:=unitree_l1", launch=DOG_LAUNCH)
    assert [entity["name"] for entity in told[:2]] == [
        "FASTRTPS_DEFAULT_PROFILES_FILE",
        "FASTDDS_DEFAULT_PROFILES_FILE",
    ]
    assert len(told) == 5
    for node in told[2:]:
        settings, profile, given = node["parameters"]  # type: ignore[misc]
        assert (Path(settings).name, Path(profile).name) == ("dog.yaml", "unitree_l1.yaml")
        assert {name: type(value) for name, value in given.items()} == {
            **dict.fromkeys(("initial_x", "initial_y", "initial_theta"), float), "mqtt_port": int,
            "use_sim_time": bool, **dict.fromkeys(STRINGS, str),
        }  # fmt: skip
        assert (given["initial_x"], given["data_dir"], given["site_folder"]) == (5.0, "7", "")
        assert math.isnan(given["initial_y"]), "it is told where it stands though nobody said so"
        assert ["points", "/utlidar/cloud"] in node["remappings"]  # type: ignore[operator]


def test_ros_launch_finds_the_nodes_executable_where_it_looks_for_it() -> None:
    package = configparser.ConfigParser()
    package.read(ROOT / "ros2_ws/src/patrol_nodes/setup.cfg")
    assert package["develop"]["script_dir"] == package["install"]["install_scripts"] == "$base/lib/patrol_nodes"


def is_argument(entity: dict[str, object]) -> bool:
    return entity["kind"] == "DeclareLaunchArgument"
