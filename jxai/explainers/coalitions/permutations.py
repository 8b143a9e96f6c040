"""Marginal contributions of the groups of a game along orders in which they join.

An order is given by every group's place in it, 0..n-1; `places(p)` is order number p.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from jxai.core.chunks import map_over, mean_over
from jxai.core.groups import Game
from jxai.core.types import Key

__all__ = ["Places", "contributions", "ends", "mean_over_orders", "random_places"]

Places = Callable[[Int[Array, ""] | int], Int[Array, " n"]]


def random_places(key: Key, one: Callable[[Key], Int[Array, " n"]], *, antithetic: bool) -> Places:
    """Orders drawn one by one, each from the key folded with its number.

    Args:
        key: of all orders.
        one: `key -> places [n]`, one random order.
        antithetic: every second order is the one before it, backwards.

    Example:
        >>> import jax
        >>> places = random_places(jax.random.key(0), lambda key: jax.random.permutation(key, 3), antithetic=True)
        >>> (places(0) + places(1)).tolist()
        [2, 2, 2]
    """

    def places(number: Int[Array, ""] | int) -> Int[Array, " n"]:
        if not antithetic:
            return one(jax.random.fold_in(key, number))
        place = one(jax.random.fold_in(key, number // 2))
        return jnp.where(jnp.asarray(number % 2 == 1), len(place) - 1 - place, place)

    return places


def ends(worth: Game) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """The worths of the empty and of the full coalition: the score at the baseline and at the example."""
    return worth.value(~worth.everyone), worth.value(worth.everyone)


def mean_over_orders(worth: Game, places: Places, *, orders: int, chunk: int) -> Float[Array, " n"]:
    """Mean marginal contribution of every group, `[n]`.

    A coalition that grows along an order counts for the group that came last and against the one that comes next. So
    the mean is one weighted sum of worths: one flat loop over all coalitions of all orders, and a running sum.

    Args:
        worth: the game.
        places: the orders.
        orders: how many.
        chunk: the most coalitions evaluated side by side.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.groups import game
        >>> made = game(jnp.prod, jnp.array([2.0, 3.0]), (), baseline=None, groups=None, count=None)
        >>> mean_over_orders(made, lambda p: jnp.arange(2), orders=1, chunk=4).tolist()
        [0.0, 6.0]
    """
    n, (start, end) = worth.count, ends(worth)
    if n == 1:
        return (end - start)[None]

    def step(code: Int[Array, ""]) -> Float[Array, " n"]:
        code = code.astype(int)
        place, size = places(code // (n - 1)), code % (n - 1) + 1
        # relative to the start, so that the empty coalition needs no term of its own
        value = worth.value(place < size) - start
        # the last group of an order ends at the full coalition, which is evaluated once for all orders
        final = jnp.where((size == n - 1) & (place == n - 1), end - start, jnp.zeros_like(start))
        return final + jnp.where(place == size - 1, value, jnp.where(place == size, -value, jnp.zeros_like(value)))

    steps = orders * (n - 1)
    codes, ones = jnp.arange(steps, dtype=jnp.int32), jnp.ones(steps, jnp.float32)
    return mean_over(step, codes, chunk=chunk, weights=ones) / orders  # 1 / orders is no number of half precision


def contributions(
    worth: Game, place: Int[Array, " n"], whole: tuple[Float[Array, ""], Float[Array, ""]], *, chunk: int
) -> Float[Array, " n"]:
    """Marginal contribution of every group in one order, `[n]`.

    Args:
        worth: the game.
        place: `[n]`, the order.
        whole: the game's `ends`.
        chunk: the most coalitions evaluated side by side.
    """
    start, end = whole
    if worth.count == 1:
        return (end - start)[None]
    sizes = jnp.arange(1, worth.count)
    # an order's coalitions are nested, so n - 1 evaluations and the ends give all n contributions
    between = map_over(lambda size: worth.value(place < size), sizes, chunk=chunk)
    values = jnp.concatenate([start[None], between, end[None]])
    return values[place + 1] - values[place]
