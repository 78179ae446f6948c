"""What in Gazebo sees what. Its lidars see visuals alone, ours what a body can touch: a railing would be three bars to
the one and a wall to the other. So each collision gets a visual of its own shape, which lidars see and cameras do not,
and what cameras alone see lidars do not.

A sensor sees a visual where its <visibility_mask> and the visual's <visibility_flags> share a bit. Lidars have masks
since the summer of 2022 (sdformat 12.5, gz-sensors 6.4, gz-rendering 6.4); one without sees all below, drawn or solid
(gz-rendering ogre/src/OgreGpuRays.cc: 0x0FFFFFFC). So does the window's camera, and shows a railing as a wall.
"""

import copy
from xml.etree import ElementTree

# Bits 1 and 2 are Gazebo's own, the upper four Ogre's and Gazebo's: gz-rendering include/gz/rendering/RenderTypes.hh.
SOLID, SEEN = 0x10, 0x20  # what can be touched; what is drawn
FIRST_DOG, DOGS = 8, 20  # the bits between are dogs, seen by all sensors but their own lidars
ALL_DOGS = ((1 << DOGS) - 1) << FIRST_DOG
CAMERAS = 0x0FFFFFFF & ~SOLID


def dog_flag(number: int) -> int:
    """The flags of the ``number``-th dog's visuals; the 21st shares the first's."""
    return 1 << (FIRST_DOG + number % DOGS)


def lidar_mask(number: int) -> int:
    """What the ``number``-th dog's lidars and its depth camera see: what is solid, and the other dogs."""
    return SOLID | ALL_DOGS & ~dog_flag(number)


def show_what_is_solid(root: ElementTree.Element) -> None:
    """Change all links of a world or a model so."""
    for link in root.iter("link"):
        drawn = link.findall("visual")
        solid = {_shape(collision): collision for collision in link.findall("collision")}
        for visual in drawn:
            same = solid.pop(_shape(visual), None)
            flags = SEEN if same is None else SEEN | SOLID
            ElementTree.SubElement(visual, "visibility_flags").text = str(flags)
        for collision in solid.values():
            link.append(_solid(collision, drawn))


def _solid(collision: ElementTree.Element, drawn: list[ElementTree.Element]) -> ElementTree.Element:
    """A visual of the collision's shape for lidars; in the window it has the colour of what is drawn there."""
    made = ElementTree.Element("visual", name=f"{collision.get('name')}_solid")
    made.extend(copy.deepcopy(part) for part in collision if part.tag in ("pose", "geometry"))
    made.extend(copy.deepcopy(part) for visual in drawn[:1] for part in visual if part.tag == "material")
    ElementTree.SubElement(made, "cast_shadows").text = "false"
    ElementTree.SubElement(made, "visibility_flags").text = str(SOLID)
    return made


def _shape(part: ElementTree.Element) -> tuple[tuple[float, ...], tuple[object, ...]]:
    """Pose and geometry, to be compared: numbers, however they are written."""
    pose = tuple(float(word) for word in part.findtext("pose", "0 0 0 0 0 0").split())
    geometry = part.find("geometry")
    assert geometry is not None
    size = tuple((e.tag, tuple(float(word) for word in (e.text or "").split())) for e in geometry.iter())
    return pose, size
