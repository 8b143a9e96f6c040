"""Meaningful perturbation: the smallest smooth mask whose deletion destroys the score."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax import Array
from jaxtyping import Float, Int

from jxai.core.chunks import map_over
from jxai.core.errors import require_baseline, require_key, require_positive, require_space
from jxai.core.evaluate import evaluate
from jxai.core.inputs import takes_space
from jxai.core.solve import Stop, minimise
from jxai.core.types import Explain, Inputs, Key, Score
from jxai.explainers.masks.parameterisation import zeros_varying_like
from jxai.signal.filters import gaussian_blur
from jxai.signal.masks import cells, keep, spread

__all__ = ["meaningful_perturbation"]

_GAMES = ("delete", "preserve")
_DISCS = 16  # sizes of disc tried as a start
_DESTROYED = 0.01  # share of the score that the starting disc may leave


@takes_space
def meaningful_perturbation(
    score: Score,
    *,
    game: str = "delete",
    cell: int = 8,
    smooth: float = 5.0,
    sigma: float = 10.0,
    jitter: int = 4,
    l1: float = 1e-4,
    tv: float = 1e-2,
    beta: float = 3.0,
    learning_rate: float = 0.1,
    steps: int = 300,
    start: float | None = None,
    stop: Stop | None = None,
    space: int | None = None,
    chunk: int = 4,
) -> Explain:
    r"""Meaningful perturbation: a smooth mask of the places whose deletion makes the score vanish.

    `min_d E_t[f(shift_t(x) (1 - D) + shift_t(b) D)] + l1 sum_v d_v + tv sum_vw |d_v - d_w|^beta`,
    `D = spread(d)`, `0 <= d <= 1`

    `d` has one number for each `cell` x `cell` block, `v`, `w` are neighbouring cells, and `shift_t` moves the picture
    under the mask by up to `jitter` locations, drawn at each step. Adam, projected to 0..1. Lengths suit images of
    about 224 pixels: scale them with the side.

    Args:
        score: function `(x, *args) -> number` of one example; the weights are meant for a probability.
        game: `"delete"`, or `"preserve"`: the smallest mask that, kept, preserves the score, `min -f(x D + b (1 - D))`.
        cell: side of a block in pixels (or tokens); the paper's 28 x 28 mask is 8 at 224 pixels.
        smooth: standard deviation of the Gaussian that smooths the blocks, in pixels.
        sigma: of the blur that replaces deleted places, in pixels; unused where a baseline is given.
        jitter: the largest shift, in pixels; 0 needs no key.
        l1: price of a deleted cell.
        tv: price of a difference between neighbouring cells.
        beta: exponent of that difference; at least 2 for an explanation that can be differentiated.
        learning_rate: Adam's.
        steps: the most updates.
        start: a number for every cell; None tries discs around the middle (balls, intervals) and starts from the
            smallest that takes away 99 % of what deleting everything does.
        stop: a rule that ends the optimisation early, such as `core.solve.stop_when_converged(jnp.mean)`; the result
            can then not be differentiated backwards.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).
        chunk: the most discs tried side by side.

    Returns:
        Explain `(x, *args, key=None, baseline=None) -> mask` of shape `[*space]`, in 0..1, 1 where deleted
        (preserved): the evidence for the score. `baseline` is like `x`, or a number; None is `x` blurred.

    Raises:
        MissingKey: when called without a key and `jitter` is not 0.
        ValueError: an option out of range, or `x` is a vector.

    Reference:
        Fong and Vedaldi 2017, "Interpretable explanations of black boxes by meaningful perturbation", section 4, eq. 4
        (whose `m` is `1 - D`). Penalties are sums over the coarse mask. The picture is shifted with its border
        repeated.

    Example:
        >>> import jax.numpy as jnp
        >>> score = lambda x: x[2:4].mean()  # of eight tokens with one channel it sees two
        >>> explain = meaningful_perturbation(score, cell=1, smooth=0.0, jitter=0, l1=0.05, steps=60)
        >>> print(explain(jnp.ones((8, 1)), baseline=jnp.zeros((8, 1))).round(1))
        [0. 0. 1. 1. 0. 0. 0. 0.]
    """
    del space  # `takes_space` brings x into the form [*space, c]
    require_positive(cell=cell, sigma=sigma, learning_rate=learning_rate, steps=steps, chunk=chunk, beta=beta)
    if game not in _GAMES:
        raise ValueError(f"game must be one of {', '.join(_GAMES)}; {game!r} came.")
    for name, value in {"smooth": smooth, "jitter": jitter, "l1": l1, "tv": tv}.items():
        if value < 0:
            raise ValueError(f"{name} must be at least zero; {name}={value} came.")
    adam = optax.adam(learning_rate, eps_root=1e-16)  # the root has a derivative at 0

    def explain(
        x: Float[Array, "*space c"],
        *args: Any,
        key: Key | None = None,
        baseline: Inputs | float | None = None,
    ) -> Float[Array, "*space"]:
        places = require_space(x, "meaningful_perturbation")
        key = require_key(key, "meaningful_perturbation") if jitter else None
        b = gaussian_blur(x, sigma) if baseline is None else require_baseline(x, baseline)

        def value(
            d: Float[Array, "*coarse"], x: Float[Array, "*space c"], b: Float[Array, "*space c"]
        ) -> Float[Array, ""]:
            """The score with `D` deleted, or the score's negative with only `D` preserved."""
            mask = spread(d, places, smooth)
            blend = keep(x, 1 - mask, b) if game == "delete" else keep(x, mask, b)
            result = evaluate(score, blend, *args).astype(d.dtype)
            return result if game == "delete" else -result

        def loss(d: Float[Array, "*coarse"], step: Int[Array, ""]) -> Float[Array, ""]:
            x_and_b = (x, b) if key is None else _shift(jax.random.fold_in(key, step), jitter, x, b)
            return value(d, *x_and_b) + l1 * d.sum() + tv * _variation(d, beta)

        first = zeros_varying_like(x, cells(places, cell))
        first = _disc(lambda d: value(d, x, b), first, chunk) if start is None else first + start
        solution = minimise(
            loss, first, optimiser=adam, steps=steps, stop=stop, project=lambda d: jnp.clip(d, 0.0, 1.0)
        )
        return spread(solution.params, places, smooth).astype(x.dtype)

    return explain


def _variation(d: Array, beta: float) -> Array:
    """Sum over neighbouring cells of their difference to the power beta."""
    return sum(
        ((jnp.abs(jnp.diff(d, axis=axis)) ** beta).sum() for axis in range(d.ndim)), jnp.zeros_like(d.ravel()[0])
    )


def _disc(value: Callable[[Array], Array], zeros: Array, chunk: int) -> Array:
    """The smallest disc around the middle whose deletion does nearly as much as deleting everything.

    An empty mask would start where the score hardly reacts to it.
    """
    apart = zeros
    for axis, size in enumerate(zeros.shape):
        place = (jnp.arange(size, dtype=zeros.dtype) + 0.5) / size - 0.5
        apart = apart + jnp.expand_dims(jnp.square(place), [i for i in range(zeros.ndim) if i != axis])
    apart = jnp.sqrt(apart) / jnp.sqrt(apart).max()  # 0..1: the corners lie on the largest disc
    radii = jnp.arange(_DISCS + 1, dtype=zeros.dtype) / _DISCS
    radii = radii.at[0].set(-1.0)  # deletes nothing: the scale against which the gain is measured
    values = map_over(lambda radius: value((apart <= radius).astype(zeros.dtype)), radii, chunk=chunk)
    enough = values - values[-1] <= _DESTROYED * (values[0] - values[-1])
    return (apart <= radii[jnp.argmax(enough)]).astype(zeros.dtype)


def _shift(key: Key, jitter: int, *arrays: Array) -> tuple[Array, ...]:
    """The arrays shifted together along every axis but the channels, borders repeated."""
    ndim = arrays[0].ndim - 1
    offsets = jax.random.randint(key, (ndim,), -jitter, jitter + 1)
    for axis in range(ndim):
        size = arrays[0].shape[axis]
        place = jnp.clip(jnp.arange(size) - offsets[axis], 0, size - 1)
        arrays = tuple(jnp.take(a, place, axis=axis, mode="clip") for a in arrays)
    return arrays
