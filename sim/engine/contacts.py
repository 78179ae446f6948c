"""Counts what dogs run into. Feet on the ground, a ramp, a platform or a kerb are no collision; anything else is, once
until it is left alone."""

from dataclasses import dataclass

import numpy as np

from sim.engine import opengl_backend  # noqa: F401  (before mujoco)

import mujoco  # isort: skip

APART_S = 1.0  # of no contact, before the next with the same thing counts anew
STEP_M = 0.15  # a leg that meets what ends lower steps on it, or trips over it; it has not run into it
EDGE_M = 0.03  # under its upper edge: a foot that meets a thing there steps on the edge; a foot's radius is 0.022
UPWARD = 0.3  # of a contact's normal: what holds up a foot so much it stands on; a wall or a kerb does not


@dataclass(frozen=True)
class Touch:
    """A dog's first contact with a thing: when (seconds since the start), where on the ground (metres), and the
    level direction out of the dog, at most of length one."""

    t: float
    thing: str
    x: float
    y: float
    outward: tuple[float, float]


class Contacts:
    """``events``: for each dog, when (seconds since the start) it ran into what; ``touches`` say where, too."""

    def __init__(self, model: "mujoco.MjModel", dogs: list[str]) -> None:
        self.events: dict[str, list[tuple[float, str]]] = {dog: [] for dog in dogs}
        self.touches: dict[str, list[Touch]] = {dog: [] for dog in dogs}
        self._last: dict[tuple[str, str], float] = {}
        self._dogs = dogs
        owners = [model.geom(g).name.split("/")[0] for g in range(model.ngeom)]
        self._owners = owners
        self._dog = np.array([dogs.index(name) if name in dogs else -1 for name in owners])
        self._ground = model.geom_type == mujoco.mjtGeom.mjGEOM_PLANE
        parts = [model.geom(g).name.split("/")[1:2] for g in range(model.ngeom)]
        self._leg = (self._dog >= 0) & np.array([part != ["base_link"] for part in parts])
        self._model = model
        self._tops: np.ndarray | None = None
        self._foot = np.array([model.geom(g).name.endswith("/foot_collision") for g in range(model.ngeom)])

    def update(self, data: "mujoco.MjData", now: float) -> list[tuple[str, str]]:
        """Take in the contacts of this instant; which dog ran into what just now."""
        pairs = data.contact.geom
        if not len(pairs):
            return []
        first, second = pairs[:, 0], pairs[:, 1]
        foot_on_thing = (self._foot[first] & (self._dog[second] < 0)) | (self._foot[second] & (self._dog[first] < 0))
        standing = foot_on_thing & (np.abs(data.contact.frame[:, 2]) > UPWARD)
        tops = self._upper_ends(data)
        stepping = (self._leg[first] & (tops[second] < STEP_M)) | (self._leg[second] & (tops[first] < STEP_M))
        on_edge = foot_on_thing & (np.minimum(tops[first], tops[second]) - data.contact.pos[:, 2] < EDGE_M)
        free = self._ground[first] | self._ground[second] | standing | stepping | on_edge
        touching = (self._dog[first] != self._dog[second]) & ~free
        told = []
        for index in np.nonzero(touching)[0]:
            one, other = int(first[index]), int(second[index])
            for mine, thing, sign in ((one, other, 1.0), (other, one, -1.0)):  # a contact's normal is out of the first
                new = self._touch(mine, thing, now)
                if new is not None:
                    told.append(new)
                    place, normal = data.contact.pos[index], sign * data.contact.frame[index]
                    outward = (float(normal[0]), float(normal[1]))
                    self.touches[new[0]].append(Touch(now, new[1], float(place[0]), float(place[1]), outward))
        return told

    def _upper_ends(self, data: "mujoco.MjData") -> np.ndarray:
        """How high each geom ends, as it stands at first; those of dogs, and what is not there yet, nowhere."""
        if self._tops is None:
            turned = data.geom_xmat.reshape(-1, 3, 3)[:, 2, :]
            middle, half = self._model.geom_aabb[:, :3], self._model.geom_aabb[:, 3:]
            tops = data.geom_xpos[:, 2] + (turned * middle).sum(axis=1) + (np.abs(turned) * half).sum(axis=1)
            self._tops = np.where((tops > -1.0) & (self._dog < 0), tops, np.inf)
        return self._tops

    def _touch(self, mine: int, other: int, now: float) -> tuple[str, str] | None:
        if self._dog[mine] < 0:
            return None
        dog, thing = self._dogs[self._dog[mine]], self._owners[other]
        new = now - self._last.get((dog, thing), -np.inf) > APART_S
        if new:
            self.events[dog].append((now, thing))
        self._last[dog, thing] = now
        return (dog, thing) if new else None
