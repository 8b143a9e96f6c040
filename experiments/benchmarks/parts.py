"""The two processes of a benchmark, with one CPU device and with one per core: JAX fixes the number when it starts."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import jax

__all__ = ["Part", "devices", "measure", "rows_of_parts"]

Part = Literal["all", "one", "cores"]


def devices(part: Part) -> int:
    """Sets up the CPU devices of a part; returns their number."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    number = cores if part == "cores" else 1
    jax.config.update("jax_num_cpu_devices", number)
    return number


def measure(rows: Iterable[dict[str, Any]], to: pathlib.Path | None) -> None:
    """Runs a part: prints every row when it is measured, and writes all rows as JSON."""
    measured = []
    for row in rows:
        print(row, flush=True)
        measured.append(row)
    if to:
        to.write_text(json.dumps(measured))


def rows_of_parts(module: str, key: tuple[str, ...], earlier: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """Runs both parts of this command in processes of their own; returns the rows in the order of their keys.

    Args:
        module: the benchmark, such as `experiments.benchmarks.methods`; it gets this command's arguments, and takes
            `--part` and `--rows`.
        key: columns that identify a row; a row that both parts measured gets the columns of both.
        earlier: rows of an earlier run, which stay unless this run has them too.
    """
    measured: dict[tuple, dict[str, Any]] = {}
    for part in ("one", "cores"):
        with tempfile.TemporaryDirectory() as folder:
            rows = pathlib.Path(folder) / "rows.json"
            command = [sys.executable, "-m", module, *sys.argv[1:], "--part", part, "--rows", str(rows)]
            subprocess.run(command, check=True)
            for row in json.loads(rows.read_text()):
                measured.setdefault(tuple(row[name] for name in key), {}).update(row)
    every = {tuple(row[name] for name in key): row for row in earlier} | measured
    return [every[key] for key in sorted(every)]
