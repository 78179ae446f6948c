"""SDF's own description of itself, where Debian's sdformat-sdf has brought it: which element may hold which."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Self
from xml.etree import ElementTree

# Of SDF 1.9 too, by sdformat 12.7's sdf/1.9/camera.sdf; Debian ships 12.3.
LATER = {"camera": ("camera_info_topic", "optical_frame_id")}
FOLDER = next(iter(sorted(Path("/usr/share").glob("sdformat*/1.9"))), Path("/nonexistent"))


@dataclass
class Element:
    """What may stand in an element; ``anything`` is a plugin's: no business of SDF's."""

    attributes: set[str] = field(default_factory=set)
    children: dict[str, Self] = field(default_factory=dict)
    anything: bool = False

    def faults(self, xml: ElementTree.Element, path: str = "") -> list[str]:
        """What in ``xml`` the specification does not know."""
        here = f"{path}/{xml.tag}"
        found = [f"{here}@{name}" for name in xml.attrib if name not in self.attributes]
        for child in () if self.anything else xml:
            known = self.children.get(child.tag)
            found += known.faults(child, here) if known else [f"{here}/{child.tag}"]
        return found


def sdf() -> Element:
    """The root of a file."""
    root = Element({"version"})
    for name in ("world", "model", "light"):
        root.children[name] = described(name)
    return root


@cache
def described(name: str) -> Element:
    """The element that NAME.sdf describes."""
    made = Element()
    made.children = {later: Element() for later in LATER.get(name, ())}
    _fill(made, ElementTree.parse(FOLDER / f"{name}.sdf").getroot(), made)
    return made


def _fill(made: Element, xml: ElementTree.Element, top: Element) -> None:
    made.anything = xml.find("element[@copy_data='true']") is not None
    made.attributes = {attribute.get("name", "") for attribute in xml.findall("attribute")}
    for child in xml.findall("element"):
        name = child.get("name", "")
        if child.get("ref"):
            made.children[name] = top
        elif name:
            made.children[name] = Element()
            _fill(made.children[name], child, top)
    for include in xml.findall("include"):
        file = FOLDER / include.get("filename", "")
        if file.is_file():  # sensor.sdf includes a navsat.sdf that Debian does not ship
            made.children[ElementTree.parse(file).getroot().get("name", "")] = described(file.stem)
