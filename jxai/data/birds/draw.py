"""One image of the embedded data set: the bird with its surroundings, and all that is known about it."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from jxai.data.birds.attributes import PARTS
from jxai.data.birds.body import far_wing, feet, legs, near_wing, tail, trunk
from jxai.data.birds.canvas import Shape, paint
from jxai.data.birds.captions import captions
from jxai.data.birds.head import head_shapes
from jxai.data.birds.pose import Pose, body_frame, draw_pose, head_frame, place
from jxai.data.birds.scene import Light, background, clutter, draw_light, ground_kind, lit, perch, water
from jxai.data.birds.species import Species, attribute_vector, draw_values, species_list
from jxai.data.schema import ImageExample

__all__ = ["SPLITS", "draw_example"]

SPLITS = {"train": 0, "val": 1, "test": 2}
_IDS = 10_000_000  # ids of a split begin at its number times this
_CANVAS = 256  # visibility of parts is judged at this size, so that it does not depend on the size of the image


class _Scene(NamedTuple):
    """Everything that is drawn, in image coordinates 0..1."""

    sky: Image.Image
    shapes: list[Shape]
    anchors: dict[str, np.ndarray]
    light: Light


def _bird(
    values: dict[str, str], species: Species, pose: Pose
) -> tuple[list[Shape], dict[str, np.ndarray], np.ndarray]:
    """The shapes of a bird, the anchor points of its parts and the places of its feet, in local coordinates."""
    build, anchors = species.build, {}
    sides = ("right", "left") if pose.side > 0 else ("left", "right")
    body = body_frame(pose)
    head = head_frame(pose, build, body)
    shapes = far_wing(values, pose, body, sides[1], anchors)
    shapes += tail(values, build, pose, body, anchors)
    shapes += legs(values, build, pose, body, sides, anchors)
    shapes += trunk(values, build, pose, body, head, anchors)
    shapes += head_shapes(values, head, sides[0], anchors)
    shapes += near_wing(values, pose, body, sides[0], anchors)
    return shapes, anchors, feet(build, pose, body)


def _scene(values: dict[str, str], species: Species, pose: Pose, rng: np.random.Generator) -> _Scene:
    """A bird placed in its surroundings."""
    local, anchors, stand = _bird(values, species, pose)
    outline = np.vstack([points for shape in local if shape.outline for points in shape.points])
    move, scale = place(outline, pose)
    bird = [s._replace(points=[move(p) for p in s.points], width=s.width and s.width * scale) for s in local]
    low, high = move(outline).min(0), move(outline).max(0)
    stand, kind = move(stand), ground_kind(pose.kind, rng)
    horizon = stand[:, 1].mean() - rng.uniform(0.06, 0.3) if pose.kind == "standing" else rng.uniform(0.2, 0.8)
    before = perch(pose.kind, kind, stand, rng)
    if pose.kind == "swimming":
        level = float(move(body_frame(pose).at((0.4, -0.22 * pose.depth)))[0, 1])
        bird += water(kind, level, float(high[1]), (float(low[0]), float(high[0])), rng)
    shapes = before + bird + clutter(pose.kind, rng)
    return _Scene(background(kind, horizon, rng), shapes, {k: move(v) for k, v in anchors.items()}, draw_light(rng))


def _parts(scene: _Scene, index: np.ndarray) -> np.ndarray:
    """The parts in image coordinates 0..1: a part is visible where the map of parts shows it at its anchor point."""
    parts, side = np.zeros((len(PARTS), 3), np.float32), index.shape[0]
    for part, name in enumerate(PARTS):
        if name not in scene.anchors:
            continue
        x, y = scene.anchors[name]
        if 0 <= x < 1 and 0 <= y < 1 and index[int(y * side), int(x * side)] == part + 1:
            parts[part] = x, y, 1
    return parts


def _shares(index: np.ndarray, parts: np.ndarray) -> dict[str, float]:
    """Of each visible part, its share of the bird's visible pixels."""
    shares = np.bincount(index[index > 0], minlength=len(PARTS) + 1)[1:] / np.count_nonzero(index)
    return {PARTS[i]: float(shares[i]) for i in np.flatnonzero(parts[:, 2])}


def _box(index: np.ndarray) -> np.ndarray:
    """The box around what is seen of the bird, in image coordinates 0..1."""
    rows, columns = np.flatnonzero(index.any(1)), np.flatnonzero(index.any(0))
    x, y = columns[0], rows[0]
    return np.array([x, y, columns[-1] + 1 - x, rows[-1] + 1 - y], np.float32) / index.shape[0]


def _reduced(index: Image.Image, parts: np.ndarray, size: int) -> np.ndarray:
    """The map of parts at the size of the image; a visible part has at least the pixel under its point."""
    masks = np.asarray(index.resize((size, size), Image.Resampling.NEAREST)).copy()
    for part in np.flatnonzero(parts[:, 2]):
        masks[int(parts[part, 1] * size), int(parts[part, 0] * size)] = part + 1
    return masks


def _canvas_side(size: int) -> int:
    """The side of the canvas: three or four pixels for each of the image, never less than 256 in all."""
    return max(3, -(-_CANVAS // size)) * size


def draw_example(split: str, index: int, *, species: int = 20, size: int = 64, seed: int = 0) -> ImageExample:
    """Draws one example. It depends on these arguments alone, not on other examples.

    Args:
        split: `train`, `val` or `test`.
        index: Its place in the split, from 0; its label is `index % species`.
        species: How many species there are.
        size: Side of the image in pixels; the bird is the same at every size.
        seed: Another seed gives other birds of the same species.

    Returns:
        The example, with all fields of the schema.

    Example:
        >>> example = draw_example("train", 5)
        >>> example["label"], example["image"].shape, len(example["captions"])
        (5, (64, 64, 3), 10)
    """
    label = index % species
    kind = species_list(species)[label]
    rngs = [np.random.default_rng([seed, SPLITS[split], index, stream]) for stream in range(4)]
    values = draw_values(kind, rngs[0])
    pose = draw_pose(kind.build, values["has_size"], rngs[1])
    scene = _scene(values, kind, pose, rngs[2])
    side = _canvas_side(size)
    canvas = scene.sky.resize((side, side), Image.Resampling.BICUBIC)
    drawn = paint(scene.shapes, side, canvas)
    judged = np.asarray(drawn if side == _CANVAS else paint(scene.shapes, _CANVAS, None))
    parts = _parts(scene, judged)
    masks = _reduced(drawn, parts, size)
    image = np.asarray(canvas.resize((size, size), Image.Resampling.BOX))
    solid = drawn.point([0] + [255] * 255).resize((size, size), Image.Resampling.BOX)
    scale = np.array([size, size, 1], np.float32)
    return ImageExample(
        image=lit(image, np.asarray(solid), scene.light),
        label=label,
        id=SPLITS[split] * _IDS + index,
        parts=parts * scale,
        masks=masks,
        box=_box(judged) * size,
        attributes=attribute_vector(values),
        captions=captions(values, pose.kind, _shares(judged, parts), rngs[3]),
    )
