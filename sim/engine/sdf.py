"""SDF 1.9 as plain data: worlds, models, links, shapes, joints. What is not understood is named once, as a warning.

The format: http://sdformat.org/spec?ver=1.9. Poses are resolved here: a link's and a frame's are given in the frame of
their model, a shape's in that of its link, a model's in the world.
"""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog
from lxml import etree

from sim.engine.transforms import IDENTITY, Matrix, invert, numbers, pose
from sim.package_files import of_package

log = structlog.get_logger()
SIM = Path(__file__).resolve().parents[1]
MODEL_FOLDERS = (SIM / "models", of_package("patrol_description", "models"))
WHITE = (0.7, 0.7, 0.7, 1.0)

_SILENT = {"allow_auto_disable", "laser_retro", "cast_shadows", "script", "wind", "self_collide", "enable_wind"}
_KNOWN = {
    "world": {"model", "include", "light", "scene", "physics", "gravity", "plugin", "spherical_coordinates", "gui"},
    "model": {"link", "joint", "frame", "pose", "static", "plugin", "include"},
    "link": {"pose", "inertial", "visual", "collision", "sensor", "light", "gravity"},
    "joint": {"pose", "parent", "child", "axis"},
    "geometry": {"box", "sphere", "cylinder", "capsule", "ellipsoid", "plane"},
    "visual": {"pose", "geometry", "material", "transparency"},
    "collision": {"pose", "geometry", "surface"},
    "material": {"ambient", "diffuse", "specular", "emissive"},
}
_warned: set[str] = set()


class MalformedWorld(ValueError):
    """An SDF file that cannot be loaded; the text names the file and what is wrong."""


@dataclass(frozen=True)
class Material:
    """Colours of a surface, 0..1."""

    diffuse: tuple[float, ...] = WHITE
    specular: tuple[float, ...] = (0.0, 0.0, 0.0, 1.0)
    emissive: tuple[float, ...] = (0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True)
class Shape:
    """A visual or a collision, its pose in the link.

    ``size``: box x y z; sphere r; cylinder and capsule r, length; ellipsoid radii; plane x y. Metres.
    """

    name: str
    kind: str
    size: tuple[float, ...]
    pose: Matrix
    material: Material = Material()
    friction: float = 1.0


@dataclass(frozen=True)
class Inertia:
    """Mass in kg; the centre's pose in the link; moments xx, yy, zz, xy, xz, yz in kg m^2."""

    mass: float
    pose: Matrix
    moments: tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Sensor:
    """A sensor on a link; ``xml`` has what is particular to its kind."""

    name: str
    kind: str
    rate: float
    pose: Matrix
    xml: Any


@dataclass(frozen=True)
class Light:
    """A lamp or the sun. ``pose`` is its place; ``direction`` is given in its frame."""

    name: str
    kind: str
    pose: Matrix
    diffuse: tuple[float, ...]
    specular: tuple[float, ...]
    direction: tuple[float, ...]
    range: float
    attenuation: tuple[float, float, float]
    cutoff: float
    shadows: bool


@dataclass(frozen=True)
class Link:
    """A rigid part."""

    name: str
    pose: Matrix
    inertia: Inertia | None
    visuals: tuple[Shape, ...]
    collisions: tuple[Shape, ...]
    sensors: tuple[Sensor, ...]
    lights: tuple[Light, ...]


@dataclass(frozen=True)
class Joint:
    """``axis`` is given in the joint's frame, whose pose is that in the child link."""

    name: str
    kind: str
    parent: str
    child: str
    pose: Matrix
    axis: tuple[float, ...]
    limits: tuple[float, float]
    effort: float
    damping: float
    armature: float = 0.0


@dataclass(frozen=True)
class Plugin:
    """A plugin of Gazebo's; the engine reads the parameters of those that it has a counterpart for."""

    name: str
    filename: str
    xml: Any


@dataclass(frozen=True)
class Model:
    """A thing in the world."""

    name: str
    static: bool
    pose: Matrix
    links: tuple[Link, ...]
    joints: tuple[Joint, ...]
    frames: dict[str, Matrix]
    plugins: tuple[Plugin, ...]


@dataclass(frozen=True)
class World:
    """All there is. ``step`` is the physics' step in seconds."""

    name: str
    models: tuple[Model, ...]
    lights: tuple[Light, ...]
    ambient: tuple[float, ...] = (0.4, 0.4, 0.4, 1.0)
    background: tuple[float, ...] = (0.7, 0.8, 0.9, 1.0)
    step: float = 0.002
    path: Path = field(default=Path())


def read_world(path: Path) -> World:
    """The world in the SDF file ``path``; raises MalformedWorld."""
    root = _parse(path).find("world")
    if root is None:
        raise MalformedWorld(f"{path}: no <world>")
    try:
        return _world(root, path)
    except (ValueError, KeyError) as error:
        raise MalformedWorld(f"{path}: {error}") from error


def read_model(name: str) -> Model:
    """The model that ``model://name`` names; raises MalformedWorld."""
    path = find_model(name)
    element = _parse(path).find("model")
    if element is None:
        raise MalformedWorld(f"{path}: no <model>")
    return _model(element)


def find_model(name: str) -> Path:
    """The SDF file of ``model://name``, looked for in our folders, then in SDF_PATH and GZ_SIM_RESOURCE_PATH."""
    extra = [os.environ.get(key, "").split(":") for key in ("SDF_PATH", "GZ_SIM_RESOURCE_PATH")]
    for folder in (*MODEL_FOLDERS, *(Path(entry) for entries in extra for entry in entries if entry)):
        if (path := folder / name / "model.sdf").is_file():
            return path
    raise MalformedWorld(f"model://{name}: not found in {', '.join(map(str, MODEL_FOLDERS))}")


def _parse(path: Path) -> Any:
    try:
        root = etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    except (OSError, etree.XMLSyntaxError) as error:
        raise MalformedWorld(f"{path}: {error}") from error
    if root.tag != "sdf":
        raise MalformedWorld(f"{path}: the root is <{root.tag}>, not <sdf>")
    return root


def _check(element: Any) -> None:
    known = _KNOWN[element.tag]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in known and child.tag not in _SILENT:
            _unsupported(f"{element.tag}/{child.tag}", element)


def _unsupported(what: str, element: Any) -> None:
    if what not in _warned:
        _warned.add(what)
        log.warning("sdf_not_supported", element=what, line=element.sourceline, file=str(element.base or ""))


def _world(root: Any, path: Path) -> World:
    _check(root)
    scene = root.find("scene")
    return World(
        name=root.get("name", ""),
        models=tuple(m for element in root for m in _models(element)),
        lights=tuple(_light(element) for element in root.findall("light")),
        ambient=_colour(scene, "ambient", World.ambient),
        background=_colour(scene, "background", World.background),
        step=_number(root, "physics/max_step_size", World.step),
        path=path,
    )


def _models(element: Any) -> list[Model]:
    if element.tag == "model":
        return [_model(element)]
    return [_include(element)] if element.tag == "include" else []


def _include(element: Any) -> Model:
    uri = (element.findtext("uri") or "").strip()
    if not uri.startswith("model://"):
        raise MalformedWorld(f"<include> of {uri!r}: only model:// is supported")
    model = read_model(uri.removeprefix("model://"))
    static = element.findtext("static")
    return replace(
        model,
        name=(element.findtext("name") or model.name).strip(),
        pose=_pose(element) if element.find("pose") is not None else model.pose,
        static=model.static if static is None else static.strip() in ("true", "1"),
        plugins=(*model.plugins, *_plugins(element)),
    )


def _plugins(element: Any) -> tuple[Plugin, ...]:
    return tuple(Plugin(p.get("name", ""), p.get("filename", ""), p) for p in element.findall("plugin"))


def _model(element: Any) -> Model:
    _check(element)
    name = element.get("name", "")
    poses = _resolve(element)
    frames = {f.get("name"): poses[f.get("name")] for f in element.findall("frame")}
    return Model(
        name=name,
        static=(element.findtext("static") or "false").strip() in ("true", "1"),
        pose=_pose(element),
        links=tuple(_link(link, poses[link.get("name")]) for link in element.findall("link")),
        joints=tuple(_joint(joint, poses) for joint in element.findall("joint")),
        frames=frames,
        plugins=_plugins(element),
    )


def _resolve(model: Any) -> dict[str, Matrix]:
    """Each link's, frame's and joint's pose in the model, whatever it is given relative to."""
    elements = {e.get("name"): e for e in model if e.tag in ("link", "frame", "joint")}
    done: dict[str, Matrix] = {"": IDENTITY, "__model__": IDENTITY}

    def resolved(name: str, seen: tuple[str, ...] = ()) -> Matrix:
        if name in seen:
            raise MalformedWorld(f"model {model.get('name')!r}: frame {name!r} depends on itself")
        if name not in done:
            element = elements[name]
            given = element.find("pose")
            base = given.get("relative_to", "") if given is not None else ""
            base = base or element.get("attached_to", "")
            if element.tag == "joint" and not base:
                base = (element.findtext("child") or "").strip()
            done[name] = resolved(base, (*seen, name)) @ _pose(element)
        return done[name]

    for name in elements:
        resolved(name)
    return done


def _link(element: Any, at: Matrix) -> Link:
    _check(element)
    return Link(
        name=element.get("name", ""),
        pose=at,
        inertia=_inertia(element.find("inertial")),
        visuals=tuple(_shape(v) for v in element.findall("visual")),
        collisions=tuple(_shape(c) for c in element.findall("collision")),
        sensors=tuple(_sensor(s) for s in element.findall("sensor")),
        lights=tuple(_light(entry) for entry in element.findall("light")),
    )


def _joint(element: Any, poses: dict[str, Matrix]) -> Joint:
    _check(element)
    child = (element.findtext("child") or "").strip()
    return Joint(
        name=element.get("name", ""),
        kind=element.get("type", ""),
        parent=(element.findtext("parent") or "").strip(),
        child=child,
        pose=invert(poses[child]) @ poses[element.get("name")],
        axis=numbers(element.findtext("axis/xyz"), 3, (0.0, 0.0, 1.0)),
        limits=(_number(element, "axis/limit/lower", -1e16), _number(element, "axis/limit/upper", 1e16)),
        effort=_number(element, "axis/limit/effort", -1.0),
        damping=_number(element, "axis/dynamics/damping", 0.0),
    )


def _inertia(element: Any) -> Inertia | None:
    if element is None:
        return None
    xx, yy, zz, xy, xz, yz = (
        _number(element, f"inertia/i{axis}", 0.0) for axis in ("xx", "yy", "zz", "xy", "xz", "yz")
    )
    return Inertia(_number(element, "mass", 1.0), _pose(element), (xx, yy, zz, xy, xz, yz))


def _sensor(element: Any) -> Sensor:
    return Sensor(
        element.get("name", ""), element.get("type", ""), _number(element, "update_rate", 0.0), _pose(element), element
    )


def _shape(element: Any) -> Shape:
    _check(element)
    geometry = element.find("geometry")
    _check(geometry)
    kind, size = _size(geometry)
    material = element.find("material")
    if material is not None:
        _check(material)
    return Shape(
        name=element.get("name", ""),
        kind=kind,
        size=size,
        pose=_pose(element),
        material=Material()
        if material is None
        else Material(
            _colour(material, "diffuse", WHITE),
            _colour(material, "specular", Material.specular),
            _colour(material, "emissive", Material.emissive),
        ),
        friction=_number(element, "surface/friction/ode/mu", 1.0),
    )


def _size(geometry: Any) -> tuple[str, tuple[float, ...]]:
    for child in geometry:
        match child.tag:
            case "box":
                return "box", numbers(child.findtext("size"), 3, (1.0, 1.0, 1.0))
            case "sphere":
                return "sphere", (_number(child, "radius", 1.0),)
            case "cylinder" | "capsule":
                return child.tag, (_number(child, "radius", 0.5), _number(child, "length", 1.0))
            case "ellipsoid":
                return "ellipsoid", numbers(child.findtext("radii"), 3, (1.0, 1.0, 1.0))
            case "plane":
                return "plane", numbers(child.findtext("size"), 2, (1.0, 1.0))
    return "none", ()


def _light(element: Any) -> Light:
    return Light(
        name=element.get("name", ""),
        kind=element.get("type", "point"),
        pose=_pose(element),
        diffuse=_colour(element, "diffuse", (1.0, 1.0, 1.0, 1.0)),
        specular=_colour(element, "specular", (0.1, 0.1, 0.1, 1.0)),
        direction=numbers(element.findtext("direction"), 3, (0.0, 0.0, -1.0)),
        range=_number(element, "attenuation/range", 10.0),
        attenuation=(
            _number(element, "attenuation/constant", 1.0),
            _number(element, "attenuation/linear", 0.0),
            _number(element, "attenuation/quadratic", 0.0),
        ),
        cutoff=_number(element, "spot/outer_angle", 1.0),
        shadows=(element.findtext("cast_shadows") or "false").strip() in ("true", "1"),
    )


def _pose(element: Any) -> Matrix:
    return pose(*numbers(element.findtext("pose"), 6, (0.0,) * 6))


def _number(element: Any, path: str, default: float) -> float:
    text = element.findtext(path)
    return default if text is None else float(text)


def _colour(element: Any, path: str, default: tuple[float, ...]) -> tuple[float, ...]:
    text = None if element is None else element.findtext(path)
    if text is None:
        return default
    words = tuple(float(word) for word in text.split())
    return words if len(words) == 4 else (*words, 1.0)
