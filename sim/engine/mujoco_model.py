"""From SDF data to a MuJoCo model: each SDF link becomes a body ``MODEL/LINK``, each shape a geom in one of GROUPS."""

from dataclasses import replace
from enum import IntEnum

import numpy as np

from sim.engine import opengl_backend
from sim.engine.sdf import Joint, Light, Link, Model, Shape, World
from sim.engine.transforms import IDENTITY, Matrix, invert, quaternion

import mujoco  # isort: skip

COSINE_LIMIT = 80.0  # degrees; MuJoCo's widest spot light is 90


class Group(IntEnum):
    """MuJoCo's geom groups, as we use them: cameras draw all but COLLISION, which lidars see."""

    SCENERY = 0
    PEOPLE = 1
    DOGS = 2
    COLLISION = 3
    AIR = 4


class Touch(IntEnum):
    """Bits of MuJoCo's contype and conaffinity: what stands still, the first bit of one per dog, what none meets."""

    WORLD = 1
    FIRST_DOG = 2
    NOTHING = 1 << 30


# Cast rays pass over a body's geoms that lie outside of the volume of those that can touch: so where pictures are cast
# of rays, what is to be seen can touch too, on a bit that nothing answers.
VISIBLE = int(Touch.NOTHING) if opengl_backend.BACKEND == "disabled" else 0
KINDS = {
    "box": mujoco.mjtGeom.mjGEOM_BOX,
    "sphere": mujoco.mjtGeom.mjGEOM_SPHERE,
    "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER,
    "capsule": mujoco.mjtGeom.mjGEOM_CAPSULE,
    "ellipsoid": mujoco.mjtGeom.mjGEOM_ELLIPSOID,
    "plane": mujoco.mjtGeom.mjGEOM_PLANE,
}


def size_of(shape: Shape) -> list[float]:
    """MuJoCo's half sizes of an SDF shape."""
    s = shape.size
    match shape.kind:
        case "box":
            return [s[0] / 2, s[1] / 2, s[2] / 2]
        case "cylinder" | "capsule":
            return [s[0], s[1] / 2, 0.0]
        case "plane":
            return [s[0] / 2, s[1] / 2, 1.0]
        case "sphere":
            return [s[0], 0.0, 0.0]
    return list(s)


def new_spec(world: World) -> mujoco.MjSpec:
    """An empty MuJoCo world with the settings that the engine wants: fast pictures, firm feet."""
    spec = mujoco.MjSpec()
    spec.modelname = world.name
    spec.compiler.degree = False
    spec.option.timestep = world.step
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10.0  # feet do not creep under a standing dog
    spec.option.enableflags |= mujoco.mjtEnableBit.mjENBL_SLEEP  # what stands still costs a fourth of a step less
    spec.visual.quality.offsamples = 0  # antialiasing in software costs half of the frame rate
    spec.visual.quality.numslices = 16
    spec.visual.quality.numstacks = 10
    spec.visual.global_.offwidth, spec.visual.global_.offheight = 1280, 960
    spec.visual.headlight.ambient = list(world.ambient[:3])
    spec.visual.headlight.diffuse = [0.0, 0.0, 0.0]
    spec.visual.headlight.specular = [0.0, 0.0, 0.0]
    spec.visual.map.znear = 0.00125
    spec.visual.map.zfar = 6.0
    spec.stat.extent = 40.0  # znear and zfar are multiples of it
    spec.stat.center = [0.0, 0.0, 0.0]
    spec.memory = 64 * 2**20
    sky = spec.add_texture()
    sky.name, sky.type, sky.builtin = "sky", mujoco.mjtTexture.mjTEXTURE_SKYBOX, mujoco.mjtBuiltin.mjBUILTIN_GRADIENT
    sky.rgb1, sky.rgb2 = list(world.background[:3]), [min(1.0, 0.6 + 0.4 * c) for c in world.background[:3]]
    sky.width, sky.height = 64, 384
    for light in world.lights:
        add_light(spec.worldbody, light, light.name, IDENTITY)
    return spec


def add_static(spec: mujoco.MjSpec, model: Model) -> None:
    """A model that never moves. What can be met of it belongs to the world's own body: pairing bodies costs most of a
    step, and whatever stands still is one of them then."""
    for link in model.links:
        body, at = spec.worldbody.add_body(), model.pose @ link.pose
        body.name = f"{model.name}/{link.name}"
        _place(body, at)
        add_shapes(spec, body, replace(link, collisions=()), model.name, Group.SCENERY, Touch.WORLD, 0)
        solid = tuple(replace(shape, pose=at @ shape.pose) for shape in link.collisions)
        alone = replace(link, visuals=(), collisions=solid)
        add_shapes(spec, spec.worldbody, alone, model.name, Group.SCENERY, Touch.WORLD, 0)
        for light in link.lights:
            add_light(body, light, f"{model.name}/{light.name}", light.pose)


def add_articulated(
    spec: mujoco.MjSpec, model: Model, at: Matrix, touch: int, group: Group, weld: bool = False
) -> "mujoco.MjsBody":
    """A model that moves, its root free; returns the root body. ``weld`` freezes its joints as they stand at zero.

    ``touch`` is the contact bit of its own, which keeps its parts from touching each other.
    """
    children = {joint.child: joint for joint in model.joints}
    root = next(link for link in model.links if link.name not in children)
    body = spec.worldbody.add_body()
    body.sleep = mujoco.mjtSleepPolicy.mjSLEEP_NEVER  # what once slept moves otherwise than what never did
    _place(body, at @ model.pose @ root.pose)
    _fill(spec, body, root, model, touch, group)
    bodies = {root.name: body}
    waiting = [link for link in model.links if link is not root]
    while waiting:
        link = next(link for link in waiting if children[link.name].parent in bodies)
        waiting.remove(link)
        joint = children[link.name]
        parent = next(entry for entry in model.links if entry.name == joint.parent)
        child = bodies[parent.name].add_body()
        _place(child, invert(parent.pose) @ link.pose)
        _fill(spec, child, link, model, touch, group)
        if not weld:
            _hinge(child, joint, model.name)
        bodies[link.name] = child
    return body


def _fill(spec: mujoco.MjSpec, body: "mujoco.MjsBody", link: Link, model: Model, touch: int, group: Group) -> None:
    body.name = f"{model.name}/{link.name}"
    everything_else = (2**30 - 1) & ~touch
    add_shapes(spec, body, link, model.name, group, touch, everything_else)
    if link.inertia is not None:
        mass, at, (xx, yy, zz, xy, xz, yz) = link.inertia.mass, link.inertia.pose, link.inertia.moments
        body.mass, body.ipos, body.explicitinertial = mass, at[:3, 3], True
        tensor = at[:3, :3] @ np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]) @ at[:3, :3].T
        body.fullinertia = [tensor[0, 0], tensor[1, 1], tensor[2, 2], tensor[0, 1], tensor[0, 2], tensor[1, 2]]
    for sensor in link.sensors:
        site = body.add_site()
        site.name = f"{model.name}/{sensor.name}"
        _place(site, sensor.pose)


def _hinge(body: "mujoco.MjsBody", joint: Joint, model: str) -> None:
    if joint.kind == "fixed":
        return
    if joint.kind not in ("revolute", "continuous", "prismatic"):
        raise ValueError(f"joint {joint.name!r}: type {joint.kind!r} is not supported")
    made = body.add_joint()
    made.name = f"{model}/{joint.name}"
    made.type = mujoco.mjtJoint.mjJNT_SLIDE if joint.kind == "prismatic" else mujoco.mjtJoint.mjJNT_HINGE
    made.pos = joint.pose[:3, 3]
    made.axis = joint.pose[:3, :3] @ np.array(joint.axis)
    made.damping = [joint.damping, 0.0, 0.0]
    made.armature = joint.armature
    if joint.kind != "continuous" and joint.limits[0] > -1e15:
        made.limited, made.range = True, list(joint.limits)


def add_shapes(
    spec: mujoco.MjSpec, body: "mujoco.MjsBody", link: Link, prefix: str, group: Group, contype: int, conaffinity: int
) -> None:
    """The link's visuals as geoms of ``group`` that touch nothing, its collisions as geoms that nobody sees."""
    for shape in link.visuals:
        geom = add_geom(body, shape, f"{prefix}/{link.name}/{shape.name}")
        geom.group, geom.contype, geom.conaffinity, geom.mass = int(group), VISIBLE, 0, 0.0
        geom.material = _material(spec, shape)
    for shape in link.collisions:
        geom = add_geom(body, shape, f"{prefix}/{link.name}/{shape.name}")
        geom.group, geom.contype, geom.conaffinity = int(Group.COLLISION), contype, conaffinity
        geom.friction = [shape.friction, 0.005, 0.0001]
        geom.rgba = [0.9, 0.2, 0.2, 0.5]
        if link.inertia is not None:
            geom.mass = 0.0


def add_geom(body: "mujoco.MjsBody", shape: Shape, name: str) -> "mujoco.MjsGeom":
    """A bare geom of the shape, in its colour."""
    geom = body.add_geom()
    geom.name, geom.type, geom.size = name, KINDS[shape.kind], size_of(shape)
    geom.rgba = list(shape.material.diffuse)
    _place(geom, shape.pose)
    return geom


def _material(spec: mujoco.MjSpec, shape: Shape) -> str:
    """The name of the material that the shape's colours make; equal ones are shared."""
    m = shape.material
    shine = sum(m.specular[:3]) / 3
    brightness = max(m.diffuse[:3]) or 1.0
    glow = min(1.0, max(m.emissive[:3]) / brightness)
    name = "m" + "_".join(f"{round(v * 255):02x}" for v in (*m.diffuse, shine, glow))
    if spec.material(name) is None:
        made = spec.add_material()
        made.name, made.rgba, made.specular, made.shininess, made.emission = name, list(m.diffuse), shine, 0.4, glow
    return name


def add_light(body: "mujoco.MjsBody", light: Light, name: str, at: Matrix) -> None:
    """A light of ``body``; spots and points shine as far as their attenuation says."""
    made = body.add_light()
    made.name = name
    made.pos = (at @ light.pose)[:3, 3] if at is IDENTITY else at[:3, 3]
    made.dir = light.direction
    made.diffuse, made.specular, made.castshadow = list(light.diffuse[:3]), list(light.specular[:3]), light.shadows
    made.type = {
        "directional": mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        "spot": mujoco.mjtLightType.mjLIGHT_SPOT,
    }.get(light.kind, mujoco.mjtLightType.mjLIGHT_POINT)
    if light.kind != "directional":
        made.attenuation, made.range = list(light.attenuation), light.range
        made.cutoff = min(COSINE_LIMIT, float(np.degrees(light.cutoff)))


def _place(thing: "mujoco.MjsBody | mujoco.MjsGeom | mujoco.MjsSite", at: Matrix) -> None:
    thing.pos, thing.quat = at[:3, 3], list(quaternion(at))
