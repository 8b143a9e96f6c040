"""The schema of an example: what every data set of jxai yields, whatever its source."""

from typing import NamedTuple, NotRequired, TypedDict

import numpy as np
from jaxtyping import Bool, Float32, UInt8

__all__ = ["ImageExample", "Instance", "Meta", "SceneExample", "SceneMeta", "TextExample", "TextMeta", "part_mask"]


class ImageExample(TypedDict):
    """One image and what is known about it. A set leaves out the fields that it does not have.

    Pixel coordinates have their origin at the top left corner of the image: the pixel in row 0, column 0 covers
    0 <= x < 1, 0 <= y < 1. `p` is the number of parts of the set, `a` the number of its attributes.

    Fields:
        image: The picture, RGB, 0..255, `[h, w, 3]`.
        label: The class, an index into `Meta.classes`.
        id: A number that no other example of the set has, in no other split either; fits in int32.
        parts: For each part `(x, y, visible)`: its position in pixels, and 1 where it is seen, 0 where it is hidden;
            the row of a hidden part is `(0, 0, 0)`. In the order of `Meta.part_names`.
        masks: For each pixel the index of the part that it shows, plus one; 0 where it shows none. One map for all
            parts: `masks == i + 1` (or `part_mask(example, i)`) is the mask of part `i`, `masks > 0` is the object.
        box: The box around what is seen of the object: `(x, y, width, height)` in pixels.
        attributes: 1 where the object in this very image has the attribute, 0 where not; whether the part that carries
            it is hidden makes no difference. In the order of `Meta.attribute_names`.
        captions: Sentences (mostly ten) that describe the image.
    """

    image: UInt8[np.ndarray, "h w 3"]
    label: int
    id: int
    parts: NotRequired[Float32[np.ndarray, "p 3"]]
    masks: NotRequired[UInt8[np.ndarray, "h w"]]
    box: NotRequired[Float32[np.ndarray, "4"]]
    attributes: NotRequired[UInt8[np.ndarray, " a"]]
    captions: NotRequired[list[str]]


class Instance(NamedTuple):
    """One object in a picture.

    Fields:
        kind: What it is, an index into `SceneMeta.objects`.
        box: The box around what is seen of it: `(x, y, width, height)` in pixels.
        involved: Whether the activity of the picture involves it.
    """

    kind: int
    box: tuple[float, float, float, float]
    involved: bool = False


class SceneExample(ImageExample):
    """One picture of a scene, with its objects: an `ImageExample` whose parts are objects.

    `masks` has for each pixel the index of the object (in `SceneMeta.objects`) that it shows, plus one; 0 where it
    shows none of them: the annotation of ADE20K. So `part_mask(example, k)` is where objects of kind `k` are.

    Fields:
        instances: The objects that are seen.
        activity: What the people do, an index into `SceneMeta.activities`; 0 where nobody does anything.
    """

    instances: NotRequired[list[Instance]]
    activity: NotRequired[int]


class TextExample(TypedDict):
    """One text and what is known about it.

    Fields:
        words: The text, cut into words.
        label: The class, an index into `Meta.classes`.
        id: A number that no other example of the set has; fits in int32.
        rationale: The evidence that people marked: spans `(start, stop)` of word positions, `stop` excluded.
        phrases: Labels of parts of the text: `(start, stop, label)`; those within a phrase come before it.
    """

    words: list[str]
    label: int
    id: int
    rationale: NotRequired[list[tuple[int, int]]]
    phrases: NotRequired[list[tuple[int, int, int]]]


class Meta(NamedTuple):
    """What is known about a data set as a whole.

    Fields:
        classes: The names of the classes.
        part_names: The names of the parts.
        attribute_names: The names of the attributes as in CUB-200-2011, group and value: `has_bill_shape::curved`.
        attribute_parts: For each attribute group (`has_bill_shape`) the parts that carry it (`("beak",)`); empty where
            it is about the whole object.
        class_attributes: How often examples of a class have an attribute, in percent (0..100), `[k, a]`.
    """

    classes: tuple[str, ...]
    part_names: tuple[str, ...]
    attribute_names: tuple[str, ...]
    attribute_parts: dict[str, tuple[str, ...]]
    class_attributes: Float32[np.ndarray, "k a"]


class SceneMeta(NamedTuple):
    """What is known about a set of scenes as a whole.

    Fields:
        classes: The names of the classes of scenes.
        objects: The names of the kinds of objects.
        frequencies: How often (0..1) a picture of a class has an object of a kind, `[k, o]`; NaN where it is not known.
        activities: The names of what people do; the first is that nobody does anything. Empty where it is not known.
    """

    classes: tuple[str, ...]
    objects: tuple[str, ...]
    frequencies: Float32[np.ndarray, "k o"]
    activities: tuple[str, ...] = ()


class TextMeta(NamedTuple):
    """What is known about a set of texts as a whole.

    Fields:
        classes: The names of the classes.
    """

    classes: tuple[str, ...]


def part_mask(example: ImageExample, part: int) -> Bool[np.ndarray, "h w"]:
    """Where an image shows one part.

    Args:
        example: An example that has `masks`.
        part: The index of the part, as in `Meta.part_names`.

    Returns:
        True at the pixels of the part, `[h, w]`.

    Raises:
        ValueError: The example has no masks.

    Example:
        >>> example = {"masks": np.array([[0, 1], [2, 2]], np.uint8)}
        >>> part_mask(example, 1).tolist()
        [[False, False], [True, True]]
    """
    if "masks" not in example:
        raise ValueError(
            f"expected an example with 'masks', got one with {sorted(example)}: this set has no part masks"
        )
    return example["masks"] == part + 1
