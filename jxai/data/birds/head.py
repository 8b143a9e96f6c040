"""The head of a bird: its regions, bill, eye and pattern, as shapes in local coordinates, with the anchor points."""

import numpy as np

from jxai.data.birds.canvas import RGB, Shape, blob, darker, ellipse, lighter, patch, spline, strokes
from jxai.data.birds.markings import contrast, noticeable
from jxai.data.birds.outlines import bill_outline
from jxai.data.birds.pose import Frame

__all__ = ["head_shapes"]

_HEAD = ("crown", "forehead", "nape", "throat")


def _regions(values: dict[str, str], head: Frame, anchors: dict[str, np.ndarray]) -> list[Shape]:
    """The skull in the colour of the nape, with throat, crown and forehead on it."""
    skull = spline(head.at((1.0, -0.05), (0.8, 0.58), (0.3, 0.95), (-0.3, 0.95), (-0.82, 0.55), (-1.0, 0.0),
                           (-0.75, -0.62), (-0.1, -0.95), (0.6, -0.72)))  # fmt: skip
    capped = values["has_head_pattern"] == "capped"
    low = 0.12 if capped else 0.36
    throat = head.at((1.3, -0.18), (0.55, -0.22), (0.05, -0.38), (-0.5, -0.75), (-0.2, -1.3), (1.3, -1.3))
    crown = head.at((0.45, low), (-1.2, low - (0.15 if capped else 0.0)), (-1.2, 1.3), (0.45, 1.3))
    forehead = head.at((0.38, low), (1.3, low - 0.16), (1.3, 1.3), (0.38, 1.3))
    names = ("crown", "forehead", "nape", "throat")
    anchors.update(zip(names, head.at((-0.15, 0.74), (0.66, 0.50), (-0.76, -0.08), (0.32, -0.68)), strict=True))
    colour = {name: RGB[values[f"has_{name}_color"]] for name in names}
    return [
        patch(skull, colour["nape"], "nape"),
        patch(throat, colour["throat"], "throat", "nape"),
        patch(crown, colour["crown"], "crown", "nape"),
        patch(forehead, colour["forehead"], "forehead", "nape", "crown"),
    ]


def _bill(values: dict[str, str], head: Frame, anchors: dict[str, np.ndarray]) -> list[Shape]:
    outline = bill_outline(values["has_bill_shape"], values["has_bill_length"])
    colour, reach = RGB[values["has_bill_color"]], outline[:, 0].max()
    base = np.array([0.82, -0.08])
    drop = outline[:, 1].min() if outline[:, 1].min() < -0.6 else -0.03
    gape = [(0.0, -0.02), (0.55 * reach, -0.02 + 0.25 * min(drop + 0.03, 0)), (0.9 * reach, 0.8 * drop)]
    middle = outline[np.argsort(np.abs(outline[:, 0] - 0.45 * reach))[:2]].mean(0)
    across = outline[np.abs(outline[:, 0] - 0.45 * reach) < 0.13 * reach]
    anchors["beak"] = head.at(tuple(base + (across.mean(0) if len(across) > 1 else middle)))[0]
    shape = head.at(*(outline + base))
    return [
        patch(shape, colour, "beak"),
        strokes(
            [head.at(*(np.array(gape) + base))],
            darker(colour, 0.5) if sum(colour) > 200 else lighter(colour, 0.35),
            0.012,
            "beak",
        ),
    ]


def _pattern(values: dict[str, str], head: Frame) -> list[Shape]:
    """The markings of the head: each value of CUB's head patterns that is drawn."""
    face, crown = RGB[values["has_nape_color"]], RGB[values["has_crown_color"]]
    pattern, unit = values["has_head_pattern"], head.unit
    light, dark = noticeable((246, 240, 222), face), noticeable((30, 28, 30), face)
    brow = spline(head.at((0.88, 0.36), (0.3, 0.52), (-0.3, 0.44), (-0.95, 0.08)), closed=False)
    through = spline(head.at((1.0, -0.02), (0.4, 0.16), (-0.3, 0.1), (-1.0, -0.12)), closed=False)
    if pattern == "eyebrow":
        return [strokes([brow], noticeable(light, crown), 0.26 * unit, *_HEAD)]
    if pattern == "eyeline":
        return [strokes([through], dark, 0.2 * unit, *_HEAD)]
    if pattern == "masked":
        return [
            patch(
                spline(head.at((1.05, 0.16), (0.3, 0.5), (-0.5, 0.3), (-0.75, 0.0), (-0.2, -0.24), (0.6, -0.32))),
                dark,
                None,
                *_HEAD,
            )
        ]
    if pattern == "malar":
        return [
            strokes(
                [spline(head.at((0.85, -0.3), (0.4, -0.48), (-0.1, -0.78)), closed=False)], dark, 0.24 * unit, *_HEAD
            )
        ]
    if pattern == "striped":
        lines = [head.at((0.9, y), (-1.0, y + 0.05)) for y in (0.5, 0.8)]
        return [strokes(lines, contrast(crown), 0.14 * unit, *_HEAD)]
    if pattern == "spotted":
        spots = [
            blob(p, 0.1 * unit)
            for p in head.at((-0.6, 0.5), (-0.2, 0.75), (0.3, 0.75), (-0.7, 0.0), (-0.4, -0.4), (-0.3, 0.3))
        ]
        return [Shape(spots, contrast(face), None, patch(spots[0], face, None, *_HEAD).on)]
    if pattern == "capped":
        rim = spline(head.at((1.0, -0.03), (0.35, 0.08), (-0.4, 0.1), (-1.0, -0.06)), closed=False)
        return [strokes([rim], noticeable(darker(crown, 0.5), crown), 0.1 * unit, *_HEAD)]
    return []


def _crest(values: dict[str, str], head: Frame) -> list[Shape]:
    if values["has_head_pattern"] != "crested":
        return []
    crest = head.at(
        (0.55, 0.7), (0.2, 1.25), (-0.75, 1.75), (-0.45, 1.3), (-1.45, 1.35), (-0.8, 0.95), (-1.3, 0.7), (-0.8, 0.4)
    )
    return [patch(crest, RGB[values["has_crown_color"]], "crown")]


def _eye(values: dict[str, str], head: Frame, side: str, anchors: dict[str, np.ndarray]) -> list[Shape]:
    """Iris, pupil and highlight, with a dark rim; a broad pale ring where the head pattern is an eye ring."""
    centre = anchors[f"{side} eye"] = head.at((0.34, 0.13))[0]
    unit, part, iris = head.unit, f"{side} eye", RGB[values["has_eye_color"]]
    ring = values["has_head_pattern"] == "eyering"
    rim = (
        noticeable((250, 246, 236), RGB[values["has_nape_color"]])
        if ring
        else darker(RGB[values["has_nape_color"]], 0.45)
    )
    shapes = (
        [patch(blob(centre, (0.4 if ring else 0.28) * unit), rim, part)]
        if ring
        else [patch(blob(centre, 0.28 * unit), rim, part)]
    )
    return shapes + [
        Shape([blob(centre, 0.23 * unit)], iris),
        Shape([blob(centre, 0.12 * unit)], (12, 12, 14)),
        Shape(
            [ellipse(centre + 0.09 * unit * np.array([1, -1]), (0.06 * unit, 0.06 * unit), steps=8)], (255, 255, 255)
        ),
    ]


def head_shapes(values: dict[str, str], head: Frame, side: str, anchors: dict[str, np.ndarray]) -> list[Shape]:
    """All shapes of the head, in the order of drawing; their anchor points go into `anchors`."""
    shapes = _crest(values, head) + _bill(values, head, anchors) + _regions(values, head, anchors)
    return shapes + _pattern(values, head) + _eye(values, head, side, anchors)
