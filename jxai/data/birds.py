"""**birds**: the embedded data set, drawn by code, in the schema of CUB-200-2011.

The species form families of four, whose members share most attributes and differ in one to three, so that they are
confused; a bird has the typical attributes of its species most of the time, not always. What is drawn is known: the
fifteen parts of CUB with masks, the box, the 312 binary attributes, and ten captions that mention only what is visible.
"""

import operator
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jxai.data.birds_draw import SPLITS
from jxai.data.birds_species import MOST, birds_meta
from jxai.data.schema import ImageExample, Meta

__all__ = ["BirdsSource", "birds", "birds_meta"]


class BirdsSource:
    """The examples of one split, in random access: `len(source)`, `source[index]`.

    Attributes:
        meta: The names of classes, parts and attributes, and the class x attribute percentages.
        split: The name of the split.
        folder: Where the files are.
    """

    def __init__(self, records: Any, *, split: str, meta: Meta, folder: Path):
        """Examples from the records of a tfds data source."""
        self._records, self.split, self.meta, self.folder = records, split, meta, folder

    def __len__(self) -> int:
        """How many examples there are."""
        return len(self._records)

    def __getitem__(self, index: int) -> ImageExample:
        """The example at a place of the split; negative places count from its end."""
        place = operator.index(index)
        if not -len(self) <= place < len(self):
            raise IndexError(
                f"expected an index below {len(self)}, the length of the split {self.split!r}, got {place}"
            )
        record = self._records[place % len(self)]
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

    def __iter__(self) -> Iterator[ImageExample]:
        """All examples in order."""
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        """The split and its length."""
        return f"BirdsSource({self.split!r}, {len(self)} examples, {len(self.meta.classes)} species)"


def _checked(split: str, species: int, size: int, counts: dict[str, int]) -> None:
    if split not in SPLITS:
        raise ValueError(f"expected a split of {list(SPLITS)}, got {split!r}")
    if not 2 <= species <= MOST:
        raise ValueError(f"expected 2 to {MOST} species, got {species}")
    if not 16 <= size <= 1024:
        raise ValueError(f"expected a size of 16 to 1024 pixels, got {size}")
    for name, count in counts.items():
        if not 1 <= count <= 10_000_000:
            raise ValueError(f"expected 1 to 10,000,000 examples in {name!r}, got {count}")


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
) -> BirdsSource:
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
    from jxai.data.birds_records import Birds  # tfds is loaded where it is used alone
    from jxai.data.builder import cache_folder, prepared

    counts = {"train": train, "val": val, "test": test}
    _checked(split, species, size, counts)
    options = {"species": species, "size": size, "seed": seed}
    builder = prepared(Birds, counts, options, folder=cache_folder(folder), progress=progress)
    return BirdsSource(
        builder.as_data_source(split), split=split, meta=birds_meta(species), folder=Path(builder.data_dir)
    )
