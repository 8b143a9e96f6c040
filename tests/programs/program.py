"""A random program: a short list of layers, each by name, and a seed for its numbers; its `repr` makes it again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from jxai import scores
from tests.programs.families import FAMILIES

__all__ = ["Layer", "Program"]

SHAPES = {"vector": (4,), "tokens": (3, 4), "image": (4, 4, 4)}
WEIGHTS = {  # by name; what begins with b is a bias, with v a variance, with g a gain
    **dict.fromkeys(("k", "q", "v_"), (4, 4)),
    **dict.fromkeys(("b", "b_mean", "g", "v"), (4,)),
    "k33": (3, 3, 4, 4),
    "k48": (4, 8),
    "k84": (8, 4),
    "stack": (3, 4, 4),
    "experts": (4, 4, 4),
}
# JAX divides the gradient of a maximum by how many values equal it: none does where XLA computes the values twice and
# rounds them otherwise, hence the barrier
READOUTS: dict[str, Callable] = {
    "mean": lambda h: h.reshape(-1, 4).mean(0),
    "sum": lambda h: h.reshape(-1, 4).sum(0) / 2,
    "first": lambda h: h.reshape(-1, 4)[0],
    "max": lambda h: jax.lax.optimization_barrier(h).reshape(-1, 4).max(0),
}
SCORES = {"logit": scores.logit, "probability": scores.probability, "log_probability": scores.log_probability}


@dataclass(frozen=True)
class Layer:
    """A family and one of its spellings; `mapped` puts a `vmap` over places around it, as Equinox models have."""

    family: str
    spelling: str
    mapped: bool = False

    @property
    def traits(self) -> frozenset[str]:
        return FAMILIES[self.family].traits

    @property
    def canonical(self) -> "Layer":
        return Layer(self.family, next(iter(FAMILIES[self.family].spellings)))

    def call(self, p: dict, h: jax.Array, done: Callable = lambda h: h) -> jax.Array:
        """The layer, and `done` (a tap) of its output where the layer ends."""

        def inside(h: jax.Array) -> jax.Array:
            return done(FAMILIES[self.family].spellings[self.spelling](p, h))

        for _ in range(h.ndim - 1 if self.mapped else 0):
            inside = jax.vmap(inside)
        return inside(h)


@dataclass(frozen=True)
class Program:
    """A network `[*space, 4] -> [3]` with a tap `t0`, `t1`, ... after each layer."""

    kind: str
    layers: tuple[Layer, ...]
    seed: int = 0
    readout: str = "mean"
    score: str = "logit"
    biased: bool = True
    batched: bool = False  # computes on [1, *space, 4], as models with a batch axis do
    dtype: str = "float64"

    @property
    def traits(self) -> frozenset[str]:
        return frozenset().union(*(layer.traits for layer in self.layers))

    @property
    def canonical(self) -> "Program":
        """The same network with every layer in its first spelling."""
        return replace(self, layers=tuple(layer.canonical for layer in self.layers), batched=False)

    def numbers(self, offset: int = 0) -> np.random.Generator:
        return np.random.default_rng(1000 * self.seed + offset)

    @property
    def params(self) -> list[dict[str, jax.Array]]:
        """The weights of every layer, and those of the head."""
        r = self.numbers()
        made = [{name: self._weight(r, name, shape) for name, shape in WEIGHTS.items()} for _ in self.layers]
        return [*made, {"k": self._array(r.normal(size=(4, 3))), "b": self._weight(r, "b", (3,))}]

    def _weight(self, r: np.random.Generator, name: str, shape: tuple[int, ...]) -> jax.Array:
        w = r.normal(size=shape)
        if name[0] == "b":
            w *= 0.5 * self.biased
        elif name == "v":
            w = np.exp(w / 2)
        elif name[0] != "g":
            w *= 1.2 / np.sqrt(np.prod(shape[(len(shape) == 3) : -1]))
        return self._array(w)

    def _array(self, values: Any) -> jax.Array:
        return jnp.asarray(values, self.dtype)

    @property
    def inputs(self) -> tuple[jax.Array, jax.Array]:
        """The example and a baseline."""
        r = self.numbers(7)
        return tuple(self._array(scale * r.normal(size=SHAPES[self.kind])) for scale in (1.0, 0.7))

    @property
    def label(self) -> int:
        return self.seed % 3

    def run(self, params: list, h: jax.Array, *, tap=lambda h, name: h, first: int = 0, last: int | None = None):
        """The layers `first` to `last` (and the head, where last is None); `tap` stands after each."""
        for i, layer in list(enumerate(self.layers))[first:last]:
            if self.batched and not layer.mapped:
                h = jax.vmap(lambda h, layer=layer, i=i: layer.call(params[i], h))(h[None])
                h = tap(h, f"t{i}")[0]
            else:
                h = layer.call(params[i], h, lambda h, i=i: tap(h, f"t{i}"))
        if last is not None:
            return h
        return READOUTS[self.readout](h) @ params[-1]["k"] + params[-1]["b"]

    def apply(self, params: list, x: jax.Array) -> jax.Array:
        """The logits, with taps."""
        return self.run(params, x, tap=jxai.tap)

    def make_score(self, name: str | None = None) -> Callable:
        return SCORES[name or self.score](self.apply)
