"""**scenes**: rooms, streets and landscapes drawn by code, in the schema of ADE20K.

Each of the 14 classes has a profile: how often an image has which object. Classes come in pairs (kitchen and dining
room, living room and bedroom, office and classroom, street and highway, park and farm, beach and harbour) that share
most objects; few objects decide, and these are not always there. What is drawn is known: the map of objects, the boxes
of all instances, what people do and which objects that involves, and five captions that name only what is seen.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from jxai.data.images import ImageSource
from jxai.data.scenes.activities import ACTIVITY_NAMES
from jxai.data.scenes.profiles import CLASSES, OBJECTS, SPLITS, frequencies
from jxai.data.schema import SceneMeta
from jxai.data.source import require_made
from jxai.extras import needs

__all__ = ["object_frequencies", "scenes", "scenes_meta"]


def scenes_meta() -> SceneMeta:
    """The names of classes, objects and activities of **scenes**, and the profiles of its classes.

    `frequencies` is how often an image is drawn with an object; other things may hide it.

    Example:
        >>> meta = scenes_meta()
        >>> round(float(meta.frequencies[meta.classes.index("kitchen"), meta.objects.index("stove")]), 2)
        0.93
    """
    return SceneMeta(CLASSES, OBJECTS, frequencies(), ACTIVITY_NAMES)


def scenes(
    split: str,
    *,
    size: int = 64,
    seed: int = 0,
    train: int = 4000,
    val: int = 800,
    test: int = 1000,
    folder: str | os.PathLike | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImageSource:
    """The examples of a split of **scenes**; the first call draws all splits and keeps them as files.

    An image depends on `seed`, `split`, its index in the split and `size` alone; at another `size` it shows the same
    scene. Labels go round: example `i` has label `i % 14`.

    Args:
        split: `train`, `val` or `test`.
        size: Side of the images in pixels.
        seed: Another seed gives other images of the same classes.
        train: How many examples the training split has.
        val: How many the validation split has.
        test: How many the test split has.
        folder: Where to keep the files; by default the environment variable JXAI_CACHE names the folder, else it is
            `~/.cache/jxai`.
        progress: Called with (images drawn, images in all) after every image while they are drawn.

    Returns:
        The examples in random access, each a `SceneExample`, with the metadata as `meta`.

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     source = scenes("test", train=4, val=2, test=6, folder=folder)
        ...     example = source[0]
        >>> len(source), example["image"].shape, source.meta.classes[example["label"]]
        (6, (64, 64, 3), 'kitchen')
    """
    with needs("data"):  # tfds is loaded where it is used alone
        from jxai.data.builder import cache_folder, prepared
        from jxai.data.scenes.records import Scenes, read

    counts = {"train": train, "val": val, "test": test}
    require_made(split, SPLITS, counts, size)
    builder = prepared(Scenes, counts, {"size": size, "seed": seed}, folder=cache_folder(folder), progress=progress)
    records: Any = builder.as_data_source(split)
    return ImageSource(records, split=split, meta=scenes_meta(), folder=Path(builder.data_dir), read=read)


def object_frequencies(examples: Iterable[Any], classes: int, objects: int) -> Float32[np.ndarray, "k o"]:
    r"""How often pictures of a class show an object.

    phi_{k,c} = (pictures of class c with at least one pixel of object k) / (pictures of class c): what the ambiguity of
    two classes of scenes is measured by. ADE20K's and those of **scenes** alike, from `label` and `masks`.

    Args:
        examples: Of the training split: anything with `label` and `masks` (0: no object, k + 1: object k).
        classes: How many classes.
        objects: How many kinds of objects.

    Returns:
        Frequencies, 0..1, `[classes, objects]`; NaN for a class without examples.

    Raises:
        ValueError: An example without masks, or a label or an object beyond the numbers given.

    Reference: Wang and Vasconcelos, 2019, "Deliberative Explanations: visualizing network insecurities", section 5.

    Example:
        >>> masks = np.array([[0, 1], [1, 3]], np.uint8)
        >>> object_frequencies([{"label": 0, "masks": masks}], 1, 3).tolist()
        [[1.0, 0.0, 1.0]]
    """
    shown, count = np.zeros((classes, objects + 1)), np.zeros((classes, 1))
    for example in examples:
        if "masks" not in example:
            raise ValueError(f"expected examples with 'masks', got one with {sorted(example)}")
        label, present = int(example["label"]), np.unique(example["masks"])
        if not 0 <= label < classes or present[-1] > objects:
            raise ValueError(
                f"expected labels below {classes} and masks up to {objects}, got label {label} and {int(present[-1])}"
            )
        shown[label, present] += 1
        count[label] += 1
    with np.errstate(invalid="ignore"):
        return (shown[:, 1:] / count).astype(np.float32)
