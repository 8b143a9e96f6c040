"""The insecurities of a set of images: one way for `jxai deliberate` and `jxai study`."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import jxai
from jxai.explainers.deliberative.insecurities import Insecurities
from jxai.models import Model
from jxai.pipelines.checkpoints import Loaded
from jxai.pipelines.devices import require_finite
from jxai.pipelines.hardness import load_hardness
from jxai.pipelines.insecurity_options import InsecurityOptions
from jxai.pipelines.methods import require_known
from jxai.pipelines.progress import ProgressCallback, no_progress
from jxai.run.map import map_examples

__all__ = ["ImageInsecurities", "Difficulty", "deliberate", "difficulty_of", "hardest"]


class Difficulty(NamedTuple):
    """A difficulty score.

    Attributes:
        name: as the settings call it.
        score: `(x, params, own) -> number`.
        own: parameters of a predictor; empty for a function of the classifier.
        at: the predictor's tap; None for the classifier's.
    """

    name: str
    score: Callable[..., Array]
    own: Any
    at: str | None


class ImageInsecurities(NamedTuple):
    """Results of `n` images; the first axis is theirs.

    Attributes:
        insecurities: all pairs of the competing classes, strongest first.
        labels: `[n, classes]`, which classes competed.
        classes: `[n, classes, h, w]`, their maps.
        difficulty: `[n, h, w]`, the map of the difficulty score.
        probabilities: `[n, c]`.
        score: `[n]`, the difficulty score itself.
    """

    insecurities: Insecurities
    labels: Any
    classes: Any
    difficulty: Any
    probabilities: Any
    score: Any

    def with_region(self, image: int, most: int) -> list[int]:
        """The insecurities of an image that have a region, in order: no more than `most`."""
        regions = np.asarray(self.insecurities.mask[image]).any((1, 2)) & (self.insecurities.strength[image] > 0)
        return np.flatnonzero(regions)[:most].tolist()


def difficulty_of(settings: InsecurityOptions, loaded: Loaded) -> Difficulty:
    """The difficulty score that the settings name.

    Raises:
        ValueError: no hardness predictor in the folder, or one of other classes or another size of input.
    """
    if settings.score != "hardness":
        score = getattr(jxai.scores, settings.score)(loaded.model.apply)
        return Difficulty(settings.score, lambda x, params, own: score(x, params), {}, None)
    assert settings.hardness is not None
    hardness = load_hardness(settings.hardness)
    trunk, classes = hardness.predictor.trunk, hardness.classes
    if trunk.size != loaded.model.size or (loaded.classes is not None and classes != loaded.classes):
        raise ValueError(
            f"--hardness {settings.hardness}: a predictor of {len(classes)} classes ({classes[0]}, ...) at "
            f"{trunk.size} pixels, but the network is another; train its own by jxai train hardness."
        )
    at = None if trunk.taps == loaded.model.taps else trunk.features
    return Difficulty("hardness", lambda x, params, own: hardness.predictor.apply(own, x), hardness.params, at)


def deliberate(
    model: Model,
    params: Any,
    images: np.ndarray,
    difficulty: Difficulty,
    settings: InsecurityOptions,
    *,
    at: str | None = None,
    chunk: int | None = None,
    per_device: int = 1,
    progress: ProgressCallback = no_progress,
) -> ImageInsecurities:
    """The insecurities of every image.

    Args:
        model: the classifier.
        params: its parameters.
        images: `[n, size, size, 3]` in 0..1.
        difficulty: of `difficulty_of`.
        settings: which insecurities.
        at: layer of the attributions; None: the model's last feature map.
        chunk: evaluations side by side; None: the method's own.
        per_device: images that a device explains at once.
        progress: called as the work goes on.

    Raises:
        ValueError: settings that do not fit the model, an unknown layer, or values that are not finite.
    """
    at = at or model.features
    require_known([at], model.taps, "layer")
    space = images.shape[1:3]
    attribution = getattr(jxai, settings.attribution)
    maps_of = jxai.deliberation_maps(
        model.apply,
        difficulty.score,
        at=(at, difficulty.at or at),
        attribution=partial(attribution, chunk=chunk) if chunk else attribution,
        classes=settings.compete,
        variant="paper" if settings.as_printed else "released",
    )

    def one(image: Array, params: Any, own: Any) -> ImageInsecurities:
        x = model.preprocess(image)
        maps = maps_of(x, params, own)
        regions = jxai.insecurities(
            maps.classes,
            maps.difficulty,
            maps.probabilities,
            labels=maps.labels,
            classes=settings.compete,
            candidates=settings.candidates,
            coverage=settings.coverage,
            size=space,
        )
        return ImageInsecurities(regions, *maps, difficulty.score(x, params, own))

    devices = jax.local_devices()[: -(-len(images) // per_device)]
    mapped = map_examples(one, in_axes=(0, None, None), per_device=per_device, devices=devices)
    result = mapped(images, params, difficulty.own, progress=partial(progress, "insecurities"))
    for name, values in (("class maps", result.classes), ("difficulty map", result.difficulty)):
        require_finite(values, f"the {name} at {at}")
    return result


def hardest(
    model: Model,
    params: Any,
    source: Any,
    difficulty: Difficulty,
    count: int,
    progress: ProgressCallback = no_progress,
) -> list[int]:
    """The numbers of the most difficult examples of a data set, the most difficult first.

    Raises:
        ValueError: there are not so many.
    """
    if not 1 <= count <= len(source):
        raise ValueError(f"--hardest: expected 1 to {len(source)} test images, got {count}.")
    images = np.stack([source[k]["image"] for k in range(len(source))])

    def one(image: Array, params: Any, own: Any) -> Array:
        return difficulty.score(model.preprocess(image.astype(jnp.float32) / 255), params, own)

    mapped = map_examples(one, in_axes=(0, None, None))
    values = mapped(images, params, difficulty.own, progress=partial(progress, f"{difficulty.name} of test images"))
    require_finite(values, f"the {difficulty.name} of the test images")
    return np.argsort(-values, kind="stable")[:count].tolist()
