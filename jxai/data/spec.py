"""Which data a run is about, as plain data; and loading them, whichever set it is."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from jxai.data.schema import Meta, SceneMeta
from jxai.data.table import DATA

__all__ = ["DataSpec", "Splits", "load", "meta_of"]

Progress = Callable[[str, int, int], None]


@dataclasses.dataclass(frozen=True)
class DataSpec:
    """A data set: its name, where its files are, and the options that decide which examples it has.

    Plain data: `DataSpec(**json.loads(json.dumps(dataclasses.asdict(spec)))) == spec`.

    Attributes:
        name: of a row of `jxai.data.table.DATA`.
        source: archive or folder with the files; None for a set that is made here.
        options: of the set, those that are not given have their defaults (`DATA[name].defaults`).

    Raises:
        ValueError: no set has this name, or the set has no such option, or is made here and needs no source.

    Example:
        >>> spec = DataSpec("birds", options={"species": 4, "train": 8, "val": 4, "test": 4})
        >>> spec.complete().options["seed"]
        0
        >>> dataclasses.asdict(DataSpec("cub", "photos/cub"))
        {'name': 'cub', 'source': 'photos/cub', 'options': {}}
    """

    name: str
    source: str | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        """Checks name, source and options against the table."""
        if self.name not in DATA:
            raise ValueError(f"unknown data set {self.name!r}; there are {', '.join(DATA)}.")
        row = DATA[self.name]
        if row.made_here and self.source is not None:
            raise ValueError(f"{self.name} are made here: leave --source out.")
        for option in self.options:
            if option not in row.defaults:
                raise ValueError(f"{self.name}: there is no option {option!r} of this data set; leave it out.")

    def complete(self) -> "DataSpec":
        """The same with every option said: what is written down, as defaults may change."""
        return dataclasses.replace(self, options={**DATA[self.name].defaults, **self.options})

    def same_examples(self, other: "DataSpec") -> bool:
        """Whether both name the same set with the same options, wherever its files are."""
        return (self.name, self.complete().options) == (other.name, other.complete().options)


class Splits(NamedTuple):
    """The splits of a data set.

    Attributes:
        train: training examples in random access.
        val: validation examples.
        test: test examples.
        meta: what is known of the set as a whole: a `Meta`, `SceneMeta` or `TextMeta`; all have `classes`, the names.
        spec: what was loaded, with all options.
    """

    train: Any
    val: Any
    test: Any
    meta: Any
    spec: DataSpec

    @property
    def sources(self) -> dict[str, Any]:
        """The examples by the name of the split."""
        return {"train": self.train, "val": self.val, "test": self.test}


def load(spec: DataSpec, size: int | None = None, *, progress: Progress | None = None) -> Splits:
    """The splits of a data set, made here or read from a user's files.

    Args:
        spec: which set.
        size: side of the images in pixels; None: the set's own. Texts have none.
        progress: called as `progress(what, done, total)` while a set is made.

    Raises:
        ValueError: the set needs a source, texts were given a size, or files are missing or malformed.
        FileNotFoundError: there is nothing at the source.

    Example:
        >>> import os, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     os.environ["JXAI_CACHE"] = folder
        ...     splits = load(DataSpec("birds", options={"species": 4, "train": 8, "val": 4, "test": 4}), 32)
        ...     del os.environ["JXAI_CACHE"]
        >>> len(splits.train), len(splits.meta.classes), splits.spec.options["seed"]
        (8, 4, 0)
    """
    row, spec = DATA[spec.name], spec.complete()
    if row.kind == "text" and size is not None:
        raise ValueError(f"expected no size for the texts of {spec.name}, got {size}; leave it out.")
    arguments = dict(spec.options) if size is None else {**spec.options, "size": size}
    if not row.made_here:
        if spec.source is None:
            raise ValueError(f"name the {row.source} of {spec.name} by --source.")
        arguments["source"] = spec.source
    elif progress is not None:
        arguments["progress"] = functools.partial(progress, row.making)
    train, val, test = (row.read(split, **arguments) for split in ("train", "val", "test"))
    return Splits(train, val, test, train.meta, spec)


def meta_of(spec: DataSpec) -> Meta | SceneMeta | None:
    """What is known of a set as a whole without loading it; None where its files say it.

    Example:
        >>> len(meta_of(DataSpec("birds", options={"species": 4})).classes)
        4
    """
    make = DATA[spec.name].meta
    return None if make is None else make(**spec.complete().options)
