"""Does the score depend on what the map says? Deletion and insertion curves.

deletion   area under f along the curve that takes the most important places away first; low is good
insertion  area under f along the curve that puts the most important places back first; high is good
"""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from jxai.core.chunks import map_over
from jxai.core.errors import require_baseline, require_positive, require_scalar
from jxai.core.types import Key, Measure, Score
from jxai.signal.maps import rank
from jxai.signal.masks import keep

__all__ = ["deletion", "deletion_curve", "insertion", "insertion_curve"]


def deletion_curve(score: Score, *, steps: int = 32, chunk: int = 4) -> Callable[..., Array]:
    """The score while the most important places are replaced by the baseline, from none of them to all.

    Args:
        score: function `(x, *args) -> number` of one example, often a probability.
        steps: intervals of the curve; point `k` has `round(k n / steps)` of the `n` places replaced.
        chunk: the most points evaluated side by side.

    Returns:
        Function `(attribution, x, *args, key=None, baseline=None) -> curve [steps + 1]`, in units of the score.
        The attribution is a map over the space of `x` (see `jxai.signal.maps` for channel sums and upsampling), or for
        a vector `x` has its shape. `baseline` is like `x`; None is zeros.

    Raises:
        ValueError: `steps` or `chunk` not positive, or an attribution that is not a map over the space of `x`.

    Reference:
        Petsiuk, Das and Saenko 2018, "RISE". Ties are broken by position.
    """
    return _curve(score, steps, chunk, removing=True)


def insertion_curve(score: Score, *, steps: int = 32, chunk: int = 4) -> Callable[..., Array]:
    """The score while the most important places of `x` replace the baseline; as `deletion_curve` otherwise.

    Petsiuk et al. insert into a blurred image: pass `baseline=jxai.signal.baselines.blurred(x, 10.0)`.
    """
    return _curve(score, steps, chunk, removing=False)


def deletion(score: Score, *, steps: int = 32, chunk: int = 4) -> Measure:
    """Area under the deletion curve, by the trapezoid rule over the share removed; lower is more faithful.

    Args:
        score: function `(x, *args) -> number` of one example, often a probability.
        steps: intervals of the curve.
        chunk: the most points evaluated side by side.

    Returns:
        Measure `(attribution, x, *args, key=None, baseline=None) -> number`, in units of the score.

    Raises:
        ValueError: as `deletion_curve`.

    Reference:
        Petsiuk, Das and Saenko 2018, "RISE".

    Example:
        >>> import jax.numpy as jnp
        >>> measure = deletion(lambda x: x.sum(), steps=2)
        >>> float(measure(jnp.array([3.0, 1.0]), jnp.array([3.0, 1.0])))
        1.5
    """
    return _area(deletion_curve(score, steps=steps, chunk=chunk))


def insertion(score: Score, *, steps: int = 32, chunk: int = 4) -> Measure:
    """Area under the insertion curve, by the trapezoid rule over the share inserted; higher is more faithful.

    Arguments, result and errors as for `deletion`.

    Example:
        >>> import jax.numpy as jnp
        >>> measure = insertion(lambda x: x.sum(), steps=2)
        >>> float(measure(jnp.array([3.0, 1.0]), jnp.array([3.0, 1.0])))
        2.5
    """
    return _area(insertion_curve(score, steps=steps, chunk=chunk))


def _curve(score: Score, steps: int, chunk: int, *, removing: bool) -> Callable[..., Array]:
    require_positive(steps=steps, chunk=chunk)

    def curve(attribution: Array, x: Array, *args: Any, key: Key | None = None, baseline: Array | None = None) -> Array:
        del key
        space = x.shape if x.ndim == 1 else x.shape[:-1]
        if attribution.shape != space:
            raise ValueError(
                f"expected a map over the space of x, shape {space}; {attribution.shape} came. Use "
                f"jxai.signal.maps.channel_sum over channels, and upsample for a layer's map."
            )
        b = require_baseline(x, baseline)
        order = rank(attribution)
        counts = np.round(np.arange(steps + 1) * attribution.size / steps).astype(np.int32)

        def point(count: Array) -> Array:
            kept = (order >= count) if removing else (order < count)
            return require_scalar(score(keep(x, kept, b), *args))

        return map_over(point, jnp.asarray(counts, order.dtype), chunk=chunk)

    return curve


def _area(curve: Callable[..., Array]) -> Measure:
    def measure(attribution: Array, x: Array, *args: Any, key: Key | None = None, **inputs: Any) -> Array:
        values = curve(attribution, x, *args, key=key, **inputs)
        return ((values[1:] + values[:-1]) / 2).mean()

    return measure
