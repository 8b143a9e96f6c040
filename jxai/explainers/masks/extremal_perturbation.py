"""Extremal perturbation: of all smooth masks of a given area, the one that changes the score most."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax import Array
from jaxtyping import Float, Int

from jxai.core.chunks import map_over
from jxai.core.errors import require_baseline, require_positive, require_space
from jxai.core.evaluate import evaluate
from jxai.core.inputs import takes_space
from jxai.core.solve import Stop, minimise
from jxai.core.types import Explain, Inputs, Key, Score
from jxai.explainers.masks.parameterisation import zeros_varying_like
from jxai.signal.filters import gaussian_blur, resize
from jxai.signal.masks import cells, smooth_max

__all__ = ["extremal_perturbation"]

_GAMES = ("preserve", "delete", "both")
# Share of the area's weight at the first step. The weight grows from it by a constant factor, so whatever the score's
# units, there are steps at which score and area matter alike.
_FAINTEST = 1e-4
_TILT = 0.1  # how far the first gradient tilts the start
_TIE = 1e-3  # the first gradient orders values closer than this; else the order of places would


@takes_space
def extremal_perturbation(
    score: Score,
    *,
    areas: float | Sequence[float] = 0.1,
    game: str = "preserve",
    cell: int = 7,
    smooth: float = 7.0,
    temperature: float = 0.05,
    sigma: float = 20.0,
    levels: int = 8,
    weight: float = 300.0,
    learning_rate: float = 0.03,
    steps: int = 400,
    stop: Stop | None = None,
    space: int | None = None,
    chunk: int = 4,
) -> Explain:
    r"""Extremal perturbation: the smooth mask of a given area that preserves (or deletes) the score best.

    `m_a = argmax_m f(m * x) - weight mean((vecsort(m) - r_a)^2)`

    `r_a` is zeros followed by a share `a` of ones: the second term draws the mask to 0 and 1 and to the area `a`; its
    weight grows geometrically from 1e-4 `weight` to `weight`. `m * x` blurs each place of `x` by `sigma (1 - m)`; `m`
    is the smooth max-convolution of a coarse mask (`signal.masks.smooth_max`), projected to 0..1 after each step of
    Adam. Weights suit a probability, lengths images of about 224 pixels: scale them with the side.

    Args:
        score: function `(x, *args) -> number` of one example.
        areas: share of the space that the mask covers, in 0..1; of several, the masks are averaged.
        game: `"preserve"` maximises `f(m * x)`; `"delete"` minimises `f((1 - m) * x)`; `"both"` does both.
        cell: side of a cell of the coarse mask, in pixels (or tokens).
        smooth: radius within which the mask's kernel is 1, in pixels; it falls to one half at 2.7 times it. No
            preserved part is smaller than that.
        temperature: of the smooth maximum.
        sigma: of the blur where the mask is 0, in pixels; unused where a baseline is given.
        levels: how many blurs are computed; between them is interpolated.
        weight: of the area's term at the end, in units of the score.
        learning_rate: Adam's.
        steps: the most updates.
        stop: a rule that ends the optimisation early; the result can then not be differentiated backwards.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).
        chunk: the most areas optimised side by side.

    Returns:
        Explain `(x, *args, key=None, baseline=None) -> mask` of shape `[*space]`, in 0..1: 1 where preserved (deleted).
        With a `baseline` (like `x`, or a number) the perturbation is `m x + (1 - m) baseline`; None blurs.

    Raises:
        ValueError: an option out of range, or `x` is a vector.

    Reference:
        Fong, Patrick and Vedaldi 2019, "Understanding deep networks via extremal perturbations and smooth masks",
        eq. 1 to 5, from the paper alone. Ours: Adam with the growing weight; a start from the whole input, tilted by
        the first gradient; that gradient also orders nearly equal values, whose order is otherwise arbitrary. The
        convolution is taken in the middle of each cell, then interpolated. The area is that of the mask before
        interpolation.

    Example:
        >>> import jax.numpy as jnp
        >>> score = lambda x: x[2:4].mean()  # of eight tokens with one channel it sees two
        >>> explain = extremal_perturbation(score, areas=0.25, cell=1, smooth=0.2)
        >>> print(explain(jnp.ones((8, 1)), baseline=jnp.zeros((8, 1))).round(1))
        [0. 0. 1. 1. 0. 0. 0. 0.]
    """
    del space  # `takes_space` brings x into the form [*space, c]
    require_positive(cell=cell, smooth=smooth, temperature=temperature, sigma=sigma, weight=weight)
    require_positive(learning_rate=learning_rate, steps=steps, chunk=chunk)
    shares = _shares(areas)
    if game not in _GAMES:
        raise ValueError(f"game must be one of {', '.join(_GAMES)}; {game!r} came.")
    if levels < 2:
        raise ValueError(f"levels counts the blurs, with the strongest and none: at least 2; {levels} came.")
    adam = optax.adam(learning_rate, eps_root=1e-16)  # the root has a derivative at 0

    def explain(
        x: Float[Array, "*space c"],
        *args: Any,
        key: Key | None = None,
        baseline: Inputs | float | None = None,
    ) -> Float[Array, "*space"]:
        del key
        places = require_space(x, "extremal_perturbation")
        coarse = cells(places, cell)
        blurs = _blurs(x, sigma, levels) if baseline is None else jnp.stack([require_baseline(x, baseline), x])

        def f(mask: Float[Array, "*space"]) -> Float[Array, ""]:
            return evaluate(score, _perturb(blurs, resize(mask, places)), *args).astype(mask.dtype)

        def gain(mask: Float[Array, "*space"]) -> Float[Array, ""]:
            gain_of_mask = f(mask) if game != "delete" else jnp.zeros_like(mask.ravel()[0])
            return gain_of_mask - f(1 - mask) if game != "preserve" else gain_of_mask

        def smooth_mask(d: Float[Array, "*coarse"]) -> Float[Array, "*space"]:
            return smooth_max(d, coarse, smooth / cell, temperature)

        def one(area: Float[Array, ""]) -> Float[Array, "*space"]:
            def loss(d: Float[Array, "*coarse"], step: Int[Array, ""]) -> Float[Array, ""]:
                mask = smooth_mask(d)
                growing = weight * _FAINTEST ** (1 - step.astype(d.dtype) / steps)
                return growing * _area_gap(mask, _TIE * steepness, area) - gain(mask)

            solution = minimise(loss, first, optimiser=adam, steps=steps, stop=stop, project=_within)
            return smooth_mask(solution.params)

        # nearly everything preserved, nearly nothing deleted: there the score still reacts to the mask
        whole = zeros_varying_like(x, coarse) + (_TILT if game == "delete" else 1 - _TILT)
        steepness = _to_unit(jax.grad(lambda d: gain(smooth_mask(d)))(whole))
        first = whole + _TILT * steepness
        masks = map_over(one, jnp.asarray(shares, first.dtype), chunk=chunk)
        return resize(masks.mean(0), places).astype(x.dtype)

    return explain


def _shares(areas: float | Sequence[float]) -> tuple[float, ...]:
    shares = (areas,) if isinstance(areas, float | int) else tuple(areas)
    if not shares or not all(0 < share < 1 for share in shares):
        raise ValueError(f"areas are shares of the space, above 0 and below 1; {areas} came.")
    return shares


def _within(d: Array) -> Array:
    return jnp.clip(d, 0.0, 1.0)


def _to_unit(slope: Array) -> Array:
    """Divided by the largest magnitude.

    It is picked by its place: the derivative of `max` compares values, and is 0 / 0 where the compiler computes them
    twice, differently rounded.
    """
    flat = slope.ravel()
    steepest = jnp.abs(flat[jnp.argmax(jax.lax.stop_gradient(jnp.abs(flat)))])
    return jnp.where(steepest > 0, slope / jnp.where(steepest > 0, steepest, 1.0), jnp.zeros_like(slope))


def _area_gap(mask: Array, ties: Array, area: Array) -> Array:
    """Mean squared difference between the sorted mask and zeros followed by a share `area` of ones."""
    # differentiated as a gather: the order itself is piecewise constant
    ascending = mask.ravel()[jnp.argsort(jax.lax.stop_gradient(mask + ties).ravel())]
    rank = jnp.arange(mask.size, dtype=mask.dtype)
    target = jnp.clip(rank + 1 - (1 - area) * mask.size, 0.0, 1.0)  # the one on the border in part
    return jnp.square(ascending - target).mean()


def _blurs(x: Array, sigma: float, levels: int) -> Array:
    """`x` blurred from `sigma` down to nothing, `[levels, *x.shape]`."""
    return jnp.stack([gaussian_blur(x, sigma * (1 - level / (levels - 1))) for level in range(levels)])


def _perturb(blurs: Array, mask: Array) -> Array:
    """Each place from the two blurs next to its mask value, linearly: the last one at 1, the first at 0."""
    last = len(blurs) - 1
    level = jnp.arange(last + 1, dtype=mask.dtype).reshape(-1, *(1,) * mask.ndim)
    # a weighted sum over all levels, not a gather: the mask is differentiated through the weights
    shares = jax.nn.relu(1 - jnp.abs(mask[None] * last - level)).astype(blurs.dtype)
    return (shares[..., None] * blurs).sum(0)
