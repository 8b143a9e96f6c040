"""Contributions to the difference from a baseline, through the network's own operations.

deep_lift       multipliers by the rescale or the reveal-cancel rule, times x - b
deep_shap       deep_lift averaged over baselines
gradient_shap   E_{b, t, noise}[(x' - b) * grad f(b + t (x' - b))],  x' = x + noise
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from jxai.core.chunks import mean_over
from jxai.core.errors import (
    require_baseline,
    require_baselines,
    require_floating,
    require_key,
    require_positive,
)
from jxai.core.evaluate import evaluate, explainer
from jxai.core.inputs import takes_trees
from jxai.core.types import Explain, Key, Score
from jxai.explainers.backprop.differences import contributions
from jxai.explainers.backprop.rescale import RESCALE
from jxai.explainers.backprop.reveal_cancel import REVEAL_CANCEL
from jxai.signal.draws import normal

__all__ = ["deep_lift", "deep_shap", "gradient_shap"]

_RULES = {"rescale": RESCALE, "reveal_cancel": REVEAL_CANCEL}


@explainer
def deep_lift(score: Score, *, rule: str = "rescale", multiply_by_inputs: bool = True) -> Explain:
    r"""DeepLIFT: each input's contribution to the difference between the score and a baseline's score.

    `phi = m * (x - b)`, `m` multiplied together along the network: a function of one number has
    `m = (f(x) - f(b)) / (x - b)`, a linear operation its own derivative

    Args:
        score: function `(x, *args) -> number` of one example.
        rule: `"rescale"`, or `"reveal_cancel"`, which treats positive and negative differences apart.
        multiply_by_inputs: False leaves out the factor `x - b`: the multipliers, in units of the score by units of `x`.

    Returns:
        Explain `(x, *args, key=None, baseline=None) -> attribution`, shape of `x`, in units of the score; sums to
        `f(x) - f(b)`. `baseline` is like `x`; None is zeros.

    Raises:
        ValueError: an unknown rule; when called, a baseline of another shape.
        MissingRule: when called, an operation has no rule; the error names it and where the model has it.

    Note:
        Also complete through products of two values that depend on `x` (attention, layer normalisation, softmax): a
        factor's difference is multiplied by the mean of the other's two values. In a maximum the rise goes to the
        input's winner, the fall to the baseline's. Under reveal-cancel such operations follow the rescale rule, and
        their outputs' differences count by their sign. Softmax and log-sum-exp share by logarithmic means, which are
        bounded and complete for logits of any size. Predicates and whole numbers made from `x` are numbers that jump:
        a mask that differs has a share of its own. Indices made from `x` have no rule.
        Captum replaces the backward pass of modules: functional ReLU, tanh, softmax or pooling keep their gradient
        there, silently, and the result is not complete; nor is it through its max pooling module.

    Reference:
        Shrikumar, Greenside and Kundaje 2017, "Learning important features through propagating activation
        differences", sections 3.5.1 and 3.5.2.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> score = lambda x: 2.0 * jax.nn.relu(x[0]) + 2.0 * jax.nn.relu(x[1] - 1.5)
        >>> deep_lift(score)(jnp.array([1.0, 2.0])).tolist()
        [2.0, 1.0]
    """
    if rule not in _RULES:
        raise ValueError(f"rule must be one of {', '.join(_RULES)}; {rule!r} came.")

    def explain(
        x: Float[Array, "*shape"], *args: Any, key: Key | None = None, baseline: Float[Array, "*shape"] | None = None
    ) -> Float[Array, "*shape"]:
        del key
        b = require_baseline(x, baseline)
        parts, multipliers = contributions(lambda x: evaluate(score, x, *args), x, b, _RULES[rule])
        return parts if multiply_by_inputs else multipliers

    return explain


@explainer
def deep_shap(score: Score, *, rule: str = "rescale", multiply_by_inputs: bool = True, chunk: int = 4) -> Explain:
    r"""DeepSHAP: DeepLIFT averaged over baselines, `phi = mean_b deep_lift(x, b)`.

    Args:
        score: function `(x, *args) -> number` of one example.
        rule: as for `deep_lift`.
        multiply_by_inputs: False leaves out the factor `x - b`: the mean of multipliers.
        chunk: the most baselines side by side; peak memory depends on it.

    Returns:
        Explain `(x, *args, key=None, baselines) -> attribution`, shape of `x`, in units of the score; `baselines` is
        `[n, *x.shape]`. Sums to `f(x) - mean f(baselines)`. Under `vmap`, keywords are mapped: bind shared baselines
        by a lambda.

    Raises:
        ValueError: `chunk` not positive, an unknown rule; when called, baselines of another shape.
        MissingRule: as for `deep_lift`.

    Reference:
        Lundberg and Lee 2017, "A unified approach to interpreting model predictions", section 4.2. Captum's
        DeepLiftShap is this for the rescale rule.

    Example:
        >>> import jax.numpy as jnp
        >>> explain = deep_shap(lambda x: (x**2).sum())
        >>> explain(jnp.array([1.0, 2.0]), baselines=jnp.array([[0.0, 0.0], [1.0, 1.0]])).tolist()
        [0.5, 3.5]
    """
    require_positive(chunk=chunk)
    explain_one = deep_lift(score, rule=rule, multiply_by_inputs=multiply_by_inputs)

    def explain(
        x: Float[Array, "*shape"], *args: Any, key: Key | None = None, baselines: Float[Array, "n *shape"]
    ) -> Float[Array, "*shape"]:
        del key
        stack = require_baselines(x, baselines)
        return mean_over(lambda b: explain_one(x, *args, baseline=b), stack, chunk=chunk)

    return explain


@explainer
@takes_trees
def gradient_shap(
    score: Score, *, samples: int = 64, noise: float = 0.0, multiply_by_inputs: bool = True, chunk: int = 4
) -> Explain:
    r"""GradientSHAP: gradients between noisy inputs and drawn baselines, averaged.

    `phi = E_{b, t, r}[(x' - b) * grad f(b + t (x' - b))]`, `x' = x + s r`, `r` standard normal, `t` uniform in 0..1

    Args:
        score: function `(x, *args) -> number` of one example.
        samples: draws of noise, of a baseline, and of a place between the two.
        noise: the standard deviation `s`, in units of `x`.
        multiply_by_inputs: False leaves out the factor `x' - b`: the mean gradient at the draws.
        chunk: the most draws evaluated side by side.

    Returns:
        Explain `(x, *args, key, baselines) -> attribution`, shape of `x`, in units of the score; `baselines` is
        `[n, *x.shape]`. Sums to `mean f(x') - mean f(baselines)` in expectation. Without noise it is
        `expected_gradients`.

    Raises:
        MissingKey: when called without a key.
        ValueError: `samples` or `chunk` not positive, `noise` negative; when called, baselines of another shape.

    Reference:
        Lundberg and Lee 2017; Erion et al. 2021. The definition is that of Captum's GradientShap, whose `stdevs` is
        `noise` and whose `n_samples` is 5 by default.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> explain = gradient_shap(lambda x: 3.0 * x.sum())
        >>> explain(jnp.array([1.0, 2.0]), key=jax.random.key(0), baselines=jnp.zeros((1, 2))).tolist()
        [3.0, 6.0]
    """
    require_positive(samples=samples, chunk=chunk)
    if noise < 0:
        raise ValueError(f"noise is a standard deviation in units of x, at least 0; {noise} came.")

    def explain(
        x: Float[Array, "*shape"], *args: Any, key: Key | None = None, baselines: Float[Array, "n *shape"]
    ) -> Float[Array, "*shape"]:
        baseline_key, place_key, noise_key = jax.random.split(require_key(key, "gradient_shap"), 3)
        require_floating(x)
        stack = require_baselines(x, baselines)
        # draws are made before the loop, so that they do not depend on `chunk`
        which = jax.random.randint(baseline_key, (samples,), 0, len(stack))
        places = jax.random.uniform(place_key, (samples,), x.dtype)

        def one(
            draw: tuple[Int[Array, ""], Float[Array, ""], Key],
        ) -> Float[Array, "*shape"]:
            b, t = stack[draw[0]], draw[1]
            end = x + jnp.asarray(noise, x.dtype) * normal(draw[2], x.shape, x.dtype)
            slope = jax.grad(lambda x: evaluate(score, x, *args))(b + t * (end - b))
            return (end - b) * slope if multiply_by_inputs else slope

        return mean_over(one, (which, places, jax.random.split(noise_key, samples)), chunk=chunk)

    return explain
