"""What stands about in a yard and must not be taken for people: cars, trees, lamps, walls, fences, dogs, bollards."""

import math
from collections.abc import Callable

import mujoco
import numpy as np
from people import BOX, CAPSULE, CYLINDER, ELLIPSOID, SPHERE, Body, Choose, any_colour


def car(me: Body, choose: Choose) -> None:
    """A body, a cabin, four wheels."""
    paint, glass, black = any_colour(choose), np.full(3, choose.uniform(0.05, 0.3)), np.full(3, 0.06)
    long, wide = choose.uniform(1.9, 2.6), choose.uniform(0.8, 1.0)
    high = choose.uniform(0.25, 0.4) + (choose.uniform(0.3, 1.0) if choose.random() < 0.25 else 0)
    me.add(BOX, np.array([0, 0, 0.3 + high]), [long, wide, high], paint)
    me.add(
        BOX,
        np.array([-0.2, 0, 0.45 + 2 * high]),
        [long * 0.55, wide * 0.9, 0.28],
        glass if choose.random() < 0.6 else paint,
    )
    for x in (-0.62, 0.62):
        for y in (-1, 1):
            turned = [math.sqrt(0.5), math.sqrt(0.5), 0, 0]
            me.add(CYLINDER, np.array([x * long, y * wide, 0.33]), [0.33, 0.12, 0], black, quat=turned)


def tree(me: Body, choose: Choose) -> None:
    """A trunk and a crown, or a bush without a trunk."""
    bark, leaf = (
        np.array([0.35, 0.25, 0.15]) * choose.uniform(0.5, 1.4),
        np.array([0.2, 0.42, 0.15]) + choose.normal(0, 0.1, 3),
    )
    trunk = choose.uniform(0.0, 2.6)
    thick = choose.uniform(0.06, 0.25)
    if trunk > 0.3:
        me.add(CYLINDER, np.array([0, 0, trunk / 2]), [thick, trunk / 2, 0], bark)
    for _ in range(choose.integers(1, 5)):
        size = choose.uniform(0.3, 1.3, 3)
        me.add(
            ELLIPSOID,
            np.array([*choose.normal(0, 0.3, 2), trunk + size[2] * 0.6]),
            size.tolist(),
            leaf * choose.uniform(0.8, 1.2),
        )


def lamp(me: Body, choose: Choose) -> None:
    """A post with something at its top, at any height: the nearest thing to a person's outline."""
    high, thick = choose.choice([choose.uniform(0.6, 2.0), choose.uniform(2.5, 6.0)]), choose.uniform(0.03, 0.16)
    colour = any_colour(choose)
    me.add(CYLINDER, np.array([0, 0, high / 2]), [thick, high / 2, 0], colour)
    if choose.random() < 0.6:
        size = choose.uniform(0.08, 0.3, 3)
        kind = [SPHERE, BOX, ELLIPSOID][choose.integers(3)]
        me.add(kind, np.array([0, 0, high]), size.tolist(), any_colour(choose))
    if choose.random() < 0.3:
        me.add(CYLINDER, np.array([0, 0, 0.1]), [thick * 2, 0.1, 0], colour)


def bollard(me: Body, choose: Choose) -> None:
    """A capsule, cone or box of half a person's size, striped or not."""
    high, thick = choose.uniform(0.4, 1.5), choose.uniform(0.08, 0.3)
    kind = choose.integers(3)
    colour = any_colour(choose)
    if kind == 0:
        me.add(CAPSULE, np.array([0, 0, high / 2]), [thick, high / 2, 0], colour)
    elif kind == 1:
        me.add(ELLIPSOID, np.array([0, 0, high / 2]), [thick, thick, high / 2], colour)
    else:
        me.add(BOX, np.array([0, 0, high / 2]), [thick, choose.uniform(0.1, 0.5), high / 2], colour)
    if choose.random() < 0.4:
        me.add(CYLINDER, np.array([0, 0, high * 0.7]), [thick * 1.1, 0.06, 0], any_colour(choose))


def wall(me: Body, choose: Choose) -> None:
    """A wall or a house, with doors and windows painted on."""
    long, high = choose.uniform(1.0, 9.0), choose.choice([choose.uniform(0.4, 2.5), choose.uniform(3, 9)])
    thick = choose.uniform(0.1, 0.3)
    me.add(BOX, np.array([0, 0, high / 2]), [thick, long, high / 2], any_colour(choose))
    for _ in range(choose.integers(0, 7)):
        y, tall = choose.uniform(-long, long), choose.uniform(0.15, min(1.1, high / 2))
        z = tall if choose.random() < 0.5 else choose.uniform(tall, high)
        me.add(BOX, np.array([0, y, z]), [thick + 0.03, choose.uniform(0.2, 0.8), tall], any_colour(choose))


def fence(me: Body, choose: Choose) -> None:
    """Posts and rails."""
    colour, n, gap = any_colour(choose), choose.integers(3, 9), choose.uniform(0.3, 1.6)
    high = choose.uniform(0.7, 2.2)
    for i in range(n):
        me.add(CYLINDER, np.array([0, (i - n / 2) * gap, high / 2]), [choose.uniform(0.015, 0.05), high / 2, 0], colour)
    for z in choose.uniform(0.1, high, choose.integers(1, 5)):
        me.add(BOX, np.array([0, -gap / 2, z]), [0.012, n * gap / 2, 0.02], colour)


def dog(me: Body, choose: Choose) -> None:
    """A dog of metal: what our own kind looks like to another."""
    colour, dark = any_colour(choose), np.full(3, choose.uniform(0.05, 0.3))
    me.add(BOX, np.array([0, 0, 0.38]), [0.3, 0.12, 0.08], colour)
    me.add(BOX, np.array([0.33, 0, 0.45]), [0.06, 0.08, 0.06], dark)
    me.add(CYLINDER, np.array([0, 0, 0.5]), [0.05, 0.04, 0], dark)
    for x in (-0.25, 0.25):
        for y in (-0.14, 0.14):
            knee = np.array([x - 0.1, y, 0.2])
            me.limb(np.array([x, y, 0.38]), knee, 0.035, dark)
            me.limb(knee, np.array([x + 0.02, y, 0.02]), 0.022, colour)


def heap(me: Body, choose: Choose) -> None:
    """Anything: a few shapes on and beside each other, now and then as tall as a person."""
    for _ in range(choose.integers(2, 8)):
        size = choose.uniform(0.05, 0.5, 3)
        kind = [BOX, SPHERE, ELLIPSOID, CYLINDER, CAPSULE][choose.integers(5)]
        at = np.array([*choose.normal(0, 0.35, 2), choose.uniform(0.05, 1.7)])
        turn = choose.normal(0, 1, 4)
        me.add(kind, at, size.tolist(), any_colour(choose), quat=turn / np.linalg.norm(turn))


KINDS: list[tuple[float, Callable[[Body, Choose], None]]] = [
    (0.16, car),
    (0.14, tree),
    (0.18, lamp),
    (0.14, bollard),
    (0.14, wall),
    (0.08, fence),
    (0.07, dog),
    (0.09, heap),
]


def add_clutter(body: mujoco.MjsBody, name: str, choose: Choose) -> None:
    """One thing that is no person, standing at the body's origin."""
    shares = np.array([share for share, _ in KINDS])
    KINDS[choose.choice(len(KINDS), p=shares / shares.sum())][1](Body(body, name), choose)
