"""People of capsules and ellipsoids, each unlike the last: stature, build, clothes, hair, hat, bag, gait."""

import math

import mujoco
import numpy as np

Choose = np.random.Generator
SKIN = ((0.95, 0.78, 0.65), (0.85, 0.65, 0.5), (0.7, 0.5, 0.36), (0.5, 0.34, 0.24), (0.33, 0.22, 0.16))
CAPSULE, SPHERE, ELLIPSOID, BOX, CYLINDER = (
    mujoco.mjtGeom.mjGEOM_CAPSULE,
    mujoco.mjtGeom.mjGEOM_SPHERE,
    mujoco.mjtGeom.mjGEOM_ELLIPSOID,
    mujoco.mjtGeom.mjGEOM_BOX,
    mujoco.mjtGeom.mjGEOM_CYLINDER,
)


class Body:
    """Adds geoms to one body of a scene, all of one name, by which the segmentation knows them again."""

    def __init__(self, body: mujoco.MjsBody, name: str) -> None:
        self.body, self.name, self.count = body, name, 0

    def add(self, kind: int, place: np.ndarray, size: list[float], colour: np.ndarray, **rest: object) -> None:
        """A geom at a ``place`` in the body's frame."""
        self.count += 1
        rgba = [*np.clip(colour, 0, 1), 1.0]
        self.body.add_geom(
            name=f"{self.name}/{self.count}",
            type=kind,
            pos=place,
            size=size,
            rgba=rgba,
            contype=0,
            conaffinity=0,
            **rest,
        )

    def limb(self, a: np.ndarray, b: np.ndarray, radius: float, colour: np.ndarray) -> None:
        """A capsule from ``a`` to ``b``, which must not be the same place."""
        self.count += 1
        rgba = [*np.clip(colour, 0, 1), 1.0]
        self.body.add_geom(
            name=f"{self.name}/{self.count}",
            type=CAPSULE,
            fromto=[*a, *b],
            size=[radius, 0, 0],
            rgba=rgba,
            contype=0,
            conaffinity=0,
        )


def any_colour(choose: Choose) -> np.ndarray:
    """Mostly dull, now and then loud."""
    grey = choose.uniform(0.03, 0.95)
    return np.clip(grey + choose.normal(0, choose.choice([0.03, 0.12, 0.35]), 3), 0, 1)


def add_person(body: mujoco.MjsBody, name: str, choose: Choose) -> None:
    """A standing, walking, working or crouching person, feet at the body's origin, facing its x axis."""
    tall = choose.uniform(1.45, 1.98)
    broad = choose.uniform(0.85, 1.3)
    me = Body(body, name)
    skin = np.array(SKIN[choose.integers(len(SKIN))]) * choose.uniform(0.85, 1.1)
    top, trousers, shoes = any_colour(choose), any_colour(choose), any_colour(choose) * 0.5
    sleeve = skin if choose.random() < 0.25 else top
    stride = 0.0 if choose.random() < 0.35 else choose.uniform(0.1, 0.6)
    bent = choose.uniform(0.4, 1.2) if choose.random() < 0.08 else choose.normal(0.03, 0.06)
    crouch = choose.uniform(0.5, 0.8) if choose.random() < 0.06 else 1.0
    hip = 0.52 * tall * crouch
    _legs(me, choose, tall, broad, hip, stride, trousers, shoes, crouch)
    lean = np.array([math.sin(bent), 0, math.cos(bent)])
    pelvis = np.array([0, 0, hip])
    chest = pelvis + lean * 0.22 * tall
    shoulder = pelvis + lean * 0.30 * tall
    _torso(me, choose, pelvis, chest, tall, broad, top, trousers)
    _arms(me, choose, shoulder, tall, broad, stride, sleeve, skin)
    _head(me, choose, shoulder + lean * 0.035 * tall, lean, tall, skin)


def _legs(me, choose, tall, broad, hip, stride, trousers, shoes, crouch) -> None:
    thick = 0.042 * tall * broad * choose.uniform(0.8, 1.25)
    for side, swing in ((1, stride), (-1, -stride)):
        y = side * 0.052 * tall * broad
        knee_bend = abs(choose.normal(0, 0.15)) + (0.9 if crouch < 1 else 0)
        top = np.array([0, y, hip])
        upper = hip * 0.5
        knee = top + upper * np.array([math.sin(swing + knee_bend * 0.5), 0, -math.cos(swing + knee_bend * 0.5)])
        ankle = np.array([knee[0] - math.sin(knee_bend * 0.6 - swing * 0.6) * upper, y, 0.06])
        me.limb(top, knee, thick, trousers)
        me.limb(knee, ankle, thick * 0.72, trousers)
        me.add(BOX if choose.random() < 0.5 else ELLIPSOID, ankle + at(0.05, 0, -0.025), [0.13, 0.045, 0.035], shoes)


def _torso(me, choose, pelvis, chest, tall, broad, top, trousers) -> None:
    middle = (pelvis + chest) / 2
    style = choose.random()
    half = 0.095 * tall * broad
    if style < 0.45:
        me.add(ELLIPSOID, middle + (chest - pelvis) * 0.2, [half * 0.7, half * 1.15, 0.2 * tall], top)
    elif style < 0.8:
        for y in (-0.5, 0.5):
            me.limb(pelvis + at(0, y * half, 0), chest + at(0, y * half, 0), half * 0.75, top)
    else:
        me.add(BOX, middle + (chest - pelvis) * 0.1, [half * 0.6, half * 1.1, 0.16 * tall], top)
    me.limb(chest + at(0, -half, 0.03), chest + at(0, half, 0.03), half * 0.5, top)
    me.add(ELLIPSOID, pelvis, [half * 0.75, half, 0.07 * tall], trousers)
    if choose.random() < 0.15:  # a coat or a skirt
        low = pelvis - [0, 0, choose.uniform(0.15, 0.3) * tall]
        me.limb(pelvis, low, half * choose.uniform(0.8, 1.15), top)
    if choose.random() < 0.2:  # a vest with a stripe
        vest = np.array([[0.95, 0.55, 0.1], [0.75, 0.95, 0.15]][choose.integers(2)])
        me.add(ELLIPSOID, middle + (chest - pelvis) * 0.3, [half * 0.85, half * 1.2, 0.13 * tall], vest)
        me.add(CYLINDER, middle, [half * 1.05, 0.02, 0], np.array([0.85, 0.85, 0.85]))
    if choose.random() < 0.15:
        me.add(BOX, chest + at(-half * 1.1, 0, -0.05), [0.09, 0.14, 0.2], any_colour(choose))


def _arms(me, choose, shoulder, tall, broad, stride, sleeve, skin) -> None:
    for side, swing in ((1, -stride), (-1, stride)):
        angle, spread = swing + choose.normal(0, 0.1), abs(choose.normal(0.12, 0.08))
        if choose.random() < 0.1:
            angle, spread = choose.uniform(0.6, 2.8), choose.uniform(0, 0.6)
        bend = abs(choose.normal(0.3, 0.3))
        top = shoulder + at(0, side * 0.115 * tall * broad, 0)
        elbow = top + 0.17 * tall * _down(angle, spread * side)
        hand = elbow + 0.15 * tall * _down(angle + bend, spread * side * 0.5)
        me.limb(top, elbow, 0.03 * tall * broad, sleeve)
        me.limb(elbow, hand, 0.024 * tall, sleeve)
        me.add(SPHERE, hand, [0.028 * tall, 0, 0], skin)
        if choose.random() < 0.06:
            me.add(BOX, hand - [0, 0, 0.2], [0.15, 0.06, 0.12], any_colour(choose))


def _head(me, choose, neck, lean, tall, skin) -> None:
    middle = neck + lean * 0.075 * tall
    me.limb(neck - lean * 0.03, middle, 0.03 * tall, skin)
    if choose.random() < 0.5:
        me.add(SPHERE, middle, [0.063 * tall * choose.uniform(0.85, 1.1), 0, 0], skin)
    else:
        me.add(ELLIPSOID, middle, [0.058 * tall, 0.048 * tall, 0.07 * tall], skin)
    what = choose.random()
    if what < 0.55:
        hair = any_colour(choose) * choose.uniform(0.1, 0.7)
        me.add(ELLIPSOID, middle + at(-0.015, 0, 0.02 * tall), [0.062 * tall, 0.056 * tall, 0.058 * tall], hair)
    elif what < 0.8:
        cap = any_colour(choose)
        me.add(ELLIPSOID, middle + lean * 0.03 * tall, [0.068 * tall, 0.06 * tall, 0.05 * tall], cap)
        if choose.random() < 0.5:
            me.add(CYLINDER, middle + lean * 0.035 * tall, [0.085 * tall, 0.008, 0], cap)


def at(x: float, y: float, z: float) -> np.ndarray:
    """A place or a step, metres."""
    return np.array([x, y, z])


def _down(angle: float, spread: float) -> np.ndarray:
    return np.array([math.sin(angle), math.sin(spread), -math.cos(angle) * math.cos(spread)])
