"""Confidence intervals of shares: a bootstrap over people and images, and Wilson's for shares of 0 and 1."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Int, PRNGKeyArray

__all__ = ["Interval", "bootstrap", "wilson"]


class Interval(NamedTuple):
    """The ends of a confidence interval: numbers, or pytrees like the statistic."""

    low: Any
    high: Any


def bootstrap(
    statistic: Callable[[Float[Array, " p"], Float[Array, " q"]], Any],
    people: int,
    clusters: Int[Array, " q"],
    *,
    key: PRNGKeyArray,
    samples: int = 2000,
    level: float = 0.95,
) -> Interval:
    """Percentile intervals when both people and images are drawn anew: the pigeonhole bootstrap.

    Answers of one person are alike, and so are answers about one image, so that single answers may not be drawn.
    Every replicate draws as many people and, independently, as many images as there are, with replacement; an answer
    has the product of both counts as its weight. Replicates in which the statistic is NaN (no two different people)
    are left out. With one person the interval is over images alone.

    Args:
        statistic: `(people [p], questions [q]) -> numbers`, of weights; any pytree.
        people: how many there are.
        clusters: `[q]`, the image of each question, 0, 1, ..., no tracer; questions about one image are drawn together.
        key: random key.
        samples: replicates.
        level: of confidence.

    Returns:
        The interval, each end like the statistic.

    Raises:
        ValueError: nobody, no question, too few samples, or a level outside 0..1.

    Reference:
        Owen 2007, "The pigeonhole bootstrap"; Efron 1979.

    Example:
        >>> import jax
        >>> import jax.numpy as jnp
        >>> from jxai.metrics.studies.agreement import dont_know_rate
        >>> answers = jnp.array([[[3, 7], [2, 4]], [[7, 3], [-1, -1]]])
        >>> rate = lambda people, questions: dont_know_rate(answers, people=people, questions=questions)
        >>> ends = bootstrap(rate, 2, jnp.arange(2), key=jax.random.key(0), samples=400)
        >>> float(ends.low), float(ends.high)
        (0.0, 1.0)
    """
    if people < 1 or clusters.ndim != 1 or not clusters.size:
        raise ValueError(f"bootstrap: expected people and questions, got {people} and clusters {clusters.shape}.")
    if samples < 2 or not 0 < level < 1:
        raise ValueError(f"bootstrap: expected 2 samples or more and a level in 0..1, got {samples} and {level}.")
    images = int(np.max(np.asarray(clusters))) + 1  # also under jit, where jnp would trace

    def one(key: PRNGKeyArray) -> Any:
        first, second = jax.random.split(key)
        return statistic(_bootstrap_counts(first, people), _bootstrap_counts(second, images)[clusters])

    # in batches: all replicates side by side would hold people x questions x samples weights
    replicates = jax.lax.map(one, jax.random.split(key, samples), batch_size=64)
    low, high = (
        jax.tree.map(lambda values, q=q: jnp.nanpercentile(values, 100 * q, axis=0), replicates)
        for q in ((1 - level) / 2, (1 + level) / 2)
    )
    return Interval(low, high)


def wilson(successes: float | int, trials: float | int, *, level: float = 0.95) -> Interval:
    """Wilson's interval of a share: for shares of 0 and 1, of which a bootstrap sees no variation.

    (s + z^2/2 +- z sqrt(s (n - s) / n + z^2/4)) / (n + z^2), for independent trials. Not by
    `scipy.stats.binomtest`, which counts whole successes: a share of weighted answers, times the number of pictures,
    need not be whole.

    Args:
        successes: s.
        trials: n.
        level: of confidence.

    Returns:
        The interval, within 0..1.

    Raises:
        ValueError: no trial, more successes than trials, or a level outside 0..1.

    Reference:
        Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    Example:
        >>> ends = wilson(0, 10)
        >>> float(ends.low), round(float(ends.high), 3)
        (0.0, 0.278)
    """
    if not (0 <= successes <= trials and trials > 0 and 0 < level < 1):
        raise ValueError(f"wilson: expected 0 <= successes <= trials, got {successes} of {trials}, level {level}.")
    z = float(jax.scipy.stats.norm.ppf((1 + level) / 2))
    middle, wide = successes + z * z / 2, z * (successes * (trials - successes) / trials + z * z / 4) ** 0.5
    # rounding may leave 0..1 where all or no trials succeed
    return Interval(max((middle - wide) / (trials + z * z), 0.0), min((middle + wide) / (trials + z * z), 1.0))


def _bootstrap_counts(key: Array, count: int) -> Array:
    """How often each of `count` things is drawn in as many draws with replacement."""
    draws = jax.random.randint(key, (count,), 0, count)
    return jnp.zeros(count).at[draws].add(1.0)
