"""The data sets, one row each: what the command line, the documentation and `jxai.data.spec.load` know of a set."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal

from jxai.data.activities import activities, activities_meta
from jxai.data.ade20k import ade20k
from jxai.data.birds.source import birds, birds_meta
from jxai.data.cub.source import cub
from jxai.data.images import ImageSource
from jxai.data.movies import movies
from jxai.data.mpii.source import mpii
from jxai.data.reviews.source import reviews
from jxai.data.scenes.source import scenes, scenes_meta
from jxai.data.schema import Meta, SceneMeta
from jxai.data.sst import sst

__all__ = ["DATA", "DataSet", "names_of"]


@dataclasses.dataclass(frozen=True)
class DataSet:
    """What is known of a data set without loading it.

    Attributes:
        name: what the command line calls it.
        read: `read(split, **options) -> source`: the examples of one split. It takes `size` (pixels) if these are
            images, `source` if a user has the files, the numbers of examples (`train`, `val`, `test`) and `progress`
            if the set is made here.
        kind: of the examples: image or text.
        about: one line that describes the set.
        splits: examples for training, validation and test; of a set that is made here, as many as are made by default.
            None where that depends on the files.
        source: what a user names by `--source`; None: the set is made here.
        options: the arguments of `read` that change the examples, with their defaults.
        captions: whether examples have captions.
        parts: whether examples have the places of parts.
        masks: whether examples have masks of parts or objects.
        making: what the progress bar says while the set is made.
        meta: `meta(**options)`: what is known of the set as a whole; None where the files say it.
        paper: where the set, or the one whose schema it has, is described.
    """

    name: str
    read: Callable[..., Any]
    kind: Literal["image", "text"]
    about: str
    splits: tuple[int, int, int] | None = None
    source: str | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    captions: bool = False
    parts: bool = False
    masks: bool = False
    making: str = ""
    meta: Callable[..., Meta | SceneMeta] | None = None
    paper: str = ""

    @property
    def made_here(self) -> bool:
        """Whether jxai makes the set itself."""
        return self.source is None

    @property
    def defaults(self) -> dict[str, Any]:
        """All options with their defaults; of a set that is made here the numbers of examples are options too."""
        counts = zip(("train", "val", "test"), self.splits or (), strict=False) if self.made_here else ()
        return {**self.options, **dict(counts)}


def _scene_activities(split: str, **options: Any) -> ImageSource:
    return activities(scenes(split, **options))


_CUB = 'Wah et al. 2011, "The Caltech-UCSD Birds-200-2011 Dataset"'
_MPII = 'Andriluka et al. 2014, "2D Human Pose Estimation: New Benchmark and State of the Art Analysis"'
_ADE = 'Zhou et al. 2017, "Scene Parsing through ADE20K Dataset"'
_ERASER = 'DeYoung et al. 2020, "ERASER: A Benchmark to Evaluate Rationalized NLP Models"'

_ROWS = (
    DataSet(
        "birds", birds, "image",
        "drawn birds in the schema of CUB-200-2011: parts, masks, attributes, captions",
        splits=(4000, 800, 1000), options={"species": 20, "seed": 0}, captions=True, parts=True, masks=True,
        making="drawing birds", meta=lambda species, **_: birds_meta(species), paper=_CUB,
    ),
    DataSet(
        "scenes", scenes, "image",
        "drawn rooms, streets and landscapes in the schema of ADE20K: masks, boxes, captions",
        splits=(4000, 800, 1000), options={"seed": 0}, captions=True, masks=True,
        making="drawing scenes", meta=lambda **_: scenes_meta(), paper=_ADE,
    ),
    DataSet(
        "activities", _scene_activities, "image",
        "the scenes in which people do something, by what they do, as MPII Human Pose",
        splits=(4000, 800, 1000), options={"seed": 0}, captions=True, masks=True,
        making="drawing scenes", meta=lambda **_: activities_meta(scenes_meta()), paper=_MPII,
    ),
    DataSet(
        "cub", cub, "image",
        "CUB-200-2011: photographs of birds, parts, attributes, captions",
        splits=(5395, 599, 5794), source="folder",
        options={"crop": "middle", "division": "official", "captioned": False}, captions=True, parts=True, paper=_CUB,
    ),
    DataSet(
        "mpii", mpii, "image",
        "MPII Human Pose with the explanations of ACT-X: photographs of what people do, captions",
        source="folder", captions=True, paper=_MPII,
    ),
    DataSet(
        "ade20k", ade20k, "image",
        "ADE20K scene parsing: photographs of scenes with object masks",
        splits=(18_189, 2021, 1985), source="folder", masks=True, paper=_ADE,
    ),
    DataSet(
        "reviews", reviews, "text",
        "written film reviews, two classes, with the passages that decide",
        splits=(12_000, 500, 500), options={"seed": 0}, making="writing reviews", paper=_ERASER,
    ),
    DataSet(
        "movies", movies, "text",
        "film reviews of the ERASER benchmark, two classes, with marked evidence",
        splits=(1600, 200, 199), source="archive or folder", paper=_ERASER,
    ),
    DataSet(
        "sst", sst, "text",
        "sentences of film reviews, Stanford Sentiment Treebank or SST-2",
        source="archive or folder", options={"fine": False},
        paper='Socher et al. 2013, "Recursive Deep Models for Semantic Compositionality Over a Sentiment Treebank"',
    ),
)  # fmt: skip

DATA: dict[str, DataSet] = {row.name: row for row in _ROWS}
"""Every data set by its name."""


def names_of(**facts: Any) -> tuple[str, ...]:
    """The names of the data sets whose rows have all these values.

    Args:
        **facts: attributes of `DataSet` with the values wanted.

    Example:
        >>> names_of(kind="text")
        ('reviews', 'movies', 'sst')
        >>> names_of(captions=True, made_here=True)
        ('birds', 'scenes', 'activities')
    """
    return tuple(row.name for row in _ROWS if all(getattr(row, fact) == value for fact, value in facts.items()))
