"""The identity that keeps a name in a traced program: the primitive behind `tap`.

Under `vmap` the batch axis stands in front of the named value, wherever vmap left it: `[n, c]` for a layer `[c]` that
the model maps over n tokens.
"""

import jax.numpy as jnp
from jax import Array
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jaxtyping import Shaped

__all__ = ["TAP", "mark"]

TAP = "tap"
_tap = Primitive(TAP)


def mark(value: Shaped[Array, "*shape"], name: str) -> Shaped[Array, "*shape"]:
    """`value`, under a name in the traced program; compiled, it costs nothing."""
    return _tap.bind(value, name=name)


@_tap.def_impl
def _value(value: Array, *, name: str) -> Array:
    return value


_tap.def_abstract_eval(lambda aval, *, name: aval)
mlir.register_lowering(_tap, lambda ctx, value, *, name: [value])


def _derivative(values: tuple, tangents: tuple, *, name: str) -> tuple:
    return mark(values[0], name), tangents[0]


def _batch(values: tuple, axes: tuple, *, name: str) -> tuple:
    return mark(jnp.moveaxis(values[0], axes[0], 0), name), 0


ad.primitive_jvps[_tap] = _derivative
batching.primitive_batchers[_tap] = _batch
