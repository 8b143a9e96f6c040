"""Many evaluations of one function in bounded memory.

`lax.map(batch_size=)` stacks every result before anything is averaged. Here a scan over chunks of vmapped evaluations
keeps a running sum, so that peak memory depends on `chunk` alone, and a backward pass through it recomputes each chunk
instead of storing it.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from jxai.core.errors import require_positive

__all__ = ["map_over", "mean_over", "moments_over"]


def map_over(fn: Callable[[Any], Any], xs: Any, *, chunk: int) -> Any:
    """`fn` of every element along the leading axis of `xs`, stacked, `chunk` at a time.

    Args:
        fn: function of one element; a pytree in, a pytree of arrays out.
        xs: pytree of arrays with the same leading axis `n`.
        chunk: the most elements evaluated side by side.

    Returns:
        The results stacked along a leading axis `n`; independent of `chunk` up to rounding.

    Raises:
        ValueError: `chunk` is not positive, or `xs` is empty or ragged.

    Example:
        >>> import jax.numpy as jnp
        >>> map_over(lambda a: a * 2.0, jnp.arange(3.0), chunk=2).tolist()
        [0.0, 2.0, 4.0]
    """
    blocks, _, count = _blocks(xs, chunk)
    _, stacked = jax.lax.scan(lambda carry, block: (carry, jax.vmap(fn)(block)), None, blocks)
    return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:])[:count], stacked)


def mean_over(fn: Callable[[Any], Any], xs: Any, *, chunk: int, weights: jax.Array | None = None) -> Any:
    r"""The weighted sum `sum_i weights_i fn(xs_i)` with a running sum; the plain mean by default.

    Args:
        fn: function of one element; a pytree in, a pytree of floating arrays out.
        xs: pytree of arrays with the same leading axis `n`.
        chunk: the most elements evaluated side by side; peak memory depends on it and not on `n`.
        weights: `[n]`, used as they are; default `1 / n` each.

    Returns:
        The pytree of `fn`'s results, averaged; dtype of `fn`'s results (sums run in float32 at least).

    Raises:
        ValueError: `chunk` is not positive, or `xs` is empty or ragged.

    Example:
        >>> import jax.numpy as jnp
        >>> float(mean_over(lambda a: a**2, jnp.arange(4.0), chunk=3))
        3.5
    """
    blocks, weight, count = _blocks(xs, chunk, weights)

    def step(total: Any, block: tuple[Any, jax.Array]) -> tuple[Any, None]:
        xs, weights = block
        return jax.tree.map(lambda t, leaf: t + _weigh(weights, leaf), total, jax.vmap(fn)(xs)), None

    kinds = _kinds(fn, xs)
    total, _ = jax.lax.scan(jax.checkpoint(step, prevent_cse=False), _zeros(kinds), (blocks, weight))
    parts = count if weights is None else 1
    return jax.tree.map(lambda t, kind: (t / parts).astype(kind.dtype), total, kinds)


def moments_over(fn: Callable[[Any], Any], xs: Any, *, chunk: int) -> tuple[Any, Any]:
    """Mean and variance (divided by `n`) of `fn` over `xs`, merged chunk by chunk without cancellation.

    Reference: Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance".

    Args:
        fn: function of one element; a pytree in, a pytree of floating arrays out.
        xs: pytree of arrays with the same leading axis `n`.
        chunk: the most elements evaluated side by side.

    Returns:
        `(mean, variance)`, pytrees like `fn`'s result.

    Raises:
        ValueError: `chunk` is not positive, or `xs` is empty or ragged.

    Example:
        >>> import jax.numpy as jnp
        >>> [float(m) for m in moments_over(lambda a: a, jnp.arange(4.0), chunk=3)]
        [1.5, 1.25]
    """
    blocks, ones, count = _blocks(xs, chunk)

    def merge(a: jax.Array, m: jax.Array, seen: jax.Array, values: jax.Array, ones: jax.Array) -> tuple:
        """Mean `a` and summed squares `m` of the `seen` first values, with those of one more chunk."""
        new = jnp.maximum(ones.sum(), 1).astype(a.dtype)
        mean = _weigh(ones, values) / new
        squares = _weigh(ones, (values.astype(a.dtype) - mean[None]) ** 2)
        share = new / (seen.astype(a.dtype) + new)
        gap = mean - a
        return a + gap * share, m + squares + gap**2 * seen.astype(a.dtype) * share

    def step(carry: tuple, block: tuple) -> tuple[tuple, None]:
        means, squares, seen = carry
        xs, ones = block
        leaves = jax.tree.leaves(jax.vmap(fn)(xs))
        merged = [merge(a, m, seen, v, ones) for a, m, v in zip(means, squares, leaves, strict=True)]
        return ([a for a, _ in merged], [m for _, m in merged], seen + ones.sum()), None

    kinds, tree = jax.tree.flatten(_kinds(fn, xs))
    zeros = _zeros(kinds)
    start = zeros, zeros, jnp.zeros((), jnp.float32)
    (means, squares, _), _ = jax.lax.scan(jax.checkpoint(step, prevent_cse=False), start, (blocks, ones))
    means = [a.astype(kind.dtype) for a, kind in zip(means, kinds, strict=True)]
    variances = [(m / count).astype(kind.dtype) for m, kind in zip(squares, kinds, strict=True)]
    return jax.tree.unflatten(tree, means), jax.tree.unflatten(tree, variances)


def _blocks(xs: Any, chunk: int, weights: jax.Array | None = None) -> tuple[Any, jax.Array, int]:
    """Cut `xs` into equal blocks of at most `chunk`; the last repeats its last element with weight zero."""
    require_positive(chunk=chunk)
    counts = {len(leaf) for leaf in jax.tree.leaves(xs)}
    if len(counts) != 1 or counts == {0}:
        raise ValueError(f"xs must have one leading axis of at least one element; lengths {sorted(counts)} came.")
    count = counts.pop()
    blocks = -(-count // chunk)
    size = -(-count // blocks)  # 50 elements in chunks of at most 16 go as 4 x 13, not as 4 x 16
    padding = blocks * size - count

    def cut(leaf: jax.Array) -> jax.Array:
        if padding:
            leaf = jnp.concatenate([leaf, jnp.repeat(leaf[-1:], padding, axis=0)])
        return jnp.reshape(leaf, (blocks, size, *leaf.shape[1:]))

    if weights is None:
        weights = jnp.ones(count, jnp.float32)
    weights = jnp.concatenate([weights, jnp.zeros(padding, weights.dtype)])
    return jax.tree.map(cut, xs), weights.reshape(blocks, size), count


def _kinds(fn: Callable, xs: Any) -> Any:
    """Shapes and dtypes of `fn`'s result, with the mesh axes over which it varies (under shard_map)."""
    return jax.eval_shape(lambda xs: fn(jax.tree.map(lambda leaf: leaf[0], xs)), xs)


def _zeros(kinds: Any) -> Any:
    """Where a running sum starts: zeros like the results, in float32 at least."""
    return jax.tree.map(lambda kind: jnp.zeros_like(kind, dtype=_wide(kind.dtype)), kinds)


def _wide(dtype: Any) -> Any:
    return dtype if jnp.finfo(dtype).bits >= 32 else jnp.float32


def _weigh(weights: jax.Array, leaf: jax.Array) -> jax.Array:
    wide = _wide(leaf.dtype)
    return jnp.tensordot(weights.astype(wide), leaf.astype(wide), axes=1, precision="highest")
