"""How an explanation and its score answer to small changes of the input: infidelity and sensitivity.

infidelity       E_I[(I . phi - (f(x) - f(x - I)))^2]
max_sensitivity  max_r |e(x + r) - e(x)| / |e(x)|
"""

import functools
import operator
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.chunks import map_over
from jxai.core.errors import require_floating, require_key, require_positive
from jxai.core.evaluate import evaluate
from jxai.core.leaves import matching
from jxai.core.types import Explain, Inputs, Key, Measure, Score
from jxai.signal.draws import normal, uniform

__all__ = ["infidelity", "max_sensitivity"]

Perturb = Callable[[Key, Inputs], Inputs]


def infidelity(
    score: Score,
    *,
    perturb: Perturb | None = None,
    noise: float = 0.2,
    samples: int = 64,
    normalise: bool = False,
    chunk: int = 4,
) -> Measure:
    r"""Infidelity: how far an attribution is from saying what perturbations of the input do to the score.

    `INFD = E_I[(sum_i I_i phi_i - (f(x) - f(x - I)))^2]`

    `phi` is a slope: in units of the score by units of x, as `gradient` has it, or a path method with
    `multiply_by_inputs=False`. Of an attribution in units of the score (`times_input`, SHAP), divide by `x - b` first.

    Args:
        score: function `(x, *args) -> number` of one example.
        perturb: function `(key, x) -> perturbed x`, so that `I = x - perturb(key, x)`: anything random, such as squares
            of x at a baseline; None: normal noise.
        noise: of that noise, the standard deviation in units of x.
        samples: perturbations.
        normalise: multiply `phi` by the number that makes the infidelity least, `E[(I . phi) d] / E[(I . phi)^2]` with
            `d = f(x) - f(x - I)`: the scale of an attribution then does not count.
        chunk: the most perturbations side by side.

    Returns:
        Measure `(attribution, x, *args, key) -> number`, in squared units of the score; 0 is best. x may be a pytree,
        as then is the attribution. NaN where the attribution holds a NaN.

    Raises:
        MissingKey: when called without a key.
        TypeError: x holds whole numbers.
        ValueError: a number not positive, or an attribution that has not the shape of x.

    Reference:
        Yeh et al. 2019, "On the (in)fidelity and sensitivity of explanations", definition 2.1; normal noise is their
        section 2.1, the optimal scale that of their released code. Captum has the same, with `perturb_func` returning
        I too.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> measure = infidelity(lambda x: 3.0 * x.sum())
        >>> x, key = jnp.array([1.0, 2.0]), jax.random.key(0)
        >>> bool(measure(jnp.full(2, 3.0), x, key=key) < 1e-9), bool(measure(jnp.ones(2), x, key=key) > 0.01)
        (True, True)
    """
    require_positive(noise=noise, samples=samples, chunk=chunk)
    change = perturb or _noisy(lambda key, leaf: normal(key, leaf.shape, leaf.dtype), noise)

    def measure(attribution: Inputs, x: Inputs, *args: Any, key: Key | None = None) -> Float[Array, ""]:
        keys = jax.random.split(require_key(key, "infidelity"), samples)
        require_floating(x)
        whole = evaluate(score, x, *args)

        def one(key: Key) -> tuple[Float[Array, ""], Float[Array, ""]]:
            perturbed = change(key, x)
            foretold = _dot(jax.tree.map(jnp.subtract, x, perturbed), attribution).astype(whole.dtype)
            return foretold, whole - evaluate(score, perturbed, *args)

        foretold, came = map_over(one, keys, chunk=chunk)
        if normalise:
            foretold = foretold * _scale(foretold, came)
        return jnp.square(foretold - came).mean()

    return measure


def max_sensitivity(
    explain: Explain, *, perturb: Perturb | None = None, radius: float = 0.02, samples: int = 10, chunk: int = 4
) -> Measure:
    r"""Max-sensitivity: how much an explanation changes at most when its input hardly changes, by random inputs.

    `SENS_MAX = max_r |e(x + r) - e(x)| / |e(x)|`, `r` uniform in `-radius..radius`, norms over all elements

    Args:
        explain: the explainer that made the attribution; its keywords (`baseline`, ...) go into the measure.
        perturb: function `(key, x) -> perturbed x`; None: uniform noise.
        radius: of that noise, in units of x.
        samples: perturbed inputs.
        chunk: the most of them side by side.

    Returns:
        Measure `(attribution, x, *args, key, **inputs) -> number`, without unit; 0 is best. A stochastic explainer gets
        the same `key` each time: make the attribution with it, or its own randomness counts. x may be a pytree. NaN
        where an attribution holds a NaN, or is zero and stays zero.

    Raises:
        MissingKey: when called without a key.
        TypeError: x holds whole numbers.
        ValueError: a number not positive, or an attribution of another structure than the explainer's.

    Reference:
        Yeh et al. 2019, "On the (in)fidelity and sensitivity of explanations", definition 3.1, divided by the norm of
        the attribution as in their experiments and in Captum's `sensitivity_max`.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> x, explain = jnp.array([1.0, 2.0]), jax.grad(lambda x: (x**2).sum())
        >>> measure = max_sensitivity(lambda x, key=None: explain(x), radius=0.1)
        >>> bool(0 < measure(explain(x), x, key=jax.random.key(0)) < 0.1)
        True
    """
    require_positive(radius=radius, samples=samples, chunk=chunk)
    change = perturb or _noisy(lambda key, leaf: 2 * uniform(key, leaf.shape, leaf.dtype) - 1, radius)

    def measure(attribution: Any, x: Inputs, *args: Any, key: Key | None = None, **inputs: Any) -> Float[Array, ""]:
        key = require_key(key, "max_sensitivity")
        require_floating(x)

        def one(draw: Key) -> Float[Array, ""]:
            result = explain(change(draw, x), *args, key=key, **inputs)
            return _norm(jax.tree.map(jnp.subtract, matching(attribution, result, "the explanation"), attribution))

        keys = jax.random.split(jax.random.fold_in(key, 0), samples)
        return map_over(one, keys, chunk=chunk).max() / _norm(attribution)

    return measure


def _noisy(draw: Callable[[Key, Array], Array], size: float) -> Perturb:
    """Adds `size` times what is drawn to every array of x, by a key of its own for each."""

    def perturb(key: Key, x: Any) -> Any:
        leaves, tree = jax.tree.flatten(x)
        keys = jax.random.split(key, len(leaves))
        noisy = [leaf + jnp.asarray(size, leaf.dtype) * draw(k, leaf) for k, leaf in zip(keys, leaves, strict=True)]
        return tree.unflatten(noisy)

    return perturb


def _dot(change: Any, attribution: Any) -> Array:
    """The sum of the products of all elements."""

    def product(change: Array, attribution: Array) -> Array:
        if change.shape != attribution.shape:
            raise ValueError(
                f"infidelity needs an attribution of the shape of x, {change.shape}; {attribution.shape} came."
            )
        return (change * attribution.astype(change.dtype)).sum()

    products = jax.tree.leaves(jax.tree.map(product, change, matching(change, attribution, "the attribution")))
    return functools.reduce(operator.add, products)


def _scale(foretold: Array, came: Array) -> Array:
    """The factor of least squares; 1 where nothing is foretold."""
    square = jnp.square(foretold).sum()
    none = square == 0
    return jnp.where(none, 1.0, (foretold * came).sum() / jnp.where(none, 1.0, square))


def _norm(values: Any) -> Array:
    squares = [jnp.square(leaf).sum() for leaf in jax.tree.leaves(values)]
    return jnp.sqrt(sum(squares[1:], squares[0]))
