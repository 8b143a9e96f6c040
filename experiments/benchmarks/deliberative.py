"""Second-order maps of a VGG16's head for all classes and positions: ours, Hessian-vector products, as released.

    python -m experiments.benchmarks.deliberative

The head is that of VGG16 at 224 px: a map of 14 x 14 x 512, a max pool, two hidden dense layers of 4096 with ReLU and
a softmax over 200 classes, with random weights. What would take minutes to days is run on a sample and extrapolated.
This is a Hessian-vector product for each class and position (ours, many side by side; PyTorch's, one pass each), and
one for each channel and position of a single score, as in the released code (PyTorch, and ours). Memory is what the
compiled program reserves for intermediates, by `chunk`. Whole explanations are timed on VGG16, images side by side.
"""

import dataclasses
import pathlib
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import tyro
from jax import Array

from experiments.benchmarks.deliberative_page import REPORT
from experiments.benchmarks.timing import RESULTS, Times, interleaved, ratio
from experiments.experiment.record import machine, requested
from jxai.core import scores
from jxai.core.chunks import map_over
from jxai.core.taps import tap
from jxai.explainers.deliberative.maps import deliberative
from jxai.explainers.deliberative.order import first_order, second_order
from jxai.models import vgg16
from jxai.models.pooling import max_pool

__all__ = ["Config", "main"]


@dataclasses.dataclass(frozen=True)
class Config:
    """What to time.

    Attributes:
        side: of the map, in positions.
        channels: of the map.
        hidden: width of the dense layers.
        classes: number of outputs.
        chunk: passes side by side.
        chunks: for which memory is shown.
        products: our Hessian-vector products in a sample.
        peer: PyTorch's in a sample; 0: without PyTorch.
        pictures: images that VGG16 explains side by side, from its first layer to the insecurities; 0: none.
        rounds: how often each is timed.
        out: folder for the results.
    """

    side: int = 14
    channels: int = 512
    hidden: int = 4096
    classes: int = 200
    chunk: int = 32
    chunks: tuple[int, ...] = (1, 4, 16, 32, 64, 196)
    products: int = 32
    peer: int = 8
    pictures: int = 2
    rounds: int = 5
    out: pathlib.Path = RESULTS


def main(config: Config) -> None:
    """Times everything in turns; writes `deliberative.json` and `deliberative.md`."""
    about = machine("jax", "flax", *(("torch",) if config.peer else ()))
    params, a = _inputs(config)
    rows, errors = _rows(config, params, a)
    memory = [_memory(config, chunk, params, a) for chunk in config.chunks]
    whole = _whole(config) if config.pictures else {}
    results = {"machine": about, "config": requested(config), "forms": rows, "errors": errors}
    print(REPORT.write(config.out, results | {"memory": memory, "whole": whole}))


def _inputs(config: Config) -> tuple[list[Array], Array]:
    """Weights of the three dense layers, and a map behind a ReLU."""
    widths = (config.channels * (config.side // 2) ** 2, config.hidden, config.hidden, config.classes)
    random = np.random.default_rng(0)
    params = [
        jnp.asarray(random.standard_normal((n, m), np.float32) * np.float32((2 / n) ** 0.5))
        for n, m in zip(widths, widths[1:], strict=False)
    ]
    a = random.standard_normal((config.side, config.side, config.channels), np.float32)
    return params, jnp.asarray(np.maximum(a, 0))


def _logits(params: list[Array], x: Array) -> Array:
    h = max_pool(tap(x, "layer")).reshape(-1)
    for w in params[:-1]:
        h = jax.nn.relu(h @ w)
    return h @ params[-1]


def _posterior(x: Array, params: list[Array]) -> Array:
    return jax.nn.softmax(_logits(params, x))


def _nested(config: Config, x: Array, params: list[Array]) -> Array:
    """Both terms by nested forward derivatives of the whole head, position by position."""
    head = partial(_posterior, params=params)

    def at(k: Array) -> Array:
        along = _only(x, k)
        first, second = jax.jvp(lambda x: jax.jvp(head, (x,), (along,))[1], (x,), (along,))
        return first + second / 2

    return map_over(at, jnp.arange(config.side**2), chunk=config.chunk).T


def _products(config: Config, x: Array, params: list[Array]) -> Array:
    """`a_i^T [Hess f_c]_ii a_i` of class 0 at the first positions, forward over reverse."""

    def one(k: Array) -> Array:
        slope = jax.grad(lambda x: _posterior(x, params)[0])
        along = _only(x, k)
        return (jax.jvp(slope, (x,), (along,))[1] * along).sum()

    return map_over(one, jnp.arange(config.products), chunk=config.chunk)


def _of_channels(config: Config, x: Array, params: list[Array]) -> Array:
    """`a^T [Hess s] e` for a sample of channels at a position: as released, for one score (the entropy)."""
    score = scores.entropy(_logits)

    def one(k: Array) -> Array:
        unit = (jnp.arange(x.size) == k).reshape(x.shape).astype(x.dtype)
        return (jax.jvp(lambda x: jax.grad(score)(x, params), (x,), (unit,))[1] * x).sum()

    return jax.lax.map(one, jnp.arange(config.peer or 4))


def _only(x: Array, k: Array) -> Array:
    places = jnp.arange(x.shape[0] * x.shape[1]).reshape(*x.shape[:2], 1)
    return jnp.where(places == k, x, jnp.zeros_like(x))


def _rows(config: Config, params: list[Array], a: Array) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """The time of each form divided by that of all first-order maps, and the differences of their results."""
    places, outputs = config.side**2, config.classes
    order = {"at": "layer", "chunk": config.chunk}
    difficulty = scores.entropy(_logits, normalised=True)
    forms: dict[str, tuple[Callable, int, int]] = {  # function, how many it computes, how many there are
        "first order": (first_order(_posterior, **order), 1, 1),
        "second order, closed form": (second_order(_posterior, **order), 1, 1),
        "second order, nested jvp": (partial(_nested, config), 1, 1),
        "second order of the difficulty alone": (second_order(difficulty, **order), 1, 1),
        "a product for each class and place": (partial(_products, config), config.products, outputs * places),
        "a product for each channel and place, one score": (
            partial(_of_channels, config), config.peer or 4, config.channels * places,
        ),
    }  # fmt: skip
    programs = {name: jax.jit(fn).lower(a, params).compile() for name, (fn, _, _) in forms.items()}
    runs: dict[str, Callable] = {name: lambda run=run: run(a, params) for name, run in programs.items()}
    counts = {name: counted for name, (_, *counted) in forms.items()}
    if config.peer:
        from experiments.benchmarks.torch_products import hessian_products

        peers = hessian_products([np.asarray(w) for w in params], np.asarray(a), config.peer)
        runs |= {f"{name}, PyTorch": run for name, run in peers.items()}
        counts |= {f"{name}, PyTorch": [config.peer, counts[name][1]] for name in peers}
    times = interleaved(runs, rounds=config.rounds)
    rows = []
    for name, (sample, number) in counts.items():
        taken = Times(tuple(second * number / sample for second in times[name].seconds))
        by = {
            "to_first": ratio(taken, times["first order"]),
            "to_closed": ratio(taken, times["second order, closed form"]),
        }
        rows.append({"form": name, "seconds": taken.median, "sample": sample, "number": number} | by)
        print(rows[-1], flush=True)
    return rows, _errors(config, {name: np.asarray(runs[name]()) for name in runs})


def _errors(config: Config, maps: dict[str, np.ndarray]) -> dict[str, float]:
    """Largest differences from the closed form, divided by the largest value."""
    closed, first = maps["second order, closed form"], maps["first order"]
    second = 2 * (closed - first).reshape(config.classes, -1)
    errors = {"second order, nested jvp": np.abs(maps["second order, nested jvp"].reshape(closed.shape) - closed)}
    for name in ("a product for each class and place", "a product for each class and place, PyTorch"):
        if name in maps:
            errors[name] = np.abs(maps[name] - second[0, : len(maps[name])])
    return {name: float(error.max() / np.abs(closed).max()) for name, error in errors.items()}


def _memory(config: Config, chunk: int, params: list[Array], a: Array) -> dict[str, Any]:
    def mib(fn: Callable) -> float:
        reserved: Any = jax.jit(fn).lower(a, params).compile().memory_analysis()
        return reserved.temp_size_in_bytes / 2**20

    nested = partial(_nested, dataclasses.replace(config, chunk=chunk))
    forms = {"first": first_order, "closed": second_order}
    sizes = {name: mib(order(_posterior, at="layer", chunk=chunk)) for name, order in forms.items()}
    return {"chunk": chunk} | sizes | {"nested": mib(nested)}


def _whole(config: Config) -> dict[str, Any]:
    """Whole explanations of VGG16 with random weights, and its bare forward pass, in seconds per image."""
    model = vgg16(classes=config.classes)
    params = model.init(jax.random.key(0))
    xs = jax.random.uniform(jax.random.key(1), (config.pictures, model.size, model.size, 3))
    explain = deliberative(model.apply, scores.entropy(model.apply), at=model.features, size=(model.size, model.size))
    many = jax.jit(jax.vmap(explain, in_axes=(0, None))).lower(xs, params).compile()
    bare = jax.jit(jax.vmap(model.apply, in_axes=(None, 0))).lower(params, xs).compile()
    times = interleaved({"explained": lambda: many(xs, params), "bare": lambda: bare(params, xs)}, rounds=2)
    return {name: taken.median / config.pictures for name, taken in times.items()}


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
