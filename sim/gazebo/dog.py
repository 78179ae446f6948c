"""A dog for Gazebo: model://xiaotian_dog with its topics under the dog's name, so that many can stand in one world.

Gazebo takes a sensor's <topic> as it stands, whatever model it belongs to, and its frame from <gz_frame_id>, an element
of Gazebo's own and no part of SDF, hence added here and not in the model's file (gz-sensors8 src/Sensor.cc).
"""

import copy
from xml.etree import ElementTree

from sim.engine.sdf import find_model
from sim.gazebo.visibility_flags import dog_flag, lidar_mask
from sim.topics import DEPTH, DEPTH_INFO, DOG_TOPICS

NAMED = ("topic", "camera_info_topic", "odom_topic")  # elements of the model that hold a topic's name
STAND_HEIGHT = 0.386  # metres of the body's centre where it is put: it sinks the 6 mm to its feet


def dog_sdf(name: str, number: int = 0, depth: bool = False) -> str:
    """The SDF of a dog called ``name``, the ``number``-th of its world; with ``depth``, its depth camera too."""
    root = ElementTree.parse(find_model("xiaotian_dog")).getroot()  # noqa: S314  (our own file)
    model = root.find("model")
    assert model is not None
    model.set("name", name)
    if depth:
        _add_depth_camera(model)
    frames = {topic.in_gazebo(name): topic.frame for topic in (*DOG_TOPICS, DEPTH)}
    for sensor in model.iter("sensor"):
        ElementTree.SubElement(sensor, "gz_frame_id").text = frames[published(name, sensor)]
    for element in (element for tag in NAMED for element in model.iter(tag)):
        element.text = f"/{name}/{(element.text or '').strip()}"
    _take_friction(model)
    _hide_from_its_own_lidars(model, number)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def published(dog: str, sensor: ElementTree.Element) -> str:
    """The topic of Gazebo's on which ``sensor`` says what our table has: of many rings, the cloud and not the scan."""
    topic = f"/{dog}/{sensor.findtext('topic', '').strip()}"
    return f"{topic}/points" if int(sensor.findtext("lidar/scan/vertical/samples", "1")) > 1 else topic


def _take_friction(model: ElementTree.Element) -> None:
    """Nothing of it grips: VelocityControl carries it, and what gripped would brake, and throw it over."""
    for collision in model.iter("collision"):
        ode = collision
        for tag in ("surface", "friction", "ode"):
            found = ode.find(tag)
            ode = ElementTree.SubElement(ode, tag) if found is None else found
        for tag in ("mu", "mu2"):
            grip = ode.find(tag)
            grip = ElementTree.SubElement(ode, tag) if grip is None else grip
            grip.text = "0"


def _hide_from_its_own_lidars(model: ElementTree.Element, number: int) -> None:
    """Its own body gives its lidars no return, as in our engine; other dogs' lidars and all cameras see it."""
    for visual in model.iter("visual"):
        ElementTree.SubElement(visual, "visibility_flags").text = str(dog_flag(number))
    looking = [*model.iter("lidar"), *model.findall(".//sensor[@type='depth_camera']/camera")]
    for sensor in looking:
        mask = sensor.find("visibility_mask")
        mask = ElementTree.SubElement(sensor, "visibility_mask") if mask is None else mask
        mask.text = str(lidar_mask(number))


def _add_depth_camera(model: ElementTree.Element) -> None:
    """Behind the camera's lens, with its picture's size and angle; reach as our engine's (sim.engine.sensors)."""
    link = next(link for link in model.iter("link") if link.find("sensor[@type='camera']") is not None)
    sensor = copy.deepcopy(link.find("sensor[@type='camera']"))
    assert sensor is not None
    sensor.set("name", "depth")
    sensor.set("type", "depth_camera")
    sensor.find("topic").text = DEPTH.name  # type: ignore[union-attr]
    camera = sensor.find("camera")
    assert camera is not None
    camera.remove(camera.find("noise"))  # type: ignore[arg-type]
    camera.find("camera_info_topic").text = DEPTH_INFO.name  # type: ignore[union-attr]
    for path, text in (("image/format", "R_FLOAT32"), ("clip/near", "0.3"), ("clip/far", "12")):
        camera.find(path).text = text  # type: ignore[union-attr]
    link.append(sensor)
