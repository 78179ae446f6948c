"""A dog's body in the world, in two makes: Legged walks on twelve joints; Light is the same shape, pushed about."""

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.engine.gait import JOINTS, LEGS, LIMIT, Motion, Trot
from sim.engine.mujoco_model import Group, add_articulated
from sim.engine.sdf import Model
from sim.engine.slope_following import SlopeFollowing, has_slopes
from sim.engine.transforms import IDENTITY, Matrix, pose, quaternion, roll_pitch_yaw, rotation

import mujoco  # isort: skip

CONTROL_S = 0.02
FALLEN_TILT, FALLEN_HEIGHT = 1.0, 0.2  # radians, metres of the body's centre: beyond them a dog lies
TOPPLED = 1.5  # radians of roll
STAND_HEIGHT = 0.38  # metres of the body's centre
ARMATURE = 0.01  # kg m2, of a geared motor
LOOK_FROM = 2.0  # metres: platforms that a dog stands on are lower, roofs over them are higher
CLEARANCE = 0.006  # metres under the feet of a light body, which does not stand on them
DRAG = np.array([400.0, 400.0, 20.0])  # N s/m, N s/m, N m s: how firmly a light body holds its speed

Command = tuple[float, float, float]


class Body(Protocol):
    """What the engine asks of a dog's body, whatever carries it."""

    root: int

    def drive(self, data: "mujoco.MjData", command: Command) -> None:
        """Follow ``command`` (m/s forward, m/s left, rad/s) for one control step."""

    def fallen(self, data: "mujoco.MjData") -> bool:
        """Whether it lies."""

    def stand(self, data: "mujoco.MjData", x: float, y: float, theta: float, above: float = 0.0) -> None:
        """Stand there, at rest, ``above`` metres over the ground."""

    def topple(self, data: "mujoco.MjData") -> None:
        """Be thrown on the side; what cannot fall raises ValueError."""


def add_dog(spec: "mujoco.MjSpec", model: Model, start: tuple[float, float, float], touch: int, legged: bool) -> None:
    """Add ``model`` to ``spec`` at x, y, theta; ``touch`` is its own contact bit."""
    above = 0.0 if legged else CLEARANCE
    at = pose(start[0], start[1], above, yaw=start[2])
    root = add_articulated(spec, model, at, touch, Group.DOGS, weld=not legged)
    camera = next(s for link in model.links for s in link.sensors if s.kind == "camera")
    spec.site(f"{model.name}/{camera.name}").size = [0.001, 0.001, 0.001]
    if legged:
        root.add_freejoint().name = f"{model.name}/free"
        _add_motors(spec, model)
        return
    for body in (root, *root.find_all("body")):
        body.gravcomp = 1.0  # it stands on nothing
    turned = pose(0.0, 0.0, 0.0, yaw=start[2])
    for name, kind, axis in (
        ("x", mujoco.mjtJoint.mjJNT_SLIDE, turned[:3, :3].T @ np.array([1.0, 0.0, 0.0])),
        ("y", mujoco.mjtJoint.mjJNT_SLIDE, turned[:3, :3].T @ np.array([0.0, 1.0, 0.0])),
        ("z", mujoco.mjtJoint.mjJNT_SLIDE, np.array([0.0, 0.0, 1.0])),
        ("yaw", mujoco.mjtJoint.mjJNT_HINGE, np.array([0.0, 0.0, 1.0])),
        ("pitch", mujoco.mjtJoint.mjJNT_HINGE, np.array([0.0, 1.0, 0.0])),
        ("roll", mujoco.mjtJoint.mjJNT_HINGE, np.array([1.0, 0.0, 0.0])),
    ):
        joint = root.add_joint()
        joint.name, joint.type, joint.axis = f"{model.name}/{name}", kind, axis


def _add_motors(spec: "mujoco.MjSpec", model: Model) -> None:
    """A servo for each joint that the model gives Gazebo's position controller, with the gains that stand there."""
    effort = {joint.name: joint.effort for joint in model.joints}
    for plugin in model.plugins:
        if "joint-position-controller" not in plugin.filename:
            continue
        joint = plugin.xml.findtext("joint_name").strip()
        kp, kd = float(plugin.xml.findtext("p_gain")), float(plugin.xml.findtext("d_gain"))
        spec.joint(f"{model.name}/{joint}").armature = ARMATURE
        motor = spec.add_actuator()
        motor.name = motor.target = f"{model.name}/{joint}"
        motor.trntype = mujoco.mjtTrn.mjTRN_JOINT
        motor.gaintype, motor.biastype = mujoco.mjtGain.mjGAIN_FIXED, mujoco.mjtBias.mjBIAS_AFFINE
        motor.gainprm[0], motor.biasprm[1], motor.biasprm[2] = kp, -kp, -kd
        if effort[joint] > 0:
            motor.forcelimited, motor.forcerange = True, [-effort[joint], effort[joint]]


def body_pose(data: "mujoco.MjData", body: int) -> Matrix:
    """The body's pose in the world."""
    at = IDENTITY.copy()
    at[:3, :3], at[:3, 3] = data.xmat[body].reshape(3, 3), data.xpos[body]
    return at


def body_velocity(
    model: "mujoco.MjModel", data: "mujoco.MjData", body: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turning (rad/s) and moving (m/s) of the body's centre, both in the body's own frame."""
    six = np.zeros(6)
    mujoco.mj_objectVelocity(model, data, mujoco.mjtObj.mjOBJ_XBODY, body, six, 1)
    return six[:3], six[3:]


def floor_under(model: "mujoco.MjModel", data: "mujoco.MjData", x: float, y: float, below: float = LOOK_FROM) -> float:
    """The height in metres of the ground, ramp or platform at a place, as far as it is ``below`` so many metres."""
    groups = np.array([group == Group.COLLISION for group in range(6)], np.uint8)
    geom, z = np.full(1, -1, np.int32), below
    while z > 0.0:
        gap = mujoco.mj_ray(model, data, np.array([x, y, z]), np.array([0.0, 0.0, -1.0]), groups, 1, -1, geom)
        if geom[0] < 0:
            return 0.0
        z -= gap
        if model.body_weldid[model.geom_bodyid[geom[0]]] == 0:
            return float(z)
        z -= 1e-3  # a dog or a person: look on below
    return 0.0


class Legged:
    """Twelve servos that a Trot tells where to go."""

    def __init__(self, model: "mujoco.MjModel", name: str) -> None:
        self._model = model
        self.root = model.body(f"{name}/base_link").id
        self._free = model.joint(f"{name}/free")
        self._joints = [model.joint(f"{name}/{leg}_{joint}") for leg in LEGS for joint in JOINTS]
        self._motors = [model.actuator(f"{name}/{leg}_{joint}").id for leg in LEGS for joint in JOINTS]
        self._trot = Trot()

    def drive(self, data: "mujoco.MjData", command: Command) -> None:
        """Set the servos for the next CONTROL_S."""
        turn, move = body_velocity(self._model, data, self.root)
        at = body_pose(data, self.root)
        roll, pitch, _ = roll_pitch_yaw(at)
        yaw_rate = float(at[2, :3] @ turn)
        motion = Motion((float(move[0]), float(move[1]), yaw_rate), roll, pitch)
        data.ctrl[self._motors] = self._trot.update(command, motion, CONTROL_S)

    def fallen(self, data: "mujoco.MjData") -> bool:
        """Whether it lies."""
        upright = float(data.xmat[self.root].reshape(3, 3)[2, 2])
        return upright < math.cos(FALLEN_TILT) or float(data.xpos[self.root][2]) < FALLEN_HEIGHT

    def stand(self, data: "mujoco.MjData", x: float, y: float, theta: float, above: float = 0.0) -> None:
        """Stand there, at rest, ``above`` metres over the ground."""
        place, speed = int(self._free.qposadr[0]), int(self._free.dofadr[0])
        z = floor_under(self._model, data, x, y) + STAND_HEIGHT + above
        data.qpos[place : place + 7] = (x, y, z, math.cos(theta / 2), 0.0, 0.0, math.sin(theta / 2))
        data.qvel[speed : speed + 6] = 0.0
        for joint in self._joints:
            data.qpos[int(joint.qposadr[0])], data.qvel[int(joint.dofadr[0])] = 0.0, 0.0
        self._trot = Trot()

    def topple(self, data: "mujoco.MjData") -> None:
        """Be thrown on the side."""
        at = body_pose(data, self.root)
        place, speed = int(self._free.qposadr[0]), int(self._free.dofadr[0])
        data.qpos[place + 3 : place + 7] = quaternion(rotation(TOPPLED, 0.0, roll_pitch_yaw(at)[2]))
        data.qvel[speed : speed + 6] = 0.0


class Light:
    """The dog's shape without joints, pushed about: it touches, and is seen, as the legged one.

    It floats just over the ground. Where the world has slopes it follows them, by Footing; kerbs and steps stop it.
    """

    ACCELERATION = np.array([1.2, 0.8, 3.0])

    def __init__(self, model: "mujoco.MjModel", name: str) -> None:
        self._model = model
        self.root = model.body(f"{name}/base_link").id
        self._dofs = [int(model.joint(f"{name}/{axis}").dofadr[0]) for axis in ("x", "y", "yaw")]
        self._places = [int(model.joint(f"{name}/{axis}").qposadr[0]) for axis in ("x", "y", "yaw")]
        self._lean_dofs = [int(model.joint(f"{name}/{axis}").dofadr[0]) for axis in ("z", "pitch", "roll")]
        self._lean_places = [int(model.joint(f"{name}/{axis}").qposadr[0]) for axis in ("z", "pitch", "roll")]
        self._footing = SlopeFollowing(model, self.root) if has_slopes(model) else None
        self._wanted = np.zeros(3)

    def drive(self, data: "mujoco.MjData", command: Command) -> None:
        """Set the drive's forces for the next CONTROL_S."""
        slew = self.ACCELERATION * CONTROL_S
        self._wanted += np.clip(np.clip(np.array(command), -LIMIT, LIMIT) - self._wanted, -slew, slew)
        x_axis = data.xmat[self.root].reshape(3, 3)[:2, 0]
        cos, sin = float(x_axis[0]), float(x_axis[1])
        vx, vy, omega = self._wanted
        goal = np.array([cos * vx - sin * vy, sin * vx + cos * vy, omega])
        self._model.dof_damping[self._dofs] = DRAG
        data.qfrc_applied[self._dofs] = goal * DRAG
        if self._footing is not None:
            self._footing.look(data)
            data.qpos[self._lean_places] = self._footing.lean
        else:
            data.qpos[self._lean_places] = 0.0
        data.qvel[self._lean_dofs] = 0.0

    def fallen(self, data: "mujoco.MjData") -> bool:  # noqa: ARG002
        """Never."""
        return False

    def stand(self, data: "mujoco.MjData", x: float, y: float, theta: float, above: float = 0.0) -> None:  # noqa: ARG002
        """Stand there, at rest; nothing lifts it off the ground."""
        start, yaw = self._model.body_pos[self.root], roll_pitch_yaw(turn_of(self._model.body_quat[self.root]))[2]
        data.qpos[self._places] = (x - start[0], y - start[1], theta - yaw)
        height = floor_under(self._model, data, x, y)
        if self._footing is None and height > CLEARANCE:
            self._footing = SlopeFollowing(self._model, self.root)
        if self._footing is not None:
            self._footing.stand_on(height)
            data.qpos[self._lean_places] = self._footing.lean
        data.qvel[self._dofs] = 0.0
        self._wanted = np.zeros(3)

    def topple(self, data: "mujoco.MjData") -> None:  # noqa: ARG002
        """It cannot."""
        raise ValueError("a light body cannot fall")


def turn_of(quaternion: NDArray[np.float64]) -> Matrix:
    """The 3 x 3 matrix of a quaternion w, x, y, z."""
    nine = np.zeros(9)
    mujoco.mju_quat2Mat(nine, quaternion)
    return nine.reshape(3, 3)
