"""Scenes by what people do: the protocol of MPII Human Pose on any set of scenes that knows activities."""

from pathlib import Path
from typing import Any

import numpy as np

from jxai.data.images import ImageSource
from jxai.data.schema import SceneMeta

__all__ = ["activities", "activities_meta"]


def activities(source: ImageSource) -> ImageSource:
    """Scenes in the protocol of MPII Human Pose: the class is what people do.

    Pictures in which nobody does anything are left out; `label` is `activity - 1`, and `meta.classes` are the
    activities without the first, "none". All other fields stay.

    Args:
        source: a split of scenes with activities.

    Raises:
        ValueError: the set knows no activities, or nobody does anything in any picture.

    Reference: Andriluka, Pishchulin, Gehler and Schiele, 2014, "2D Human Pose Estimation: New Benchmark and State of
    the Art Analysis"; FLEX explains classifiers of its activities (Wickramanayake, Hsu and Lee, 2019).

    Example:
        >>> meta = SceneMeta(("kitchen",), ("sink",), np.ones((1, 1), np.float32), ("none", "cooking", "eating"))
        >>> rows = [{"label": 0, "activity": 2}, {"label": 0, "activity": 0}]
        >>> read = lambda record: record
        >>> split = activities(ImageSource(rows, split="test", meta=meta, folder=Path(), read=read))
        >>> len(split), split.meta.classes[split[0]["label"]]
        (1, 'eating')
    """
    if not getattr(source.meta, "activities", ()):
        raise ValueError(f"expected scenes with activities, got a set of {len(source.meta.classes)} classes without.")
    places = [place for place in range(len(source)) if source[place].get("activity", 0)]
    if not places:
        raise ValueError(f"nobody does anything in the {len(source)} pictures of {source.split!r}; take more of them.")

    def read(place: int) -> Any:
        example = source[place]
        return {**example, "label": int(example["activity"]) - 1}

    meta = activities_meta(source.meta)  # type: ignore[arg-type]
    return ImageSource(places, split=source.split, meta=meta, folder=Path(source.folder), read=read)


def activities_meta(meta: SceneMeta) -> SceneMeta:
    """What is known of a set by its activities; how often objects are seen in each is not."""
    unknown = np.full((len(meta.activities) - 1, len(meta.objects)), np.nan, np.float32)
    return SceneMeta(tuple(meta.activities[1:]), meta.objects, unknown, meta.activities)
