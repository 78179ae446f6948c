"""What in Gazebo sees what. Its lidars see visuals alone, ours what a body can touch: a railing would be three bars to
the one and a wall to the other. So each collision gets a visual of its own shape, which lidars see and cameras do not,
and what cameras see lidars do not.

A sensor sees a visual where its <visibility_mask> and the visual's <visibility_flags> share a bit. The window's camera
has the lower 28 (gz-rendering8 include/gz/rendering/RenderTypes.hh), Ogre keeps the uppermost two for itself.
"""

import copy
from xml.etree import ElementTree

SEEN = 0x000000FF  # by cameras and in the window: what is drawn
SOLID = 0x10000000  # by lidars and depth cameras: what can be touched
FIRST_DOG, DOGS = 8, 20  # the bits between are dogs, seen by all sensors but their own lidars
CAMERAS = 0x0FFFFFFF


def dog_flag(number: int) -> int:
    """The flags of the ``number``-th dog's visuals; the 21st shares the first's."""
    return 1 << (FIRST_DOG + number % DOGS)


def lidar_mask(number: int) -> int:
    """What the ``number``-th dog's lidars and its depth camera see: what is solid, and the other dogs."""
    return (SOLID | CAMERAS & ~SEEN) & ~dog_flag(number)


def show_what_is_solid(root: ElementTree.Element) -> None:
    """Change all links of a world or a model so."""
    for link in root.iter("link"):
        for visual in link.findall("visual"):
            ElementTree.SubElement(visual, "visibility_flags").text = str(SEEN)
        for collision in link.findall("collision"):
            link.append(_solid(collision))


def _solid(collision: ElementTree.Element) -> ElementTree.Element:
    made = ElementTree.Element("visual", name=f"{collision.get('name')}_solid")
    made.extend(copy.deepcopy(part) for part in collision if part.tag in ("pose", "geometry"))
    ElementTree.SubElement(made, "cast_shadows").text = "false"
    ElementTree.SubElement(made, "visibility_flags").text = str(SOLID)
    return made
