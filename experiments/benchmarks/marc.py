"""MaRC: the mask module alone, and the whole optimisation against bare evaluations of the model.

    python -m experiments.benchmarks.marc

The mask module at 224 x 224, forward and backward, in these forms: by hand (ours); the same forward pass differentiated
automatically; the plain scan over the rows of the window differentiated automatically; and the direct sum over the
(2R + 1)^2 shifts, one after another (its memory is that of one shift) and all at once (as in the PyTorch reference).
End to end: the time of a step divided by the time of 2|B| bare evaluations with their gradient, for one image and for
several side by side.
"""

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import tyro

from experiments.benchmarks.networks import MIDDLE, Network, network, photographs
from experiments.benchmarks.timing import RESULTS, Times, interleaved, ratio, ratio_text, spread_text
from experiments.experiment.markdown import table
from experiments.experiment.record import machine, machine_line, requested
from experiments.experiment.results import Report
from jxai.core import scores
from jxai.core.chunks import mean_over
from jxai.explainers.masks.grid_mask import image_mask
from jxai.explainers.masks.kernels import _forward, windowed_sum
from jxai.explainers.masks.marc import marc

__all__ = ["REPORT", "Config", "main"]

Sum = Callable[[jax.Array, jax.Array], jax.Array]


@dataclasses.dataclass(frozen=True)
class Config:
    """What to time.

    Attributes:
        size: side of the mask, in pixels.
        radii: windows of the mask module.
        direct: run the direct sums too; each takes seconds.
        networks: of mobilenet_v2 and vit_tiny, end to end; none: only the mask module.
        steps: of the optimisation; the time of a step is the total divided by their number.
        batch: images side by side, compared with one.
        radius: window of the masks, end to end.
        rounds: how often each is timed.
        out: folder for the results.
    """

    size: int = 224
    radii: tuple[int, ...] = (12, 20)
    direct: bool = True
    networks: tuple[str, ...] = tuple(MIDDLE)
    steps: int = 10
    batch: int = 16
    radius: int = 12
    rounds: int = 7
    out: pathlib.Path = RESULTS


def main(config: Config) -> None:
    """Times everything in turns; writes `marc.json` and `marc.md`."""
    about = machine("jax", "flax")
    modules = [row for radius in config.radii for row in _modules(config, radius)]
    whole = [row for name in config.networks for row in _end_to_end(config, network(name))]
    results = {"machine": about, "config": requested(config), "mask": modules, "end_to_end": whole}
    print(REPORT.write(config.out, results))


def _modules(config: Config, radius: int) -> list[dict[str, Any]]:
    """Forward and backward pass of the sum of sources, in every form."""
    key = jax.random.key(0)
    shape = (config.size, config.size)
    inputs = jax.random.normal(key, shape), 0.6 + 5 * jax.random.uniform(key, shape)
    forms: dict[str, Sum] = {
        "by hand": lambda w, s: windowed_sum(w, s, radius=radius),
        "same forward, automatic": lambda w, s: _forward((radius, radius), w, s)[0],
        "scan over rows, automatic": lambda w, s: _rows(w, s, radius),
    }
    if config.direct:
        forms["direct, one shift at a time"] = lambda w, s: _shifts(w, s, radius)
        forms["direct, all shifts at once"] = lambda w, s: _gathered(w, s, radius)
    programs = {name: jax.jit(_slopes(form)).lower(*inputs).compile() for name, form in forms.items()}
    times = interleaved({name: lambda run=run: run(*inputs) for name, run in programs.items()}, rounds=config.rounds)
    exact = programs["scan over rows, automatic"](*inputs)
    rows = []
    for name, run in programs.items():
        reserved: Any = run.memory_analysis()
        errors = jax.tree.map(lambda a, b: float(jnp.abs(a - b).max() / jnp.abs(b).max()), run(*inputs), exact)
        rows.append(
            {"radius": radius, "form": name, "mib": reserved.temp_size_in_bytes / 2**20}
            | {"error": max(jax.tree.leaves(errors))}
            | _timed(times[name], times["by hand"])
        )
        print(rows[-1], flush=True)
    return rows


def _slopes(form: Sum) -> Callable:
    def loss(w: jax.Array, s: jax.Array) -> jax.Array:
        return jnp.square(jax.nn.sigmoid(form(w, s))).mean()

    return jax.value_and_grad(loss, (0, 1))


def _rows(w: jax.Array, s: jax.Array, radius: int) -> jax.Array:
    """The separable window in its plain form: a scan over dy, with the shifts along x in its body."""
    height, columns = w.shape
    w, s = jnp.pad(w, radius), jnp.pad(s, radius, constant_values=1)

    def step(total: jax.Array, dy: jax.Array) -> tuple[jax.Array, None]:
        row_w, row_s = (jax.lax.dynamic_slice_in_dim(a, dy + radius, height) for a in (w, s))
        row = row_w * jnp.exp(-jnp.square(dy).astype(s.dtype) / row_s)
        for dx in range(2 * radius + 1):
            at = slice(dx, dx + columns)
            total += row[:, at] * jnp.exp(-((dx - radius) ** 2) / row_s[:, at])
        return total, None

    start = jnp.zeros((height, columns), w.dtype)
    return jax.lax.scan(jax.checkpoint(step), start, jnp.arange(-radius, radius + 1))[0]


def _shifts(w: jax.Array, s: jax.Array, radius: int) -> jax.Array:
    """`sum_d w_{j+d} exp(-|d|^2 / s_{j+d})`, one of the (2R + 1)^2 shifts after another."""
    height, columns = w.shape
    side = 2 * radius + 1
    w, s = jnp.pad(w, radius), jnp.pad(s, radius, constant_values=1)

    def step(total: jax.Array, k: jax.Array) -> tuple[jax.Array, None]:
        y, x = k // side, k % side
        far = (jnp.square(y - radius) + jnp.square(x - radius)).astype(s.dtype)
        near_w, near_s = (jax.lax.dynamic_slice(a, (y, x), (height, columns)) for a in (w, s))
        return total + near_w * jnp.exp(-far / near_s), None

    return jax.lax.scan(jax.checkpoint(step), jnp.zeros((height, columns), w.dtype), jnp.arange(side**2))[0]


def _gathered(w: jax.Array, s: jax.Array, radius: int) -> jax.Array:
    """The same with a tensor `[(2R + 1)^2, h, w]`, as in the reference program."""
    height, columns = w.shape
    w, s = jnp.pad(w, radius), jnp.pad(s, radius, constant_values=1)
    y, x = jnp.meshgrid(*(jnp.arange(2 * radius + 1),) * 2, indexing="ij")

    def near(a: jax.Array) -> jax.Array:
        cut = lambda y, x: jax.lax.dynamic_slice(a, (y, x), (height, columns))  # noqa: E731
        return jax.vmap(cut)(y.ravel(), x.ravel())

    far = (jnp.square(y - radius) + jnp.square(x - radius)).ravel().astype(s.dtype)
    return (near(w) * jnp.exp(-far[:, None, None] / near(s))).sum(0)


def _end_to_end(config: Config, model: Network) -> list[dict[str, Any]]:
    """The time of a step divided by that of its bare evaluations, for one image and for several side by side."""
    score = scores.log_mixture(model.model.apply)
    xs, labels = photographs(model, config.batch)
    backgrounds = jnp.stack([jnp.full(xs.shape[1:], value, xs.dtype) for value in (1.0, -1.0, 0.0)])
    mask = image_mask(radius=config.radius)
    explain = marc(score, mask=mask, steps=config.steps, stop=False, chunk=6)

    def steps(x: jax.Array, label: jax.Array, params: Any) -> jax.Array:
        return explain(x, label, params, backgrounds=backgrounds)

    def bare(x: jax.Array, label: jax.Array, params: Any) -> jax.Array:
        """2|B| evaluations with their gradient per step, each time on other images, so that the compiler drops none."""

        def once(x: jax.Array, _: jax.Array) -> tuple[jax.Array, None]:
            mixed = jnp.concatenate([0.5 * x + 0.5 * backgrounds, 0.4 * x + 0.6 * backgrounds])
            slope = mean_over(lambda one: jax.grad(score)(one, label, params), mixed, chunk=6)
            return x + 1e-3 * slope, None

        return jax.lax.scan(once, x, None, length=config.steps)[0]

    def over(fn: Callable) -> Callable:
        return jax.jit(jax.vmap(fn, in_axes=(0, 0, None)))

    one = (xs[:1], labels[:1], model.params)
    many = (xs, labels, model.params)
    functions = {
        "one": over(steps).lower(*one).compile(),
        "bare": over(bare).lower(*one).compile(),
        "many": over(steps).lower(*many).compile(),
        "many, bare": over(bare).lower(*many).compile(),
    }
    inputs = {"one": one, "bare": one, "many": many, "many, bare": many}
    runs = {name: lambda run=run, name=name: run(*inputs[name]) for name, run in functions.items()}
    times = interleaved(runs, rounds=config.rounds)
    each = {name: Times(tuple(t / config.batch for t in times[name].seconds)) for name in ("many", "many, bare")}
    rows = []
    for name, taken, base, batch in (
        ("one image", times["one"], times["bare"], 1),
        (f"{config.batch} images", each["many"], each["many, bare"], config.batch),
    ):
        row = {"network": model.name, "weights": model.weights, "what": name, "batch": batch}
        row |= {"ms_a_step": 1e3 * taken.median / config.steps, "overhead": ratio(taken, base)}
        rows.append(row | {"to_one": ratio(taken, times["one"])})
        print(rows[-1], flush=True)
    return rows


def _timed(times: Times, base: Times) -> dict[str, Any]:
    milliseconds = [1e3 * second for second in times.seconds]
    spread = [min(milliseconds), max(milliseconds)]
    return {"ms": 1e3 * times.median, "spread": spread, "to_ours": ratio(times, base)}


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `marc.json` holds.
    """
    config = results["config"]
    titles = ("window", "form", "ms", "spread", "by ours (spread)", "MiB", "largest relative difference")
    ends = ("network", "weights", "what", "ms per step and image", "by bare evaluations", "by one image")
    steps = [
        (row["network"], row["weights"], row["what"], f"{row['ms_a_step']:.1f}", ratio_text(row["overhead"]),
         ratio_text(row["to_one"]))
        for row in results["end_to_end"]
    ]  # fmt: skip
    return (
        f"# MaRC\n\n{machine_line(results['machine'])}; {config['rounds']} rounds in turns, float32.\n\n"
        f"The mask module, forward and backward pass at {config['size']} x {config['size']}. MiB: what the compiled "
        f"program reserves for intermediates.\n\n{table(titles, map(_module_line, results['mask']))}\n"
        f"The whole optimisation: {config['steps']} steps, three backgrounds, window R = {config['radius']}, one "
        "device. Bare evaluations: for each step six of the model with their gradient in the input.\n\n"
        f"{table(ends, steps)}"
    )


def _module_line(row: dict[str, Any]) -> tuple[object, ...]:
    times = f"{row['ms']:.1f}", spread_text(row["spread"]), ratio_text(row["to_ours"])
    return (f"R = {row['radius']}", row["form"], *times, f"{row['mib']:.1f}", f"{row['error']:.0e}")


REPORT = Report("marc", markdown)

if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
