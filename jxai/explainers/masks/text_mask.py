"""Masks of texts: a source at every word, in one passage or in several of one long text (`signal.passages`)."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, Int

from jxai.core.errors import require_variant
from jxai.explainers.masks.kernels import dense_sum
from jxai.explainers.masks.parameterisation import Mask, Penalties, Sources
from jxai.signal.filters import at_least_single

__all__ = ["sequence_mask"]

# Released: [CLS], [SEP] and [PAD] are sources too, of constant sigma 0.01. They reach no word, and count in the barrier
# alone: sparsity and area are over words.
_CONSTANT = math.log(0.01)
_ENDS = 2  # [CLS] and [SEP]


def sequence_mask(
    *,
    variant: str = "paper",
    count: int | None = None,
    sparsity: float = 1.0,
    sigma: float = 1.2,
    start: tuple[float, float] = (1.2, 2.0),
    smallest: float | None = None,
) -> Mask:
    r"""A source at every word; distances in words; the pieces of a word share its mask.

    Penalties: `sparsity (sum m / n)^2 - sigma mean(log sigma)` over the `n` words, added up over the passages.

    `x` is `[t, d]` with `groups` `[t]`, or several passages `[p, t, d]` with `groups` `[p, t]`: the word of each token
    within its passage, 0..n-1, and -1 where there is none (`[CLS]`, `[SEP]`, padding), whose mask is 0 (1e-8 in the
    released program). Without groups each valid token is a word.

    Args:
        variant: `"paper"`: the kernel is `exp(-d^2 / sigma)`. `"released"`: `exp(-d^2 / sigma^2)`; sources of constant
            sigma = 0.01 count in the barrier (and nowhere else): those of `[CLS]`, of `[SEP]`, and of each `[PAD]` that
            brings a passage to the tokens of the longest one.
        count: the most words of a passage; None: as many as tokens.
        sparsity: weight of the mask's size.
        sigma: weight of the barrier that keeps the sources wide.
        start: w and sigma of every word at first.
        smallest: lower clamp of sigma, only to keep it positive; None: 0.1 (paper), 0.01 (released, which has none).

    Returns:
        The parameterisation, for `jxai.marc(score, mask=...)`.

    Raises:
        ValueError: a variant of another name, an option out of range; when called, groups that do not fit.

    Example:
        >>> import jax.numpy as jnp
        >>> mask = sequence_mask(start=(0.0, 1.0))
        >>> x, groups = jnp.ones((5, 2)), jnp.array([-1, 0, 0, 1, -1])
        >>> values = mask.apply(mask.init(x, groups), groups)
        >>> mask.spread(values, groups, (5,)).tolist()
        [0.0, 0.5, 0.5, 0.5, 0.0]
    """
    released = require_variant(variant)
    low = smallest if smallest is not None else 0.01 if released else 0.1
    if not start[1] > 0 or min(sparsity, sigma, low) < 0 or (count is not None and count < 1):
        raise ValueError(
            f"count and start's sigma must be above zero, weights and clamp at least zero; count={count}, "
            f"start={start}, sparsity={sparsity}, sigma={sigma}, smallest={smallest} came."
        )

    def inside(x: Float[Array, "*space c"], valid: Any, groups: Any) -> Int[Array, "*places"]:
        if x.ndim not in (2, 3) or any(a is not None and jnp.shape(a) != x.shape[:-1] for a in (valid, groups)):
            raise ValueError(
                f"a sequence mask is for x [t, d] or passages [p, t, d], with groups and valid of its space; x of "
                f"shape {x.shape} came, groups {jnp.shape(groups)}, valid {jnp.shape(valid)} (() is None)."
            )
        most = count or x.shape[-2]
        if not isinstance(groups, Tracer | None) and (last := np.asarray(groups).max(initial=-1)) >= most:
            raise ValueError(f"groups name word {last}, but count={most} words, from 0.")
        words = jnp.broadcast_to(jnp.arange(x.shape[-2]), x.shape[:-1]) if groups is None else jnp.asarray(groups)
        words = words if valid is None else jnp.where(jnp.asarray(valid, bool), words, -1)
        return words

    def init(x: Float[Array, "*space c"], inside: Int[Array, "*places"]) -> Sources:
        zeros = jnp.zeros_like(x[..., 0], dtype=at_least_single(x.dtype))
        # `count` fixes the number of sources; it may be above or below the number of tokens
        more = max(0, (count or 0) - zeros.shape[-1])
        zeros = jnp.pad(zeros, [(0, 0)] * (zeros.ndim - 1) + [(0, more)])[..., :count]
        return Sources(zeros + start[0], zeros + start[1])

    def apply(sources: Sources, inside: Int[Array, "*places"]) -> Float[Array, "..."]:
        if inside.ndim == 2:
            return jax.vmap(apply)(sources, inside)
        present = _present(inside, sources.w)
        width = jnp.square(sources.sigma) if released else sources.sigma
        return jax.nn.sigmoid(dense_sum(present * sources.w, width)) * present

    def penalty(sources: Sources, values: Float[Array, "..."], inside: Int[Array, "*places"]) -> Penalties:
        tokens = (inside >= 0).sum(-1)
        constant = _CONSTANT * (_ENDS + tokens.max() - tokens).astype(sources.w.dtype)  # of one passage: no [PAD]
        if inside.ndim == 1:
            return penalty_of_passage(sources, values, inside, constant)
        each = jax.vmap(penalty_of_passage)(sources, values, inside, constant)
        return jax.tree.map(lambda leaf: leaf.sum(0), each)

    def penalty_of_passage(
        sources: Sources, values: Float[Array, " n"], inside: Int[Array, " t"], constant: Float[Array, ""]
    ) -> Penalties:
        present = _present(inside, sources.w)
        barrier = (present * jnp.log(sources.sigma)).sum() + (constant if released else jnp.zeros_like(constant))
        some, n = present.max(), _words(present)  # a passage without words costs nothing
        return Penalties(some * sparsity * jnp.square(values.sum() / n), -some * sigma * barrier / n, jnp.zeros_like(n))

    def spread(
        values: Float[Array, "..."], inside: Int[Array, "*places"], space: tuple[int, ...]
    ) -> Float[Array, "*space"]:
        there = (inside >= 0) & (inside < values.shape[-1])
        of_words = jnp.take_along_axis(values, jnp.where(there, inside, 0), axis=-1)
        return jnp.where(there, of_words, jnp.zeros_like(of_words))

    def area(values: Float[Array, "..."], inside: Int[Array, "*places"]) -> Float[Array, "..."]:
        if inside.ndim == 2:
            return jax.vmap(area)(values, inside)
        return values.sum() / _words(_present(inside, values))

    def project(sources: Sources) -> Sources:
        return sources._replace(sigma=jnp.maximum(sources.sigma, low))

    return Mask(inside, init, apply, penalty, spread, area, project, "text", variant)


def _present(groups: Array, like: Array) -> Array:
    """Which sources are words, 1 or 0; a word whose tokens are all missing has no source."""
    # a negative index would count from the end: -1 becomes a place that `drop` leaves out
    place = jnp.where(groups < 0, len(like), groups)
    return jnp.zeros_like(like).at[place].set(1, mode="drop")


def _words(present: Array) -> Array:
    return jnp.maximum(present.sum(), 1)  # a passage of padding alone divides by 1
