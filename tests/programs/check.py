"""What a check says: numbers that must agree, in one wording, with the program that makes them again."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from jxai.core.errors import MissingRule, UnusedRule

__all__ = ["REFUSALS", "Wrong", "agree", "attempt", "both", "sums_to"]

REFUSALS = (MissingRule, UnusedRule, NotImplementedError)  # a method may say that it cannot; never a wrong number


class Wrong(AssertionError):
    """A number that is not what it must be."""


def agree(what: str, came: Any, expected: Any, tolerance: float) -> None:
    """Raise `Wrong` where two trees of arrays differ by more than `tolerance` of the largest expected value."""
    for a, e in zip(jax.tree.leaves(came), jax.tree.leaves(expected), strict=True):
        a, e = np.asarray(a, np.float64), np.asarray(e, np.float64)
        if a.shape != e.shape:
            raise Wrong(f"{what}: shape {a.shape} came, expected {e.shape}")
        if not np.isfinite(a).all():
            raise Wrong(f"{what}: not finite: {_short(a)}")
        off = np.abs(a - e).max(initial=0) / max(np.abs(e).max(initial=0), 1e-6)
        if not off <= tolerance:
            raise Wrong(f"{what}: off by {off:.3g} of the largest\ncame     {_short(a)}\nexpected {_short(e)}")


def sums_to(what: str, explanation: Any, expected: Any, tolerance: float) -> None:
    """Raise `Wrong` where an explanation does not add up to `expected`."""
    parts = [np.asarray(leaf, np.float64) for leaf in jax.tree.leaves(explanation)]
    total, size = sum(p.sum() for p in parts), sum(np.abs(p).sum() for p in parts)
    off = abs(total - float(expected)) / (abs(float(expected)) + 1e-3 * size + 1e-9)
    if not off <= tolerance:
        raise Wrong(f"{what}: the sum is {total:.8g}, expected {float(expected):.8g}")


def attempt(compute: Callable) -> Any:
    """The result, or None where the method refuses and says what to do."""
    try:
        return compute()
    except REFUSALS as refusal:
        if not str(refusal):
            raise Wrong("refused without a word") from refusal
        return None


def both(what: str, one: Callable, other: Callable, tolerance: float) -> None:
    """Two ways to the same numbers agree, where neither is refused."""
    came = attempt(one)
    expected = None if came is None else attempt(other)
    if came is not None and expected is not None:
        agree(what, came, expected, tolerance)


def _short(values: np.ndarray) -> str:
    return np.array2string(values.ravel()[:8], precision=5)
