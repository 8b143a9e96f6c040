"""The data sets of `experiments.deliberative`: images, what makes their classes ambiguous, and where that is."""

import functools
import pathlib
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from jxai.data.cub.parts import PART_RANGES
from jxai.data.scenes.source import object_frequencies
from jxai.data.spec import DataSpec, load
from jxai.metrics import attribute_ambiguity, object_ambiguity, select_insecurities
from jxai.train.image_batches import Examples, stack

__all__ = ["SETS", "Set", "load_set"]

SETS = ("birds", "scenes", "cub")
SIDE = {"birds": 64, "scenes": 64, "cub": 224}
SHARE = {"points": 0.2, "masks": 0.01}  # of all triplets (part, a, b), as in the paper's code


class Set(NamedTuple):
    """A data set with the ground truth of its insecurities.

    Attributes:
        name: of the set.
        train: examples.
        val: examples.
        test: examples.
        kind: "points" or "masks".
        places: of the test examples: `[n, p, 3]` points, or `[n, h, w]` masks.
        truth: booleans `[c, c, p]`: which parts two classes share, the most ambiguous triplets.
        classes: names.
        parts: names.
    """

    name: str
    train: Examples
    val: Examples
    test: Examples
    kind: str
    places: np.ndarray
    truth: np.ndarray
    classes: tuple[str, ...]
    parts: tuple[str, ...]


def load_set(name: str, source: pathlib.Path | None, progress: Any, *, variant: str = "paper") -> Set:
    """A set by name; birds and scenes are drawn unless the cache has them.

    Args:
        name: of `SETS`.
        source: of CUB.
        progress: called with what is done, how many steps of it, and how many there are.
        variant: of the ground truth, "paper" or "released".
    """
    spec = DataSpec(name, None if source is None or name != "cub" else str(source))
    splits = load(spec, SIDE[name], progress=progress)
    meta: Any = splits.meta
    test = splits.test
    rows = [test[i] for i in range(len(test))]
    if name == "scenes":
        train = splits.train
        frequencies = object_frequencies((train[i] for i in range(len(train))), len(meta.classes), len(meta.objects))
        strengths = object_ambiguity(jnp.asarray(frequencies), variant=variant)
        kind, parts, places = "masks", meta.objects, np.stack([row["masks"] for row in rows])
    else:
        strengths = attribute_ambiguity(jnp.asarray(meta.class_attributes), PART_RANGES, variant=variant)
        kind, parts, places = "points", meta.part_names, np.stack([row["parts"] for row in rows])
    choose = functools.partial(select_insecurities, share=SHARE[kind], variant=variant)
    truth = choose(strengths, from_below=True) if kind == "masks" and variant == "released" else choose(strengths)
    examples = {split: stack(source) for split, source in splits.sources.items()}
    return Set(name, **examples, kind=kind, places=places, truth=np.asarray(truth), classes=meta.classes, parts=parts)
