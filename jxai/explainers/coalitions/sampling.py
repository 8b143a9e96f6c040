"""Random coalitions of groups, and their proximity to the whole: the two choices of a local surrogate.

sampler    (key, n) -> coalition [n] of booleans, True where the group is present
proximity  coalition [n] of floats -> weight
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Bool, Float, Int, Real, Shaped

from jxai.core.errors import require_positive
from jxai.core.types import Key

__all__ = [
    "Proximity",
    "Sampler",
    "any_size",
    "coin",
    "exponential",
    "kept",
    "shapley_sizes",
    "smallest",
    "spans",
    "subset",
]

_FEW = 128  # groups up to which comparing all pairs is faster than sorting
Sampler = Callable[[Key, int], Bool[Array, " n"]]
Proximity = Callable[[Float[Array, " n"]], Float[Array, ""]]


def subset(key: Key, n: int, size: Int[Array, ""] | int) -> Bool[Array, " n"]:
    """A random coalition of `size` of `n` groups.

    Example:
        >>> import jax
        >>> int(subset(jax.random.key(0), 5, 2).sum())
        2
    """
    # not jax.random.choice: the size may be traced
    return smallest(jax.random.uniform(key, (n,), jnp.float32), size)


def smallest(values: Real[Array, " n"], size: Int[Array, ""] | int) -> Bool[Array, " n"]:
    """The coalition of the groups with the `size` smallest values; of equal ones, the first.

    Example:
        >>> import jax.numpy as jnp
        >>> smallest(jnp.array([0.3, 0.1, 0.2]), 2).tolist()
        [False, True, True]
    """
    if len(values) > _FEW:
        return jnp.argsort(jnp.argsort(values)) < size
    # ranks by counting; ties go to the earlier group, as in a stable sort
    numbers = jnp.arange(len(values))
    earlier = numbers[None] < numbers[:, None]
    before = (values[None] < values[:, None]) | ((values[None] == values[:, None]) & earlier)
    return before.sum(-1) < size


def coin(share: float = 0.5) -> Sampler:
    """Every group is present with probability `share`, independently.

    Example:
        >>> import jax
        >>> coin()(jax.random.key(0), 4).shape
        (4,)
    """
    require_positive(share=share)
    return lambda key, n: jax.random.bernoulli(key, share, (n,))


def any_size() -> Sampler:
    """A size from 1 to n - 1, each as likely, then a coalition of that size (Ribeiro et al. 2016, section 3.3).

    Example:
        >>> import jax
        >>> 0 < int(any_size()(jax.random.key(0), 4).sum()) < 4
        True
    """

    def sample(key: Key, n: int) -> Bool[Array, " n"]:
        size_key, choice_key = jax.random.split(key)
        return subset(choice_key, n, jax.random.randint(size_key, (), 1, max(n, 2)))

    return sample


def spans(low: float = 0.05, high: float = 0.13, *, following: int = 3) -> Sampler:
    """Spans are absent: a share of the groups, between `low` and `high`, and the next few groups after each.

    The text sampler of Brinner and Zarriess 2023 (MaRC), appendix A; groups are words (or tokens) in their order. The
    share is uniform, and at least one word is chosen.

    Args:
        low: smallest share.
        high: largest share.
        following: how many groups after a chosen one are absent too.

    Example:
        >>> import jax
        >>> int((~spans(0.1, 0.1)(jax.random.key(0), 10)).sum()) <= 4
        True
    """
    require_positive(low=low, high=high)
    if not low <= high <= 1:
        raise ValueError(f"spans needs shares with low <= high <= 1; low={low}, high={high} came.")

    def sample(key: Key, n: int) -> Bool[Array, " n"]:
        size_key, choice_key = jax.random.split(key)
        share = jax.random.uniform(size_key, (), minval=low, maxval=high)
        first = subset(choice_key, n, jnp.maximum(jnp.round(share * n), 1).astype(int))
        absent = first
        for step in range(1, min(following, n - 1) + 1):
            absent = absent | jnp.concatenate([jnp.zeros_like(first[:step]), first[:-step]])
        return ~absent

    return sample


def exponential(width: float = 0.25, *, distance: str = "cosine") -> Proximity:
    r"""`exp(-D^2 / width^2)` of the coalition's distance from the whole (Ribeiro et al. 2016, section 3.3).

    With a share `s` of the groups present, the cosine distance is `1 - sqrt(s)`, the Euclidean one the root of the
    number of absent groups.

    Args:
        width: of the kernel, in units of the distance.
        distance: `"cosine"` or `"euclidean"`.

    Example:
        >>> import jax.numpy as jnp
        >>> print(f"{exponential(1.0, distance='euclidean')(jnp.array([1.0, 0.0])):.4f}")
        0.3679
    """
    require_positive(width=width)
    if distance not in ("cosine", "euclidean"):
        raise ValueError(f"distance must be 'cosine' or 'euclidean'; {distance!r} came.")

    def proximity(coalition: Float[Array, " n"]) -> Float[Array, ""]:
        square = (1 - jnp.sqrt(coalition.mean())) ** 2 if distance == "cosine" else (1 - coalition).sum()
        return jnp.exp(-square / width**2)

    return proximity


def kept(coalition: Shaped[Array, " n"]) -> Float[Array, ""]:
    """The share of groups that is present: the weight of MaRC's LIME for texts.

    Example:
        >>> import jax.numpy as jnp
        >>> float(kept(jnp.array([1.0, 0.0])))
        0.5
    """
    return coalition.mean()


def shapley_sizes(n: int) -> Float[np.ndarray, " sizes"]:
    """How likely the sizes 1..n-1 are under the Shapley kernel: in proportion to `1 / (s (n - s))`.

    Lundberg and Lee 2017, theorem 2: the kernel is `(n - 1) / (C(n, s) s (n - s))` for each of the `C(n, s)`
    coalitions of a size.

    Example:
        >>> shapley_sizes(3).tolist()
        [0.5, 0.5]
    """
    sizes = np.arange(1, n, dtype=np.float64)
    weights = 1 / (sizes * (n - sizes))  # the binomial coefficient cancels: C(n, s) coalitions share a size
    return weights / weights.sum()
