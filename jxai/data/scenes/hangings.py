"""What hangs on the walls of a room or is let into them: built around the origin, on the wall at z = 0."""

import numpy as np

from jxai.data.scenes.built import CLOTHS, WOODS, Built
from jxai.data.scenes.canvas import Colour, Face
from jxai.data.scenes.solids import box, darker, front, lighter, tinted
from jxai.data.wording import pick

__all__ = ["HANGINGS"]

_SKIES: tuple[Colour, ...] = ((176, 210, 240), (206, 222, 236), (230, 214, 190))


def _window(rng: np.random.Generator) -> Built:
    w, low, high = rng.uniform(1.0, 1.5), rng.uniform(0.95, 1.1), rng.uniform(2.05, 2.3)
    sky, frame = tinted(_SKIES, rng), (240, 240, 236)
    body = box(-w / 2, w / 2, low, high, -0.05, 0, frame)
    for x0, x1 in ((-w / 2 + 0.07, -0.03), (0.03, w / 2 - 0.07)):
        middle = low + (high - low) * 0.35
        body.append(front(x0, x1, low + 0.07, high - 0.07, -0.05, sky))
        body.append(front(x0, x1, low + 0.07, middle, -0.052, tinted(((132, 164, 112), (150, 150, 150)), rng)))
        body.append(front(x0, x1, (low + high) / 2 - 0.02, (low + high) / 2 + 0.02, -0.054, frame))
    if rng.random() < 0.5:
        cloth = tinted(CLOTHS, rng)
        for x in (-w / 2 - 0.12, w / 2 - 0.14):
            body.append(front(x, x + 0.26, low - 0.2, high + 0.08, -0.08, cloth))
            body.append(front(x + 0.1, x + 0.15, low - 0.2, high + 0.08, -0.082, darker(cloth, 0.8)))
    return Built([body], w, 0.05, high)


def _door(rng: np.random.Generator) -> Built:
    wood = tinted(WOODS, rng)
    body = box(-0.5, 0.5, 0, 2.1, -0.04, 0, darker(wood, 0.8))
    body.append(front(-0.43, 0.43, 0, 2.04, -0.04, wood))
    for low, high in ((0.2, 0.95), (1.1, 1.9)):
        body.append(front(-0.3, 0.3, low, high, -0.042, darker(wood, 0.86)))
    body.append(front(0.3, 0.38, 0.98, 1.06, -0.05, (224, 200, 120)))
    return Built([body], 1.0, 0.04, 2.1)


def _painting(rng: np.random.Generator) -> Built:
    w, h = rng.uniform(0.6, 1.0), rng.uniform(0.5, 0.75)
    low = 1.45
    body = box(-w / 2, w / 2, low, low + h, -0.05, 0, pick(((196, 160, 80), (60, 48, 40), (236, 236, 230)), rng))
    a, b, c = (tinted(CLOTHS, rng, 22) for _ in range(3))
    x0, x1, y0, y1 = -w / 2 + 0.07, w / 2 - 0.07, low + 0.07, low + h - 0.07
    body.append(front(x0, x1, y0, y1, -0.05, lighter(a, 0.4)))
    z, t = -0.056, rng.uniform(0.3, 0.7)
    hill = [(x0, y0), (x1, y0), (x1, y0 + (y1 - y0) * 0.3), (x0 + (x1 - x0) * t, y0 + (y1 - y0) * 0.65), (x0, y0 + 0.1)]
    body.append(Face([(x, y, z) for x, y in hill], b))
    m = (x0 + x1) / 2 + (t - 0.5) * 0.2
    body.append(front(m, m + 0.14, y1 - 0.2, y1 - 0.08, z, lighter(c, 0.2)))
    return Built([body], w, 0.05, low + h)


def _blackboard(rng: np.random.Generator) -> Built:
    w, low, high = rng.uniform(1.8, 2.5), 0.95, rng.uniform(1.95, 2.2)
    green = tinted(((38, 74, 58), (44, 52, 56), (34, 62, 50)), rng, 6)
    body = box(-w / 2, w / 2, low, high, -0.05, 0, tinted(WOODS, rng))
    body.append(front(-w / 2 + 0.07, w / 2 - 0.07, low + 0.07, high - 0.07, -0.05, green))
    for _ in range(int(rng.integers(3, 7))):
        x, y = rng.uniform(-w / 2 + 0.2, w / 2 - 0.8), rng.uniform(low + 0.2, high - 0.2)
        along = np.linspace(0, rng.uniform(0.25, 0.6), 7)
        points = [(float(x + t), float(y + 0.04 * np.sin(40 * t + x)), -0.056) for t in along]
        body.append(Face(points, (226, 230, 226), width=0.03))
    return Built([body], w, 0.05, high)


HANGINGS = {"window": _window, "door": _door, "painting": _painting, "blackboard": _blackboard}
"""How to build each of them."""
