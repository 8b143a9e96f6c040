"""How long the first result takes: `import jxai`, and `jxai explain` with and without compiled programs on disk.

python -m experiments.benchmarks.start
python -m experiments.benchmarks.start --photo dog.jpg --weights vit_tiny.npz
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

from experiments.benchmarks.timing import Times, interleaved, machine, ratio, table

__all__ = ["Config", "main"]

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
    out: pathlib.Path = pathlib.Path(__file__).parent / "results"


def main(config: Config) -> None:
    """Times in fresh processes, in turns; writes `start.json` and `start.md`."""
    about = machine("jax", "optax", "flax")
    times = interleaved({name: lambda code=code: _python(code) for name, code in IMPORTS.items()}, rounds=config.rounds)
    factor = ratio(times["import jxai"], times["import jax, optax"])
    rows = {name: list(taken.seconds) for name, taken in times.items()}
    if config.photo and config.weights:
        rows |= _explain(config, config.photo, config.weights)
    config.out.mkdir(parents=True, exist_ok=True)
    whole = {"machine": about, "seconds": rows, "import_ratio": factor}
    (config.out / "start.json").write_text(json.dumps(whole, indent=1) + "\n")
    page = _page(rows, factor, about)
    (config.out / "start.md").write_text(page)
    print(page)


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
    import time

    start = time.perf_counter()
    run(number)
    return time.perf_counter() - start


def _page(rows: dict[str, list[float]], factor: tuple[float, float, float], about: dict[str, Any]) -> str:
    lines = [(name, f"{Times(tuple(s)).median:.2f}", f"{min(s):.2f}-{max(s):.2f}", len(s)) for name, s in rows.items()]
    return (
        f"# Start\n\n{about['date']}, {about['processor']}, {about['cores']} cores, load average "
        f"{about['load_average']}, Python {about['python']}.\n\n"
        f"{table(('process', 'seconds (median)', 'spread', 'runs'), lines)}\n"
        f"`import jxai` by `import jax, optax`: {factor[0]:.2f} ({factor[1]:.2f}-{factor[2]:.2f} within a round).\n"
    )


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
