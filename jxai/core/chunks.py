"""Many evaluations of one function in bounded memory.

`lax.map(batch_size=)` stacks every result before anything is averaged. Here a scan over chunks of vmapped evaluations
keeps a running sum, so that peak memory depends on `chunk` alone, and a backward pass through it recomputes each chunk
instead of storing it.

Where several devices work on one example, the outermost of these calls divides its elements among them
(`core.devices`).
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.devices import Part, part
from jxai.core.errors import require_positive

__all__ = ["map_over", "mean_over", "mean_and_variance_over"]


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
    here = part()
    blocks, _, count, rows = _blocks(here, xs, chunk)
    many = here.vmap(fn, _first(blocks))
    if len(jax.tree.leaves(blocks)[0]) == 1:  # a loop of one turn is no loop: on a CPU convolutions in one are slower
        results = jax.tree.map(lambda leaf: leaf[None], many(_first(blocks)))
    else:
        _, results = jax.lax.scan(lambda carry, block: (carry, many(block)), None, blocks)
    flat = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:])[:rows], results)
    return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:])[:count], here.stack(flat))


def mean_over(
    fn: Callable[[Any], Any],
    xs: Any,
    *,
    chunk: int,
    weights: Float[Array, " n"] | None = None,
    total: Callable[[Float[Array, " chunk"], Any], Any] | None = None,
) -> Any:
    r"""The weighted sum `sum_i weights_i fn(xs_i)` with a running sum; the plain mean by default.

    Args:
        fn: function of one element; a pytree in, a pytree of floating arrays out.
        xs: pytree of arrays with the same leading axis `n`.
        chunk: the most elements evaluated side by side; peak memory depends on it and not on `n`.
        weights: `[n]`, used as they are; default `1 / n` each.
        total: the weighted sum of a chunk, `(weights [chunk], results [chunk, ...]) -> sums`, linear in the weights;
            by default the sum of each result. It can make one matrix product of a chunk's outer products.

    Returns:
        The pytree of `fn`'s results, or of `total`'s sums, averaged; their dtype (sums run in float32 at least).

    Raises:
        ValueError: `chunk` is not positive, or `xs` is empty or ragged.

    Example:
        >>> import jax.numpy as jnp
        >>> float(mean_over(lambda a: a**2, jnp.arange(4.0), chunk=3))
        3.5
    """
    here = part()
    blocks, weight, count, _ = _blocks(here, xs, chunk, weights)
    many = here.vmap(fn, _first(blocks))
    # `total` lets LIME and KernelSHAP add up a Gram matrix a chunk at a time: outer products of single coalitions would
    # take more time than a small network
    weighted_sum = total or (lambda weights, results: jax.tree.map(lambda leaf: _weigh(weights, leaf), results))

    def step(sums: Any, block: tuple[Any, Float[Array, " chunk"]]) -> tuple[Any, None]:
        xs, weights = block
        return jax.tree.map(jnp.add, sums, weighted_sum(weights, many(xs))), None

    kinds = _kinds(many, blocks)
    if total is not None:
        kinds = jax.eval_shape(lambda weight, blocks: total(weight[0], many(_first(blocks))), weight, blocks)
    # the checkpoint lets a backward pass recompute a chunk instead of storing it; inside a scan nothing is shared with
    # the forward pass, so that barriers against common subexpressions (prevent_cse) would only cost time
    sums, _ = jax.lax.scan(jax.checkpoint(step, prevent_cse=False), _zeros(kinds), (blocks, weight))
    # one division at the end: 1 / n as a weight would be rounded n times
    divisor = count if weights is None else 1
    return jax.tree.map(lambda t, kind: (t / divisor).astype(kind.dtype), here.sum(sums), kinds)


def mean_and_variance_over(fn: Callable[[Any], Any], xs: Any, *, chunk: int) -> tuple[Any, Any]:
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
        >>> [float(m) for m in mean_and_variance_over(lambda a: a, jnp.arange(4.0), chunk=3)]
        [1.5, 1.25]
    """
    here = part()
    blocks, ones, count, _ = _blocks(here, xs, chunk)
    many = here.vmap(fn, _first(blocks))
    kinds, tree = jax.tree.flatten(_kinds(many, blocks))

    def step(carry: list, block: tuple) -> tuple[list, None]:
        xs, ones = block
        leaves = jax.tree.leaves(many(xs))
        return _merge(carry, [_moments(kind, leaf, ones) for kind, leaf in zip(kinds, leaves, strict=True)]), None

    # the count starts from `ones`, so that under shard_map it varies over the same devices as the sums it joins
    start = [(zero, zero, 0 * ones[0, 0]) for zero in _zeros(kinds)]
    moments, _ = jax.lax.scan(jax.checkpoint(step, prevent_cse=False), start, (blocks, ones))
    if here.size > 1:
        # devices hold moments of different elements: merged pairwise, as chunks are
        parts = here.stack(moments)
        moments = jax.tree.map(lambda leaf: leaf[0], parts)
        for k in range(1, here.size):
            moments = _merge(moments, jax.tree.map(lambda leaf, k=k: leaf[k], parts))
    means = [mean.astype(kind.dtype) for (mean, _, _), kind in zip(moments, kinds, strict=True)]
    variances = [(squares / count).astype(kind.dtype) for (_, squares, _), kind in zip(moments, kinds, strict=True)]
    return jax.tree.unflatten(tree, means), jax.tree.unflatten(tree, variances)


def _moments(kind: Any, values: jax.Array, ones: jax.Array) -> tuple:
    """Mean, summed squares around it and number of the values of one chunk that `ones` marks."""
    wide = values.astype(_wide(kind.dtype))
    number = jnp.maximum(ones.sum(), 1)  # a chunk of padding alone has none
    mean = _weigh(ones, wide) / number.astype(wide.dtype)
    return mean, _weigh(ones, (wide - mean[None]) ** 2), ones.sum()


def _merge(carry: list[tuple], more: list[tuple]) -> list[tuple]:
    """The moments of the union of two sets of values."""

    def merge_pair(one: tuple, other: tuple) -> tuple:
        (mean, squares, count), (new, spread, number) = one, other
        before, after = (elements.astype(mean.dtype) for elements in (count, count + number))
        share = number.astype(mean.dtype) / jnp.maximum(after, 1)
        gap = new - mean
        # the mean moves by a share of the gap: nothing large is subtracted from something large
        return mean + gap * share, squares + spread + gap**2 * before * share, count + number

    return [merge_pair(one, other) for one, other in zip(carry, more, strict=True)]


def _blocks(here: Part, xs: Any, chunk: int, weights: jax.Array | None = None) -> tuple[Any, jax.Array, int, int]:
    """This device's part of `xs` in equal blocks of at most `chunk`; their weights; how many elements in all and here.

    Copies of the last element, with weight zero, fill the parts and blocks up to equal size.
    """
    require_positive(chunk=chunk)
    counts = {len(leaf) for leaf in jax.tree.leaves(xs)}
    if len(counts) != 1 or counts == {0}:
        raise ValueError(f"xs must have one leading axis of at least one element; lengths {sorted(counts)} came.")
    count = counts.pop()
    rows = -(-count // here.size)
    blocks = -(-rows // chunk)
    size = -(-rows // blocks)  # 50 elements in chunks of at most 16 go as 4 x 13, not as 4 x 16

    def mine(leaf: jax.Array, fill: Callable[[jax.Array, int], jax.Array]) -> jax.Array:
        leaf = fill(leaf, rows * here.size - count)
        if here.size > 1:
            leaf = jax.lax.dynamic_slice_in_dim(leaf, here.at * rows, rows)
        return jnp.reshape(fill(leaf, blocks * size - rows), (blocks, size, *leaf.shape[1:]))

    # the last element is repeated, not zeros: a score of zeros may be NaN, and NaN times weight 0 is NaN
    weights = jnp.ones(count, jnp.float32) if weights is None else weights
    return jax.tree.map(lambda leaf: mine(leaf, _repeat_last), xs), mine(weights, _append_zeros), count, rows


def _repeat_last(leaf: jax.Array, times: int) -> jax.Array:
    return jnp.concatenate([leaf, jnp.repeat(leaf[-1:], times, axis=0)]) if times else leaf


def _append_zeros(leaf: jax.Array, times: int) -> jax.Array:
    return jnp.concatenate([leaf, jnp.zeros(times, leaf.dtype)]) if times else leaf


def _first(blocks: Any) -> Any:
    return jax.tree.map(lambda leaf: leaf[0], blocks)


def _kinds(many: Callable, blocks: Any) -> Any:
    """Shapes and dtypes of one result, with the mesh axes over which it varies (under shard_map)."""
    return jax.eval_shape(lambda blocks: _first(many(_first(blocks))), blocks)


def _zeros(kinds: Any) -> Any:
    """The start of a running sum: zeros like the results, in float32 at least."""
    # `zeros_like` of a traced kind also takes over the mesh axes over which the result varies
    return jax.tree.map(lambda kind: jnp.zeros_like(kind, dtype=_wide(kind.dtype)), kinds)


def _wide(dtype: Any) -> Any:
    return dtype if jnp.finfo(dtype).bits >= 32 else jnp.float32


def _weigh(weights: jax.Array, leaf: jax.Array) -> jax.Array:
    wide = _wide(leaf.dtype)
    # at the default precision a TPU would round the operands of the sum to bfloat16
    return jnp.tensordot(weights.astype(wide), leaf.astype(wide), axes=1, precision="highest")
