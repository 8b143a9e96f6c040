"""The objective of MaRC: a log-probability as evidence of a rationale, and of its complement."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.core import Tracer
from jaxtyping import Bool, Float, Int

from jxai.core.chunks import mean_over

__all__ = ["SQUASHED", "Terms", "evidence", "is_empty", "rationale_and_complement", "log1mexp"]

SQUASHED = 1e-5  # the released code keeps probabilities in 5e-6..1 - 5e-6


class Terms(NamedTuple):
    """The loss and its terms, which add up to it; each includes its weight. In nats, except for the penalties."""

    loss: Float[Array, "..."]
    sufficiency: Float[Array, "..."]
    comprehensiveness: Float[Array, "..."]
    sparsity: Float[Array, "..."]
    sigma: Float[Array, "..."]
    neighbours: Float[Array, "..."]


def evidence(
    value: Float[Array, ""], is_rationale: Bool[Array, ""], *, squash: float = 0.0, released: bool = False
) -> Float[Array, ""]:
    r"""The number that a rationale should raise and its complement lower.

    `log P`, or as released `log P` of the rationale and `-log(1 - P)` of the complement; with `squash` e, P is
    `(1 - e) P + e / 2` in both.

    Args:
        value: log P, a number.
        is_rationale: whether the value is the rationale's, else the complement's; a boolean array.
        squash: e, in 0..1.
        released: whether the complement's is `-log(1 - P)`; P must then be at most 1.

    Returns:
        The evidence, in nats.

    Reference:
        Brinner and Zarriess 2023, eq. 2 and 4, and the released code.

    Example:
        >>> import jax.numpy as jnp
        >>> half = jnp.log(0.25)
        >>> [round(float(evidence(half, jnp.asarray(of), released=True)), 4) for of in (True, False)]
        [-1.3863, 0.2877]
    """
    if not released:
        return jnp.log((1 - squash) * jnp.exp(value) + squash / 2) if squash else value
    if squash:
        # 1 - P by expm1, which keeps it exact near P = 1
        p = jnp.where(is_rationale, jnp.exp(value), -jnp.expm1(value))
        logs = jnp.log((1 - squash) * p + squash / 2)
    else:
        # the branch not taken gets -1, where log1mexp has a finite derivative: 0 times infinity would be NaN
        logs = jnp.where(is_rationale, value, log1mexp(jnp.where(is_rationale, -jnp.ones_like(value), value)))
    return jnp.where(is_rationale, logs, -logs)


def rationale_and_complement(
    value: Callable[[Float[Array, "*space"], Int[Array, ""], Bool[Array, ""]], Float[Array, ""]],
    mask: Float[Array, "*space"],
    *,
    count: int,
    chunk: int,
) -> tuple[Float[Array, "2"], Float[Array, "*space"]]:
    """The values of a rationale and of its complement, each summed over the backgrounds, and their slope in the mask.

    Each evaluation is differentiated by itself: memory does not grow with their number, and none runs twice.

    Args:
        value: `(mask, number, is_rationale) -> number`; evaluation `number` is with background `number // 2`.
        mask: where the slope is taken.
        count: of backgrounds.
        chunk: the most evaluations side by side, of the two for each background.

    Returns:
        `[2]`, of the rationale and of the complement, and the slope of their sum, like the mask.

    Example:
        >>> import jax.numpy as jnp
        >>> value = lambda mask, number, is_rationale: jnp.where(is_rationale, mask, 3 * (1 - mask)).sum()
        >>> [a.tolist() for a in rationale_and_complement(value, jnp.array([0.25, 0.5]), count=1, chunk=2)]
        [[0.75, 3.75], [-2.0, -2.0]]
    """

    def one(number: Int[Array, ""]) -> tuple[Float[Array, "2"], Float[Array, "*space"]]:
        is_rationale = number % 2 == 0
        worth, slope = jax.value_and_grad(value)(mask, number, is_rationale)
        return jnp.where(jnp.stack([is_rationale, ~is_rationale]), worth, jnp.zeros_like(worth)), slope

    return mean_over(one, jnp.arange(2 * count), chunk=chunk, weights=jnp.ones(2 * count, mask.dtype))


def log1mexp(value: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """`log(1 - exp(value))` of negative values without cancellation, with a finite slope (Maechler 2012).

    Example:
        >>> import jax.numpy as jnp
        >>> round(float(log1mexp(jnp.log(0.25))), 4)
        -0.2877
    """
    # below log(1/2) log1p is the exact one, above it expm1; the branch not taken gets -1, where its slope is finite
    near = value > -0.6931472
    minus = -jnp.ones_like(value)
    close = jnp.log(-jnp.expm1(jnp.where(near, value, minus)))
    return jnp.where(near, close, jnp.log1p(-jnp.exp(jnp.where(near, minus, value))))


def is_empty(
    x: Float[Array, "*space c"], backgrounds: Float[Array, "n *space c"], valid: Any, groups: Any
) -> Bool[Array, ""]:
    """Whether there is nothing to explain: no valid place, or background alone.

    Args:
        x: the example, `[*space, c]`.
        backgrounds: `[n, *x.shape]`.
        valid: booleans of the space, or None.
        groups: whole numbers of the space, below 0 where there is nothing, or None.

    Returns:
        A boolean; always false outside of jit, vmap, shard_map.

    Raises:
        ValueError: there is nothing, and the values are concrete: outside of jit, vmap, shard_map.
    """
    there = jnp.ones(x.shape[:-1], bool) if valid is None else jnp.asarray(valid, bool)
    there = there if groups is None else there & (jnp.asarray(groups) >= 0)
    same = ((x[None] == backgrounds).all(-1) | ~there[None]).all()
    if not isinstance(same, Tracer) and bool(same):
        raise ValueError(
            "there is nothing to explain: no place is valid (or a word), or x equals its backgrounds wherever one is; "
            "choose backgrounds that differ from x."
        )
    return same
