"""The basis of a convolutional network's decision: important channels, channels behind them, weighted features.

With `A_l [*space, K]` the values at a layer's tap and `G_l` the score's gradient there:

    alpha_l  = mean_ij G_l                  "released": G_l / (rms(G_l) + 1e-5) first
    beta_l   = softmax(alpha_l)
    important: the fewest channels whose beta sums to more than eta
    visual   = ReLU(alpha) mean_ij A        at the penultimate layer
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float

from jxai.core.errors import require_positive, require_variant
from jxai.core.taps import values_and_grads
from jxai.core.types import Key, Score
from jxai.language.feature_tree import chains, mean_over_space, segments, tree, wide

__all__ = ["Decision", "decision_features", "minimum_set"]


class Decision(NamedTuple):
    """The channels and features that one decision rests on.

    Attributes:
        alpha: for each layer the weights of its channels, `[K]`: the score's mean gradients there, signed.
        beta: for each layer the softmax of `alpha`, `[K]`.
        important: for each layer the channels of the minimum set, `[K]`.
        relevant: for each layer the channels that the tree from the last layer to the first reaches, `[K]`.
        visual: `[d]`, the penultimate features weighted by ReLU of their own alpha.
        plain: `[d]`, the penultimate features.
    """

    alpha: dict[str, Float[Array, " k"]]
    beta: dict[str, Float[Array, " k"]]
    important: dict[str, Bool[Array, " k"]]
    relevant: dict[str, Bool[Array, " k"]]
    visual: Float[Array, " d"]
    plain: Float[Array, " d"]


def decision_features(
    score: Score,
    *,
    layers: Sequence[str],
    at: str,
    eta: float = 0.8,
    k: int = 5,
    breadth: int | None = None,
    variant: str = "paper",
    reference_quirks: bool = False,
    chunk: int = 5,
) -> Callable[..., Decision]:
    r"""The channels that a decision rests on, in all layers, and the weighted features that FLEX describes.

    All weights come from one backward pass. The tree starts with the k channels of the last layer with the largest
    beta. The activation of each channel, summed over space, is differentiated by the layer before:
    `s_c = mean_ij d(sum A_p) / d A_cij`. The k channels with the largest `s` are its children, except for channels
    without any effect on it. All children are `relevant`.

    It differs from the paper in its cost: read literally, the paper's recursion takes k^depth backward passes. Here
    only `breadth` channels of a layer have children, those with the largest share of the decision (`beta` of the
    channel at the start, times `softmax(s)` on the way down, summed over all ways). With `breadth` as large as the
    widest layer the tree is the paper's.

    Args:
        score: function `(x, *args) -> number` that taps its intermediates, the class's output before softmax
            (`jxai.scores.logit`). FLEX takes the true class to associate words, the predicted one for the rest.
        layers: taps of the layers `[*space, K]` in the network's order.
        at: tap of the penultimate layer, `[d]`, or `[*space, d]`, which is averaged over space.
        eta: the share of the decision of the important channels together, above 0, at most 1.
        k: number of channels at the start of the tree, and of children of a channel.
        breadth: number of channels of a layer that have children; None: k.
        variant: "paper", or "released" for the authors' program: gradients divided by their root mean square (over
            the layer) before the mean; one important channel fewer (at least one); only the first child of each
            channel, by the derivative of the score through the channel.
        reference_quirks: with "released" also its aliasing: below the second layer, the gradient through the last
            parent is used for all parents.
        chunk: the largest number of parents differentiated side by side; it determines peak memory.

    Returns:
        Explain `(x, *args, key=None) -> Decision`, dictionaries by layer, in float32 at least. Cost: one forward and
        backward pass for all weights, one more forward pass, and `breadth` backward passes from layer to layer.

    Raises:
        UnusedTap: at the call, if the score reaches no such tap, or the layers are not in order.
        ValueError: `eta` outside (0, 1], `k`, `breadth` or `chunk` below one, an unknown variant; at the call, a layer
            without channels, or with fewer than k.

    Reference:
        Wickramanayake, Hsu and Lee 2019, "FLEX: Faithful Linguistic Explanations for Neural Net based Model
        Decisions", eq. 1 and 2, and "Describe Decision-Relevant Features".

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> def score(x):
        ...     first = tap(x * jnp.array([1.0, 2.0]), "first")
        ...     return tap(first @ jnp.array([[1.0, 0.0], [0.0, 3.0]]), "last") @ jnp.array([4.0, 0.0])
        >>> decision = decision_features(score, layers=("first", "last"), at="last", k=1)(jnp.ones(2))
        >>> decision.relevant["last"].tolist(), decision.relevant["first"].tolist(), decision.visual.tolist()
        ([True, False], [True, False], [4.0, 0.0])
    """
    layers = tuple(layers)
    breadth = k if breadth is None else breadth
    released = require_variant(variant)
    _check_eta(eta)
    require_positive(k=k, breadth=breadth, chunk=chunk)
    if not layers or len(set(layers)) < len(layers):
        raise ValueError(f"layers are one or more different taps, the first layer first; {layers} came.")
    if reference_quirks and not released:
        raise ValueError('reference_quirks belong to variant="released"; the paper has none.')

    def explain(x: Float[Array, "*shape"], *args: Any, key: Key | None = None) -> Decision:
        del key
        # dict.fromkeys: each tap once, as `at` is often the last of the layers
        values, gradients = values_and_grads(score, *dict.fromkeys((*layers, at)))(x, *args)
        _check_channels(values, layers, k)
        alpha = {name: _weights(gradient, released) for name, gradient in gradients.items()}
        beta = {name: jax.nn.softmax(alpha[name]) for name in layers}
        back = segments(score, layers, values, x, args)
        if released:
            relevant = chains(back, gradients[layers[-1]], beta[layers[-1]], k, quirk=reference_quirks, chunk=chunk)
        else:
            relevant = tree(back, beta[layers[-1]], k, breadth, chunk=chunk)
        plain = mean_over_space(values[at])
        return Decision(
            {name: alpha[name] for name in layers},
            beta,
            {name: minimum_set(beta[name], eta=eta, variant=variant) for name in layers},
            dict(zip(layers, relevant, strict=True)),
            jax.nn.relu(alpha[at]) * plain,
            plain,
        )

    return explain


def minimum_set(beta: Float[Array, " k"], *, eta: float = 0.8, variant: str = "paper") -> Bool[Array, " k"]:
    """The fewest channels whose shares sum to more than eta, the largest first.

    Args:
        beta: shares, `[K]`, that sum to 1.
        eta: above 0, at most 1; 1 takes all channels.
        variant: "released" leaves out the channel with which the sum reaches eta, unless it is the first.

    Returns:
        Booleans, `[K]`. Equal shares are in order of position.

    Raises:
        ValueError: `eta` outside (0, 1], or an unknown variant.

    Example:
        >>> import jax.numpy as jnp
        >>> minimum_set(jnp.array([0.1, 0.5, 0.4]), eta=0.7).tolist()
        [False, True, True]
    """
    released = require_variant(variant)
    _check_eta(eta)
    order = jnp.argsort(-beta)
    total = jnp.cumsum(beta[order])
    limit = jnp.asarray(eta, beta.dtype)
    if released:
        inside = (total < limit).at[0].set(True)
    elif eta == 1:  # a rounded sum may exceed 1 before the last channel
        inside = jnp.ones_like(beta, bool)
    else:
        inside = jnp.concatenate([jnp.ones_like(total[:1], bool), total[:-1] <= limit])
    return inside[jnp.argsort(order)]  # back to the channels' order


def _weights(gradient: Array, released: bool) -> Array:
    gradient = wide(gradient)  # squares and means of half precision would underflow
    if released:
        gradient = gradient / (jnp.sqrt((gradient**2).mean()) + jnp.asarray(1e-5, gradient.dtype))
    return mean_over_space(gradient)


def _check_eta(eta: float) -> None:
    if not 0 < eta <= 1:
        raise ValueError(f"eta is a share above 0 and at most 1; {eta} came.")


def _check_channels(values: Mapping[str, Array], layers: tuple[str, ...], k: int) -> None:
    for name, value in values.items():
        if value.ndim == 0:
            raise ValueError(f"the tap {name!r} is one number without channels; a layer is [*space, channels].")
        if name in layers and value.shape[-1] < k:
            raise ValueError(f"k={k} is more than the {value.shape[-1]} channels of the layer {name!r}: lower k.")
