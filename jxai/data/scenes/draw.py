"""One picture of the embedded scenes, and all that is known about it."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from jxai.data.scenes.activities import ACTIVITIES, choose
from jxai.data.scenes.canvas import Camera, Light, paint
from jxai.data.scenes.captions import captions
from jxai.data.scenes.finish import CANVAS, draw_mood, finished, sky
from jxai.data.scenes.people import Looks
from jxai.data.scenes.places import place
from jxai.data.scenes.profiles import CLASSES, OBJECTS, PROFILES, draw_kinds
from jxai.data.scenes.rooms import room
from jxai.data.scenes.staging import Staged, stage
from jxai.data.schema import Instance, SceneExample

__all__ = ["ACTIVITY_NAMES", "SPLITS", "draw_scene"]

SPLITS = {"train": 0, "val": 1, "test": 2}
ACTIVITY_NAMES = ("none", *ACTIVITIES)
_IDS = 10_000_000  # ids of a split begin at its number times this
_ATTEMPTS = 3  # so often a scene is arranged anew where its activity would not be seen
_LEAST = 40  # a thing is seen where it has so many of 256 x 256 pixels


class _Scene(NamedTuple):
    """Everything that is painted, and what somebody does."""

    staged: Staged
    camera: Camera
    light: Light
    doing: tuple[str, tuple[str, ...]] | None


class _Visible(NamedTuple):
    """What is seen: the places of things, their boxes in a picture of side 1, and a pixel of each."""

    boxes: dict[int, tuple[float, float, float, float]]
    pixels: dict[int, tuple[float, float]]


def _scene(
    name: str, kinds: dict[str, int], doing: tuple[str, tuple[str, ...]] | None, rngs: list[np.random.Generator]
) -> _Scene:
    placed = {kind: n for kind, n in kinds.items() if not (doing and doing[0] == "reading" and kind == "book")}
    layout = (room if PROFILES[name].indoors else place)(placed, rngs[0])
    return _Scene(stage(layout, kinds, doing, rngs[1]), layout.camera, layout.light, doing)


class _Shot(NamedTuple):
    """A painted scene: the picture, the map of instances, what is seen, and whether the activity is."""

    scene: _Scene
    canvas: Image.Image
    drawn: Image.Image
    visible: _Visible
    acting: bool


def _look(index: np.ndarray, scene: _Scene) -> _Visible:
    """What is seen on the map of instances."""
    boxes, pixels, side = {}, {}, index.shape[0]
    counts = np.bincount(index.ravel(), minlength=256)
    for place_ in range(len(scene.staged.things)):
        if counts[place_ + 1] < _LEAST:
            continue
        there = index == place_ + 1
        rows, columns = np.flatnonzero(there.any(1)), np.flatnonzero(there.any(0))
        x, y = columns[0], rows[0]
        extent = x, y, columns[-1] + 1 - x, rows[-1] + 1 - y
        boxes[place_] = tuple(float(v) / side for v in extent)
        row = rows[len(rows) // 2]
        across = np.flatnonzero(there[row])
        pixels[place_] = (float(across[len(across) // 2]) + 0.5) / side, (float(row) + 0.5) / side
    return _Visible(boxes, pixels)


def _kinds(things: list, visible: _Visible) -> np.ndarray:
    """The index of the object plus one, for each value of the map of instances."""
    table = np.zeros(256, np.uint8)
    for place_ in visible.boxes:
        table[place_ + 1] = OBJECTS.index(things[place_].kind) + 1
    return table


def _reduced(index: Image.Image, visible: _Visible, size: int) -> np.ndarray:
    """The map of instances at the size of the image; what is visible has at least one pixel."""
    small = np.asarray(index.resize((size, size), Image.Resampling.NEAREST)).copy()
    for place_, (x, y) in visible.pixels.items():
        if not (small == place_ + 1).any():
            small[int(y * size), int(x * size)] = place_ + 1
    return small


def _instances(shot: _Shot, size: int) -> list[Instance]:
    staged, instances = shot.scene.staged, []
    for place_, (x, y, w, h) in shot.visible.boxes.items():
        involved = shot.acting and (place_ == staged.actor or place_ in staged.involved)
        kind = OBJECTS.index(staged.things[place_].kind)
        instances.append(Instance(kind, (x * size, y * size, w * size, h * size), involved))
    return instances


def _captions(shot: _Shot, rng: np.random.Generator) -> list[str]:
    """The captions."""
    staged, boxes = shot.scene.staged, shot.visible.boxes
    counts: dict[str, int] = {}
    for place_ in boxes:
        kind = staged.things[place_].kind
        counts[kind] = counts.get(kind, 0) + 1
    people: list[Looks] = [looks for place_, looks in staged.looks.items() if place_ in boxes]
    actor = staged.looks[staged.actor] if shot.acting and staged.actor is not None else None
    return captions(shot.scene.doing if shot.acting else None, actor, people, counts, rng)


def _shot(scene: _Scene, size: int, rng: np.random.Generator) -> _Shot:
    """Paints a scene, before its sky where it has one."""
    side, things = _canvas_side(size), scene.staged.things
    outdoors = not things[0].groups
    canvas = sky(side, scene.camera.horizon, rng) if outdoors else Image.new("RGB", (side, side))
    drawn = paint(things, scene.camera, scene.light, side, canvas)
    judged = drawn if side == CANVAS else paint(things, scene.camera, scene.light, CANVAS, None)
    visible = _look(np.asarray(judged), scene)
    takes_part = {scene.staged.actor, *scene.staged.involved}
    return _Shot(scene, canvas, drawn, visible, scene.doing is not None and takes_part <= set(visible.boxes))


def _canvas_side(size: int) -> int:
    """The side of the canvas: two to four pixels for each of the image, never less than 256 in all."""
    return max(2, -(-CANVAS // size)) * size


def draw_scene(split: str, index: int, *, size: int = 64, seed: int = 0) -> SceneExample:
    """Draws one example. It depends on these arguments alone, not on other examples.

    Args:
        split: `train`, `val` or `test`.
        index: Its place in the split, from 0; its label is `index % 14`.
        size: Side of the image in pixels; the scene is the same at every size.
        seed: Another seed gives other scenes of the same classes.

    Returns:
        The example, with all fields of the schema.

    Example:
        >>> example = draw_scene("train", 5)
        >>> CLASSES[example["label"]], example["image"].shape, len(example["captions"])
        ('classroom', (64, 64, 3), 5)
    """
    label, entropy = index % len(CLASSES), [seed, SPLITS[split], index]
    name, first = CLASSES[label], np.random.default_rng([*entropy, 0])
    kinds = draw_kinds(name, first)
    doing = choose(kinds, first)
    for attempt in range(_ATTEMPTS):
        rngs = [np.random.default_rng([*entropy, 1 + attempt, stream]) for stream in range(4)]
        shot = _shot(_scene(name, kinds, doing, rngs), size, rngs[2])
        if doing is None or shot.acting:
            break
    table = _kinds(shot.scene.staged.things, shot.visible)
    return SceneExample(
        image=finished(shot.canvas, table[np.asarray(shot.drawn)], draw_mood(rngs[2]), size),
        label=label,
        id=SPLITS[split] * _IDS + index,
        masks=table[_reduced(shot.drawn, shot.visible, size)],
        instances=_instances(shot, size),
        activity=ACTIVITY_NAMES.index(doing[0]) if shot.acting and doing else 0,
        captions=_captions(shot, rngs[3]),
    )
