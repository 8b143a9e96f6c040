"""Regional multi-scale: what the prediction loses without each segment, over segmentations of several scales."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from jxai.core.chunks import map_over, mean_over
from jxai.core.errors import require_key, require_positive, require_space
from jxai.core.evaluate import evaluate, explainer
from jxai.core.inputs import takes_space
from jxai.core.types import Explain, Key, Labels, Score
from jxai.signal.draws import normal
from jxai.signal.filters import at_least_single
from jxai.signal.labels import label_count, levels_of

__all__ = ["regional_multiscale"]


@explainer
@takes_space
def regional_multiscale(
    score: Score,
    *,
    samples: int = 10,
    count: int | None = None,
    trials: float = 1e4,
    normalise: bool = True,
    space: int | None = None,
    chunk: int = 4,
) -> Explain:
    r"""Regional multi-scale: prediction differences of segments filled with the border's colours, over several scales.

    `w_r = log2 odds(p(x)) - log2 odds(mean_k p(x, r filled with c_k))`, `c_k ~ N(mu_B, Sigma_B)`,
    `phi_i = mean_levels w_{r(i)} / max_r |w_r|`

    **Our reading.** Only the abstract was at hand. From it: superpixels at several scales, exclusion of a region
    simulated by a normal distribution made by the boundary prior, prediction difference, fusion of scales. Ours: `B` is
    all segments of the level that touch the border of `x`; a fill is ONE colour for the whole region, the same draws
    for every region of a level; Laplace's correction `odds(p) = (p n + 1) / ((1 - p) n + 1)`; each level is divided by
    its largest magnitude before the mean; nothing is cut off at 0.

    Args:
        score: function `(x, *args) -> number` in 0..1 of one example, such as `jxai.scores.probability(apply)`;
            outside that range the result is nan.
        samples: fills for each region.
        count: how many labels each level has at most; needed where the segments are traced (under `jit`, `vmap`).
            Every one costs `samples` evaluations, used or not.
        trials: `n` of Laplace's correction: how many examples the probabilities stand for.
        normalise: divide each level by its largest magnitude; False keeps bits (log2 odds).
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).
        chunk: the most fills evaluated side by side.

    Returns:
        Explain `(x, *args, key, segments) -> map` of shape `[*space]`: positive where removal lowers the probability.
        `segments` are integers `[levels, *space]` (or `[*space]`), made by `jxai.signal.segments`; locations in no
        segment get 0. nan where traced segments hold a label beyond `count`.

    Raises:
        MissingKey: when called without a key.
        TypeError: segments that are no integers.
        ValueError: `x` is a vector, segments of another shape, `count` missing or too small, an option not positive.

    Reference:
        Seo, Oh and Oh 2020, "Regional multi-scale approach for visually pleasing explanations of deep neural networks";
        the prediction difference is that of Robnik-Sikonja and Kononenko 2008 and Zintgraf et al. 2017.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> explain = regional_multiscale(lambda x: jax.nn.sigmoid(x[2:4].sum()))
        >>> levels = jnp.array([[0, 0, 1, 1, 2, 2]])
        >>> x = jnp.array([[0.0], [0.0], [4.0], [4.0], [0.0], [0.0]])
        >>> print(jnp.abs(explain(x, key=jax.random.key(0), segments=levels)).round(3))
        [0. 0. 1. 1. 0. 0.]
    """
    del space  # `takes_space` brings x into the form [*space, c]
    require_positive(samples=samples, trials=trials, chunk=chunk)
    if count is not None:
        require_positive(count=count)

    def explain(
        x: Float[Array, "*space c"], *args: Any, key: Key | None = None, segments: Labels
    ) -> Float[Array, "*space"]:
        key = require_key(key, "regional_multiscale")
        levels = levels_of(segments, require_space(x, "regional_multiscale"))
        labels = label_count(segments, count)
        wide = at_least_single(x.dtype)
        # one flat list of all regions of all levels, so that `chunk` bounds the evaluations side by side
        regions = jnp.arange(len(levels) * labels, dtype=levels.dtype)

        def one(key: Key) -> Float[Array, "levels labels"]:
            """The score without each region, filled by one draw for each level: `[levels, labels]`."""
            each = zip(jax.random.split(key, len(levels)), levels, strict=True)
            fills = jnp.stack([_fill(k, x.astype(wide), level, labels) for k, level in each]).astype(x.dtype)

            def without(region: Int[Array, ""]) -> Float[Array, ""]:
                level, label = region // labels, region % labels
                fill = jnp.broadcast_to(fills[level], x.shape)
                blend = jnp.where((levels[level] == label)[..., None], fill, x)
                return evaluate(score, blend, *args).astype(wide)

            # checkpoint: map_over would store every region's activations for a backward pass
            return map_over(jax.checkpoint(without), regions, chunk=chunk).reshape(len(levels), labels)

        without_region = mean_over(one, jax.random.split(key, samples), chunk=1)
        whole = evaluate(score, x, *args).astype(wide)
        weights = _log_odds(whole, trials) - _log_odds(without_region, trials)  # [levels, labels]
        if normalise:
            weights = jax.vmap(_to_unit)(weights)
        result = jax.vmap(_spread)(weights, levels).mean(0)
        invalid = (levels >= labels).any() | _outside(whole) | _outside(without_region).any()
        return jnp.where(invalid, jnp.nan, result).astype(x.dtype)

    return explain


def _to_unit(weights: Array) -> Array:
    """Divided by the largest magnitude; zeros stay zeros.

    The largest is picked by its place: the derivative of `max` compares values, and is 0 / 0 where the compiler
    computes them twice, differently rounded.
    """
    largest = jnp.abs(weights[jnp.argmax(jax.lax.stop_gradient(jnp.abs(weights)))])
    return jnp.where(largest > 0, weights / jnp.where(largest > 0, largest, 1.0), jnp.zeros_like(weights))


def _spread(weights: Array, level: Array) -> Array:
    """The weight of each location's segment; 0 in none."""
    there = weights[jnp.clip(level, 0, len(weights) - 1)]
    return jnp.where(level < 0, jnp.zeros_like(there), there)


def _fill(key: Key, x: Array, level: Array, count: int) -> Array:
    """A colour `[c]` from the normal distribution of the segments that touch the border.

    `mu + sum_i (x_i - mu) z_i / sqrt(n)` with standard normal `z` has their covariance exactly, without factorising it.
    """
    border = _touching(level, count).ravel().astype(x.dtype)
    size = jnp.maximum(border.sum(), 1)
    colours = x.reshape(-1, x.shape[-1])
    mean = (border[:, None] * colours).sum(0) / size
    apart = border[:, None] * (colours - mean[None]) / jnp.sqrt(size)
    return mean + jnp.matmul(normal(key, border.shape, x.dtype), apart, precision="highest")


def _touching(level: Array, count: int) -> Array:
    """Whether each location's segment reaches the border of the space."""
    touches = jnp.zeros_like(level, shape=(count,), dtype=bool)
    for axis in range(level.ndim):
        for edge in (0, -1):
            outermost = jnp.take(level, edge, axis=axis).ravel()
            touches = touches.at[jnp.where(outermost < 0, count, outermost)].set(True, mode="drop")
    return touches[jnp.clip(level, 0, count - 1)] & (level >= 0)


def _outside(p: Array) -> Array:
    """True where a number is no probability, nan included."""
    return ~((p >= 0) & (p <= 1))


def _log_odds(p: Array, trials: float) -> Array:
    """log2 of the odds after Laplace's correction."""
    # clipped, so that a value outside 0..1 gives a finite number; its result is nan in the end
    p = jnp.clip(p, 0.0, 1.0)
    return jnp.log2(p * trials + 1) - jnp.log2((1 - p) * trials + 1)
