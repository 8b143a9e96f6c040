"""The body of a bird: trunk, tail, wings and legs, as shapes in local coordinates, with anchor points of the parts."""

import numpy as np

from jxai.data.birds.builds import Build
from jxai.data.birds.canvas import RGB, Shape, darker, lighter, patch, spline, strokes
from jxai.data.birds.markings import markings
from jxai.data.birds.outlines import fan_lines, folded_wing, spread_wing, tail_outline
from jxai.data.birds.pose import Frame, Pose

__all__ = ["feet", "legs", "near_wing", "far_wing", "tail", "trunk"]

_TRUNK = ("breast", "belly", "back", "nape", "throat")
Anchors = dict[str, np.ndarray]


def _colour(values: dict[str, str], part: str) -> tuple[int, int, int]:
    return RGB[values[f"has_{part}_color"]]


def trunk(values: dict[str, str], build: Build, pose: Pose, body: Frame, head: Frame, anchors: Anchors) -> list[Shape]:
    """Body and neck: one outline in the colour of the breast, with belly, back, nape and throat on it."""
    d, up = pose.depth, np.array([1.0, pose.depth])
    outline = np.array([(-0.04, 0.02), (0.02, 0.16), (0.2, 0.34), (0.45, 0.45), (0.7, 0.44), (0.88, 0.3),
                        (0.98, 0.02), (0.9, -0.34), (0.7, -0.54), (0.42, -0.55), (0.18, -0.4),
                        (0.02, -0.16)])  # fmt: skip
    whole = spline(body.at(*(outline * up)))
    rear, front = head.at((-0.93, 0.0), (0.35, -0.88))
    nape, chest = body.at((0.64, 0.42 * d), (0.97, -0.05 * d))
    neck = np.stack(
        [
            nape,
            0.55 * rear + 0.45 * nape + 0.02 * head.up,
            rear,
            head.at((0, 0))[0],
            front,
            0.6 * front + 0.4 * chest,
            chest,
        ]
    )
    low = body.at((0.45, -0.7 * d), (0.62, -0.34 * d), (0.5, -0.08 * d), (-0.1, -0.05 * d), (-0.15, -0.7 * d))
    top = body.at((0.98, 0.7 * d), (0.85, 0.2 * d), (0.62, 0.1 * d), (-0.1, 0.04 * d), (-0.1, 0.7 * d))
    middle = (rear + front) / 2
    spine = (nape + chest) / 2 * 0.55 + 0.45 * nape
    behind = np.stack(
        [body.at((0.6, 0.7 * d))[0], nape, spine, middle, head.at((0.0, 0.0))[0], head.at((-1.3, 0.4))[0]]
    )
    chin = head.at((1.1, -0.25), (0.1, -0.2), (-0.45, -0.75), (0.2, -2.0 if build.neck[0] > 0.3 else -1.5), (1.1, -1.2))
    anchors["belly"], anchors["breast"], anchors["back"] = body.at(
        (0.36, -0.46 * d), (0.78, -0.42 * d), (0.46, 0.40 * d)
    )
    shapes = [
        Shape([whole, neck], _colour(values, "breast"), patch(whole, (0, 0, 0), "breast").part, outline=True),
        patch(low, _colour(values, "belly"), "belly", *_TRUNK),
        patch(top, _colour(values, "back"), "back", *_TRUNK),
        patch(behind, _colour(values, "nape"), "nape", *_TRUNK),
        patch(chin, _colour(values, "throat"), "throat", *_TRUNK),
    ]
    quads = {
        "breast": body.at((0.98, -0.5 * d), (0.98, 0.25 * d), (0.5, 0.25 * d), (0.5, -0.5 * d)),
        "belly": body.at((0.6, -0.6 * d), (0.6, -0.05 * d), (0.05, -0.05 * d), (0.05, -0.6 * d)),
        "back": body.at((0.85, 0.1 * d), (0.85, 0.5 * d), (0.05, 0.5 * d), (0.05, 0.1 * d)),
    }
    for part, quad in quads.items():
        shapes += markings(values[f"has_{part}_pattern"], quad, _colour(values, part), (part,), bars=4, size=0.034)
    return shapes


def tail(values: dict[str, str], build: Build, pose: Pose, body: Frame, anchors: Anchors) -> list[Shape]:
    """The tail, seen a little from above; its under side and the coverts below the rump in their own colour."""
    length, half = build.tail
    frame = body.turned(body.at((0.07, 0.02 * pose.depth))[0], pose.tail - 0.25 * pose.posture)
    outline = tail_outline(values["has_tail_shape"], length, half) * [-1, 1]
    shape = frame.at(*outline)
    colour = _colour(values, "upper_tail")
    under = frame.at((0.1, -0.3 * half), (-2.2 * length, -0.3 * half), (-2.2 * length, -3 * half), (0.1, -3 * half))
    coverts = spline(
        body.at(
            (0.22, -0.42 * pose.depth),
            (-0.02, -0.02 * pose.depth),
            (-0.16, -0.10 * pose.depth),
            (0.02, -0.34 * pose.depth),
        )
    )
    quad = frame.at(
        (-0.35 * length, half * 2.4),
        (-0.35 * length, -half * 2.4),
        (-1.05 * length, -half * 2.4),
        (-1.05 * length, half * 2.4),
    )
    vanes = [frame.at((0, 0), (-0.95 * length, s * half)) for s in (0.55, 0.15)]
    lobe = 0.75 if values["has_tail_shape"] == "forked_tail" else 0.2
    anchors["tail"] = frame.at((-0.75 * length, lobe * half))[0]
    return [
        patch(shape, colour, "tail"),
        patch(under, _colour(values, "under_tail"), "tail", "tail"),
        strokes(vanes, darker(colour, 0.72), 0.014, "tail"),
        *markings(values["has_tail_pattern"], quad, colour, ("tail",), bars=3, size=0.026),
        patch(coverts, _colour(values, "under_tail"), "tail"),
    ]


def near_wing(values: dict[str, str], pose: Pose, body: Frame, side: str, anchors: Anchors) -> list[Shape]:
    """The wing on the side that is seen: folded along the body, or spread in flight."""
    return (
        _spread(values, pose, body, side, anchors, 0)
        if pose.kind == "flying"
        else _folded(values, pose, body, side, anchors)
    )


def far_wing(values: dict[str, str], pose: Pose, body: Frame, side: str, anchors: Anchors) -> list[Shape]:
    """The wing behind the body: seen in flight alone."""
    return _spread(values, pose, body, side, anchors, -32) if pose.kind == "flying" else []


def _folded(values: dict[str, str], pose: Pose, body: Frame, side: str, anchors: Anchors) -> list[Shape]:
    d, part = pose.depth, f"{side} wing"
    outline = folded_wing(values["has_wing_shape"], d)
    colour, tip = _colour(values, "wing"), outline[5]
    edge = spline(body.at(*outline))
    starts = ((0.62, -0.08 * d), (0.56, 0.03 * d), (0.5, 0.14 * d))
    feathers = [
        spline(body.at(s, ((s[0] + tip[0]) / 2 - 0.02, s[1] - 0.05 * d), tip), closed=False, steps=4) for s in starts
    ]
    scapular = spline(body.at((0.8, -0.1 * d), (0.66, -0.12 * d), (0.6, 0.05 * d), (0.63, 0.28 * d)), closed=False)
    quad = body.at((0.74, -0.42 * d), (0.66, 0.5 * d), (0.16, 0.5 * d), (0.3, -0.42 * d))
    anchors[part] = body.at((0.5, 0.02 * d))[0]
    return [
        patch(edge, colour, part),
        strokes(feathers, darker(colour, 0.68), 0.016, part),
        strokes([scapular], lighter(colour, 0.25), 0.02, part),
        *markings(values["has_wing_pattern"], quad, colour, (part,), bars=2, size=0.03),
        strokes([np.vstack([edge, edge[:1]])], darker(colour, 0.62), 0.018, part),
    ]


def _spread(values: dict[str, str], pose: Pose, body: Frame, side: str, anchors: Anchors, lag: float) -> list[Shape]:
    part, shape = f"{side} wing", values["has_wing_shape"]
    root = body.at((0.86 if lag else 0.80, 0.16 * pose.depth))[0]
    span = body.turned(root, pose.wing + (lag if pose.wing > 0 else -lag))
    flip = [1, 1 if pose.wing > 0 else -1]  # outward is forward of this frame; backward is up where the wing is raised
    colour = _colour(values, "wing") if not lag else darker(_colour(values, "wing"), 0.85)
    edge = spline(span.at(*(spread_wing(shape) * flip)))
    lines = [span.at(*(line * flip)) for line in fan_lines(shape, 6)]
    outline = spread_wing(shape)
    far, back = outline[:, 0].max(), outline[:, 1].max()
    quad = span.at(*(np.array([(0.12 * far, -0.15), (0.12 * far, back), (far, back * 1.1), (far, -0.15)]) * flip))
    anchors[part] = span.at((0.45 * far, 0.4 * back * flip[1]))[0]
    return [
        patch(edge, colour, part),
        strokes(lines, darker(colour, 0.68), 0.014, part),
        *markings(values["has_wing_pattern"], quad, _colour(values, "wing"), (part,), bars=3, size=0.034),
    ]


def feet(build: Build, pose: Pose, body: Frame) -> np.ndarray:
    """Where the near and the far foot stand, `[2, 2]`."""
    hips = body.at((0.46, -0.46 * pose.depth), (0.52, -0.40 * pose.depth))
    if pose.kind == "clinging":
        return hips + np.array([[build.leg * 0.9 + 0.12, -0.10], [build.leg * 0.9 + 0.12, 0.10]])
    return hips * [1, 0] + np.array([[pose.stride, 0], [0.08 - pose.stride, 0]]) + [0, hips[:, 1].max() + build.leg]


def legs(
    values: dict[str, str], build: Build, pose: Pose, body: Frame, sides: tuple[str, str], anchors: Anchors
) -> list[Shape]:
    """The legs, the far one first; none in flight and on water."""
    if pose.kind in ("flying", "swimming"):
        return []
    colour, shapes = _colour(values, "leg"), []
    hips = body.at((0.46, -0.38 * pose.depth), (0.52, -0.34 * pose.depth))
    width = 0.034 if build.leg < 0.4 else 0.04
    for which in (1, 0):
        hip, foot, part = hips[which], feet(build, pose, body)[which], f"{sides[which]} leg"
        knee = 0.45 * hip + 0.55 * foot + np.array([-0.05, 0.0])
        shade = darker(colour, 0.8) if which else colour
        toes = [np.stack([foot, foot + np.array(t)]) for t in ((0.1, 0.0), (0.075, 0.03), (-0.06, 0.01))]
        index = patch(hip[None], shade, part).part
        shapes.append(Shape([np.stack([hip, knee, foot]), *toes], shade, index, (), width, True))
        anchors[part] = 0.5 * (knee + foot)
    return shapes
