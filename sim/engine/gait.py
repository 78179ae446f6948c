"""A trot for the dog of model://xiaotian_dog: from a wanted velocity to twelve joint angles, fifty times a second.

Legs are in the order front left, front right, rear left, rear right; joints hip roll, hip pitch, knee. Diagonal legs
step together. A foot on the ground moves against the body; a foot in the air returns on a cycloid (Raibert, Legged
Robots That Balance, 1986, for where it lands). Lengths in metres, angles in radians, x forward, y left, z up.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEGS = ("front_left", "front_right", "rear_left", "rear_right")
JOINTS = ("hip_roll", "hip_pitch", "knee")
HIPS = np.array([[0.19, 0.09], [0.19, -0.09], [-0.19, 0.09], [-0.19, -0.09]])
OFFSET = 0.055  # from the roll axis sideways to the thigh
THIGH = SHIN = 0.21
STAND_BEND = 0.55  # of the thigh when all joints are zero; the knee bends twice as much
REACH = THIGH * math.cos(STAND_BEND) + SHIN * math.cos(STAND_BEND)

PERIOD_S = 0.3
DUTY = 0.6  # share of the period that a foot is on the ground; above one half, there is always one pair on it
LIFT = 0.1  # metres in the middle of a step: at 0.055 the dog trips over a kerb of 0.05 and falls
OFFSETS = np.array([0.0, 0.5, 0.5, 0.0])
ACCELERATION = (1.2, 0.8, 3.0)  # m/s2, m/s2, rad/s2: how fast the command that the legs follow may change
TRIM_GAIN = 1.2  # 1/s, of the integral that takes out what the feet slip
TRIM_LIMIT = np.array([0.25, 0.15, 0.4])
LIMIT = np.array([1.2, 0.4, 1.5])  # m/s, m/s, rad/s: the most that this trot does
REST = 1e-3  # a command smaller than this is to stand
LEVEL_GAIN = 0.3  # of the tilt that the legs take out by their length


@dataclass(frozen=True)
class Motion:
    """What the body does, as its own sensors tell: m/s forward, m/s left and rad/s; its lean in radians."""

    velocity: tuple[float, float, float]
    roll: float
    pitch: float


LEVEL = Motion((0.0, 0.0, 0.0), 0.0, 0.0)


class Trot:
    """Walks, and stands still when told to: it ends the step it is in and then keeps all feet on the ground."""

    def __init__(self) -> None:
        self._phase = 0.0
        self._wanted = np.zeros(3)
        self._trim = np.zeros(3)
        self._resting_for = PERIOD_S
        self._feet = np.zeros((4, 2))  # from the neutral place of each
        self._from = np.zeros((4, 2))  # where each foot left the ground
        self._measured = np.zeros(3)

    @property
    def standing(self) -> bool:
        """Whether all feet are to stay where they are."""
        return self._resting_for >= PERIOD_S

    def update(self, command: tuple[float, float, float], motion: Motion, dt: float) -> NDArray[np.float64]:
        """The twelve joint angles for the next ``dt`` seconds. ``command``: m/s forward, m/s left, rad/s."""
        target = np.clip(np.array(command), -LIMIT, LIMIT)
        slew = np.array(ACCELERATION) * dt
        self._wanted += np.clip(target - self._wanted, -slew, slew)
        self._measured += (np.array(motion.velocity) - self._measured) * min(1.0, dt / PERIOD_S)
        resting = bool(np.abs(target).max() < REST and np.abs(self._wanted).max() < REST)
        self._resting_for = self._resting_for + dt if resting else 0.0
        if self.standing:
            self._trim[:] = 0.0
            self._phase = 0.0
            return self._angles(np.zeros(4), LEVEL)
        if not resting:
            self._trim += TRIM_GAIN * dt * (self._wanted - self._measured)
            self._trim = np.clip(self._trim, -TRIM_LIMIT, TRIM_LIMIT)
        self._phase = (self._phase + dt / PERIOD_S) % 1.0
        return self._angles(self._step(self._wanted + (0 if resting else self._trim), dt), motion)

    def _step(self, velocity: NDArray[np.float64], dt: float) -> NDArray[np.float64]:
        """Move the feet on by ``dt``; how high each is off the ground."""
        lifts = np.zeros(4)
        for leg in range(4):
            x, y = HIPS[leg][0], HIPS[leg][1] + math.copysign(OFFSET, HIPS[leg][1])
            ground = -np.array([velocity[0] - velocity[2] * y, velocity[1] + velocity[2] * x])
            phase = (self._phase + OFFSETS[leg]) % 1.0
            if phase < DUTY:
                self._feet[leg] += ground * dt
                self._from[leg] = self._feet[leg]
            else:
                s = (phase - DUTY) / (1 - DUTY)
                landing = -ground * DUTY * PERIOD_S / 2
                blend = s - math.sin(math.tau * s) / math.tau
                self._feet[leg] = self._from[leg] + (landing - self._from[leg]) * blend
                lifts[leg] = LIFT * 0.5 * (1 - math.cos(math.tau * s))
        return lifts

    def _angles(self, lifts: NDArray[np.float64], motion: Motion) -> NDArray[np.float64]:
        angles = np.zeros(12)
        for leg in range(4):
            side = math.copysign(1.0, HIPS[leg][1])
            x, y = self._feet[leg]
            level = LEVEL_GAIN * (motion.roll * (HIPS[leg][1] + side * OFFSET) - motion.pitch * HIPS[leg][0])
            z = -REACH + lifts[leg] + float(np.clip(level, -0.04, 0.04))
            angles[3 * leg : 3 * leg + 3] = leg_angles(float(x), side * OFFSET + float(y), z, side)
        return angles


def leg_angles(x: float, y: float, z: float, side: float) -> tuple[float, float, float]:
    """Hip roll, hip pitch and knee that bring the foot to (x, y, z) from its roll axis; zero is the stand.

    ``side`` is 1 for a left leg, -1 for a right one. What lies out of reach is drawn to the nearest that does not.
    """
    drop = math.sqrt(max(1e-6, y * y + z * z - OFFSET * OFFSET))
    roll = math.atan2(y, -z) - math.atan2(side * OFFSET, drop)
    length = min(math.hypot(x, drop), THIGH + SHIN - 1e-3)
    bend = math.acos(max(-1.0, min(1.0, length / (2 * THIGH))))
    pitch = math.atan2(-x, drop) + bend
    return roll, pitch - STAND_BEND, -2 * bend + 2 * STAND_BEND
