"""MaRC: the rationale of a prediction, a mask of sources that is optimised to be sufficient, comprehensive, compact."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array
from jaxtyping import Bool, Float, Int, Shaped

from jxai.core.errors import require_baselines, require_key, require_positive
from jxai.core.evaluate import evaluate
from jxai.core.inputs import with_channels
from jxai.core.solve import Evaluation, Stop, minimise, stop_when_converged
from jxai.core.types import Explain, Key, Score
from jxai.explainers.masks.grid_mask import image_mask
from jxai.explainers.masks.objective import SQUASHED, Terms, evidence, is_empty, rationale_and_complement
from jxai.explainers.masks.parameterisation import Mask, Sources, is_released
from jxai.explainers.masks.stops import stop_each_when_converged
from jxai.explainers.masks.text_mask import sequence_mask
from jxai.signal.draws import normal
from jxai.signal.masks import flip, keep

__all__ = ["Rationale", "marc", "marc_trace"]

_ROOT = 1e-30  # under Adam's root, which then has a derivative at 0; far below any square of a gradient
_IMAGES_STOP = stop_when_converged(lambda area: area, after=251)  # the released program stops from its step 250 on


class Rationale(NamedTuple):
    """A mask with the history of its optimisation.

    Attributes:
        mask: `[*space]`, in 0..1; nan everywhere where the optimisation failed.
        sources: w and sigma after the last update, of all passages.
        terms: of the loss at every step, `[steps]` each, before its update; nan after the stop.
        areas: mean of the mask at every step, `[steps]` (`[steps, passages]`).
        steps: how many ran.
        failed: whether a loss was not finite, nothing is valid, or x equals every background.
    """

    mask: Float[Array, "*space"]
    sources: Sources
    terms: Terms
    areas: Float[Array, "steps *passages"]
    steps: Int[Array, ""]
    failed: Bool[Array, ""]


def marc(
    score: Score,
    *,
    mask: Mask | None = None,
    variant: str | None = None,
    sufficiency: float = 1.0,
    comprehensiveness: float = 1.0,
    noise: float = 0.0,
    flips: float = 0.0,
    squash: float | None = None,
    learning_rate: float = 0.03,
    optimiser: optax.GradientTransformation | None = None,
    steps: int = 900,
    stop: Stop | bool = True,
    space: int | None = None,
    chunk: int = 4,
) -> Explain:
    r"""MaRC: a soft mask whose content suffices for the class, and whose complement does not speak for it.

    `min_{w, sigma} -mean_b f(x~) + mean_b f(x~^c) + penalties(w, sigma)`,
    `x~ = m x + (1 - m) b`, `x~^c = (1 - m) x + m b`, `m = sigmoid(sum_i w_i exp(-d(i, j)^2 / sigma_i))`

    `f` is the score, a log-probability in nats: `scores.log_probability` finds class-discriminative evidence,
    `scores.log_sigmoid` class-indicative evidence, `scores.log_mixture` (9 : 1) the paper's for images. The paper
    variant takes any score; its penalties are meant for nats.

    Args:
        score: function `(x, *args) -> number`, log P; of several passages `[p, t, d]` see `scores.joint`.
        mask: parameterisation and penalties, of `jxai.explainers.masks`: `grid_mask.image_mask`, `series_mask`,
            `text_mask.sequence_mask`; None: by the axes of `x`, an image or one passage of text.
        variant: `"paper"` or `"released"`; None: that of the mask. Released: the complement's term is
            `-mean_b log(1 - P)`, so that the score must be at most 0; probabilities are squashed; AdamW for texts
            (weight decay 0.01) instead of Adam; the mask is that before the last update, and a passage's that of the
            step at which it settled, while its sources move on with those of the others (in the paper variant a passage
            that has settled stays as it is); and see the mask. The paper's loss has no lower bound: log P of the
            complement may fall on and on, for an adversarial pattern.
        sufficiency: weight of the rationale's term.
        comprehensiveness: weight of the complement's term.
        noise: standard deviation of normal noise on every input of the score, in units of x; the paper's 0.03 for
            embeddings.
        flips: probability with which an entry of the mask is set to 0 (and again: to 1) at each step; the paper's 0.05
            for tokens. An entry for which both are drawn stays.
        squash: e in `log((1 - e) P + e / 2)`; None: 1e-5 as released, none in the paper.
        learning_rate: Adam's.
        optimiser: another one; None: as the variant says.
        steps: the most updates; the released code allows 7500 for images and 900 for texts.
        stop: True: the released rule, for images `core.solve.stop_when_converged` on the mean mask, for texts
            `stops.stop_each_when_converged`; False: none, and the result can be differentiated; or a rule about the
            mean mask.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).
        chunk: the most evaluations side by side, of the two for each background.

    Returns:
        Explain `(x, *args, key=None, backgrounds=None, valid=None, groups=None) -> mask` of shape `[*space]`, in 0..1;
        nan everywhere where the optimisation failed. `backgrounds`, `[n, *x.shape]`, stand for absence (None: zeros);
        the terms are averaged over them. `valid` are booleans of the space, False where padded: there the mask is 0.
        `groups` hold the word of each token, -1 where there is none.

    Raises:
        MissingKey: when called without a key, and `noise` or `flips` is not 0.
        ValueError: an option out of range; arrays that do not fit; nothing valid, or an `x` that equals all its
            backgrounds, where these can be seen (under jit, vmap: the mask is nan).

    Reference:
        Brinner and Zarriess 2023, "Model interpretability and rationale extraction by input mask optimization",
        eq. 1 to 9 (the signs of eq. 9 are swapped there). Their program for texts applies position embeddings and layer
        normalisation twice; here x is what the caller embeds.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> score = lambda x: jax.nn.log_sigmoid(4 * x[2:4].sum() - 4)  # of nine tokens it sees two
        >>> mask = marc(score, steps=150)(jnp.ones((9, 1)))
        >>> bool(mask[2:4].min() > 0.9), bool(mask[6:].max() < 0.1)
        (True, True)
    """
    require_positive(learning_rate=learning_rate, steps=steps, chunk=chunk)
    for name, value in {"sufficiency": sufficiency, "comprehensiveness": comprehensiveness, "noise": noise}.items():
        if value < 0:
            raise ValueError(f"{name} must be at least zero; {name}={value} came.")
    if not 0 <= flips < 1 or not 0 <= (squash or 0) < 1:
        raise ValueError(f"flips and squash are shares in 0..1; flips={flips}, squash={squash} came.")
    released = is_released(mask, variant)
    share = squash if squash is not None else SQUASHED if released else 0.0

    def weigh(value: Float[Array, ""], is_rationale: Bool[Array, ""]) -> Float[Array, ""]:
        weight = jnp.where(is_rationale, jnp.full_like(value, -sufficiency), jnp.full_like(value, comprehensiveness))
        return weight * evidence(value, is_rationale, squash=share, released=released)

    def optimise(
        x: Float[Array, "*shape"],
        *args: Any,
        key: Key | None = None,
        backgrounds: Float[Array, "n *shape"] | None = None,
        valid: Shaped[Array, "*space"] | None = None,
        groups: Int[Array, "*space"] | None = None,
    ) -> Rationale:
        form = with_channels(x, space, "marc")
        others = require_baselines(x, jnp.zeros_like(x)[None] if backgrounds is None else backgrounds, "backgrounds")
        x, others = form.array, jax.vmap(form.bring)(others)
        noise_key: Any = require_key(key, "marc") if noise or flips else None
        shape = mask or _mask_for(x, "released" if released else "paper")
        inside = shape.inside(x, valid, groups)
        empty = is_empty(x, others, valid, groups)

        def over_space(values: Float[Array, "..."]) -> Float[Array, "*space"]:
            spread = shape.spread(values, inside, x.shape[:-1])
            return spread if valid is None else jnp.where(jnp.asarray(valid, bool), spread, jnp.zeros_like(spread))

        def mask_and_cost(sources: Sources, step: Int[Array, ""]) -> tuple:
            values = shape.apply(sources, inside)
            soft_mask = over_space(values)
            # flips and noise have keys of their own (even and odd numbers), a new one at every step
            soft_mask = flip(soft_mask, flips, jax.random.fold_in(noise_key, 2 * step)) if flips else soft_mask
            penalties = shape.penalty(sources, values, inside)
            return (soft_mask, sum(penalties, jnp.zeros_like(penalties[0]))), (values, penalties)

        def term(
            soft_mask: Float[Array, "*space"],
            number: Int[Array, ""],
            is_rationale: Bool[Array, ""],
            step: Int[Array, ""],
        ) -> Float[Array, ""]:
            blend = keep(x, jnp.where(is_rationale, soft_mask, 1 - soft_mask).astype(x.dtype), others[number // 2])
            if noise:
                here = jax.random.fold_in(jax.random.fold_in(noise_key, 2 * step + 1), number)
                blend = blend + noise * normal(here, x.shape, x.dtype)
            return weigh(evaluate(score, form.back(blend), *args).astype(soft_mask.dtype), is_rationale) / len(others)

        def step_of(sources: Sources, step: Int[Array, ""]) -> tuple[Evaluation, Sources]:
            # the mask is computed once; the gradients of all evaluations are added before they go back through it
            (soft_mask, cost), back, (values, penalties) = jax.vjp(
                lambda s: mask_and_cost(s, step), sources, has_aux=True
            )
            both, slope = rationale_and_complement(
                lambda soft_mask, number, is_rationale: term(soft_mask, number, is_rationale, step),
                soft_mask,
                count=len(others),
                chunk=chunk,
            )
            terms = Terms(both.sum() + cost, both[0], both[1], *penalties)
            area = shape.area(values, inside)
            return Evaluation(terms.loss, area, (terms, area), values), back((slope, jnp.ones_like(cost)))[0]

        solution = minimise(
            step_of,
            shape.init(x, inside),
            optimiser=optimiser or _optimiser(shape, learning_rate),
            steps=steps,
            stop=_stop(shape) if stop is True else stop or None,
            project=shape.project,
            graded=True,
        )
        # the forward pass of a gradient can be differentiated forwards, the kernel's custom_vjp itself cannot
        values = solution.last if released else jax.vjp(lambda s: shape.apply(s, inside), solution.params)[0]
        terms, areas = solution.record
        failed = solution.failed | empty  # nan says that there is no explanation: a mask of zeros would look like one
        result = over_space(values).astype(x.dtype)
        result = jnp.where(failed, jnp.full_like(result, jnp.nan), result)
        return Rationale(result, solution.params, terms, areas, solution.steps, failed)

    @functools.wraps(optimise)
    def explain(x: Float[Array, "*shape"], *args: Any, **inputs: Any) -> Float[Array, "*space"]:
        return optimise(x, *args, **inputs).mask

    return explain


def marc_trace(score: Score, **options: Any) -> Callable[..., Rationale]:
    """MaRC with the history of its optimisation, from which `marc(score, **options)` takes its mask.

    Args:
        score: as for `marc`.
        **options: those of `marc`.

    Returns:
        `(x, *args, key=None, backgrounds=None, valid=None, groups=None) -> Rationale`.

    Raises:
        ValueError: as for `marc`.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> score = lambda x: jax.nn.log_sigmoid(4 * x[2:4].sum() - 4)
        >>> trace = marc_trace(score, steps=40)(jnp.ones((9, 1)))
        >>> int(trace.steps), bool(trace.failed), trace.terms.loss.shape
        (40, False, (40,))
    """
    return inspect.unwrap(marc(score, **options))


def _mask_for(x: Array, variant: str) -> Mask:
    if x.ndim not in (2, 3):
        raise ValueError(
            f"marc takes an image [h, w, c] ([h, w] with space=2) or a text [t, d]; shape {x.shape} came: pass mask=."
        )
    return image_mask(variant=variant) if x.ndim == 3 else sequence_mask(variant=variant)


def _stop(mask: Mask) -> Stop:
    if mask.kind == "image":
        return _IMAGES_STOP
    return stop_each_when_converged(lambda area: area, freezes=mask.variant == "paper")


def _optimiser(mask: Mask, rate: float) -> optax.GradientTransformation:
    if (mask.variant, mask.kind) == ("released", "text"):
        return optax.adamw(rate, weight_decay=0.01, eps_root=_ROOT)
    return optax.adam(rate, eps_root=_ROOT)
