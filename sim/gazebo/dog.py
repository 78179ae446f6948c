"""A dog for Gazebo: model://xiaotian_dog with its topics under the dog's name, so that many can stand in one world.

Gazebo takes a sensor's <topic> as it stands, whatever model it belongs to, and its frame from <gz_frame_id>, an element
of Gazebo's own and no part of SDF, hence added here and not in the model's file (gz-sensors8 src/Sensor.cc).
"""

from xml.etree import ElementTree

from sim.engine.sdf import find_model
from sim.topics import DOG_TOPICS

NAMED = ("topic", "camera_info_topic", "odom_topic")  # elements of the model that hold a topic's name
STAND_HEIGHT = 0.386  # metres of the body's centre: its feet are just off the ground, over which it glides


def dog_sdf(name: str) -> str:
    """The SDF of a dog called ``name``."""
    root = ElementTree.parse(find_model("xiaotian_dog")).getroot()  # noqa: S314  (our own file)
    model = root.find("model")
    assert model is not None
    model.set("name", name)
    frames = {topic.in_gazebo(name): topic.frame for topic in DOG_TOPICS}
    for sensor in model.iter("sensor"):
        ElementTree.SubElement(sensor, "gz_frame_id").text = frames[published(name, sensor)]
    for element in (element for tag in NAMED for element in model.iter(tag)):
        element.text = f"/{name}/{(element.text or '').strip()}"
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def published(dog: str, sensor: ElementTree.Element) -> str:
    """The topic of Gazebo's on which ``sensor`` says what our table has: of many rings, the cloud and not the scan."""
    topic = f"/{dog}/{sensor.findtext('topic', '').strip()}"
    return f"{topic}/points" if int(sensor.findtext("lidar/scan/vertical/samples", "1")) > 1 else topic
