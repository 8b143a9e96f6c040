"""This version of jxai against another checkout: time to trace, to compile and to run, method by method.

git worktree add ../before REVISION
python -m experiments.benchmarks.versions --before ../before
"""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from typing import Any

import tyro

from experiments.benchmarks.timing import RESULTS, Times, ratio, ratio_text
from experiments.experiment.markdown import table
from experiments.experiment.record import machine, machine_line
from experiments.experiment.results import Report

__all__ = ["REPORT", "Config", "main"]

PARTS = ("trace", "compile", "run")
WORKER = pathlib.Path(__file__).with_name("version_times.py")
HERE = pathlib.Path(__file__).parents[2]


@dataclasses.dataclass(frozen=True)
class Config:
    """What to compare.

    Attributes:
        before: the other checkout.
        models: networks.
        methods: of `version_times.py`.
        rounds: processes of each version, in turns.
        calls: timed calls of the compiled method in a process; their median counts.
        out: folder for the results.
    """

    before: pathlib.Path
    models: tuple[str, ...] = ("mobilenet_v2", "vit_tiny")
    methods: tuple[str, ...] = ("gradient", "integrated_gradients", "grad_cam", "guided_backprop", "deep_lift", "lrp")
    rounds: int = 3
    calls: int = 5
    out: pathlib.Path = RESULTS


def main(config: Config) -> None:
    """Each round starts a process of each version for each model; writes `versions.json` and `versions.md`."""
    about, taken = machine("jax", "optax", "flax"), []
    for _ in range(config.rounds):
        for model in config.models:
            both = [_times(checkout, model, config) for checkout in (config.before, HERE)]
            taken.append({"model": model, "before": both[0], "after": both[1]})
    rows = [row for model in config.models for row in _rows([t for t in taken if t["model"] == model], model)]
    revisions = [_revision(checkout) for checkout in (config.before, HERE)]
    print(REPORT.write(config.out, {"machine": about, "revisions": revisions, "rows": rows}))


def _times(checkout: pathlib.Path, model: str, config: Config) -> dict[str, dict[str, float]]:
    """Seconds in a new process that has that checkout's jxai and no compiled programs."""
    environment = os.environ | {"PYTHONPATH": str(checkout.resolve())}
    with tempfile.TemporaryDirectory() as folder:
        arguments = [model, str(config.calls), *config.methods]
        done = subprocess.run(
            [sys.executable, str(WORKER), *arguments], cwd=folder, env=environment, check=True, capture_output=True
        )
    return json.loads(done.stdout.splitlines()[-1])


def _rows(rounds: list[dict[str, Any]], model: str) -> list[dict[str, Any]]:
    rows = []
    for method in rounds[0]["after"]:
        row: dict[str, Any] = {"model": model, "method": method}
        for part in PARTS:
            seconds = [[r[side][method].get(part) for r in rounds] for side in ("after", "before")]
            if None in seconds[0] + seconds[1]:  # a method may refuse a network
                row[part] = None
                continue
            after, before = (Times(tuple(each)) for each in seconds)
            row |= {part: ratio(after, before), f"{part} seconds": after.median}
        rows.append(row)
    return rows


def _revision(checkout: pathlib.Path) -> str:
    command = ["git", "-C", str(checkout), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `versions.json` holds.
    """
    lines = [
        (row["model"], row["method"], *(ratio_text(row[part]) for part in PARTS),
         f"{row['run seconds']:.3f}" if row["run"] else "-")
        for row in results["rows"]
    ]  # fmt: skip
    before, after = results["revisions"]
    return (
        f"# Versions\n\n{machine_line(results['machine'])}.\n\n"
        f"Times of {after} divided by those of {before}: the median, in brackets the spread within a round. "
        "Each round has a new process for each version. Batch 1, 16 steps of integrated gradients.\n\n"
        f"{table(('model', 'method', 'trace', 'compile', 'run', 'run after (s)'), lines)}\n"
    )


REPORT = Report("versions", markdown)

if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
