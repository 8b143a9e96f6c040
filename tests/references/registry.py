"""Ties a literal reference to the method that it replicates, with the cases on which the two are compared.

Registering is comparing: `tests/test_references.py` runs every case of every reference. A case is a function
`(method, reference) -> (result, expected)` that calls both on the same small example; a tuple is several values.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from tests.jitted import jitted

__all__ = ["REFERENCES", "Case", "Reference", "as_given", "replicates", "same"]

Case = Callable[[Callable, Callable], tuple[Any, Any]]


class Reference(NamedTuple):
    """A method, the literal function that replicates it, and how they are compared."""

    method: Callable
    literal: Callable
    cases: tuple[Case, ...]
    rtol: float
    atol: float

    def compare(self) -> None:
        """Raises unless the two agree on all cases, and the cases could tell them from a constant."""
        all_values = []
        for number, case in enumerate(self.cases):
            result, expected = map(_values, case(self.method, self.literal))
            assert len(result) == len(expected), f"case {number}: {len(result)} values for {len(expected)}"
            for got, wanted in zip(result, expected, strict=True):
                self._compare_values(got, wanted, f"case {number}")
            all_values.append(expected)
        for column in zip(*all_values, strict=True):
            _require_varied(np.concatenate([value.ravel() for value in column]))

    def _compare_values(self, got: np.ndarray, wanted: np.ndarray, where: str) -> None:
        assert got.shape == wanted.shape, f"{where}: shape {got.shape} for {wanted.shape}"
        if wanted.dtype.kind in "fc":
            np.testing.assert_allclose(got, wanted, rtol=self.rtol, atol=self.atol, err_msg=where)
        else:
            np.testing.assert_array_equal(got, wanted, err_msg=where)


REFERENCES: list[Reference] = []


def replicates(
    *methods: Callable, cases: Iterable[Case], rtol: float = 1e-9, atol: float = 1e-12
) -> Callable[[Callable], Callable]:
    """Register the function below as the literal reference of `methods`, compared on `cases`."""
    cases = tuple(cases)

    def register(literal: Callable) -> Callable:
        REFERENCES.extend(Reference(method, literal, cases, rtol, atol) for method in methods)
        return literal

    return register


def as_given(*args: Any) -> Case:
    """The case in which both take the same arguments as they are."""
    return lambda method, literal: (method(*args), literal(*args))


def same(*args: Any, **options: Any) -> Case:
    """The case in which both take the same arguments; positional ones are arrays, for the method JAX's."""

    def case(method: Callable, literal: Callable) -> tuple[Any, Any]:
        arrays = {name: jnp.asarray(a) if isinstance(a, np.ndarray) else a for name, a in options.items()}
        found = jitted(method)(*map(jnp.asarray, args), **arrays)
        return found, literal(*args, **options)

    return case


def _values(value: Any) -> list[np.ndarray]:
    """The arrays of a result: those of a tuple, whatever its depth."""
    if isinstance(value, tuple):
        return [array for part in value for array in _values(part)]
    return [np.asarray(value)]


def _require_varied(values: np.ndarray) -> None:
    """What is compared is not the same everywhere, so that no constant passes for it."""
    if values.dtype.kind in "fc":
        values = values[np.isfinite(values)]
        assert values.size and np.abs(values).max() > 1e-6, "the cases expect nothing but 0"
    assert len(np.unique(values)) > 1, f"the cases expect one value only: {values[:1]}"
