"""The data sets of `experiments.flex`: images with sentences, and where the things are that sentences can name."""

import dataclasses
import pathlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from experiments.experiment.paths import data_folder
from jxai.data.schema import Meta
from jxai.data.spec import DataSpec, load
from jxai.train.image_batches import Examples, stack

__all__ = ["SETS", "Set", "limited", "load_set", "present"]

CROPS, WHOLE = "cub100_crops128_jpeg.npz", "images_max320.tar"
Progress = Callable[..., Any]


class Set(NamedTuple):
    """A data set of images with sentences.

    Attributes:
        name: of the set.
        kind: what is annotated: "points" (parts, `parts` of an example) or "boxes" (`instances`, the involved ones).
        captioned: the examples with sentences, by split; dicts as in `jxai.data.schema`.
        pictures: all labelled images by split, for the classifier.
        classes: names.
        things: names of parts, or of kinds of objects.
        meta: of a set of birds, with the attributes of its classes; None of scenes.
    """

    name: str
    kind: str
    captioned: dict[str, list[dict[str, Any]]]
    pictures: dict[str, Examples]
    classes: tuple[str, ...]
    things: tuple[str, ...]
    meta: Meta | None = None


@dataclasses.dataclass(frozen=True)
class Sources:
    """Folders of a user; without one, what `$JXAI_DATA` has.

    Attributes:
        cub: folder of CUB-200-2011, or its packed images.
        mpii: folder of MPII Human Pose with explanations of its activities.
    """

    cub: pathlib.Path | None = None
    mpii: pathlib.Path | None = None


def _birds(sources: Sources, progress: Progress) -> Set:
    del sources
    return _with_parts("birds", load(DataSpec("birds"), 64, progress=progress).sources)


def _scenes(sources: Sources, progress: Progress) -> Set:
    """The protocol of MPII: a class is an activity, and the objects that count are those it involves."""
    del sources
    splits = load(DataSpec("scenes"), 64, progress=progress).sources
    meta = splits["train"].meta
    active = {split: [_by_activity(row) for row in rows if row["activity"]] for split, rows in splits.items()}
    return Set("scenes", "boxes", active, _stacked(active), meta.activities[1:], meta.objects)


def _by_activity(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "label": row["activity"] - 1, "instances": [one for one in row["instances"] if one.involved]}


def _cub(sources: Sources, progress: Progress, packed: str = CROPS) -> Set:
    """FLEX's division of a whole folder; of the packed images it would leave 71 with sentences for training."""
    del progress
    source = sources.cub or data_folder() / "cub" / packed
    division = "flex" if (source / "train_no_cub.txt").is_file() else "official"
    spec = DataSpec("cub", str(source), {"crop": "box", "division": division})
    return _with_parts("cub", load(spec, 224).sources)


def _cub_whole(sources: Sources, progress: Progress) -> Set:
    """Whole images of ten classes, cropped to the bird's box."""
    return _cub(dataclasses.replace(sources, cub=None), progress, WHOLE)._replace(name="cub whole")


def _mpii(sources: Sources, progress: Progress) -> Set:
    del progress
    if sources.mpii is None:
        raise SystemExit("mpii: name its folder by --mpii")
    splits = load(DataSpec("mpii", str(sources.mpii)), 224).sources
    meta = splits["train"].meta
    active = {split: [_by_activity(row) for row in rows if row["activity"]] for split, rows in splits.items()}
    return Set("mpii", "boxes", active, _stacked(active), meta.activities[1:], meta.objects)


SETS = {"birds": _birds, "scenes": _scenes, "cub": _cub, "cub whole": _cub_whole, "mpii": _mpii}
FILES = {"cub": CROPS, "cub whole": WHOLE}


def load_set(name: str, sources: Sources, progress: Progress) -> Set:
    """A set by name; birds and scenes are drawn unless the cache has them.

    Args:
        name: of `SETS`.
        sources: folders of a user.
        progress: called with what is done, how many steps of it, and how many there are.
    """
    return SETS[name](sources, progress)


def present(name: str, sources: Sources) -> bool:
    """Whether a set can be loaded."""
    own = {"cub": sources.cub, "mpii": sources.mpii}.get(name)
    if own is not None or name in ("birds", "scenes"):
        return True
    return name in FILES and (data_folder() / "cub" / FILES[name]).exists()


def _with_parts(name: str, splits: dict[str, Any]) -> Set:
    meta, rows = splits["train"].meta, {split: list(source) for split, source in splits.items()}
    captioned = {split: [row for row in of if row.get("captions")] for split, of in rows.items()}
    return Set(name, "points", captioned, _stacked(rows), meta.classes, meta.part_names, meta)


def _stacked(rows: dict[str, list[dict[str, Any]]]) -> dict[str, Examples]:
    return {split: stack(of) for split, of in rows.items()}


def limited(data: Set, train: int, val: int, test: int) -> Set:
    """The set with at most so many captioned examples in each split, evenly over the classes."""
    counts = {"train": train, "val": val, "test": test}
    return data._replace(captioned={split: _spread(rows, counts[split]) for split, rows in data.captioned.items()})


def _spread(rows: Sequence[Any], count: int) -> list[Any]:
    """At most `count` rows: one of each class, then a second of each, and so on; in the order of the rows."""
    if len(rows) <= count:
        return list(rows)
    last_rank: dict[int, int] = {}
    ranks = []
    for place, row in enumerate(rows):
        last_rank[row["label"]] = last_rank.get(row["label"], -1) + 1
        ranks.append((last_rank[row["label"]], place))
    return [rows[place] for place in sorted(place for _, place in sorted(ranks)[:count])]
