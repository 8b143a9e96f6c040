"""Max pooling and depthwise convolution as shifted slices, against XLA's own operations.

    python -m experiments.benchmarks.pooling

Each alone (forward, and forward with the gradient) at the sizes of SqueezeNet and MobileNetV2, and in the input
gradient of the whole network.
"""

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Any
from unittest import mock

import jax
import jax.numpy as jnp
import tyro

from experiments.benchmarks.timing import RESULTS, interleaved, ratio, ratio_text
from experiments.experiment.markdown import table
from experiments.experiment.record import machine, machine_line, requested
from experiments.experiment.results import Report
from jxai.core import scores
from jxai.models import Model, max_pool, mobilenet_v2, squeezenet
from jxai.models.layers import depthwise_conv

__all__ = ["REPORT", "Config", "main"]


@dataclasses.dataclass(frozen=True)
class Config:
    """What to time.

    Attributes:
        batch: images side by side.
        rounds: how often each is timed.
        out: folder for the results.
    """

    batch: int = 8
    rounds: int = 7
    out: pathlib.Path = RESULTS


def main(config: Config) -> None:
    """Times both forms in turns; writes `pooling.json` and `pooling.md`."""
    about = machine("jax", "flax")
    rows = []
    for name, (function, shape) in _functions().items():
        x = jax.random.normal(jax.random.key(0), (config.batch, *shape))
        forms = {"slices": _compiled(function, x, "cpu"), "xla": _compiled(function, x, "elsewhere")}
        times = interleaved(forms, rounds=config.rounds)
        milliseconds = {form: 1e3 * taken.median / config.batch for form, taken in times.items()}
        rows.append({"what": name, "ms": milliseconds, "ratio": ratio(times["xla"], times["slices"])})
        print(rows[-1], flush=True)
    print(REPORT.write(config.out, {"machine": about, "config": requested(config), "rows": rows}))


def _functions() -> dict[str, tuple[Callable[[jax.Array], Any], tuple[int, ...]]]:
    """Functions of one image by name, with its shape."""

    def pool(x: jax.Array) -> jax.Array:
        return max_pool(x, window=3, stride=2, ceil=True)

    def depthwise(stride: int) -> Callable[[jax.Array], jax.Array]:
        return lambda x: depthwise_conv(x, jnp.ones((3, 3, 1, x.shape[-1])), stride=stride)

    wide = (56, 56, 144)
    return {
        "max pool 3x3/2": (pool, (111, 111, 96)),
        "max pool 3x3/2, gradient": (_gradient(pool), (111, 111, 96)),
        "depthwise 3x3": (depthwise(1), wide),
        "depthwise 3x3, gradient": (_gradient(depthwise(1)), wide),
        "depthwise 3x3/2": (depthwise(2), wide),
        "depthwise 3x3/2, gradient": (_gradient(depthwise(2)), wide),
        "squeezenet, gradient": (_of_model(squeezenet()), (227, 227, 3)),
        "mobilenet_v2, gradient": (_of_model(mobilenet_v2()), (224, 224, 3)),
    }


def _gradient(function: Callable[[jax.Array], jax.Array]) -> Callable[[jax.Array], Any]:
    return jax.value_and_grad(lambda x: (function(x) ** 2).sum())


def _of_model(model: Model) -> Callable[[jax.Array], Any]:
    params = model.init(jax.random.key(1))
    score = scores.logit(model.apply)
    return jax.value_and_grad(lambda x: score(x, 0, params))


def _compiled(function: Callable, x: jax.Array, platform: str) -> Callable[[], Any]:
    """The function of a batch, traced as if on that platform, by which the models choose."""
    jax.clear_caches()  # the pooling functions are jitted: their traces must not survive
    with mock.patch("jax.default_backend", lambda: platform):
        run = jax.jit(jax.vmap(function)).lower(x).compile()
    return lambda: run(x)


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `pooling.json` holds.
    """
    titles = ("what", "ms per image, slices", "ms per image, XLA's own", "XLA's own / slices")
    lines = [
        (row["what"], f"{row['ms']['slices']:.2f}", f"{row['ms']['xla']:.2f}", ratio_text(row["ratio"]))
        for row in results["rows"]
    ]
    config = results["config"]
    return (
        f"# Sliding windows on a CPU\n\n{machine_line(results['machine'])}; batch {config['batch']}, "
        f"{config['rounds']} rounds in turns.\n\n{table(titles, lines)}"
    )


REPORT = Report("pooling", markdown)

if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
