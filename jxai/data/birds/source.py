"""**birds**: the embedded data set, drawn by code, in the schema of CUB-200-2011.

The species form families of four, whose members share most attributes and differ in one to three, so that they are
confused; a bird has the typical attributes of its species most of the time, not always. What is drawn is known: the
fifteen parts of CUB with masks, the box, the 312 binary attributes, and ten captions that mention only what is visible.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jxai.data.birds.species import MOST, SPLITS, birds_meta
from jxai.data.images import ImageSource
from jxai.data.schema import ImageExample
from jxai.data.source import require_made
from jxai.extras import needs

__all__ = ["birds", "birds_meta"]


def birds(
    split: str,
    *,
    species: int = 20,
    size: int = 64,
    seed: int = 0,
    train: int = 4000,
    val: int = 800,
    test: int = 1000,
    folder: str | os.PathLike | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ImageSource:
    """The examples of a split of **birds**; the first call draws all splits and keeps them as files.

    An image depends on `seed`, `split`, its index in the split, `species` and `size` alone; at another `size` it shows
    the same bird. The species themselves depend on no seed. Labels go round: example `i` has label `i % species`.

    Args:
        split: `train`, `val` or `test`.
        species: How many species, 2 to 200; the first ones of a fixed list, four to a family.
        size: Side of the images in pixels.
        seed: Another seed gives other images of the same species.
        train: How many examples the training split has.
        val: How many the validation split has.
        test: How many the test split has.
        folder: Where to keep the files; by default the environment variable JXAI_CACHE names the folder, else it is
            `~/.cache/jxai`.
        progress: Called with (images drawn, images in all) after every image while they are drawn.

    Returns:
        The examples in random access, with the metadata as `meta`.

    Raises:
        ValueError: An argument is out of range.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     source = birds("test", train=4, val=2, test=6, folder=folder)
        ...     example = source[0]
        >>> len(source), example["image"].shape, source.meta.classes[example["label"]]
        (6, (64, 64, 3), 'Grey-crowned Marsh Finch')
    """
    with needs("data"):  # tfds is loaded where it is used alone
        from jxai.data.birds.records import Birds
        from jxai.data.builder import cache_folder, prepared

    counts = {"train": train, "val": val, "test": test}
    if not 2 <= species <= MOST:
        raise ValueError(f"expected 2 to {MOST} species, got {species}")
    require_made(split, SPLITS, counts, size)
    options = {"species": species, "size": size, "seed": seed}
    builder = prepared(Birds, counts, options, folder=cache_folder(folder), progress=progress)
    records: Any = builder.as_data_source(split)
    return ImageSource(records, split=split, meta=birds_meta(species), folder=Path(builder.data_dir), read=_example)


def _example(record: Any) -> ImageExample:
    return ImageExample(
        image=record["image"],
        label=int(record["label"]),
        id=int(record["id"]),
        parts=record["parts"],
        masks=record["masks"][..., 0],
        box=record["box"],
        attributes=record["attributes"],
        captions=[text.decode() for text in record["captions"]],
    )
