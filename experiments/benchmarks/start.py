"""The time to the first result: `import jxai`, and `jxai explain` with and without compiled programs on disk.

python -m experiments.benchmarks.start
python -m experiments.benchmarks.start --photo dog.jpg --weights vit_tiny.npz
"""

import dataclasses
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Any

import tyro

from experiments.benchmarks.timing import RESULTS, Times, interleaved, ratio, ratio_text, spread_text
from experiments.experiment.markdown import table
from experiments.experiment.record import machine, machine_line
from experiments.experiment.results import Report

__all__ = ["REPORT", "Config", "main"]

IMPORTS = {"import jax, optax": "import jax, optax", "import jxai": "import jxai", "nothing": "pass"}


@dataclasses.dataclass(frozen=True)
class Config:
    """What to start.

    Attributes:
        rounds: how often each import is timed.
        photo: a photograph; none: `jxai explain` is not timed.
        weights: of the model.
        model: of `jxai explain`.
        method: of `jxai explain`.
        warm: runs with the compiled programs on disk, after the cold one.
        out: folder for the results.
    """

    rounds: int = 9
    photo: pathlib.Path | None = None
    weights: pathlib.Path | None = None
    model: str = "vit_tiny"
    method: tuple[str, ...] = ("integrated_gradients", "grad_cam")
    warm: int = 3
    out: pathlib.Path = RESULTS


def main(config: Config) -> None:
    """Times in fresh processes, in turns; writes `start.json` and `start.md`."""
    about = machine("jax", "optax", "flax")
    times = interleaved({name: lambda code=code: _python(code) for name, code in IMPORTS.items()}, rounds=config.rounds)
    factor = ratio(times["import jxai"], times["import jax, optax"])
    rows = {name: list(taken.seconds) for name, taken in times.items()}
    if config.photo and config.weights:
        rows |= _explain(config, config.photo, config.weights)
    print(REPORT.write(config.out, {"machine": about, "seconds": rows, "import_ratio": factor}))


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def _explain(config: Config, photo: pathlib.Path, weights: pathlib.Path) -> dict[str, list[float]]:
    """Seconds of `jxai explain` with an empty cache folder, then with the same folder filled."""
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        arguments = [str(photo), "--model", config.model, "--weights", str(weights), "--method", *config.method]
        environment = os.environ | {"JAX_COMPILATION_CACHE_DIR": str(place / "cache"), "XDG_CACHE_HOME": str(place)}

        def run(number: int) -> None:
            out = ["--target", "top", "--out", str(place / f"out{number}")]
            command = [sys.executable, "-m", "jxai", "explain", *arguments, *out]
            subprocess.run(command, check=True, env=environment)

        taken = [_seconds(run, number) for number in range(1 + config.warm)]
    return {"jxai explain, cold": taken[:1], "jxai explain, warm": taken[1:]}


def _seconds(run: Any, number: int) -> float:
    start = time.perf_counter()
    run(number)
    return time.perf_counter() - start


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `start.json` holds.
    """
    lines = [
        (name, f"{Times(tuple(seconds)).median:.2f}", spread_text(seconds, decimals=2), len(seconds))
        for name, seconds in results["seconds"].items()
    ]
    return (
        f"# Start\n\n{machine_line(results['machine'])}.\n\n"
        f"{table(('process', 'seconds (median)', 'spread', 'runs'), lines)}\n"
        f"Time of `import jxai` divided by that of `import jax, optax`: {ratio_text(results['import_ratio'])}; in "
        "brackets the spread within a round.\n"
    )


REPORT = Report("start", markdown)

if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
