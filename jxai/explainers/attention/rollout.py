"""Attention maps of a transformer, read and multiplied: no gradient, and no class.

With `A_l [heads, t, t]` the attention of layer l = 1..L (rows sum to 1), `E_h` the mean over heads, and `e` the row of
the token that the classifier reads:

    raw_attention      e E_h[A_L]
    attention_rollout  e P_L ... P_1,  P_l = (1 - r) E_h[A_l] + r I

Both find the maps by the names of their taps, and give tokens `[t]` for text, the grid of patches `[h, w]` for images.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.taps import reap
from jxai.core.types import Explain, Key, Score
from jxai.explainers.attention.maps import MAPS, attention_taps, flow, on_grid, require_maps, start_row

__all__ = ["attention_rollout", "raw_attention"]

Taps = str | Sequence[str]
Grid = tuple[int, ...] | None

_FUSIONS: dict[str, Callable[[Array], Array]] = {
    "mean": lambda a: a.mean(0),
    "max": lambda a: a.max(0),
    "min": lambda a: a.min(0),
}


def raw_attention(
    score: Score, *, at: Taps = MAPS, heads: str = "mean", token: int | None = 0, grid: Grid = None
) -> Explain:
    r"""What the classified token looks at: its row of the last attention map, `phi = e E_h[A_L]`. Knows no class.

    Args:
        score: function `(x, *args) -> number` whose model taps its attention maps `[heads, t, t]`.
        at: the maps: a pattern of tap names in the manner of the shell, whose matches come in the order of the
            program, or a list of names. The last is shown; `at="block3/attention"` shows that of block 3.
        heads: how heads become one: `"mean"`, `"max"` or `"min"`.
        token: the token that the classifier reads, whose row is shown; None for a model that averages its tokens.
        grid: layout of the result, a shape for the last tokens. None takes it from `x`: tokens `[t, d]` (or their
            numbers `[t]`) give `[t]`, an image gives its square patches; tokens in front (class token) are dropped.

    Returns:
        Explain `(x, *args, key=None) -> attribution`, `[*space]` of the tokens or patches; 0 to 1, with `"mean"`
        it sums to 1 over all tokens.

    Raises:
        UnusedTap: when called, no tap matches.
        ValueError: an unknown fusion; when called, a tap is no attention map, or the tokens do not fit the grid.

    Reference:
        Bahdanau, Cho and Bengio 2015, for looking at attention; "raw attention" in Chefer et al. 2021 (CVPR).

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x: (tap(jax.nn.softmax(x @ x.T)[None], "block0/attention")[0] @ x).sum()
        >>> print([f"{a:.2f}" for a in raw_attention(score)(jnp.eye(2))])
        ['0.73', '0.27']
    """
    fuse = _fusion(heads)

    def explain(x: Shaped[Array, "*shape"], *args: Any, key: Key | None = None) -> Float[Array, "*grid"]:
        del key
        last = attention_taps(score, (x, *args), at)[-1]
        (a,) = require_maps(reap(score, last)(x, *args))
        return on_grid(flow(start_row(a, token), [fuse(a)]), x, grid)

    return explain


def attention_rollout(
    score: Score,
    *,
    at: Taps = MAPS,
    heads: str = "mean",
    residual: float = 0.5,
    discard: float = 0.0,
    token: int | None = 0,
    grid: Grid = None,
) -> Explain:
    r"""Attention rollout: attention multiplied through the layers, half of every step staying in place. Knows no class.

    `phi = e P_L ... P_1`, `P_l = (1 - r) E_h[A_l] + r I`, rows brought to sum 1 (they do already for mean heads)

    Args:
        score: function `(x, *args) -> number` whose model taps its attention maps `[heads, t, t]`.
        at: the maps, first layer first; as for `raw_attention`. A part of the layers is a roll-out from there.
        heads: `"mean"` (the paper), `"max"` or `"min"`.
        residual: the share `r` of the residual connection, 0 to 1.
        discard: the share of the smallest entries of every fused map that are set to 0 before, 0 up to 1; entries
            equal to the smallest that stays also stay.
        token: the row that is shown; as for `raw_attention`.
        grid: layout of the result; as for `raw_attention`.

    Returns:
        Explain `(x, *args, key=None) -> attribution`, `[*space]` of the tokens or patches; at least 0, sums to 1 over
        all tokens.

    Raises:
        UnusedTap: when called, no tap matches.
        ValueError: an unknown fusion, `residual` or `discard` out of range; when called, as for `raw_attention`.

    Reference:
        Abnar and Zuidema 2020, "Quantifying attention flow in transformers", eq. 1 and section 3. `heads` and
        `discard` are not in the paper; a widespread implementation for images has them, keeps the first entry of
        every map whatever its size, and discards exactly the given number among equals.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x: (tap(jax.nn.softmax(x @ x.T)[None], "block0/attention")[0] @ x).sum()
        >>> print([f"{a:.2f}" for a in attention_rollout(score)(jnp.eye(2))])
        ['0.87', '0.13']
    """
    fuse = _fusion(heads)
    if not 0 <= residual <= 1 or not 0 <= discard < 1:
        raise ValueError(f"residual is in 0..1, discard in 0..1 without 1; {residual=}, {discard=} came.")

    def step(a: Float[Array, "heads t t"]) -> Float[Array, "t t"]:
        attention = _without_smallest(fuse(a), discard)
        transition = (1 - residual) * attention + residual * jnp.eye(len(attention), dtype=a.dtype)
        # "max", "min" and discarded entries break the rows' sum of 1; a row of zeros stays one
        total = transition.sum(-1, keepdims=True)
        return transition / jnp.where(total == 0, jnp.ones_like(total), total)

    def explain(x: Shaped[Array, "*shape"], *args: Any, key: Key | None = None) -> Float[Array, "*grid"]:
        del key
        names = attention_taps(score, (x, *args), at)
        maps = require_maps(reap(score, *names)(x, *args))
        return on_grid(flow(start_row(maps[-1], token), [step(a) for a in maps]), x, grid)

    return explain


def _fusion(heads: str) -> Callable[[Array], Array]:
    if heads not in _FUSIONS:
        raise ValueError(f"heads is one of {', '.join(_FUSIONS)}; {heads!r} came.")
    return _FUSIONS[heads]


def _without_smallest(matrix: Array, share: float) -> Array:
    """The matrix with the smallest `share` of its entries set to 0."""
    if not share:
        return matrix
    # which entries stay is a choice, constant to derivatives
    smallest_kept = jnp.sort(jax.lax.stop_gradient(matrix).ravel())[int(share * matrix.size)]
    return jnp.where(matrix >= smallest_kept, matrix, jnp.zeros_like(matrix))
