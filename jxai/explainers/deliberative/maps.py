"""Deliberative explanations: where a prediction is difficult, and between which classes.

deliberation_maps   attribution of the likeliest classes, and of the difficulty, to the places of a layer
deliberative        insecurities: regions, each ambiguous between two classes
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from jxai.core.errors import require_scalar
from jxai.core.inputs import without_batch
from jxai.core.taps import split, values_and_grads
from jxai.core.types import Explain, Key, Score
from jxai.explainers.deliberative.insecurities import Insecurities, insecurities, product, top_classes
from jxai.explainers.deliberative.order import CHUNK, first_order, integrated_maps, location_maps, second_order
from jxai.explainers.deliberative.taylor import require_places, second_terms
from jxai.signal.filters import at_least_single

__all__ = [
    "Insecurities",
    "Maps",
    "deliberation_maps",
    "deliberative",
    "first_order",
    "insecurities",
    "integrated_maps",
    "location_maps",
    "second_order",
]

Apply = Callable[[Any, Array], Array]
Attribution = Callable[..., Explain]  # (fn, *, at) -> explain
_VARIANTS = ("paper", "released", "released_scenes")


class Maps(NamedTuple):
    """Attributions of one example to the places of a layer.

    Attributes:
        labels: `[r]`, the most probable classes, in decreasing order.
        classes: `[r, *space]`, their maps.
        difficulty: `[*space]`, the map of the difficulty score; None without one.
        probabilities: `[c]`, of all classes.
    """

    labels: Int[Array, " r"]
    classes: Float[Array, "r *space"]
    difficulty: Float[Array, "*space"] | None
    probabilities: Float[Array, " c"]


def deliberative(
    apply: Apply,
    difficulty: Score | None,
    *,
    at: str | tuple[str, str],
    attribution: Attribution = second_order,
    classes: int = 5,
    candidates: int = 3,
    coverage: float | None = None,
    threshold: float | None = None,
    size: Sequence[int] | None = None,
    combine: Callable[
        [Float[Array, "*space"], Float[Array, "*space"], Float[Array, "*space"]], Float[Array, "*space"]
    ] = product,
    variant: str = "paper",
) -> Callable[..., Insecurities]:
    r"""Deliberative explanation: the insecurities of a prediction, each a region and the two classes it may belong to.

    `m^c` is the map of class c, `m^s` that of the difficulty. Candidates at a place are the `candidates` classes with
    the largest maps there, among the `classes` most probable. A pair `(a, b)` of candidates at some place has the
    ambiguity map `m^(a,b) = m^a m^b m^s` (eq. 1), and its region is where that map is above T.

    Args:
        apply: `(params, x) -> logits [c]` of one example, with taps.
        difficulty: Score `(x, *args) -> number` with taps: `scores.hesitancy(apply)`, `scores.entropy(apply)`, or the
            output of a hardness predictor (a sigmoid: the second order of a piecewise linear function is 0; that of
            the sigmoid has the sign of `1 - 2s` everywhere, so for s above 0.5 it lowers the map). None: no `m^s`.
        at: the tap of a layer `[*space, d]`, usually the last convolution; two names where the difficulty's network
            has another one (of the same resolution).
        attribution: `(fn, *, at) -> explain`: `second_order`, `first_order`, `location_maps(method)` for any other
            explainer, or `functools.partial` of one (`chunk`).
        classes: how many of the most probable classes compete.
        candidates: how many are candidates at a place, 2 to `classes`.
        coverage: part of the example that each region covers; default 0.1.
        threshold: T itself, instead of a coverage.
        size: of masks and maps (bilinear); default the layer's resolution.
        combine: `(m^a, m^b, m^s) -> m^(a,b)`, place by place.
        variant: "paper", or "released" or "released_scenes" as the authors' code (see `deliberation_maps`).

    Returns:
        Explain `(x, params, *args, key=None) -> Insecurities`, `classes (classes - 1) / 2` of them, strongest first.
        The classifier gets `params`, the difficulty score `params` and `args` (those of a predictor of its own, say:
        `lambda x, params, own: hardness(own, x)`). Keywords other than `key` are the attribution's.

    Raises:
        UnusedTap: when called, a network reaches no such tap.
        NotAScalar: when called, the difficulty is not one number.
        ValueError: unknown variant; when called, numbers that do not fit the model, a layer without spatial axes, a
            difficulty that is piecewise linear in the layer under `second_order`.

    Reference:
        Wang and Vasconcelos 2019, "Deliberative explanations: visualizing network insecurities", section 3, and its
        defaults: 3 candidates of the 5 most probable classes.

    Example:
        >>> from jxai.core import scores
        >>> from jxai.core.taps import tap
        >>> apply = lambda w, x: tap(x, "layer").mean((0, 1)) @ w
        >>> explain = deliberative(apply, scores.entropy(apply), at="layer", classes=3, candidates=2)
        >>> regions = explain(jax.random.normal(jax.random.key(0), (4, 4, 2)), jnp.eye(2, 3))
        >>> regions.mask.shape, regions.strength.shape
        ((3, 4, 4), (3,))
    """
    maps_of = deliberation_maps(apply, difficulty, at=at, attribution=attribution, classes=classes, variant=variant)

    def explain(x: Float[Array, "*shape"], *args: Any, key: Key | None = None, **inputs: Any) -> Insecurities:
        maps = maps_of(x, *args, key=key, **inputs)
        return insecurities(
            maps.classes, maps.difficulty, maps.probabilities, labels=maps.labels, classes=classes,
            candidates=candidates, coverage=coverage, threshold=threshold, size=size, combine=combine,
        )  # fmt: skip

    return explain


def deliberation_maps(
    apply: Apply,
    difficulty: Score | None,
    *,
    at: str | tuple[str, str],
    attribution: Attribution = second_order,
    classes: int = 5,
    variant: str = "paper",
) -> Callable[..., Maps]:
    """The maps that `deliberative` combines: of the most probable classes, and of the difficulty.

    The variants; "paper" comes first, then the released code:

    * Classes: maps of the posteriors by `attribution`; of the *logits*, in *first order* whatever the attribution,
      with values below 0 replaced by 1e-7.
    * Difficulty by `first_order`: `sum_d a_d g_d`, `g` the gradient; `sum_d a_d max(g_d, 0)`, clipped in each channel.
    * Difficulty by `second_order`: eq. 2; "released" (its code for CUB) the clipped first term plus the *absolute*
      value of the quadratic form by 2; "released_scenes" (its code for ADE20K) eq. 2, with values below 0 replaced by
      1e-100 (0 in single precision).
    * Difficulty by any other attribution: its map; values below 0 replaced by 1e-100. Integrated gradients were those
      along the image's path: `integrated_maps(quadrature="ends")`, with a black image as `baseline`.

    The released code also explains pre-sigmoid values of some difficulty predictors. In a ReLU network their second
    order is 0, so it gets the first-order map; here `second_order` raises. Its final version has no candidates (all
    pairs count): `deliberative(candidates=classes)`. Its entropy is divided by log c:
    `scores.entropy(apply, normalised=True)`.

    Args, errors and reference as for `deliberative`.

    Returns:
        Explain `(x, params, *args, key=None) -> Maps`.
    """
    if variant not in _VARIANTS:
        raise ValueError(f"variant must be one of {', '.join(_VARIANTS)}; {variant!r} came.")
    own, other = (at, at) if isinstance(at, str) else at
    paper = variant == "paper"

    def of_classes(x: Float[Array, "*shape"], labels: Int[Array, " r"], *args: Any) -> Float[Array, " r"]:
        logits = _logits(apply, x, args)
        return (jax.nn.softmax(logits) if paper else logits)[labels]

    class_maps = (attribution if paper else first_order)(of_classes, at=own)
    difficulty_map = None if difficulty is None else _difficulty_map(difficulty, other, attribution, variant)

    def explain(x: Float[Array, "*shape"], *args: Any, key: Key | None = None, **inputs: Any) -> Maps:
        logits = _logits(apply, x, args)
        if not 2 <= classes <= len(logits):
            raise ValueError(f"classes must be 2 to the {len(logits)} classes of the model; classes={classes} came.")
        # in half precision many classes would tie, and their order decides about the pairs
        probabilities = jax.nn.softmax(logits.astype(at_least_single(logits.dtype)))
        labels = top_classes(probabilities, classes)
        maps = class_maps(x, labels, *args, key=key, **(inputs if paper else {}))
        maps = maps if paper else _floor(maps, 1e-7)  # before any resizing, as in the released code
        hard = None if difficulty_map is None else difficulty_map(x, *args, key=key, **inputs)
        return Maps(labels, maps, hard, probabilities)

    return explain


def _difficulty_map(difficulty: Score, at: str, attribution: Attribution, variant: str) -> Explain:
    def score(x: Float[Array, "*shape"], *args: Any) -> Float[Array, ""]:
        return require_scalar(difficulty(x, *args))

    method = attribution.func if isinstance(attribution, partial) else attribution
    clips = variant == "released" and method is second_order or variant != "paper" and method is first_order
    if clips:
        chunk = getattr(attribution, "keywords", {}).get("chunk", CHUNK) if method is second_order else None
        return _clipped_gradient(score, at, chunk)
    plain = attribution(score, at=at)
    if variant == "paper":
        return plain
    return lambda x, *args, **inputs: _floor(plain(x, *args, **inputs), 1e-100)


def _clipped_gradient(score: Score, at: str, chunk: int | None) -> Explain:
    """`sum_d a_d max(g_d, 0)`, and with a `chunk` half the absolute value of the quadratic form."""
    _, head = split(score, at)

    def explain(x: Array, *args: Any, key: Key | None = None) -> Array:
        del key
        values, gradients = values_and_grads(score, at)(x, *args)
        require_places(values[at], at, "deliberative")
        whole = (values[at] * jax.nn.relu(gradients[at])).sum(-1)
        if chunk is not None:
            whole += jnp.abs(second_terms(head, values[at], (x, *args), at=at, chunk=chunk)[1]) / 2
        return without_batch(whole, values[at], x)

    return explain


def _floor(maps: Array, least: float) -> Array:
    return jnp.where(maps < 0, jnp.asarray(least, maps.dtype), maps)


def _logits(apply: Apply, x: Array, args: tuple) -> Array:
    if not args:
        raise ValueError("deliberative explains (x, params, ...): the classifier's parameters are missing.")
    logits = apply(args[0], x)
    if jnp.ndim(logits) != 1:
        raise ValueError(
            f"apply(params, x) must return the logits of one example, shape [c]; shape {jnp.shape(logits)} came. Take "
            f"the batch axis out of the model, and map over examples with jax.vmap(explain)."
        )
    return logits
