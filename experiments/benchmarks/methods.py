"""Time of every method against the bare model evaluations that it needs, and against Captum.

    python -m experiments.benchmarks.methods            # about a quarter of an hour on two cores
    python -m experiments.benchmarks.methods --full

A method's bare evaluations are the forward passes and gradients that a user would write by hand with the model alone,
compiled, as many as the method needs, at the same batch size and side by side in the same blocks (`chunk`). Method,
bare evaluations and Captum take turns in one process. Two processes run, because JAX fixes its number of devices when
it starts: one with one CPU device, one with a CPU device per core, over which `map_examples` shares out the batch, or
the evaluations of a single example.
"""

import dataclasses
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
import tyro

from experiments.benchmarks.cases import BATCHED, Case, bare, blocks, cases
from experiments.benchmarks.methods_page import REPORT
from experiments.benchmarks.networks import Network, network, photographs
from experiments.benchmarks.parts import Part, devices, measure, rows_of_parts
from experiments.benchmarks.timing import RESULTS, Times, interleaved, ratio
from experiments.experiment.record import machine, requested
from jxai.core import scores
from jxai.core.devices import has_shared_evaluations
from jxai.run.map import map_examples

__all__ = ["Config", "main"]


@dataclasses.dataclass(frozen=True)
class Config:
    """What to time.

    Attributes:
        networks: of mobilenet_v2, vit_tiny and resnet50.
        batches: sizes of batches.
        methods: only these methods; none: all of the run.
        steps: nodes of the path methods at batch 1.
        samples: draws of the sampling methods at batch 1.
        steps_batched: steps and samples at a larger batch.
        chunk: evaluations of one example side by side, at batch 1.
        chunk_batched: the same at a larger batch, whose examples are side by side already.
        rounds: how often each is timed.
        full: all methods at every batch, 50 steps, 16 samples.
        captum: compare with Captum.
        weights_folder: with the weight files; by default `$JXAI_DATA/models`; or else random weights.
        out: folder for the results.
        keep: keep the rows of an earlier run in `out` that this one does not measure.
        part: a process of the run: one device, or a device per core.
        rows: file for the rows of a part.
    """

    networks: tuple[str, ...] = ("mobilenet_v2", "vit_tiny")
    batches: tuple[int, ...] = (1, 16)
    methods: tuple[str, ...] = ()
    steps: int = 16
    samples: int = 8
    steps_batched: int = 4
    chunk: int = 2
    chunk_batched: int = 1
    rounds: int = 5
    full: bool = False
    captum: bool = True
    weights_folder: pathlib.Path | None = None
    out: pathlib.Path = RESULTS
    keep: bool = False
    part: Part = "all"
    rows: pathlib.Path | None = None

    def counts(self, batch: int) -> dict[str, int]:
        """Steps, samples and chunk at a batch size."""
        chunk = self.chunk if batch == 1 else self.chunk_batched
        if self.full:
            return {"steps": 50, "samples": 16, "chunk": chunk}
        if batch > 1:
            return {"steps": self.steps_batched, "samples": self.steps_batched, "chunk": chunk}
        return {"steps": self.steps, "samples": self.samples, "chunk": chunk}

    def chosen(self, batch: int, every: dict[str, Case]) -> list[str]:
        """Names of the methods that this run times at a batch size."""
        few = [name for name in every if name in BATCHED]
        long = [name for name, case in every.items() if not case.long]
        names = list(every) if self.full else long if batch == 1 else few
        return [name for name in every if name in self.methods] if self.methods else names


def main(config: Config) -> None:
    """Runs both parts in processes of their own, then writes the results; or runs one part."""
    if config.part != "all":
        return measure(_part(config), config.rows)
    about = machine("jax", "flax", "numpy", *(("torch", "captum") if config.captum else ()))
    earlier = REPORT.read(config.out).get("rows", []) if config.keep else []
    rows = rows_of_parts("experiments.benchmarks.methods", ("batch", "network", "method"), earlier)
    settings = requested(config, without=("rows", "weights_folder"))
    print(REPORT.write(config.out, {"machine": about, "config": settings, "rows": rows}))


def _part(config: Config) -> Iterator[dict[str, Any]]:
    number = devices(config.part)
    for name in config.networks:
        model = network(name, config.weights_folder)
        for batch in config.batches:
            yield from Bench(config, model, batch, number).rows()


class Bench:
    """The times of the methods on one network at one batch size."""

    def __init__(self, config: Config, model: Network, batch: int, devices: int):
        """Draws the images and builds the scores."""
        self.config, self.network, self.batch, self.devices = config, model, batch, devices
        self.score = scores.logit(model.model.apply)
        self.x, self.labels = photographs(model, batch)
        self.counts = config.counts(batch)
        self.cases = cases(model, self.score, **self.counts)
        self.peers = self._peers() if config.captum else None
        self.kinds: dict[str, Callable] = {}

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row a method."""
        for name in self.config.chosen(self.batch, self.cases):
            if self.config.part == "one" or self.batch >= self.devices or self._shares(name):
                yield self._row(name)

    def _shares(self, name: str) -> bool:
        """Whether devices can share the evaluations of one example."""
        args = self.x[0], self.labels[0], self.network.params
        return has_shared_evaluations(self.cases[name].explain, *args, key=jax.random.key(0))

    def _peers(self) -> Any:
        from experiments.benchmarks.captum_methods import Peers

        steps, samples = self.counts["steps"], self.counts["samples"]
        return Peers(self.network, self.x, self.labels, steps=steps, samples=samples)

    def _row(self, name: str) -> dict[str, Any]:
        about = {"method": name, "network": self.network.name, "batch": self.batch, "weights": self.network.weights}
        captum = self.peers and self.peers.method(name)
        method = self._sharded(name) if self.config.part == "cores" else self._plain(name)
        run = {"method": method} | ({"captum": captum} if captum else {})
        if self.config.part == "one":
            run["bare"] = self._bare(name)
        times = interleaved(run, rounds=self.config.rounds)
        suffix = "_cores" if self.config.part == "cores" else ""
        return about | self.counts | _numbers(times, self.batch, suffix)

    def _plain(self, name: str) -> Callable[[], Any]:
        explain = self.cases[name].explain
        keys = jax.random.split(jax.random.key(0), self.batch)
        run = jax.jit(jax.vmap(lambda x, label, key, params: explain(x, label, params, key=key), (0, 0, 0, None)))
        x, labels, params = jax.device_put((self.x, self.labels, self.network.params))
        return lambda: run(x, labels, keys, params)

    def _sharded(self, name: str) -> Callable[[], Any]:
        per_device, each = -(-self.batch // self.devices), max(1, self.devices // self.batch)
        explain = self.cases[name].explain
        run = map_examples(explain, in_axes=(0, 0, None), per_device=per_device, devices_per_example=each)
        key = jax.random.key(0)
        return lambda: run(self.x, self.labels, self.network.params, key=key)

    def _bare(self, name: str) -> Callable[[], Any]:
        calls = []
        for kind, count, chunk in self.cases[name].needs:
            number, size = blocks(count, chunk)
            calls.append((self._kind(kind), self._arguments(kind, size), number))

        def run() -> None:
            for call, args, number in calls:
                for _ in range(number):
                    jax.block_until_ready(call(*args))

        return run

    def _kind(self, kind: str) -> Callable:
        if kind not in self.kinds:
            self.kinds[kind] = bare(self.network, self.score, kind)
        return self.kinds[kind]

    def _arguments(self, kind: str, size: int) -> tuple:
        x, labels = (jax.device_put(np.repeat(a, size, axis=0)) for a in (self.x, self.labels))
        args = (x, labels, self.network.params)
        heads = {"head_gradient": "features", "middle_head": "middle"}
        return (self._kind(heads[kind])(*args), *args) if kind in heads else args


def _numbers(times: dict[str, Times], batch: int, suffix: str) -> dict[str, Any]:
    taken = times["method"]
    row: dict[str, Any] = {f"seconds{suffix}": taken.seconds, f"ms{suffix}": 1e3 * taken.median / batch}
    if "bare" in times:
        row |= {"bare_ms": 1e3 * times["bare"].median / batch, "overhead": ratio(taken, times["bare"])}
    if "captum" in times:
        row |= {f"captum_ms{suffix}": 1e3 * times["captum"].median / batch}
        row |= {f"to_captum{suffix}": ratio(taken, times["captum"])}
    return row


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
