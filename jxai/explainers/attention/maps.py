"""Attention maps of a traced model: which taps hold them, how importance flows back through them, where it ends.

An attention map is a tap of shape `[heads, t, t]`. Rows are the tokens that attend (queries), columns the tokens they
attend to (keys).
"""

import math
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.errors import UnusedTap, join_names
from jxai.core.program.interpret import trace
from jxai.core.program.marks import TAP
from jxai.core.program.operations import Operation, walk

__all__ = ["MAPS", "attention_taps", "flow", "on_grid", "require_maps", "residual_flow", "start_row"]

MAPS = "*/attention"  # the names in the models of jxai.models


def attention_taps(score: Callable, args: tuple, at: str | Sequence[str]) -> tuple[str, ...]:
    """The names of the taps `at`: the matches of a pattern, in the order of the program, or the names of a list.

    Args:
        score: function of `args` that taps its intermediates.
        args: its arguments.
        at: a pattern in the manner of the shell (`"*/attention"`, `"block[0-3]/attention"`), or names.

    Raises:
        UnusedTap: nothing matches; the message lists the function's taps.
    """
    if not isinstance(at, str):
        if not at:
            raise UnusedTap("at is an empty list; name the taps of the attention maps, first layer first.")
        return tuple(at)

    def matching(operations: list[Operation], pattern: str) -> list[str]:
        names = [op.params["name"] for op in walk(operations) if op.name == TAP]
        return [name for name in names if fnmatchcase(name, pattern)]

    program = trace(score, args, inline_if=lambda operations: bool(matching(operations, at)))
    names = matching(program.operations, at)
    if not names:
        every = trace(score, args, inline_if=lambda operations: bool(matching(operations, "*")))
        raise UnusedTap(
            f"no tap matches {at!r}; this function's taps: {join_names(matching(every.operations, '*'))}. Name "
            f"attention maps [heads, t, t] in the model with jxai.tap(value, 'block0/attention'), or say at=."
        )
    return tuple(names)


def require_maps(maps: dict[str, Float[Array, "..."]]) -> list[Float[Array, "heads t t"]]:
    """The attention maps as a list; raise `ValueError` for a tap that is not one, or has another number of tokens."""
    tokens = {a.shape[-1] for a in maps.values() if a.ndim}
    for name, a in maps.items():
        if a.ndim != 3 or a.shape[1] != a.shape[2] or len(tokens) != 1:
            raise ValueError(
                f"attention maps must be [heads, t, t] with the same t; the tap {name!r} is {a.shape}"
                f"{f' among maps of {sorted(tokens)} tokens' if len(tokens) != 1 else ''}. Choose taps with at=."
            )
    return list(maps.values())


def start_row(like: Float[Array, "heads t t"], token: int | None) -> Float[Array, " t"]:
    """Where the flow starts, `[t]`: 1 at the token that the classifier reads, or `1/t` everywhere for None."""
    count = like.shape[-1]
    if token is None:
        return jnp.full_like(like[0, 0], 1 / count)
    if not -count <= token < count:
        raise ValueError(f"token must name one of the {count} tokens that attend; token={token} came.")
    return jnp.zeros_like(like[0, 0]).at[token].set(1)


def flow(row: Float[Array, " t"], matrices: Sequence[Float[Array, "t t"]]) -> Float[Array, " t"]:
    """`row M_L ... M_1`: a row of the product of all layers' matrices, by products of a vector and a matrix."""
    # last layer first: the t x t product of all layers is never formed
    for matrix in reversed(matrices):
        row = row @ matrix
    return row


def residual_flow(row: Float[Array, " t"], matrices: Sequence[Float[Array, "t t"]]) -> Float[Array, " t"]:
    """`row [(I + M_L) ... (I + M_1) - I]`: the flow through layers with residual connections, without the row itself.

    The gain is carried alone: subtracting the row at the end would lose the digits of a small gain.
    """
    gain = jnp.zeros_like(row)
    for matrix in reversed(matrices):
        gain = gain + (row + gain) @ matrix
    return gain


def on_grid(row: Float[Array, " t"], x: Shaped[Array, "*shape"], grid: tuple[int, ...] | None) -> Float[Array, "*grid"]:
    """The last tokens of `row [t]`, laid out in space; tokens in front of them (class token, registers) are dropped.

    Args:
        row: a number for each token.
        x: the input, `[*space, c]`, or whole numbers `[*space]` (token numbers).
        grid: the layout; None finds the smallest square patches of `x` that are not more than the tokens.

    Raises:
        ValueError: the grid has more places than there are tokens, or none could be found.
    """
    space = x.shape[:-1] if jnp.issubdtype(x.dtype, jnp.floating) else x.shape
    grid = _infer_grid(space, len(row)) if grid is None else tuple(grid)
    count = math.prod(grid) if grid else 0
    if not 0 < count <= len(row):
        what = f"grid={grid} has {count} places for" if grid else f"an input of shape {x.shape} suggests no grid for"
        raise ValueError(
            f"{what} {len(row)} tokens; say grid=(h, w) of the patches, or grid=(t,) for the last t tokens."
        )
    return row[len(row) - count :].reshape(grid)


def _infer_grid(space: tuple[int, ...], tokens: int) -> tuple[int, ...]:
    """The grid of the smallest patches that fit; `()` for none.

    Fewer tokens may stand in front than one row of the grid has: with more, the patches are probably larger ones.
    """
    for patch in range(1, max(space, default=0) + 1):
        grid = tuple(side // patch for side in space)
        if all(side % patch == 0 for side in space) and math.prod(grid) <= tokens:
            return grid if tokens - math.prod(grid) < grid[-1] else ()
    return ()
