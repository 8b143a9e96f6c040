"""Time of the methods over groups against the bare forward passes they need, and against Captum at its best setting.

    python -m experiments.benchmarks.coalitions            # about twenty minutes on two cores
    python -m experiments.benchmarks.coalitions --stride 4 # occlusion exactly as in the paper: 2601 windows

Claims: forward-only methods (occlusion with the paper's window, RISE, Shapley sampling, LIME, KernelSHAP) cost 1.0 to
1.1 times the bare forward passes, and less than Captum's. KernelSHAP with 100 samples and 49 segments on small networks
is at least ten times as fast as Captum's. Captum's best setting is found by trying every `perturbations_per_eval` once.
Two processes run, as in `methods.py`: with one CPU device, and with one for each core.
"""

import dataclasses
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import tyro

import jxai
from experiments.benchmarks.cases import Case
from experiments.benchmarks.methods import Bench
from experiments.benchmarks.networks import MAKE, Network, network, photographs
from experiments.benchmarks.parts import Part, devices, measure, rows_of_parts
from experiments.benchmarks.small import SMALL, small_rows
from experiments.benchmarks.timing import RESULTS, ratio_text, spread_text
from experiments.experiment.markdown import table
from experiments.experiment.record import machine, machine_line, requested
from experiments.experiment.results import Report
from jxai.core import scores
from jxai.core.types import Explain, Score

__all__ = ["REPORT", "Config", "main", "segments"]

SIDE = 7  # segments along each axis: 49


@dataclasses.dataclass(frozen=True)
class Config:
    """What to time.

    Attributes:
        networks: large ones, of `networks.MAKE`.
        small: small ones, of `small.SMALL`.
        batch: images at once.
        methods: only these methods; none: all.
        stride: of occlusion, in pixels; the window is the paper's, 1/9 of the side.
        masks: of RISE.
        permutations: of Shapley sampling, over 49 segments.
        samples: of LIME and KernelSHAP, over 49 segments.
        chunk: evaluations of one example side by side.
        tried: values of Captum's `perturbations_per_eval`.
        rounds: how often each is timed.
        captum: compare with Captum.
        weights_folder: with the weight files; by default `$JXAI_DATA/models`; or else random weights.
        out: folder for the results.
        keep: keep the rows of an earlier run in `out` that this one does not measure.
        part: a process of the run: one device, or a device per core.
        rows: file for the rows of a part.
    """

    networks: tuple[str, ...] = tuple(MAKE)
    small: tuple[str, ...] = tuple(SMALL)
    batch: int = 1
    methods: tuple[str, ...] = ()
    stride: int = 20
    masks: int = 64
    permutations: int = 2
    samples: int = 100
    chunk: int = 4
    tried: tuple[int, ...] = (1, 4, 16, 50)
    rounds: int = 5
    captum: bool = True
    weights_folder: pathlib.Path | None = None
    out: pathlib.Path = RESULTS
    keep: bool = False
    part: Part = "all"
    rows: pathlib.Path | None = None


def main(config: Config) -> None:
    """Runs both parts in processes of their own, then writes the results; or runs one part."""
    if config.part != "all":
        return measure(_part(config), config.rows)
    about = machine("jax", "flax", "numpy", *(("torch", "captum") if config.captum else ()))
    earlier = REPORT.read(config.out).get("rows", []) if config.keep else []
    rows = rows_of_parts("experiments.benchmarks.coalitions", ("network", "method"), earlier)
    settings = requested(config, without=("rows", "weights_folder", "part", "keep", "networks", "small", "methods"))
    print(REPORT.write(config.out, {"machine": about, "config": settings, "rows": rows}))


def _part(config: Config) -> Iterator[dict[str, Any]]:
    number = devices(config.part)
    if config.part == "one":
        yield from small_rows(config.small, samples=config.samples, rounds=config.rounds, captum=config.captum)
    for name in config.networks:
        yield from Coalitions(config, network(name, config.weights_folder), number).rows()


class Coalitions(Bench):
    """The times of the methods over groups on one network."""

    def __init__(self, config: Config, model: Network, devices: int):
        """Draws the images and builds the score."""
        self.config, self.network, self.batch, self.devices = config, model, config.batch, devices
        self.score = scores.logit(model.model.apply)
        self.x, self.labels = photographs(model, config.batch)
        self.counts = {"chunk": config.chunk}
        self.cases, self.kinds = cases(self.score, model.model.size, config), {}
        self.peers = self._peers() if config.captum else None

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row per method."""
        for name in self.config.methods or self.cases:
            row = self._row(name) | {"evaluations": self.cases[name].needs[0][1]}
            yield row | ({"captum_setting": self.peers.best.get(name)} if self.peers else {})

    def _peers(self) -> Any:
        from experiments.benchmarks.captum_coalitions import Peers

        return Peers(self.network, self.x, self.labels, segments(self.network.model.size), self.config)


def segments(size: int) -> np.ndarray:
    """A grid of `SIDE` x `SIDE` segments of a square image."""
    row = np.arange(size) * SIDE // size
    return row[:, None] * SIDE + row


def cases(score: Score, size: int, config: Config) -> dict[str, Case]:
    """All methods by name, with the forward passes that they need."""
    window, groups, chunk = round(size / 9), segments(size), config.chunk
    windows = (-(-(size - window) // config.stride) + 1) ** 2
    n = SIDE**2
    every: dict[str, tuple[Explain, int]] = {
        "occlusion": (jxai.occlusion(score, window=window, stride=config.stride, chunk=chunk), windows + 1),
        "rise": (jxai.rise(score, masks=config.masks, chunk=chunk), config.masks),
        "ablation": (_over(jxai.ablation(score, chunk=chunk), groups), n + 1),
        "shapley_sampling": (
            _over(jxai.shapley_sampling(score, permutations=config.permutations, chunk=chunk), groups),
            config.permutations * (n - 1) + 2,
        ),
        "lime": (_over(jxai.lime(score, samples=config.samples, chunk=chunk), groups), config.samples + 1),
        "kernel_shap": (
            _over(jxai.kernel_shap(score, samples=config.samples, chunk=chunk), groups),
            config.samples + 2,
        ),
    }
    return {name: Case(explain, (("forward", count, chunk),)) for name, (explain, count) in every.items()}


def _over(explain: Explain, groups: np.ndarray) -> Explain:
    return lambda *args, **inputs: explain(*args, groups=groups, **inputs)


TITLES = ("method", "network", "evaluations", "ms an example", "spread", "overhead", "to Captum", "a device per core")
NOTES = """
* Overhead: the time of the method divided by that of the bare forward passes that it needs, `chunk` at a time, in
  turns. It is the ratio of the medians; in brackets are the smallest and largest ratio within a round.
* To Captum: our time divided by that of Captum at the fastest of the tried values of `perturbations_per_eval`, on the
  same network in PyTorch with the same weights. Below 1 we are faster. A dash: Captum has no such method, or there is
  no PyTorch twin.
* A device per core: ours on one CPU device for each core, divided by Captum on all cores.
* Small networks: 100 samples, 49 segments, all evaluated side by side.
"""


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `coalitions.json` holds.
    """
    settings = ", ".join(f"{name} {value}" for name, value in results["config"].items())
    head = f"# Time of the methods over groups\n\n{machine_line(results['machine'])}.\nSettings: {settings}.\n\n"
    return head + table(TITLES, map(_line, results["rows"])) + NOTES


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    milliseconds = [1e3 * second / row["batch"] for second in row["seconds"]]
    ratios = (ratio_text(row.get(name)) for name in ("overhead", "to_captum", "to_captum_cores"))
    about = (row[name] for name in ("method", "network", "evaluations"))
    return (*about, f"{row['ms']:.1f}", spread_text(milliseconds), *ratios)


REPORT = Report("coalitions", markdown)

if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
