"""Does the score depend on what the map says? Deletion and insertion curves.

deletion   area under f along the curve that takes the most important places away first; low is good
insertion  area under f along the curve that puts the most important places back first; high is good
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.errors import require_positive
from jxai.core.types import Key, Measure, Score
from jxai.metrics.faithfulness.removal import ranked_curve

__all__ = ["deletion", "deletion_curve", "insertion", "insertion_curve"]


def deletion_curve(
    score: Score, *, steps: int = 32, chunk: int = 4, count: int | None = None, space: int | None = None
) -> Callable[..., Float[Array, " points"]]:
    """The score while the most important places are replaced by the baseline, from none of them to all.

    Args:
        score: function `(x, *args) -> number` of one example, often a probability.
        steps: intervals of the curve; point `k` has `round(k n / steps)` of the `n` places replaced.
        chunk: the most points evaluated side by side.
        count: number of groups, where `groups` is traced.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).

    Returns:
        Function `(attribution, x, *args, key=None, baseline=None, baselines=None, groups=None, valid=None) -> curve
        [steps + 1]`, in units of the score; the keywords are those of `sufficiency`. The attribution is a map over the
        space of `x` (see `jxai.signal.maps` for channel sums and upsampling), or for a vector `x` has its shape.
        NaN where the attribution holds a NaN.

    Raises:
        ValueError: `steps` or `chunk` not positive, or an attribution that is not a map over the space of `x`.

    Reference:
        Petsiuk, Das and Saenko 2018, "RISE". Ties are broken by position.
    """
    return _curve(score, steps, chunk, count, space, removing=True)


def insertion_curve(
    score: Score, *, steps: int = 32, chunk: int = 4, count: int | None = None, space: int | None = None
) -> Callable[..., Float[Array, " points"]]:
    """The score while the most important places of `x` replace the baseline; as `deletion_curve` otherwise.

    Petsiuk et al. insert into a blurred image: pass `baseline=jxai.signal.baselines.blurred(x, 10.0)`.
    """
    return _curve(score, steps, chunk, count, space, removing=False)


def deletion(
    score: Score, *, steps: int = 32, chunk: int = 4, count: int | None = None, space: int | None = None
) -> Measure:
    """Area under the deletion curve, by the trapezoid rule over the share removed; lower is more faithful.

    Args:
        score: function `(x, *args) -> number` of one example, often a probability.
        steps: intervals of the curve.
        chunk: the most points evaluated side by side.
        count: number of groups, where `groups` is traced.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).

    Returns:
        Measure `(attribution, x, *args, key=None, baseline=None, baselines=None, groups=None, valid=None) -> number`,
        in units of the score; the keywords are those of `sufficiency`.

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
    return _area(deletion_curve(score, steps=steps, chunk=chunk, count=count, space=space))


def insertion(
    score: Score, *, steps: int = 32, chunk: int = 4, count: int | None = None, space: int | None = None
) -> Measure:
    """Area under the insertion curve, by the trapezoid rule over the share inserted; higher is more faithful.

    Arguments, result and errors as for `deletion`.

    Example:
        >>> import jax.numpy as jnp
        >>> measure = insertion(lambda x: x.sum(), steps=2)
        >>> float(measure(jnp.array([3.0, 1.0]), jnp.array([3.0, 1.0])))
        2.5
    """
    return _area(insertion_curve(score, steps=steps, chunk=chunk, count=count, space=space))


def _curve(
    score: Score, steps: int, chunk: int, count: int | None, space: int | None, *, removing: bool
) -> Callable[..., Array]:
    require_positive(steps=steps, chunk=chunk)
    # exact: in floating point k n / steps could fall on the other side of a half
    fractions = [Fraction(k, steps) for k in range(steps + 1)]
    name = "deletion" if removing else "insertion"
    return ranked_curve(
        score, fractions, removing=removing, whole=False, chunk=chunk, count=count, space=space, name=name
    )


def _area(curve: Callable[..., Array]) -> Measure:
    def measure(
        attribution: Float[Array, "*space"],
        x: Shaped[Array, "*shape"],
        *args: Any,
        key: Key | None = None,
        **inputs: Any,
    ) -> Float[Array, ""]:
        values = curve(attribution, x, *args, key=key, **inputs)
        return ((values[1:] + values[:-1]) / 2).mean()

    return measure
