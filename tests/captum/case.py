"""One row of the table: a test of Captum's suite, with the numbers that it expects."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.captum.models import MODELS

__all__ = ["Case"]


@dataclass(frozen=True)
class Case:
    """What Captum's test `test` computes for one example, and the result that it asserts.

    Inputs are a tuple, an array for each input of the model. Results and masks have the same form, or, at a layer, that
    of the layer (of a picture's with channels first, as in Captum).
    """

    test: str
    method: str
    model: str
    inputs: tuple
    expected: Any
    target: int | tuple[int, ...] | None = 0
    baseline: Any = 0.0  # a number, a tuple with one for each input, or of a layer, of its form
    args: tuple = ()
    mask: Any = None
    at: str | None = None
    index: tuple[int, ...] | None = None
    tolerance: float = 1e-4
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return f"{self.test}: {self.method}" + (f" at {self.at}" if self.at else "")

    @cached_property
    def arrays(self) -> tuple[jax.Array, ...]:
        return tuple(jnp.asarray(np.asarray(x, np.float64 if _floats(x) else None)) for x in self.inputs)

    @cached_property
    def x(self) -> jax.Array:
        """All inputs as one vector."""
        return jnp.concatenate([x.ravel() for x in self.arrays])

    def unravel(self, x: jax.Array) -> tuple[jax.Array, ...]:
        ends = np.cumsum([a.size for a in self.arrays])
        return tuple(x[end - a.size : end].reshape(a.shape) for end, a in zip(ends, self.arrays, strict=True))

    def vector(self, values: Any) -> jax.Array:
        """Numbers or arrays, one for each input or one for all, as one vector."""
        each = values if isinstance(values, tuple) else (values,) * len(self.arrays)
        return jnp.asarray(np.concatenate([_of_shape(v, x.shape) for v, x in zip(each, self.arrays, strict=True)]))

    def output(self, *inputs: jax.Array) -> jax.Array:
        return MODELS[self.model](*inputs, *(np.asarray(a) for a in self.args))

    def select(self, out: jax.Array) -> jax.Array:
        out = out.sum() if self.target is None else out[self.target]
        return out.astype(float)

    def score(self, x: jax.Array) -> jax.Array:
        """The score of all inputs in one vector."""
        return self.select(self.output(*self.unravel(x)))


def _of_shape(values: Any, shape: tuple[int, ...]) -> np.ndarray:
    values = np.asarray(values)
    return (values if values.size == np.prod(shape) else np.broadcast_to(values, shape)).ravel()


def _floats(x: Any) -> bool:
    return np.asarray(x).dtype.kind == "f"
