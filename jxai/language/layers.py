"""Parts of captioning models: Flax modules as pure functions, the LSTM in two halves, dropout by a key."""

from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jaxtyping import Float, PRNGKeyArray

__all__ = ["lstm_step", "column_normal", "dense", "apply_dropout", "lstm", "initial_state", "word_embedding"]


def column_normal(
    key: PRNGKeyArray, shape: tuple[int, int], dtype: Any = jnp.float32
) -> Float[Array, "inputs outputs"]:
    """A Gaussian matrix whose columns, the weights of one output each, have norm 1.

    Example:
        >>> jnp.linalg.norm(column_normal(jax.random.key(0), (5, 2)), axis=0).round(5).tolist()
        [1.0, 1.0]
    """
    matrix = jax.random.normal(key, shape, dtype)
    return matrix / jnp.sqrt(jnp.sum(matrix**2, axis=0, keepdims=True))


def dense(inputs: int, outputs: int, *, rngs: nnx.Rngs) -> nnx.Linear:
    """A dense layer, its weights `column_normal`, its bias 0."""
    return nnx.Linear(inputs, outputs, kernel_init=column_normal, rngs=rngs)


def word_embedding(words: int, width: int, *, rngs: nnx.Rngs) -> nnx.Embed:
    """A table of word embeddings, uniform in -1..1."""

    def uniform(key, shape, dtype=jnp.float32, *, out_sharding=None):
        del out_sharding
        return jax.random.uniform(key, shape, dtype, -1.0, 1.0)

    table = nnx.Embed(words, width, embedding_init=uniform, rngs=rngs)
    table.dtype = None  # the dtype of the parameters, after any cast
    return table


def lstm(inputs: int, hidden: int, *, rngs: nnx.Rngs) -> nnx.OptimizedLSTMCell:
    """An LSTM cell: the weights of a gate, for input and previous state together, have norm 1; biases are 0."""
    cell = nnx.OptimizedLSTMCell(inputs, hidden, rngs=rngs)
    # Drawn as one matrix, as the released code does: norm 1 over input and state together.
    # No forget bias of 1 (TensorFlow's default): it was tried, and changed nothing
    both = column_normal(rngs.params(), (inputs + hidden, 4 * hidden))
    cell.dense_i.kernel, cell.dense_h.kernel = nnx.Param(both[:inputs]), nnx.Param(both[inputs:])
    return cell


def initial_state(
    cell: nnx.OptimizedLSTMCell, like: Float[Array, "..."]
) -> tuple[Float[Array, " hidden"], Float[Array, " hidden"]]:
    """The state before the first word: zeros with the dtype and the devices of an array."""
    zeros = jnp.zeros_like(like, shape=(cell.hidden_features,))
    return zeros, zeros


def lstm_step(
    cell: nnx.OptimizedLSTMCell,
    carry: tuple[Float[Array, " hidden"], Float[Array, " hidden"]],
    fed: Float[Array, " gates"],
) -> tuple[tuple[Float[Array, " hidden"], Float[Array, " hidden"]], Float[Array, " hidden"]]:
    """A step of an LSTM whose input is already multiplied by its weights.

    The inputs of a sentence do not depend on the state: `cell.dense_i` maps them all in one product, and only the
    product with the state remains in the scan. `lstm_step(cell, carry, cell.dense_i(x)) == cell(carry, x)`.

    Args:
        cell: the LSTM.
        carry: cell memory and output of the previous step, `[hidden]` each.
        fed: `cell.dense_i(x)`, `[4 hidden]`: input gate, forget gate, candidate, output gate.

    Returns:
        `((memory, output), output)`.
    """
    memory, output = carry
    input_gate, forget_gate, candidate, output_gate = jnp.split(fed + cell.dense_h(output), 4)
    memory = jax.nn.sigmoid(forget_gate) * memory + jax.nn.sigmoid(input_gate) * jnp.tanh(candidate)
    output = jax.nn.sigmoid(output_gate) * jnp.tanh(memory)
    return (memory, output), output


def apply_dropout(key: PRNGKeyArray | None, x: Float[Array, " n"], rate: float) -> Float[Array, " n"]:
    """Dropout: each value becomes 0 with probability `rate`, else it is divided by `1 - rate`. Without a key: x.

    Example:
        >>> apply_dropout(None, jnp.ones(2), 0.5).tolist()
        [1.0, 1.0]
        >>> sorted(set(apply_dropout(jax.random.key(0), jnp.ones(20), 0.5).tolist()))
        [0.0, 2.0]
    """
    if key is None or rate == 0:
        return x
    keep = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(keep, x / jnp.asarray(1 - rate, x.dtype), jnp.zeros_like(x))
