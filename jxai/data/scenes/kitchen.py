"""What stands in kitchens: each built around the origin, its back at z = 0, its front towards the viewer."""

import numpy as np

from jxai.data.scenes.built import CLOTHS, DARK, STEEL, WHITES, WOODS, Built
from jxai.data.scenes.canvas import Face
from jxai.data.scenes.solids import box, darker, front, lighter, oval, tinted, top

__all__ = ["refrigerator", "sink", "stove"]


def stove(rng: np.random.Generator) -> Built:
    """A stove with an oven and four plates, often with a pot."""
    w, d, h = 0.7, 0.62, 0.9
    white = tinted((*WHITES, STEEL), rng, 8)
    body = box(-w / 2, w / 2, 0, h, -d, 0, white)
    body.append(front(-w / 2 + 0.08, w / 2 - 0.08, 0.16, 0.6, -d, DARK))
    body.append(front(-w / 2 + 0.14, w / 2 - 0.14, 0.24, 0.52, -d - 0.004, (88, 70, 52)))
    body.append(front(-w / 2 + 0.06, w / 2 - 0.06, 0.64, 0.68, -d - 0.03, lighter(STEEL)))
    body += [front(x - 0.035, x + 0.035, 0.74, 0.82, -d - 0.004, DARK) for x in (-0.24, -0.08, 0.08, 0.24)]
    body.append(top(-w / 2 + 0.02, w / 2 - 0.02, -d + 0.03, -0.03, h, (44, 44, 48)))
    for x in (-0.17, 0.17):
        for z in (-0.45, -0.18):
            body.append(Face([(u, h + 0.01, v) for u, v in oval(x, z, 0.12, 0.1)], (120, 60, 46)))
    groups = [body]
    if rng.random() < 0.6:
        pot = tinted((STEEL, (168, 52, 44), (56, 80, 120)), rng)
        groups.append(box(0.04, 0.3, h + 0.01, h + 0.19, -0.56, -0.34, pot))
        groups[-1].append(top(0.07, 0.27, -0.54, -0.36, h + 0.19, darker(pot)))
    return Built(groups, w, d, h)


def refrigerator(rng: np.random.Generator) -> Built:
    """A tall refrigerator with two doors."""
    w, d, h = rng.uniform(0.75, 0.9), 0.7, rng.uniform(1.75, 1.95)
    white = tinted((*WHITES, STEEL), rng, 8)
    body = box(-w / 2, w / 2, 0, h, -d, 0, white)
    split = h * 0.62
    body.append(front(-w / 2, w / 2, split, split + 0.03, -d, darker(white, 0.5)))
    body.append(front(-w / 2 + 0.06, -w / 2 + 0.11, split + 0.1, split + 0.42, -d - 0.004, darker(white, 0.4)))
    body.append(front(-w / 2 + 0.06, -w / 2 + 0.11, split - 0.5, split - 0.08, -d - 0.004, darker(white, 0.4)))
    if rng.random() < 0.5:
        body.append(front(0.05, 0.22, h - 0.45, h - 0.22, -d - 0.004, tinted(CLOTHS, rng)))
    return Built([body], w, d, h)


def sink(rng: np.random.Generator) -> Built:
    """A sink in a cupboard, with a tap."""
    w, d, h, wood = rng.uniform(0.9, 1.2), 0.6, 0.88, tinted((WOODS[1], *WHITES), rng)
    body = box(-w / 2, w / 2, 0, h, -d, 0, wood)
    body += [front(x + 0.03, x + w / 2 - 0.03, 0.1, h - 0.1, -d, lighter(wood, 0.2)) for x in (-w / 2, 0.0)]
    body.append(top(-w / 2, w / 2, -d, 0, h, (196, 198, 198)))
    body.append(top(-0.32, 0.32, -0.5, -0.14, h + 0.003, (240, 242, 244)))
    body.append(top(-0.27, 0.27, -0.46, -0.18, h + 0.006, (108, 116, 124)))
    tap = [(0.0, h, -0.08), (0.0, h + 0.32, -0.08), (0.0, h + 0.36, -0.16), (0.0, h + 0.26, -0.26)]
    body.append(Face(tap, (210, 216, 222), width=0.045))
    return Built([body], w, d, h)
