"""Poses as 4 x 4 matrices. SDF writes them as ``x y z roll pitch yaw``: metres, radians, turns about fixed axes."""

import math

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
IDENTITY: Matrix = np.eye(4)


def numbers(text: str | None, count: int, default: tuple[float, ...]) -> tuple[float, ...]:
    """The ``count`` numbers in ``text``, or ``default`` where there is none; raises ValueError."""
    if text is None or not text.strip():
        return default
    values = tuple(float(word) for word in text.split())
    if len(values) != count:
        raise ValueError(f"expected {count} numbers, found {text.strip()!r}")
    return values


def rotation(roll: float, pitch: float, yaw: float) -> Matrix:
    """The 3 x 3 matrix of turns about the fixed axes x, then y, then z."""
    cr, sr, cp, sp, cy, sy = (f(a) for a in (roll, pitch, yaw) for f in (math.cos, math.sin))
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr],
            [-sp, cp * sr, cp * cr],
        ]
    )


def pose(x: float, y: float, z: float, roll: float = 0.0, pitch: float = 0.0, yaw: float = 0.0) -> Matrix:
    """The matrix of an SDF pose."""
    matrix = IDENTITY.copy()
    matrix[:3, :3] = rotation(roll, pitch, yaw)
    matrix[:3, 3] = x, y, z
    return matrix


def invert(matrix: Matrix) -> Matrix:
    """The inverse of a rigid pose."""
    result = IDENTITY.copy()
    result[:3, :3] = matrix[:3, :3].T
    result[:3, 3] = -matrix[:3, :3].T @ matrix[:3, 3]
    return result


def quaternion(matrix: Matrix) -> tuple[float, float, float, float]:
    """(w, x, y, z) of the turn in ``matrix`` (3 x 3 or 4 x 4); Shepperd's method."""
    m = matrix.tolist()  # one number of an array after the other takes five times as long
    trace = m[0][0] + m[1][1] + m[2][2]
    candidates = (trace, m[0][0], m[1][1], m[2][2])
    k = candidates.index(max(candidates))
    if k == 0:
        s = 2.0 * math.sqrt(1.0 + trace)
        return (s / 4, (m[2][1] - m[1][2]) / s, (m[0][2] - m[2][0]) / s, (m[1][0] - m[0][1]) / s)
    i, j, l = ((0, 1, 2), (1, 2, 0), (2, 0, 1))[k - 1]  # noqa: E741
    s = 2.0 * math.sqrt(1.0 + m[i][i] - m[j][j] - m[l][l])
    vector = [0.0, 0.0, 0.0]
    vector[i], vector[j], vector[l] = s / 4, (m[j][i] + m[i][j]) / s, (m[l][i] + m[i][l]) / s
    return ((m[l][j] - m[j][l]) / s, vector[0], vector[1], vector[2])


def roll_pitch_yaw(matrix: Matrix) -> tuple[float, float, float]:
    """The turns about the fixed axes of ``matrix`` (3 x 3 or 4 x 4)."""
    pitch = math.asin(max(-1.0, min(1.0, -matrix[2, 0])))
    return math.atan2(matrix[2, 1], matrix[2, 2]), pitch, math.atan2(matrix[1, 0], matrix[0, 0])
