"""A stop rule for parts of a minimisation that end one by one, such as the masks of the passages of one text."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int

from jxai.core.errors import require_positive
from jxai.core.solve import Stop

__all__ = ["stop_each_when_converged"]


def stop_each_when_converged(
    of: Callable[[Any], Float[Array, "*parts"]],
    *,
    every: int = 50,
    after: int = 199,
    below: float = 0.45,
    low: float = 0.3,
    freezes: bool = True,
) -> Stop:
    """Stop parts one by one when their mean mask hardly shrinks any more: the rule of MaRC's program for texts.

    The rule looks every `every` steps, except at the first. A part ends when three things hold: its number has changed
    since the last look by less than 1/200 (by less than 1/80 where it is below 0.2); it is below `below`; and it is
    below `low`, or `after` steps have passed. The minimisation ends when all parts have ended.

    Args:
        of: the numbers, one a part, a function of the parameters.
        every: steps between two looks.
        after: the step from which a part may end that is not below `low`.
        below: what the number must have fallen below.
        low: below it a part may end at any look.
        freezes: whether a part that has ended stays as it is. In the released program its mask is stored, and the part
            is optimised on with the others, whose masks depend on it.

    Raises:
        ValueError: `every` is not positive.

    Example:
        >>> import jax.numpy as jnp, optax
        >>> from jxai.core.solve import minimise
        >>> loss = lambda p, step: (p**2).sum()
        >>> stop = stop_each_when_converged(lambda p: p)
        >>> solution = minimise(loss, jnp.ones(2), optimiser=optax.sgd(0.01), steps=999, stop=stop)
        >>> int(solution.steps)
        251
    """
    require_positive(every=every)

    def init(params: Any) -> tuple[Float[Array, "*parts"], Bool[Array, "*parts"]]:
        now = of(params)
        return now, jnp.zeros_like(now, dtype=bool)

    def update(
        memory: tuple, params: Any, loss: Float[Array, ""], step: Int[Array, ""]
    ) -> tuple[tuple, Bool[Array, "*parts"]]:
        (before, done), now = memory, of(params)
        look = (step > 0) & (step % every == 0)
        change = jnp.abs(now - before)
        still = (change < 1 / 200) | ((change < 1 / 80) & (now < 0.2))
        # the constants are the released program's
        ends = look & still & ((step >= after) | (now < low)) & (now < below)
        done = done | ends
        return (jnp.where(look, now, before), done), done

    return Stop(init, update, freezes)
