"""Pictures of the simulated station's yard, with people of all sizes and dresses in it, from where a dog can walk."""

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import yaml
from people import SKIN, Choose, any_colour
from scenes import sliver

from sim.engine.studio import YARD, Dress, Light, Posture, Seen, Stance, Studio

PEOPLE = 4
LIGHTS = (Light.DAY, Light.DAY, Light.DUSK, Light.NIGHT)
CAMERA_HEIGHT = 0.46
LEAST_VISIBLE = 0.4
"""Share of a person that has to be seen for it to be taught and counted; less is 'look away'."""
LEAST_HEIGHT = 26
"""Pixels of 480: about 20 m away."""


class Yard:
    """The yard and its free ground; ``take`` puts people and camera anew and makes a picture."""

    def __init__(
        self,
        choose: Choose,
        restyle: bool = False,
        lights: tuple[Light, ...] = LIGHTS,
        least_visible: float = LEAST_VISIBLE,
    ) -> None:
        """``restyle``: other colours for all that stands there, anew every few pictures, so that the network learns
        the shapes of people rather than the paint of one yard."""
        self._choose, self._restyle, self._lights, self._taken = choose, restyle, lights, 0
        self._least_visible = least_visible
        self._studio = Studio(people=PEOPLE)
        self._paint = self._studio.model.geom_rgba.copy()
        self._free = free_ground(YARD.parent)

    def close(self) -> None:
        """Give the renderer's memory back."""
        self._studio.close()

    def take(self) -> tuple[np.ndarray, np.ndarray]:
        """A picture and its labels, as scenes.World.take."""
        choose = self._choose
        if self._restyle and self._taken % 15 == 0:
            rgba = self._paint.copy()
            if choose.random() < 0.6:
                rgba[:, :3] = np.clip(
                    rgba[:, :3] * choose.uniform(0.5, 1.5, 3) + choose.normal(0, 0.15, (len(rgba), 3)), 0, 1
                )
            self._studio.model.geom_rgba[:] = rgba
        self._taken += 1
        light = choose.choice(list(self._lights))
        self._studio.light(Light(light), choose.uniform(0.8, 1.2))
        x, y = self._free[choose.integers(len(self._free))]
        yaw = choose.uniform(-math.pi, math.pi)
        pitch, roll = choose.normal(-0.03, 0.06), choose.normal(0, 0.04)
        self._studio.look(x, y, choose.normal(CAMERA_HEIGHT, 0.03), yaw, pitch, roll)
        some = choose.choice([0, 0, 1, 1, 2, 3, 4])
        for person in range(PEOPLE):
            self._studio.dress(person, any_dress(choose))
            self._studio.place(person, self._stance(x, y, yaw) if person < some else None)
        shot = self._studio.shoot(truth=some > 0)
        found = [
            [p.left, p.top, p.right, p.bottom, float(_is_clear(p, shot.people, self._least_visible))]
            for p in shot.people
        ]
        return shot.rgb.copy(), np.array(found, np.float32).reshape(-1, 5)

    def _stance(self, x: float, y: float, yaw: float) -> Stance | None:
        """Somebody upright on free ground ahead, walking or standing."""
        choose = self._choose
        for _ in range(20):
            distance, bearing = choose.uniform(1.5, 13), yaw + choose.uniform(-0.75, 0.75)
            at = np.array([x + distance * math.cos(bearing), y + distance * math.sin(bearing)])
            if np.abs(self._free - at).max(axis=1).min() < 0.15:
                posture = Posture.WALKING if choose.random() < 0.6 else Posture.STANDING
                return Stance(
                    at[0],
                    at[1],
                    choose.uniform(0, math.tau),
                    posture,
                    choose.uniform(0, math.tau),
                    choose.uniform(0.3, 1.2),
                )
        return None


def _is_clear(person: Seen, people: Sequence[Seen], least_visible: float) -> bool:
    """Whether enough of a person is seen to be taught and counted. The studio's ``visible`` knows what things hide;
    what nearer people hide is told by their boxes."""
    width, height = person.right - person.left, person.bottom - person.top
    nearer = [other for other in people if other.bottom > person.bottom]
    hidden = max((_shared(person, other) for other in nearer), default=0) / (width * height)
    clear = min(person.visible, 1 - hidden) >= least_visible
    return clear and height >= LEAST_HEIGHT and not sliver(person.left, person.top, person.right, person.bottom)


def _shared(a: Seen, b: Seen) -> int:
    """Pixels that two boxes have in common."""
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    return max(across, 0) * max(down, 0)


def any_dress(choose: Choose) -> Dress:
    """A person of any size in anything."""
    skin = np.array(SKIN[choose.integers(len(SKIN))])
    colours = [tuple(map(float, any_colour(choose))) for _ in range(3)]
    hair = tuple(map(float, any_colour(choose) * 0.5))
    return Dress(tuple(map(float, skin)), *colours, hair, choose.uniform(0.87, 1.1), choose.uniform(0.85, 1.25))


def free_ground(folder: Path) -> np.ndarray:
    """N x 2 map points, 0.2 m apart or less, with nothing within half a metre."""
    described = yaml.safe_load((folder / "map.yaml").read_text(encoding="utf-8"))
    grey = cv2.imread(str(folder / described["image"]), cv2.IMREAD_GRAYSCALE)
    resolution, (left, low, _) = described["resolution"], described["origin"]
    reach = round(0.5 / resolution)
    free = cv2.erode((grey > 250).astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    step = max(1, round(0.2 / resolution))
    rows, columns = np.nonzero(free[::step, ::step])
    return np.stack(
        [left + (columns * step + 0.5) * resolution, low + (len(grey) - rows * step - 0.5) * resolution], axis=1
    )
