"""Expected gradients: gradients between the input and drawn baselines, E_{b, t}[(x - b) * grad f(b + t (x - b))]."""

from typing import Any

import jax
from jax import Array
from jaxtyping import Float, Int

from jxai.core.chunks import mean_over
from jxai.core.errors import require_baselines, require_key, require_positive
from jxai.core.evaluate import evaluate, explainer
from jxai.core.inputs import takes_trees
from jxai.core.types import Explain, Inputs, Key, Score

__all__ = ["expected_gradients"]


@explainer
@takes_trees
def expected_gradients(score: Score, *, samples: int = 64, multiply_by_inputs: bool = True, chunk: int = 4) -> Explain:
    r"""Expected gradients: integrated gradients averaged over a distribution of baselines.

    `phi = E_{b ~ baselines, t ~ U(0, 1)}[(x - b) * grad f(b + t (x - b))]`

    Args:
        score: function `(x, *args) -> number` of one example.
        samples: draws of a baseline and of a place on its line.
        multiply_by_inputs: False leaves out the factor `x - b`: the mean gradient at the draws, in units of the score
            by units of `x`.
        chunk: the most draws evaluated side by side.

    Returns:
        Explain `(x, *args, key, baselines) -> attribution`, shape of `x`, in units of the score; `baselines` is
        `[n, *x.shape]`. Sums to `f(x) - mean f(baselines)` in expectation. `x` may be a pytree of several arrays, as
        then are `baselines` and attribution; a draw takes the same baseline for all of them. Under `vmap`, keywords are
        mapped: bind shared baselines by a lambda,
        `jax.vmap(lambda x, y, k: explain(x, y, params, key=k, baselines=refs))`.

    Raises:
        MissingKey: when called without a key.
        ValueError: `samples` or `chunk` not positive, or baselines of another shape.

    Reference:
        Erion et al. 2021, "Improving performance of deep learning models with axiomatic attribution priors and
        expected gradients". Captum's GradientShap is this with noise added to the input.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> explain = expected_gradients(lambda x: 3.0 * x.sum())
        >>> explain(jnp.array([1.0, 2.0]), key=jax.random.key(0), baselines=jnp.zeros((1, 2))).tolist()
        [3.0, 6.0]
    """
    require_positive(samples=samples, chunk=chunk)

    def explain(x: Inputs, *args: Any, key: Key | None = None, baselines: Inputs) -> Inputs:
        baseline_key, place_key = jax.random.split(require_key(key, "expected_gradients"))
        stack = require_baselines(x, baselines)
        which = jax.random.randint(baseline_key, (samples,), 0, len(stack))
        places = jax.random.uniform(place_key, (samples,), x.dtype)

        def one(draw: tuple[Int[Array, ""], Float[Array, ""]]) -> Float[Array, "*shape"]:
            b, t = stack[draw[0]], draw[1]
            gradient = jax.grad(lambda x: evaluate(score, x, *args))(b + t * (x - b))
            return (x - b) * gradient if multiply_by_inputs else gradient

        return mean_over(one, (which, places), chunk=chunk)

    return explain
