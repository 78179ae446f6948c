"""People: figures of capsules and ellipsoids read from ``model://person``, and the postures in which they are drawn.

A visual of that model is named LIMB__ROLE__NUMBER. A limb turns about the SDF frame of its own name, and hangs on its
parent limb. ROLE (skin, top, trousers, shoes, hair) says which colour of a dress it takes.
"""

import math
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from sim.engine.mujoco_model import Group, Touch, add_geom
from sim.engine.sdf import Model
from sim.engine.transforms import IDENTITY, Matrix, invert, pose, quaternion, rotation

import mujoco  # isort: skip

PARENTS = {
    "torso": "",
    "head": "torso",
    "left_upper_arm": "torso",
    "left_forearm": "left_upper_arm",
    "right_upper_arm": "torso",
    "right_forearm": "right_upper_arm",
    "left_thigh": "torso",
    "left_shin": "left_thigh",
    "right_thigh": "torso",
    "right_shin": "right_thigh",
}
HULL_RADIUS = 0.22  # metres, of the upright cylinder that dogs and lidars meet
HULL_MIDDLE, LYING_HEIGHT, SITTING_SINKS = 0.85, 0.1, 0.75  # metres: the hull's middle; where it lies; how low it sits
BELOW = -50.0  # metres: where things go that are not there
STRIDE = 1.45  # metres of a double step; with it feet hardly slide

Colour = tuple[float, float, float]


class Posture(StrEnum):
    """How a person holds himself."""

    STANDING = "standing"
    WALKING = "walking"
    SITTING = "sitting"
    LYING = "lying"


@dataclass(frozen=True)
class Dress:
    """Colours by role, 0..1, and height as a multiple of 1.75 m."""

    skin: Colour = (0.78, 0.58, 0.46)
    top: Colour = (0.15, 0.22, 0.4)
    trousers: Colour = (0.12, 0.12, 0.15)
    shoes: Colour = (0.08, 0.07, 0.07)
    hair: Colour = (0.08, 0.06, 0.05)
    scale: float = 1.0
    girth: float = 1.0


@dataclass(frozen=True)
class Stance:
    """A person at an instant: place in metres, heading in radians, posture, how far into its stride (radians), and
    the height of the ground there (m)."""

    x: float
    y: float
    theta: float
    posture: Posture = Posture.STANDING
    phase: float = 0.0
    gait: float = 1.0
    z: float = 0.0


@dataclass
class Figure:
    """One person in a compiled world: which mocap bodies and geoms are his."""

    name: str
    mocap: dict[str, int]
    hull: int
    hull_geom: int
    geoms: dict[int, str]
    limb_of: dict[int, str]
    pivots: dict[str, Matrix]
    base_size: dict[int, np.ndarray] = field(default_factory=dict)
    base_pos: dict[int, np.ndarray] = field(default_factory=dict)
    scale: float = 1.0

    def dress(self, model: "mujoco.MjModel", dress: Dress) -> None:
        """Put on the colours and the size of ``dress``."""
        self.scale = dress.scale
        widths = np.array([dress.girth, dress.girth, 1.0]) * dress.scale
        for geom, role in self.geoms.items():
            model.geom_rgba[geom] = (*getattr(dress, role), 1.0)
            wide = self.limb_of[geom] != "head"
            model.geom_size[geom] = self.base_size[geom] * (dress.girth if wide else 1.0) * dress.scale
            if model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_CAPSULE:
                model.geom_size[geom, 1] = self.base_size[geom][1] * dress.scale
            model.geom_pos[geom] = self.base_pos[geom] * (widths if wide else dress.scale)
            model.geom_rbound[geom] = max(model.geom_size[geom]) * 2

    def stand(self, data: "mujoco.MjData", stance: Stance) -> None:
        """Take up ``stance``."""
        limbs = limb_poses(stance, self.pivots, self.scale)
        for limb, at in limbs.items():
            _set(data, self.mocap[limb], at)
        self.occupy(data, stance)

    def occupy(self, data: "mujoco.MjData", stance: Stance) -> None:
        """Put the hull where ``stance`` takes up room; cheap, for every step. The limbs are for the pictures."""
        _set(data, self.hull, hull_pose(stance))

    def vanish(self, data: "mujoco.MjData") -> None:
        """Be nowhere to be seen."""
        for body in (*self.mocap.values(), self.hull):
            _set(data, body, pose(0.0, 0.0, BELOW))


def add_person(spec: "mujoco.MjSpec", model: Model, name: str) -> None:
    """Add a figure to ``spec``: a mocap body for each limb, and one for the hull that others can touch."""
    link = model.links[0]
    for limb in PARENTS:
        body = spec.worldbody.add_body()
        body.name, body.mocap = f"{name}/{limb}", True
        pivot = invert(model.frames[limb])
        for shape in link.visuals:
            if shape.name.split("__")[0] == limb:
                geom = add_geom(body, shape, f"{name}/{shape.name}")
                at = pivot @ shape.pose
                geom.pos, geom.quat = at[:3, 3], list(quaternion(at))
                geom.group, geom.contype, geom.conaffinity = int(Group.PEOPLE), 0, 0
    hull = spec.worldbody.add_body()
    hull.name, hull.mocap = f"{name}/hull", True
    for shape in link.collisions:
        geom = add_geom(hull, shape, f"{name}/hull")
        geom.group, geom.contype, geom.conaffinity = int(Group.COLLISION), int(Touch.WORLD), 0


def find_figure(compiled: "mujoco.MjModel", model: Model, name: str) -> Figure:
    """The figure ``name`` in the compiled world."""
    mocap = {limb: int(compiled.body(f"{name}/{limb}").mocapid[0]) for limb in PARENTS}
    geoms, limb_of = {}, {}
    for shape in model.links[0].visuals:
        limb, role, _ = shape.name.split("__")
        geom = compiled.geom(f"{name}/{shape.name}").id
        geoms[geom], limb_of[geom] = role, limb
    return Figure(
        name=name,
        mocap=mocap,
        hull=int(compiled.body(f"{name}/hull").mocapid[0]),
        hull_geom=compiled.geom(f"{name}/hull").id,
        geoms=geoms,
        limb_of=limb_of,
        pivots={limb: model.frames[limb] for limb in PARENTS},
        base_size={g: compiled.geom_size[g].copy() for g in geoms},
        base_pos={g: compiled.geom_pos[g].copy() for g in geoms},
    )


def hull_pose(stance: Stance) -> Matrix:
    """Where the hull's foot is: under who stands, sunk for who sits, on its back for who lies."""
    if stance.posture is Posture.LYING:
        middle = pose(0.0, 0.0, -HULL_MIDDLE)
        return pose(stance.x, stance.y, stance.z + LYING_HEIGHT, pitch=-math.pi / 2, yaw=stance.theta) @ middle
    sunk = SITTING_SINKS if stance.posture is Posture.SITTING else 0.0
    return pose(stance.x, stance.y, stance.z - sunk, yaw=stance.theta)


def limb_poses(stance: Stance, pivots: dict[str, Matrix], scale: float = 1.0) -> dict[str, Matrix]:
    """Each limb's pivot in the world, the lowest foot (or the back, of one who lies) on the ground."""
    turns = _turns(stance)
    local: dict[str, Matrix] = {}
    for limb, parent in PARENTS.items():
        offset = pivots[limb][:3, 3] - (pivots[parent][:3, 3] if parent else 0.0)
        step = IDENTITY.copy()
        step[:3, 3] = offset * scale if parent else (0.0, 0.0, 0.0)
        step[:3, :3] = rotation(*turns.get(limb, (0.0, 0.0, 0.0)))
        local[limb] = local[parent] @ step if parent else step
    height = _height(stance.posture, local, scale)
    base = pose(stance.x, stance.y, stance.z + height, yaw=stance.theta)
    return {limb: base @ at for limb, at in local.items()}


def _height(posture: Posture, local: dict[str, Matrix], scale: float) -> float:
    """Height of the torso's pivot above ground so that nothing sinks in."""
    if posture is Posture.LYING:
        return 0.16 * scale
    if posture is Posture.SITTING:
        return 0.15 * scale
    soles = [
        local[f"{side}_shin"] @ np.array([x, 0.0, -0.5 * scale, 1.0]) for side in ("left", "right") for x in (0.0, 0.1)
    ]
    return float(-min(sole[2] for sole in soles))


def _turns(stance: Stance) -> dict[str, tuple[float, float, float]]:
    """Roll, pitch, yaw of each limb in its parent; a negative pitch swings it forward."""
    p = stance.phase
    match stance.posture:
        case Posture.WALKING:
            g = stance.gait
            swing, arm = 0.42 * g * math.sin(p), 0.38 * g * math.sin(p)
            return {
                "torso": (0.0, 0.05 * g, 0.0),
                "left_thigh": (0.0, -swing - 0.05 * g, 0.0),
                "right_thigh": (0.0, swing - 0.05 * g, 0.0),
                "left_shin": (0.0, g * (0.12 + 0.55 * max(0.0, math.cos(p)) ** 2 * (math.cos(p) > 0)), 0.0),
                "right_shin": (0.0, g * (0.12 + 0.55 * max(0.0, -math.cos(p)) ** 2 * (math.cos(p) < 0)), 0.0),
                "left_upper_arm": (0.08, arm, 0.0),
                "right_upper_arm": (-0.08, -arm, 0.0),
                "left_forearm": (0.0, -0.3 * g - 0.15 * max(0.0, -arm), 0.0),
                "right_forearm": (0.0, -0.3 * g - 0.15 * max(0.0, arm), 0.0),
            }
        case Posture.SITTING:
            lean = 0.15 * math.sin(p)
            return {
                "torso": (0.0, -0.1 + lean, 0.0),
                "left_thigh": (0.25, -1.9, 0.0),
                "right_thigh": (-0.25, -1.9, 0.0),
                "left_shin": (0.0, 1.9 - abs(lean), 0.0),
                "right_shin": (0.0, 1.9 - abs(lean), 0.0),
                "left_upper_arm": (0.15, -0.6, 0.0),
                "right_upper_arm": (-0.15, -0.6, 0.0),
                "left_forearm": (0.0, -0.5, 0.0),
                "right_forearm": (0.0, -0.5, 0.0),
            }
        case Posture.LYING:
            a = 0.4 * math.sin(p)
            return {
                "torso": (0.0, -math.pi / 2, 0.0),
                "left_thigh": (0.12, -0.15 - abs(a), 0.0),
                "right_thigh": (-0.12, -0.05, 0.0),
                "left_shin": (0.0, 0.2 + abs(a), 0.0),
                "right_shin": (0.0, 0.1, 0.0),
                "left_upper_arm": (0.5 + a, 0.0, 0.0),
                "right_upper_arm": (-0.5 + a, 0.0, 0.0),
            }
    sway = 0.05 * math.sin(p)
    return {
        "left_upper_arm": (0.1, sway, 0.0),
        "right_upper_arm": (-0.1, -sway, 0.0),
        "left_forearm": (0.0, -0.15, 0.0),
        "right_forearm": (0.0, -0.15, 0.0),
        "head": (0.0, 0.0, 3 * sway),
    }


def _set(data: "mujoco.MjData", body: int, at: Matrix) -> None:
    data.mocap_pos[body] = at[:3, 3]
    data.mocap_quat[body] = quaternion(at)
