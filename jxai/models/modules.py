"""Flax NNX modules as pure functions of their parameters."""

from collections.abc import Callable
from typing import Any

import jax
from flax import nnx
from jaxtyping import PRNGKeyArray

__all__ = ["pure_module"]


def pure_module(build: Callable[[nnx.Rngs], Any]) -> tuple[Callable[[PRNGKeyArray], Any], Callable[[Any], Any]]:
    """Turns a Flax NNX module into pure functions of its parameters.

    Args:
        build: makes the module from its random streams.

    Returns:
        `init(key) -> params`, a plain nested dict; `bind(params) -> module`, whose methods are then pure.

    Example:
        >>> import jax.numpy as jnp
        >>> init, bind = pure_module(lambda rngs: nnx.Linear(3, 2, rngs=rngs))
        >>> bind(init(jax.random.key(0)))(jnp.ones(3, jnp.float32)).shape
        (2,)
    """
    # eval_shape: the structure alone, no weights are drawn
    graph, _ = nnx.split(nnx.eval_shape(lambda: build(nnx.Rngs(0))))

    @jax.jit  # one program instead of a hundred small ones
    def init(key):
        return nnx.to_pure_dict(nnx.state(build(nnx.Rngs(key)), nnx.Param))

    # Parameters are a plain dict, not an nnx.State: jax.tree, optax and the files need no Flax
    return init, lambda params: nnx.merge(graph, nnx.State(params))
