"""An explainer from the values of a game's groups: the common part of all methods over coalitions."""

from collections.abc import Callable
from typing import Any

import jax
from jaxtyping import PyTree

from jxai.core.errors import require_key
from jxai.core.groups import Game, game
from jxai.core.types import Explain, Inputs, Key, Labels, Score

__all__ = ["over_coalitions"]


def over_coalitions(
    score: Score,
    values: Callable[[Game, Any], Any],
    *,
    count: int | None = None,
    space: int | None = None,
    draws: str | None = None,
) -> Explain:
    """The explainer that plays the game of an example and gives every element the value of its group.

    Args:
        score: function `(x, *args) -> number` of one example.
        values: function `(game, key) -> [count]`, one value for each group, or a tree of such arrays; without random
            numbers the key is None.
        count: number of groups; needed only where `groups` is traced.
        space: how many axes of x are space, where each position is a group; None: all but the last.
        draws: the method's name where it draws random numbers, for the message when it gets no key.

    Returns:
        Explain `(x, *args, key=None, baseline=None, groups=None) -> attribution` of the shape of `groups`, in units of
        the values; `groups` and `baseline` as for `ablation`.

    Raises:
        MissingKey: when called without a key, by a method that draws.
        ValueError: as `jxai.core.groups.game`.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> alone = lambda game, key: jax.vmap(game.value)(jnp.eye(game.count, dtype=bool))
        >>> over_coalitions(lambda x: x[0] + x[1] * x[2], alone)(jnp.array([1.0, 2.0, 3.0])).tolist()
        [1.0, 0.0, 0.0]
    """

    def explain(
        x: Inputs,
        *args: Any,
        key: Key | None = None,
        baseline: Inputs | float | None = None,
        groups: PyTree[Labels | int] | None = None,
    ) -> Any:
        key = require_key(key, draws) if draws else None
        worth = game(score, x, args, baseline=baseline, groups=groups, count=count, space=space)
        return jax.tree.map(worth.spread, values(worth, key))

    return explain
