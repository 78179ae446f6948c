"""How a body that floats over the ground lies on slopes: rays down before, behind and beside it."""

import math

import numpy as np
from numpy.typing import NDArray

from sim.engine.mujoco_model import Group

import mujoco  # isort: skip

AHEAD, BESIDE = 0.24, 0.25  # metres from the body's middle to where it looks at the ground
EYES = 0.25  # metres above the ground that it stands on, from where it looks down: under the trunk
MOST_STEP = 0.06  # metres between one look and the next: what is higher is no slope
LOOK_M = 0.02  # of the way between looks
GENTLE, STEEP = math.cos(math.radians(1.0)), math.cos(math.radians(20.0))  # of a face's normal, upwards
STAND = 0.38  # metres of the body's middle above its feet


def has_slopes(model: "mujoco.MjModel") -> bool:
    """Whether anything that stands still has a face that rises gently."""
    fixed = (model.body_weldid[model.geom_bodyid] == 0) & (model.geom_group == Group.COLLISION)
    boxes = fixed & (model.geom_type == mujoco.mjtGeom.mjGEOM_BOX)
    upward = np.abs([_turned(model.geom_quat[g], model.body_quat[model.geom_bodyid[g]]) for g in np.nonzero(boxes)[0]])
    return bool(((upward > STEEP) & (upward < GENTLE)).any())


def _turned(geom: NDArray[np.float64], body: NDArray[np.float64]) -> float:
    """The upward part of the geom's own up, its body turned as it is."""
    both, nine = np.zeros(4), np.zeros(9)
    mujoco.mju_mulQuat(both, body, geom)
    mujoco.mju_quat2Mat(nine, both)
    return float(nine[8])


class SlopeFollowing:
    """``lean`` is how far the ground lies above zero (metres), and the body's pitch and roll on it (radians)."""

    def __init__(self, model: "mujoco.MjModel", root: int) -> None:
        self.lean = np.zeros(3)
        self._model, self._root = model, root
        self._groups = np.array([g == Group.COLLISION for g in range(6)], np.uint8)
        self._seen_at: NDArray[np.float64] | None = None

    def stand_on(self, height: float) -> None:
        """It was put on level ground ``height`` metres above zero."""
        self.lean = np.array([height, 0.0, 0.0])
        self._seen_at = None

    def look(self, data: "mujoco.MjData") -> None:
        """Look at the ground, if it has moved since it last did."""
        at, turned = data.xpos[self._root], data.xmat[self._root].reshape(3, 3)
        heading = np.array([turned[0, 0], turned[1, 0]])
        heading /= max(1e-6, float(np.hypot(*heading)))
        here = np.array([at[0], at[1], *(0.3 * heading)])
        if self._seen_at is not None and np.abs(here - self._seen_at).max() < LOOK_M:
            return
        self._seen_at = here
        left = np.array([-heading[1], heading[0]])
        front, rear = (self._ground(data, at[:2] + side * AHEAD * heading, side) for side in (1, -1))
        port, starboard = (self._ground(data, at[:2] + side * BESIDE * left, 0) for side in (1, -1))
        self.lean = np.array(
            [
                (front + rear) / 2,
                -math.atan2(front - rear, 2 * AHEAD),
                math.atan2(port - starboard, 2 * BESIDE),
            ]
        )

    def _ground(self, data: "mujoco.MjData", place: NDArray[np.float64], along: int) -> float:
        """Metres of the ground at ``place`` above zero; what rises like a step counts as level with the body."""
        level = float(self.lean[0] - along * AHEAD * math.tan(self.lean[1]))
        geom = np.full(1, -1, np.int32)
        eye = np.array([place[0], place[1], level + EYES])
        down = mujoco.mj_ray(
            self._model, data, eye, np.array([0.0, 0.0, -1.0]), self._groups, True, self._root, geom, None
        )
        height = level + EYES - down
        return height if down >= 0 and abs(height - level) < MOST_STEP else level
