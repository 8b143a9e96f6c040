"""Averages of any explanation over noisy copies of the input.

smoothgrad           mean_n e(x + noise_n)
smoothgrad_squared   mean_n e(x + noise_n)^2
vargrad              var_n  e(x + noise_n)
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jxai.core.chunks import mean_and_variance_over, mean_over
from jxai.core.errors import require_floating, require_key, require_positive
from jxai.core.evaluate import explainer
from jxai.core.types import Explain, Inputs, Key
from jxai.signal.draws import normal

__all__ = ["smoothgrad", "smoothgrad_squared", "vargrad"]


def smoothgrad(explain: Explain, *, samples: int = 16, noise: float = 0.15, chunk: int = 4) -> Explain:
    r"""SmoothGrad: the mean explanation of noisy inputs.

    `phi = 1/n sum_n e(x + s r_n)`, `r_n` standard normal, `s = noise * (max x - min x)`

    Args:
        explain: ANY explainer; a stochastic one gets another key for each sample.
        samples: noisy copies.
        noise: standard deviation, as a share of the range of `x` (the paper recommends 0.1 to 0.2); of a pytree, each
            array has noise by its own range.
        chunk: the most copies explained side by side; peak memory depends on it, not on `samples`.

    Returns:
        Explain with the arguments of `explain`, which needs `key`; shape and unit of `explain`'s result.

    Raises:
        MissingKey: when called without a key.
        ValueError: `samples` or `chunk` is not positive, or `noise` negative.

    Reference:
        Smilkov et al. 2017, "SmoothGrad: removing noise by adding noise". Captum's `stdevs` is the absolute standard
        deviation, not a share of the range.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.explainers.gradients import gradient
        >>> explain = smoothgrad(gradient(lambda x: 3.0 * x.sum()), samples=4)
        >>> explain(jnp.array([1.0, 2.0]), key=jax.random.key(0)).tolist()
        [3.0, 3.0]
    """
    return _over_noise("smoothgrad", mean_over, explain, samples=samples, noise=noise, chunk=chunk)


def smoothgrad_squared(explain: Explain, *, samples: int = 16, noise: float = 0.15, chunk: int = 4) -> Explain:
    r"""SmoothGrad squared: the mean of the squared explanations of noisy inputs, `1/n sum_n e(x + s r_n)^2`.

    Arguments, result (in units of the explanation squared) and errors as for `smoothgrad`.

    Reference:
        Hooker et al. 2019, "A benchmark for interpretability methods in deep neural networks", section 5.2.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.explainers.gradients import gradient
        >>> explain = smoothgrad_squared(gradient(lambda x: 3.0 * x.sum()), samples=4)
        >>> explain(jnp.array([1.0, 2.0]), key=jax.random.key(0)).tolist()
        [9.0, 9.0]
    """

    def mean_square(fn: Callable, xs: Any, *, chunk: int) -> Any:
        return mean_over(lambda x: jax.tree.map(jnp.square, fn(x)), xs, chunk=chunk)

    return _over_noise("smoothgrad_squared", mean_square, explain, samples=samples, noise=noise, chunk=chunk)


def vargrad(explain: Explain, *, samples: int = 16, noise: float = 0.15, chunk: int = 4) -> Explain:
    r"""VarGrad: the variance (divided by `samples`) of the explanations of noisy inputs, `var_n e(x + s r_n)`.

    Arguments, result (in units of the explanation squared) and errors as for `smoothgrad`. The variance is merged
    without cancellation; Captum's difference of two means loses digits when the variance is small. The memory of a
    backward pass through it grows with `samples`.

    Reference:
        Adebayo et al. 2018, "Local explanation methods for deep neural networks lack sensitivity to parameter values".

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.explainers.gradients import gradient
        >>> explain = vargrad(gradient(lambda x: 3.0 * x.sum()), samples=4)
        >>> explain(jnp.array([1.0, 2.0]), key=jax.random.key(0)).tolist()
        [0.0, 0.0]
    """

    def variance(fn: Callable, xs: Any, *, chunk: int) -> Any:
        return mean_and_variance_over(fn, xs, chunk=chunk)[1]

    return _over_noise("vargrad", variance, explain, samples=samples, noise=noise, chunk=chunk)


@explainer
def _over_noise(name: str, reduce: Callable, explain: Explain, *, samples: int, noise: float, chunk: int) -> Explain:
    require_positive(samples=samples, chunk=chunk)
    if noise < 0:
        raise ValueError(f"noise is a standard deviation as a share of x's range, at least 0; {noise} came.")

    def explain_noisy(x: Inputs, *args: Any, key: Key | None = None, **inputs: Any) -> Any:
        keys = jax.random.split(require_key(key, name), samples)
        require_floating(x)
        leaves, tree = jax.tree.flatten(x)

        def one(key: Key) -> Any:
            noise_key, explain_key = jax.random.split(key)
            own = jax.random.split(noise_key, len(leaves)) if len(leaves) > 1 else [noise_key]
            noisy = [_with_noise(leaf, noise, key) for leaf, key in zip(leaves, own, strict=True)]
            return explain(tree.unflatten(noisy), *args, key=explain_key, **inputs)

        return reduce(one, keys, chunk=chunk)

    return explain_noisy


def _with_noise(x: Array, noise: float, key: Key) -> Array:
    # of each example's own range, so that under vmap a dark image gets less noise
    return x + noise * (x.max() - x.min()) * normal(key, x.shape, x.dtype)
