"""Peak memory of the methods against their number of evaluations, and against `chunk`.

    python -m experiments.benchmarks.memory

The number is what the compiled program reserves for its intermediates (`memory_analysis().temp_size_in_bytes`); nothing
is run. At a fixed chunk it must not depend on steps or samples.
"""

import dataclasses
import pathlib
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import tyro

import jxai
from experiments.benchmarks.networks import MIDDLE, Network, network
from experiments.benchmarks.timing import RESULTS
from experiments.experiment.markdown import table
from experiments.experiment.record import machine, machine_line
from experiments.experiment.results import Report
from jxai.core import scores
from jxai.core.types import Explain, Score
from jxai.methods import METHODS, Method

__all__ = ["REPORT", "Config", "main", "temporary_bytes"]

FAMILIES = ("gradients", "paths", "layers")


@dataclasses.dataclass(frozen=True)
class Config:
    """What to compile.

    Attributes:
        networks: of mobilenet_v2 and vit_tiny.
        methods: only these methods; none: all.
        counts: numbers of steps or samples, at `chunk`; they need not be multiples of it.
        chunk: at which the counts vary.
        chunks: sizes of chunk, at the largest count.
        out: folder for the results.
    """

    networks: tuple[str, ...] = tuple(MIDDLE)
    methods: tuple[str, ...] = ()
    counts: tuple[int, ...] = (16, 64, 256)
    chunk: int = 8
    chunks: tuple[int, ...] = (1, 2, 4, 8, 16)
    out: pathlib.Path = RESULTS


def main(config: Config) -> None:
    """Compiles every method at every setting; writes `memory.json` and `memory.md`."""
    rows = []
    for name in config.networks:
        model = network(name)
        score = scores.logit(model.model.apply)
        for method, make in methods(model, score).items():
            if not config.methods or method in config.methods:
                rows.append({"method": method, "network": name} | _sizes(config, model, make))
                print(rows[-1], flush=True)
    settings = {"chunk": config.chunk, "counts": config.counts, "chunks": config.chunks}
    print(REPORT.write(config.out, {"machine": machine("jax", "flax"), **settings, "rows": rows}))


def methods(model: Network, score: Score) -> dict[str, Callable[[int, int], Explain]]:
    """The methods of many gradients, as functions of how many and `chunk`."""
    rows = [row for row in METHODS.values() if row.by_name and row.count and row.family in FAMILIES]
    return {row.name: partial(_configured, row, model, score) for row in rows}


def _configured(row: Method, model: Network, score: Score, count: int, chunk: int) -> Explain:
    options = {row.count: count} | ({"chunk": chunk} if row.chunk else {}) | ({"at": model.middle} if row.at else {})
    explain = row.function(jxai.gradient(score) if row.takes == "explainer" else score, **options)
    if "baselines" in row.needs:
        return lambda x, *args, key=None: explain(x, *args, key=key, baselines=jnp.zeros_like(x)[None])
    return explain


def temporary_bytes(model: Network, explain: Explain) -> int:
    """Bytes that the compiled explanation of one image reserves for its intermediates."""
    size = model.model.size
    x = jax.ShapeDtypeStruct((size, size, 3), jnp.float32)
    label = jax.ShapeDtypeStruct((), jnp.int32)
    key = jax.eval_shape(lambda: jax.random.key(0))
    run = jax.jit(lambda x, label, key, params: explain(x, label, params, key=key))
    reserved: Any = run.lower(x, label, key, model.params).compile().memory_analysis()
    return reserved.temp_size_in_bytes


def _sizes(config: Config, model: Network, make: Callable[[int, int], Explain]) -> dict[str, Any]:
    by_count = {n: temporary_bytes(model, make(n, config.chunk)) for n in config.counts}
    largest = config.counts[-1]
    compiled = {config.chunk: by_count[largest]}
    by_chunk = {c: compiled.get(c) or temporary_bytes(model, make(largest, c)) for c in config.chunks}
    return {"by_count": by_count, "by_chunk": by_chunk, "growth": by_count[largest] / by_count[config.counts[0]]}


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `memory.json` holds.
    """
    counts = (f"{count} evaluations" for count in results["counts"])
    titles = ("method", "network", *counts, "last / first", *(f"chunk {chunk}" for chunk in results["chunks"]))
    chunk, largest = results["chunk"], results["counts"][-1]
    return (
        f"# Peak memory of one explanation\n\n{machine_line(results['machine'], load='at the end')}.\n\n"
        "The numbers are MiB that the compiled program reserves for intermediates: first against the number of steps "
        f"or samples at chunk {chunk}, then against chunk at {largest} of them. Guided integrated gradients goes step "
        f"by step, without chunks.\n\n{table(titles, map(_line, results['rows']))}"
    )


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    by_count, by_chunk = ([f"{size / 2**20:.1f}" for size in row[name].values()] for name in ("by_count", "by_chunk"))
    return (row["method"], row["network"], *by_count, f"{row['growth']:.3f}", *by_chunk)


REPORT = Report("memory", markdown)

if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
