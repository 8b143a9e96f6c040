"""Attention maps of a transformer, weighted by the gradients of a score, and so specific to a class.

With `A_l [heads, t, t]` the attention of layer l = 1..L, `G_l` the score's gradient there, `E_h` the mean over heads,
and `e` the row of the token that the classifier reads:

    attention_relevance        e [(I + M_L) ... (I + M_1) - I],  M_l = E_h[max(G_l A_l, 0)], or relevance for A_l
    transition_attention_maps  e E_h[A_L] (I + E_h[A_{L-1}]) ... (I + E_h[A_s]) * e E_h[max(int G_L, 0)]

Both find the maps by the names of their taps, and give tokens `[t]` for text, the grid of patches `[h, w]` for images.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.chunks import mean_over
from jxai.core.errors import require_baseline, require_positive
from jxai.core.evaluate import explainer
from jxai.core.integrate import nodes
from jxai.core.taps import reap, values_and_grads
from jxai.core.types import Explain, Key, Score
from jxai.explainers.attention.lrp import relevance
from jxai.explainers.attention.maps import MAPS, attention_taps, on_grid, require_maps, residual_flow, start_row

__all__ = ["attention_relevance", "transition_attention_maps"]

Taps = str | Sequence[str]
Grid = tuple[int, ...] | None


@explainer
def attention_relevance(
    score: Score, *, rule: str = "gradient", at: Taps = MAPS, token: int | None = 0, grid: Grid = None
) -> Explain:
    r"""Transformer attribution of Chefer et al.: attention weighted by gradients, positive part, through all layers.

    `phi = e [(I + M_L) ... (I + M_1) - I]`, `M_l = E_h[max(G_l W_l, 0)]`

    with `W_l = A_l` for `rule="gradient"` (`R <- R + M R` of the generic method), and `W_l` the relevance of the
    attention map for `rule="lrp"`, propagated from 1 at the score: `jxai.explainers.attention.lrp` says by which rules.

    Args:
        score: function `(x, *args) -> number` whose model taps its attention maps `[heads, t, t]`; best a logit.
        rule: `"gradient"` (ICCV 2021) or `"lrp"` (CVPR 2021).
        at: the maps, first layer first; as for `jxai.raw_attention`.
        token: the token that the classifier reads; as for `jxai.raw_attention`.
        grid: layout of the result; as for `jxai.raw_attention`.

    Returns:
        Explain `(x, *args, key=None) -> attribution`, `[*space]` of the tokens or patches, at least 0.

    Raises:
        UnusedTap: when called, no tap matches.
        NotAScalar: when called, the score returned something else than one number.
        NotImplementedError: when called with `"lrp"`, the model has an operation without a rule for relevance.
        ValueError: an unknown rule; when called, as for `jxai.raw_attention`.

    Reference:
        Chefer, Gur and Wolf 2021, "Generic attention-model explainability", eq. 5 and 6 (self-attention);
        "Transformer interpretability beyond attention visualization", eq. 13 and 14. Ours: the identity from which `R`
        starts is subtracted from the result. It only says which token is classified, and would outshine a text's
        other words. (For images that token is dropped anyway; a released version for BERT overwrites its place.)

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x: (tap(jax.nn.softmax(x @ x.T)[None], "block0/attention")[0] @ x)[0, 1]
        >>> print([f"{a:.2f}" for a in attention_relevance(score)(jnp.eye(2))])
        ['0.00', '0.27']
    """
    if rule not in ("gradient", "lrp"):
        raise ValueError(f"rule is 'gradient' or 'lrp'; {rule!r} came.")

    def explain(x: Shaped[Array, "*shape"], *args: Any, key: Key | None = None) -> Float[Array, "*grid"]:
        del key
        names = attention_taps(score, (x, *args), at)
        values, gradients = values_and_grads(score, *names)(x, *args)
        require_maps(values)
        # with "lrp" the attention map itself does not enter: its relevance takes its place (eq. 13)
        weights = relevance(score, *names)(x, *args) if rule == "lrp" else values
        matrices = [jax.nn.relu(gradients[name] * weights[name]).mean(0) for name in names]
        return on_grid(residual_flow(start_row(values[names[-1]], token), matrices), x, grid)

    return explain


@explainer
def transition_attention_maps(
    score: Score,
    *,
    steps: int = 20,
    quadrature: str | None = None,
    start: int | None = None,
    at: Taps = MAPS,
    token: int | None = 0,
    grid: Grid = None,
    chunk: int = 4,
) -> Explain:
    r"""Transition attention maps: a Markov chain through the layers, weighted by an integrated gradient at the last.

    `phi = p * e E_h[max(int_0^1 dy(b + t (x - b)) / dA_L dt, 0)]`

    with the chain's last state `p = e E_h[A_L] (I + E_h[A_{L-1}]) ... (I + E_h[A_s])`.

    Args:
        score: function `(x, *args) -> number` whose model taps its attention maps `[heads, t, t]`.
        steps: nodes of the integral.
        quadrature: None for the authors' mean over `steps` equidistant points, both ends included (a single one is
            `x`); `"midpoint"` or `"gauss_legendre"` converge faster.
        start: how many of the first layers the chain leaves out; default a third (the authors' 4 of 12).
        at: the maps, first layer first; as for `jxai.raw_attention`.
        token: the token that the classifier reads; as for `jxai.raw_attention`.
        grid: layout of the result; as for `jxai.raw_attention`.
        chunk: the most nodes evaluated side by side; peak memory depends on it, not on `steps`.

    Returns:
        Explain `(x, *args, key=None, baseline=None) -> attribution`, `[*space]` of the tokens or patches, at least 0,
        in units of the score. `baseline` is like `x`; None is zeros.

    Raises:
        UnusedTap: when called, no tap matches.
        NotAScalar: when called, the score returned something else than one number.
        ValueError: `steps` or `chunk` not positive, an unknown quadrature, `start` out of range, a baseline of another
            shape; as for `jxai.raw_attention`.

    Reference:
        Yuan, Li, Xiong, Cao and Dou 2021, "Explaining information flow inside vision transformers using Markov
        chain". The path scales the input, as the authors run it, not the attention map.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x: (tap(jax.nn.softmax(x @ x.T)[None], "block0/attention")[0] @ x)[0, 1]
        >>> print([f"{a:.3f}" for a in transition_attention_maps(score)(jnp.eye(2))])
        ['0.000', '0.134']
    """
    require_positive(chunk=chunk, steps=steps)
    ts, weights = _nodes(steps, quadrature)

    def explain(
        x: Float[Array, "*shape"], *args: Any, key: Key | None = None, baseline: Float[Array, "*shape"] | None = None
    ) -> Float[Array, "*grid"]:
        del key
        b = require_baseline(x, baseline)
        names = attention_taps(score, (x, *args), at)
        # the maps are taken at x, only the gradient is integrated over the path
        maps = require_maps(reap(score, *names[_first(start, names) :])(x, *args))

        def gradient(t: Float[Array, ""]) -> Float[Array, "heads t t"]:
            return values_and_grads(score, names[-1])(b + t * (x - b), *args)[1][names[-1]]

        total = mean_over(gradient, jnp.asarray(ts, x.dtype), chunk=chunk, weights=jnp.asarray(weights, x.dtype))
        row = start_row(maps[-1], token)
        state = row @ maps[-1].mean(0)
        state = state + residual_flow(state, [a.mean(0) for a in maps[:-1]])
        return on_grid(state * (row @ jax.nn.relu(total).mean(0)), x, grid)

    return explain


def _first(start: int | None, names: Sequence[str]) -> int:
    if start is None:
        return len(names) // 3
    if not 0 <= start < len(names):
        raise ValueError(f"start leaves out the first of {len(names)} layers and must leave one; start={start} came.")
    return start


def _nodes(steps: int, quadrature: str | None) -> tuple[np.ndarray, np.ndarray]:
    if quadrature is None:
        return np.linspace(1, 0, steps), np.full(steps, 1 / steps)  # from 1 down: a single step is at x itself
    return nodes(steps, quadrature)
