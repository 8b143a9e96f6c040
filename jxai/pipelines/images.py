"""Explain a set of images by several methods: the one way of demo, explain and experiments."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import Array

from jxai.core.devices import has_shared_evaluations
from jxai.models import Model
from jxai.pipelines.devices import require_finite, say_zeros
from jxai.pipelines.methods import attribution, regional, to_space
from jxai.pipelines.options import Options
from jxai.pipelines.progress import ProgressCallback, no_progress
from jxai.pipelines.regions import MAKERS
from jxai.run.map import map_examples

__all__ = ["Cases", "Explained", "explain_cases", "logits_of", "placed"]

FAILED = {"marc": " (it fails on a picture that equals its backgrounds, and where its loss is not finite)"}


class Cases(NamedTuple):
    """What is explained: the same number of rows in each."""

    images: np.ndarray  # [n, size, size, 3] in 0..1
    labels: np.ndarray  # [n] outputs of the model
    against: np.ndarray  # [n] the outputs that contrasts compare with
    ids: np.ndarray  # [n] they decide the random numbers


class Explained(NamedTuple):
    """A method's result for every case."""

    attributions: np.ndarray  # [n, ...] as the method returns them
    maps: np.ndarray  # [n, size, size]
    seconds: float  # per case, without compilation where there was more than one batch


def explain_cases(
    model: Model,
    params: Any,
    cases: Cases,
    names: Sequence[str],
    *,
    options: Options,
    per_device: int = 1,
    progress: ProgressCallback = no_progress,
) -> dict[str, Explained]:
    """Every case by every method.

    Args:
        model: what is explained.
        params: its parameters.
        cases: images and labels.
        names: methods, of `jxai.pipelines.methods.methods()`.
        options: the methods' settings.
        per_device: cases that a device explains at once.
        progress: called with the method's name, the cases done, and all.

    Returns:
        Method -> result.

    Raises:
        ValueError: an unknown name, or an attribution that is not finite.
    """
    size = cases.images.shape[1]
    results = {}
    for name in names:
        regions = {kind: _regions(kind, name, cases.images, options) for kind in regional(name, model, options)}
        attribute = attribution(name, model, options, regions)

        def one(
            image: Array,
            label: Array,
            against: Array,
            params: Any,
            *,
            key: Array,
            attribute: Callable = attribute,
            **regions: Array,
        ) -> tuple[Array, Array]:
            result = attribute(image, label, against, params, key, **regions)
            return result, to_space(result, (size, size))

        rows = cases.images, cases.labels, cases.against
        key = jax.random.key(options.seed)
        first = (*(row[0] for row in rows), params)
        inputs = {kind: values[0] for kind, values in regions.items()}
        shares = partial(has_shared_evaluations, one, *first, key=key, **inputs)
        place = placed(cases, per_device, shares)
        mapped = map_examples(one, in_axes=(0, 0, 0, None), per_device=per_device, **place)
        clock = _Clock(partial(progress, name))
        raw, maps = mapped(*rows, params, key=key, ids=cases.ids, progress=clock.tick, **regions)
        require_finite(raw, f"the result of {name}{FAILED.get(name, '')}")
        say_zeros(raw, name)
        results[name] = Explained(raw, maps, clock.seconds())
    return results


def logits_of(model: Model, params: Any, images: np.ndarray, *, per_device: int = 1) -> np.ndarray:
    """The model's outputs `[n, k]` of pictures `[n, size, size, 3]` in 0..1.

    Raises:
        ValueError: values that are not finite.
    """
    mapped = map_examples(
        lambda image, params: model.apply(params, model.preprocess(image)), in_axes=(0, None),
        per_device=per_device, devices=jax.local_devices()[: -(-len(images) // per_device)],
    )  # fmt: skip
    logits = mapped(images, params)
    require_finite(logits, "the model's logits")
    return logits


def _regions(kind: str, method: str, images: np.ndarray, options: Options) -> np.ndarray:
    """The regions of every image; the same picture, explained for several classes, is cut once."""
    by_content: dict[bytes, np.ndarray] = {}
    for image in images:
        if (content := image.tobytes()) not in by_content:
            by_content[content] = np.asarray(MAKERS[kind](image, method, options), np.int32)
    most = max(len(regions) for regions in by_content.values())  # the layers of segments may differ in number
    padded = {content: _filled(regions, most) for content, regions in by_content.items()}
    return np.stack([padded[image.tobytes()] for image in images])


def _filled(regions: np.ndarray, length: int) -> np.ndarray:
    return np.concatenate([regions, np.full((length - len(regions), *regions.shape[1:]), -1, regions.dtype)])


class _Clock:
    """Seconds per case: after the first batch, which compiles, where there are others."""

    def __init__(self, progress: Callable[[int, int], None]):
        self.progress, self.ticks = progress, [(0, time.perf_counter())]

    def tick(self, done: int, total: int) -> None:
        self.ticks.append((done, time.perf_counter()))
        self.progress(done, total)

    def seconds(self) -> float:
        first, last = self.ticks[min(1, len(self.ticks) - 2)], self.ticks[-1]
        return (last[1] - first[1]) / max(last[0] - first[0], 1)


def placed(cases: Cases, per_device: int, shares: Callable[[], bool]) -> dict[str, Any]:
    """Which devices work, and how many of them on one example: where examples are fewer, they share its evaluations.

    Args:
        cases: the examples.
        per_device: how many of them a device takes at once.
        shares: whether the evaluations of one example can be shared; asked where there are devices to spare.

    Returns:
        Options of `map_examples`.
    """
    devices = jax.local_devices()
    batches = -(-len(cases.images) // per_device)
    each = len(devices) // batches
    if each > 1 and shares():
        return {"devices": devices[: batches * each], "devices_per_example": each}
    return {"devices": devices[: min(len(devices), batches)]}
