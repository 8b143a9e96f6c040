"""The one example on which methods and references are compared: JAX score and NumPy network over the same numbers."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from jxai import scores
from tests.cases import LABEL, case_of
from tests.references.network import Network
from tests.references.registry import Case

__all__ = [
    "AT", "BASELINE", "INDEX", "KEY", "LABEL", "NET", "PARAMS", "X",
    "close", "explained", "explains", "logit", "probability", "score", "vector",
]  # fmt: skip

CASE = case_of("image")
PARAMS, AT, INDEX = CASE.params, CASE.at, CASE.index
X = np.asarray(CASE.x)
BASELINE = 0.5 * np.asarray(jax.random.normal(jax.random.key(5), CASE.x.shape, jnp.float64))
NET = Network(PARAMS, LABEL)
KEY = jax.random.key(9)

score, logit, probability = (of(CASE.apply) for of in (scores.log_probability, scores.logit, scores.probability))
close = partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-12)


def explained(explain, label=LABEL, **inputs):
    """`explain` on the example, compiled; arrays among the keywords become JAX arrays."""
    given = {name: jnp.asarray(v) if isinstance(v, np.ndarray) else v for name, v in inputs.items()}
    return np.asarray(jax.jit(lambda x: explain(x, label, PARAMS, **given))(jnp.asarray(X)))


def explains(*, of=score, only=None, inputs=None, **settings) -> Case:
    """The case of a method over a score, or explainer: settings and inputs are both sides', `only` the method's."""

    def case(method, literal):
        result = explained(method(of, **(only or {}), **settings), **(inputs or {}))
        return result, literal(NET, X, **(inputs or {}), **settings)

    return case


def vector(n, seed=0, scale=1.0):
    """A vector of `n` normal numbers, or an array of a shape."""
    return jnp.asarray(scale * np.random.default_rng(seed).normal(size=n))
