"""The completeness gap of methods that are complete and that are not."""

import jax
import jax.numpy as jnp
import pytest

import jxai
from jxai import metrics
from tests.references.example import BASELINE, LABEL, PARAMS, X, score


def test_the_gap_of_a_complete_method_is_zero_and_of_another_is_not():
    x, b = jnp.asarray(X), jnp.asarray(BASELINE)
    measure = jax.jit(metrics.completeness_gap(score))
    complete, other = jax.jit(jxai.idgi(score, steps=4)), jax.jit(jxai.gradient(score))
    assert float(measure(complete(x, LABEL, PARAMS, baseline=b), x, LABEL, PARAMS, baseline=b)) < 1e-10
    assert float(measure(other(x, LABEL, PARAMS), x, LABEL, PARAMS, baseline=b)) > 0.01


def test_a_baseline_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="baseline must have the shape of x"):
        metrics.completeness_gap(score)(jnp.asarray(X), jnp.asarray(X), LABEL, PARAMS, baseline=jnp.ones(3))
