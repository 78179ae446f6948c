"""Day, dusk, night and fog: factors on the lights that the world's SDF has, a lamp on the camera, and what hides."""

import numpy as np

from sim.engine import opengl_backend  # noqa: F401  (before mujoco)
from sim.engine.script import Daylight as Light

import mujoco  # isort: skip

__all__ = ["Light", "Lighting", "foggy"]

# Factors on ambient, directional lights and sky; the brightness of the camera's own lamp; the colour of it all;
# and a factor on what glows by itself: by day lamps are off.
_LIGHTS: dict[Light, tuple[float, float, float, float, tuple[float, float, float], float]] = {
    Light.DAY: (1.0, 1.0, 1.0, 0.0, (1.0, 1.0, 1.0), 0.1),
    Light.DUSK: (0.45, 0.45, 0.45, 0.05, (1.0, 0.82, 0.66), 0.6),
    Light.NIGHT: (0.2, 0.08, 0.06, 0.3, (0.75, 0.85, 1.0), 1.0),
}
FOG = np.array([0.78, 0.79, 0.8])  # by day
NO_FOG = 10.0  # extents; where MuJoCo has it when nobody says


class Lighting:
    """Remembers the world's own light, so that each choice starts from it. What draws has to be told afterwards."""

    def __init__(self, model: "mujoco.MjModel") -> None:
        self._model = model
        self._ambient = model.vis.headlight.ambient.copy()
        self._lights = model.light_diffuse.copy()
        self._sky = model.tex_data.copy()
        self._glow = model.mat_emission.copy()
        self._sky_factor = 1.0

    def choose(self, light: Light, strength: float = 1.0) -> None:
        """Light the world anew; ``strength`` scales all but the sky."""
        ambient, sun, sky, lamp, colour, glow = _LIGHTS[light]
        tint = np.array(colour) * strength
        self._model.vis.headlight.ambient = self._ambient * ambient * tint
        self._model.light_diffuse[:] = self._lights * sun * tint
        self._model.vis.headlight.diffuse = np.full(3, lamp * strength)
        self._model.mat_emission[:] = self._glow * glow
        self._model.tex_data[:] = (self._sky * sky).astype(np.uint8)
        self._sky_factor = sky

    def fog(self, visibility: float | None) -> None:
        """Let all fade into the fog's grey at ``visibility`` metres; None is clear."""
        colour = FOG * max(0.1, self._sky_factor)
        self._model.vis.rgba.fog = [*colour, 1.0]
        self._model.vis.map.fogstart = 0.0
        far = NO_FOG if visibility is None else visibility / self._model.stat.extent
        self._model.vis.map.fogend = min(NO_FOG, far)


def foggy(model: "mujoco.MjModel") -> bool:
    """Whether there is fog."""
    return bool(model.vis.map.fogend < NO_FOG)
