"""Times of several functions, taken in turns, so that what else the machine does meets all of them alike."""

import datetime
import importlib.metadata
import os
import pathlib
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax

__all__ = ["Times", "asked", "interleaved", "machine", "ratio", "ratio_text", "table"]

LONG = 0.2  # seconds of a turn, where one call takes less
PAUSE = 0.02  # seconds after each run: the threads of the library that ran last stop spinning


class Times(NamedTuple):
    """Seconds of every round."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median, in seconds."""
        return statistics.median(self.seconds)


def interleaved(functions: Mapping[str, Callable[[], Any]], *, rounds: int) -> dict[str, Times]:
    """Runs each function once a round, in turns, after one round that does not count.

    A short function is called `LONG` seconds long in its turn, after one call that does not count: the threads of the
    library that ran before still spin for a while.

    Args:
        functions: by name; what they return is waited for.
        rounds: that count.

    Returns:
        The times of one call by name, in the order of the rounds.
    """
    calls, seconds = {}, {name: [] for name in functions}
    for name, function in functions.items():
        _seconds(function, 1)
        calls[name] = min(1000, max(1, round(LONG / _seconds(function, 1))))
    for _ in range(rounds):
        for name, function in functions.items():
            if calls[name] > 1:
                _seconds(function, 1)
            seconds[name].append(_seconds(function, calls[name]) / calls[name])
            time.sleep(PAUSE)
    return {name: Times(tuple(taken)) for name, taken in seconds.items()}


def _seconds(function: Callable[[], Any], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        jax.block_until_ready(function())
    return time.perf_counter() - start


def ratio(a: Times, b: Times) -> tuple[float, float, float]:
    """Median of `a` by median of `b`, and the smallest and largest ratio within one round."""
    each = [x / y for x, y in zip(a.seconds, b.seconds, strict=True)]
    return a.median / b.median, min(each), max(each)


def ratio_text(value: tuple[float, float, float] | None) -> str:
    """A ratio of `ratio` with its spread; a dash where there is none."""
    return "-" if value is None else f"{value[0]:.2f} ({value[1]:.2f}-{value[2]:.2f})"


def machine(*packages: str) -> dict[str, Any]:
    """Where and when a result was measured, with the versions of `packages`."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="minutes"),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in packages},
    }


def table(titles: tuple[str, ...], rows: list[tuple]) -> str:
    """A Markdown table."""
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def _processor() -> str:
    lines = pathlib.Path("/proc/cpuinfo")
    if lines.is_file():
        names = [line.split(":")[1].strip() for line in lines.read_text().splitlines() if line.startswith("model name")]
        return names[0] if names else platform.processor()
    return platform.processor()


def asked(config: Any) -> dict[str, Any]:
    """What an experiment was asked for, as its results record it: without the folders of whoever ran it."""
    return {name: value for name, value in vars(config).items() if not isinstance(value, pathlib.Path)}
