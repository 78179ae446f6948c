"""What draws the dogs' pictures: OpenGL in software, or, where there is none, cast rays (slower, and coarser)."""

import math
from typing import Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from sim.engine import opengl_backend
from sim.engine.lighting import foggy
from sim.engine.mujoco_model import Group
from sim.engine.transforms import Matrix

import mujoco  # isort: skip

log = structlog.get_logger()
SEEN = tuple(int(group) for group in Group if group is not Group.COLLISION)
FAR = 120.0  # metres that a cast ray goes
NEAR = 0.06  # metres before the camera where rays begin: before its own lens
COARSE = 2  # pixels of a picture to a cast ray, each way


class CameraRenderer(Protocol):
    """Draws what a camera sees: ``camera`` has x forward, y left, z up; ``fovy_deg`` is the vertical field of view."""

    backend: str

    def see(self, data: "mujoco.MjData", camera: Matrix, fovy_deg: float) -> NDArray[np.uint8]:
        """A picture, height x width x 3, RGB."""

    def depth(self, data: "mujoco.MjData", camera: Matrix, fovy_deg: float) -> NDArray[np.float32]:
        """Metres along the camera's axis, height x width; infinite where there is nothing."""

    def refresh(self) -> None:
        """Take in that light or fog are others now."""

    def close(self) -> None:
        """Give back what it holds."""


def open_camera_renderer(model: "mujoco.MjModel", height: int, width: int) -> CameraRenderer:
    """OpenGL where it works, else cast rays; which of them is in the log."""
    if opengl_backend.BACKEND != "disabled":
        try:
            return OpenGlRenderer(model, height, width)
        except opengl_backend.NoPictures as error:
            log.warning("opengl_failed", error=str(error))
    log.warning(
        "camera_of_cast_rays", reason=str(opengl_backend.explain()), cost="several times slower, and half as fine"
    )
    return RaycastRenderer(model, height, width)


def open_renderer(model: "mujoco.MjModel", height: int, width: int) -> "mujoco.Renderer":
    """A renderer; raises NoPictures, which says what to install."""
    if opengl_backend.BACKEND == "disabled":
        raise opengl_backend.explain()
    try:
        return mujoco.Renderer(model, height, width, max_geom=max(4000, 2 * model.ngeom))
    except (RuntimeError, ImportError, AttributeError, OSError, mujoco.FatalError) as error:
        raise opengl_backend.explain(error) from error


def aim(scene: "mujoco.MjvScene", camera: Matrix, fovy_deg: float, aspect: float) -> None:
    """Point the scene's camera: ``camera`` has x forward, y left, z up."""
    near = scene.camera[0].frustum_near
    half = near * math.tan(math.radians(fovy_deg) / 2)
    for eye in scene.camera:
        eye.pos[:], eye.forward[:], eye.up[:] = camera[:3, 3], camera[:3, 0], camera[:3, 2]
        eye.frustum_center, eye.frustum_bottom, eye.frustum_top = 0.0, -half, half
        eye.frustum_width = half * aspect


class OpenGlRenderer:
    """Draws by MuJoCo's renderer."""

    def __init__(self, model: "mujoco.MjModel", height: int, width: int) -> None:
        self.backend = opengl_backend.BACKEND
        self._model, self._height, self._width = model, height, width
        self._option = mujoco.MjvOption()
        self._option.geomgroup[:] = 0
        self._option.geomgroup[list(SEEN)] = 1
        self._renderer = self._open()

    def see(self, data: "mujoco.MjData", camera: Matrix, fovy_deg: float) -> NDArray[np.uint8]:
        """A picture."""
        picture: NDArray[np.uint8] = self._draw(data, camera, fovy_deg)
        return picture

    def depth(self, data: "mujoco.MjData", camera: Matrix, fovy_deg: float) -> NDArray[np.float32]:
        """Metres along the camera's axis."""
        self._renderer.enable_depth_rendering()
        try:
            metres: NDArray[np.float32] = self._draw(data, camera, fovy_deg)
        finally:
            self._renderer.disable_depth_rendering()
        return np.where(metres < 0.99 * FAR, metres, np.float32(math.inf)).astype(np.float32)

    def refresh(self) -> None:
        """OpenGL keeps sky and fog from when its context was made, so make it anew (a tenth of a second)."""
        self._renderer.close()
        self._renderer = self._open()

    def close(self) -> None:
        """Give the OpenGL context back."""
        self._renderer.close()

    def _open(self) -> "mujoco.Renderer":
        renderer = open_renderer(self._model, self._height, self._width)
        renderer.scene.flags[mujoco.mjtRndFlag.mjRND_FOG] = foggy(self._model)
        return renderer

    def _draw(self, data: "mujoco.MjData", camera: Matrix, fovy_deg: float) -> NDArray:  # type: ignore[type-arg]
        self._renderer.update_scene(data, scene_option=self._option)
        aim(self._renderer.scene, camera, fovy_deg, self._width / self._height)
        drawn: NDArray = self._renderer.render()  # type: ignore[type-arg]
        return drawn


class RaycastRenderer:
    """Draws by casting a ray for each COARSE x COARSE pixels: flat colours, the sun, no shadows."""

    def __init__(self, model: "mujoco.MjModel", height: int, width: int) -> None:
        self.backend = "rays"
        self._model = model
        self._rows, self._columns = -(-height // COARSE), -(-width // COARSE)
        self._height, self._width = height, width
        self._solid = np.array([g in SEEN and g != Group.AIR for g in range(6)], np.uint8)
        self._airy = np.array([g == Group.AIR for g in range(6)], np.uint8)
        self._has_air = bool((model.geom_group == Group.AIR).any())

    def see(self, data: "mujoco.MjData", camera: Matrix, fovy_deg: float) -> NDArray[np.uint8]:
        """A picture."""
        model, rays = self._model, self._rays(camera, fovy_deg)
        geoms, metres, normals = self._cast(data, camera, rays, self._solid)
        hit = geoms >= 0
        colour = np.where(hit[:, None], self._shade(geoms, rays, normals), self._sky(rays))
        if foggy(model):
            share = np.clip(metres / (model.vis.map.fogend * model.stat.extent), 0.0, 1.0)[:, None]
            colour += (np.asarray(model.vis.rgba.fog[:3]) - colour) * np.where(hit[:, None], share, 1.0)
        if self._has_air:
            through, near, _ = self._cast(data, camera, rays, self._airy)
            front = (through >= 0) & (near < np.where(hit, metres, np.inf))
            puff = model.geom_rgba[np.maximum(through, 0)]
            colour += (puff[:, :3] - colour) * np.where(front, puff[:, 3], 0.0)[:, None]
        return self._full((np.clip(colour, 0.0, 1.0) * 255).astype(np.uint8))

    def depth(self, data: "mujoco.MjData", camera: Matrix, fovy_deg: float) -> NDArray[np.float32]:
        """Metres along the camera's axis."""
        rays = self._rays(camera, fovy_deg)
        geoms, metres, _ = self._cast(data, camera, rays, self._solid)
        return self._full(np.where(geoms >= 0, metres * (rays @ camera[:3, 0]), math.inf).astype(np.float32))

    def refresh(self) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is held."""

    def _rays(self, camera: Matrix, fovy_deg: float) -> NDArray[np.float64]:
        half = math.tan(math.radians(fovy_deg) / 2)
        up = half * (1.0 - (2.0 * np.arange(self._rows) + 1.0) / self._rows)
        left = half * self._width / self._height * (1.0 - (2.0 * np.arange(self._columns) + 1.0) / self._columns)
        grid = np.stack(np.broadcast_arrays(1.0, left[None, :], up[:, None]), axis=-1).reshape(-1, 3)
        rays = grid @ camera[:3, :3].T
        unit: NDArray[np.float64] = rays / np.linalg.norm(rays, axis=1, keepdims=True)
        return unit

    def _cast(
        self, data: "mujoco.MjData", camera: Matrix, rays: NDArray[np.float64], groups: NDArray[np.uint8]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
        count = len(rays)
        geoms, metres, normals = np.full(count, -1, np.int32), np.full(count, -1.0), np.zeros(3 * count)
        mujoco.mj_multiRay(
            self._model, data, camera[:3, 3] + NEAR * camera[:3, 0], rays.ravel(), groups, True, -1, geoms, metres,
            normals, count, FAR,
        )  # fmt: skip
        return geoms, metres + NEAR, normals.reshape(-1, 3)

    def _shade(
        self, geoms: NDArray[np.int32], rays: NDArray[np.float64], normals: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        model, seen = self._model, np.maximum(geoms, 0)
        normals = normals * -np.sign((normals * rays).sum(axis=1, keepdims=True))
        light = np.tile(np.asarray(model.vis.headlight.ambient, np.float64), (len(rays), 1))
        light += np.maximum(0.0, -(normals * rays).sum(axis=1))[:, None] * model.vis.headlight.diffuse
        for index in np.nonzero(model.light_type == mujoco.mjtLightType.mjLIGHT_DIRECTIONAL)[0]:
            light += np.maximum(0.0, -(normals @ model.light_dir[index]))[:, None] * model.light_diffuse[index]
        material = model.geom_matid[seen]
        glow = np.where(material >= 0, model.mat_emission[material], 0.0) if model.nmat else np.zeros(len(seen))
        shaded: NDArray[np.float64] = self._colours()[seen] * (light + glow[:, None])
        return shaded

    def _colours(self) -> NDArray[np.float64]:
        """Each geom's colour: its own where it has one, else its material's, as MuJoCo has it."""
        model = self._model
        own = (model.geom_matid < 0) | (model.geom_rgba != 0.5).any(axis=1) & (model.geom_rgba[:, :3] != 0.5).any(
            axis=1
        )
        materials = model.mat_rgba[model.geom_matid] if model.nmat else model.geom_rgba
        colours: NDArray[np.float64] = np.where(own[:, None], model.geom_rgba, materials)[:, :3].astype(np.float64)
        return colours

    def _sky(self, rays: NDArray[np.float64]) -> NDArray[np.float64]:
        model = self._model
        if not model.ntex:
            return np.full((len(rays), 3), 0.6)
        texture = model.tex_data[: model.tex_height[0] * model.tex_width[0] * 3].reshape(-1, model.tex_width[0], 3)
        side = texture[: model.tex_width[0] * 6].reshape(6, model.tex_width[0], model.tex_width[0], 3)[0, :, 0]
        row = ((1.0 - (rays[:, 2] + 1.0) / 2.0) * (len(side) - 1)).astype(int)
        sky: NDArray[np.float64] = side[row] / 255.0
        return sky

    def _full(self, picture: NDArray) -> NDArray:  # type: ignore[type-arg]
        shaped = picture.reshape(self._rows, self._columns, *picture.shape[1:])
        return np.ascontiguousarray(shaped.repeat(COARSE, 0).repeat(COARSE, 1)[: self._height, : self._width])
