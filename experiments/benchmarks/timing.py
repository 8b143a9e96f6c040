"""Times of several functions, taken in turns, so that other load on the machine affects all of them alike."""

import pathlib
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax

__all__ = ["RESULTS", "Times", "interleaved", "ratio", "ratio_text", "spread_text"]

RESULTS = pathlib.Path(__file__).parent / "results"

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
    """Runs each function once per round, in turns, after a warm-up round.

    A short function is called for `LONG` seconds in its turn, after a call that is not timed: the threads of the
    library that ran before still spin for a while.

    Args:
        functions: by name; their results are waited for.
        rounds: timed rounds.

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
    """The median of `a` divided by that of `b`, and the smallest and largest ratio within one round."""
    each = [x / y for x, y in zip(a.seconds, b.seconds, strict=True)]
    return a.median / b.median, min(each), max(each)


def ratio_text(value: Sequence[float] | None) -> str:
    """A ratio from `ratio` with its spread; a dash for None.

    Example:
        >>> ratio_text((1.0, 0.9, 1.25)), ratio_text(None)
        ('1.00 (0.90-1.25)', '-')
    """
    return "-" if value is None else f"{value[0]:.2f} ({value[1]:.2f}-{value[2]:.2f})"


def spread_text(values: Sequence[float], *, decimals: int = 1) -> str:
    """The smallest and the largest value; a dash for no values.

    Example:
        >>> spread_text([2.0, 1.0]), spread_text([])
        ('1.0-2.0', '-')
    """
    return f"{min(values):.{decimals}f}-{max(values):.{decimals}f}" if values else "-"
