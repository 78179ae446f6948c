"""Pictures of a world with people in it, and the truth about what they show. Without ROS and without physics."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sim.engine.camera_rendering import aim, open_renderer
from sim.engine.lighting import Light, Lighting
from sim.engine.mujoco_model import add_static, new_spec
from sim.engine.people import Dress, Posture, Stance, add_person, find_figure
from sim.engine.sdf import SIM, read_model, read_world
from sim.engine.transforms import Matrix, pose

import mujoco  # isort: skip

__all__ = ["Dress", "LabelledPicture", "LabelledRenderer", "Light", "Posture", "Seen", "Stance"]

YARD = SIM / "worlds/station_yard/world.sdf"
FOV = 1.5  # radians, horizontal, of the dog's camera


@dataclass(frozen=True)
class Seen:
    """A person in a picture. The box holds every pixel of his that is to be seen, in pixels, right and bottom excluded.

    ``visible`` is that share of him, of what the frame holds, which nothing hides.
    """

    person: str
    left: int
    top: int
    right: int
    bottom: int
    pixels: int
    visible: float


@dataclass(frozen=True)
class LabelledPicture:
    """A picture (height x width x 3, RGB, uint8) and the people in it."""

    rgb: NDArray[np.uint8]
    people: tuple[Seen, ...]


class LabelledRenderer:
    """A world with ``people`` figures, a camera that can be put anywhere, and the light of choice. Close it after use.

    Figures are named ``person_0``.. and stand nowhere until placed. Raises NoPictures where there is no OpenGL.
    """

    def __init__(
        self, world: Path = YARD, people: int = 4, width: int = 640, height: int = 480, fov: float = FOV
    ) -> None:
        read = read_world(world)
        spec = new_spec(read)
        for model in read.models:
            if model.static:
                add_static(spec, model)
        person = read_model("person")
        names = [f"person_{n}" for n in range(people)]
        for name in names:
            add_person(spec, person, name)
        spec.visual.global_.offwidth, spec.visual.global_.offheight = max(width, 640), max(height, 480)
        self.model = spec.compile()
        self.data = mujoco.MjData(self.model)
        self.figures = [find_figure(self.model, person, name) for name in names]
        self.model.vis.global_.fovy = math.degrees(2 * math.atan(math.tan(fov / 2) * height / width))
        self._renderer = open_renderer(self.model, height, width)
        self._options = {True: _showing((0, 1, 2)), False: _showing((1,))}
        self._camera: Matrix = pose(0.0, 0.0, 0.5)
        self._lighting = Lighting(self.model)
        self._owner = np.full(self.model.ngeom, -1)
        for index, figure in enumerate(self.figures):
            self._owner[list(figure.geoms)] = index
            figure.vanish(self.data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the OpenGL context back."""
        self._renderer.close()

    def dress(self, person: int, dress: Dress) -> None:
        """Clothe a person."""
        self.figures[person].dress(self.model, dress)

    def place(self, person: int, stance: Stance | None) -> None:
        """Put a person somewhere, in some posture; ``None`` takes it away."""
        if stance is None:
            self.figures[person].vanish(self.data)
        else:
            self.figures[person].stand(self.data, stance)

    def look(self, x: float, y: float, z: float, yaw: float, pitch: float = 0.0, roll: float = 0.0) -> None:
        """Put the camera there (world metres); yaw 0 looks east, a positive pitch looks down (REP 103), radians."""
        self._camera = pose(x, y, z, roll, pitch, yaw)

    def light(self, light: Light, strength: float = 1.0) -> None:
        """Choose the light; ``strength`` scales all of it."""
        self._lighting.choose(light, strength)
        if self._renderer._gl_context:
            self._renderer._gl_context.make_current()
        mujoco.mjr_uploadTexture(self.model, self._renderer._mjr_context, 0)

    def shoot(self, truth: bool = True) -> LabelledPicture:
        """Take the picture; ``truth=False`` leaves out who is in it, which takes most of the time."""
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)
        rgb = self._render(everything=True)
        if not truth:
            return LabelledPicture(rgb, ())
        self._renderer.enable_segmentation_rendering()
        seen, whole = (self._render(everything=flag) for flag in (True, False))
        self._renderer.disable_segmentation_rendering()
        return LabelledPicture(rgb, self._who(seen, whole))

    def _render(self, everything: bool) -> NDArray[np.uint8]:
        self._renderer.update_scene(self.data, scene_option=self._options[everything])
        aim(
            self._renderer.scene,
            self._camera,
            self.model.vis.global_.fovy,
            self._renderer.width / self._renderer.height,
        )
        picture: NDArray[np.uint8] = self._renderer.render()
        return picture

    def _who(self, seen: NDArray[np.uint8], whole: NDArray[np.uint8]) -> tuple[Seen, ...]:
        owners, unhidden = (self._owners(picture) for picture in (seen, whole))
        found = []
        for index, figure in enumerate(self.figures):
            rows, columns = np.nonzero(owners == index)
            if len(rows):
                total = max(len(rows), int(np.count_nonzero(unhidden == index)))
                box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
                found.append(Seen(figure.name, *box, len(rows), len(rows) / total))
        return tuple(found)

    def _owners(self, segmentation: NDArray[np.uint8]) -> NDArray[np.int64]:
        ids = segmentation[..., 0].astype(np.int64)
        geom = segmentation[..., 1] == int(mujoco.mjtObj.mjOBJ_GEOM)  # an enum compares element by element, slowly
        return np.where(geom & (ids >= 0), self._owner[np.clip(ids, 0, len(self._owner) - 1)], -1)


def _showing(groups: Sequence[int]) -> "mujoco.MjvOption":
    option = mujoco.MjvOption()
    option.geomgroup[:] = 0
    option.geomgroup[list(groups)] = 1
    return option
