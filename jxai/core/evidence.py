"""What a log-probability says of a rationale, and of what is left without it."""

import jax
import jax.numpy as jnp

__all__ = ["evidence", "log1mexp"]


def evidence(value: jax.Array, kept: jax.Array, *, squash: float = 0.0, released: bool = False) -> jax.Array:
    r"""The number that a rationale is to raise and its complement to lower.

    `log P`, or as released `log P` of the rationale and `-log(1 - P)` of the complement; with `squash` e, P is
    `(1 - e) P + e / 2` in both.

    Args:
        value: log P, a number.
        kept: whether it is the rationale's, else the complement's; a boolean array.
        squash: e, in 0..1.
        released: whether the complement's is `-log(1 - P)`; P must then be at most 1.

    Returns:
        The evidence, in nats.

    Reference:
        Brinner and Zarriess 2023, eq. 2 and 4, and the released code.

    Example:
        >>> import jax.numpy as jnp
        >>> half = jnp.log(0.25)
        >>> [round(float(evidence(half, jnp.asarray(kept), released=True)), 4) for kept in (True, False)]
        [-1.3863, 0.2877]
    """
    if not released:
        return jnp.log((1 - squash) * jnp.exp(value) + squash / 2) if squash else value
    if squash:
        p = jnp.where(kept, jnp.exp(value), -jnp.expm1(value))
        logs = jnp.log((1 - squash) * p + squash / 2)
    else:
        logs = jnp.where(kept, value, log1mexp(jnp.where(kept, -jnp.ones_like(value), value)))
    return jnp.where(kept, logs, -logs)


def log1mexp(value: jax.Array) -> jax.Array:
    """`log(1 - exp(value))` of negative values without cancellation, with a finite slope (Maechler 2012).

    Example:
        >>> import jax.numpy as jnp
        >>> round(float(log1mexp(jnp.log(0.25))), 4)
        -0.2877
    """
    near = value > -0.6931472
    minus = -jnp.ones_like(value)
    close = jnp.log(-jnp.expm1(jnp.where(near, value, minus)))
    return jnp.where(near, close, jnp.log1p(-jnp.exp(jnp.where(near, minus, value))))
