"""Day, dusk and night: factors on the lights that the world's SDF has, and a lamp on the camera."""

import numpy as np

from sim.engine.script import Daylight as Light

import mujoco  # isort: skip

__all__ = ["Light", "Lighting"]

# Factors on ambient, directional lights and sky; the brightness of the camera's own lamp; the colour of it all.
_LIGHTS: dict[Light, tuple[float, float, float, float, tuple[float, float, float]]] = {
    Light.DAY: (1.0, 1.0, 1.0, 0.0, (1.0, 1.0, 1.0)),
    Light.DUSK: (0.45, 0.45, 0.45, 0.05, (1.0, 0.82, 0.66)),
    Light.NIGHT: (0.2, 0.08, 0.06, 0.3, (0.75, 0.85, 1.0)),
}


class Lighting:
    """Remembers the world's own light, so that each choice starts from it."""

    def __init__(self, model: "mujoco.MjModel") -> None:
        self._model = model
        self._ambient = model.vis.headlight.ambient.copy()
        self._lights = model.light_diffuse.copy()
        self._sky = model.tex_data.copy()

    def choose(self, light: Light, renderer: "mujoco.Renderer", strength: float = 1.0) -> None:
        """Light the world anew; ``strength`` scales all but the sky."""
        ambient, sun, sky, lamp, colour = _LIGHTS[light]
        tint = np.array(colour) * strength
        self._model.vis.headlight.ambient = self._ambient * ambient * tint
        self._model.light_diffuse[:] = self._lights * sun * tint
        self._model.vis.headlight.diffuse = np.full(3, lamp * strength)
        self._model.tex_data[:] = (self._sky * sky).astype(np.uint8)
        if renderer._gl_context:
            renderer._gl_context.make_current()
        mujoco.mjr_uploadTexture(self._model, renderer._mjr_context, 0)
