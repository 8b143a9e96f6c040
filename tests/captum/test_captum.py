"""The numbers that Captum's own tests expect (pytorch/captum, `tests/attr`), asked of the methods that both have."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from tests.captum import coalitions, deep_lift, gradients, layers, neurons, perturbation, relevance
from tests.captum.methods import METHODS
from tests.captum.models import MODELS
from tests.captum.reasons import REASONS

pytestmark = pytest.mark.unchecked
TABLES = (gradients, deep_lift, layers, neurons, perturbation, coalitions, relevance)
CASES = [case for table in TABLES for case in table.CASES]


@pytest.fixture(autouse=True)
def as_written():
    """JAX's default promotion: the networks are written as people write them."""
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        yield


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_what_captum_expects(case):
    came = METHODS[case.method](case)
    expected = case.vector(case.expected) if isinstance(case.expected, tuple) else np.asarray(case.expected, float)
    assert came.shape == expected.shape
    np.testing.assert_allclose(came, expected, rtol=0, atol=case.tolerance + 1e-12)


R = np.random.default_rng(0)
CLASSIFIERS = {  # of test_deeplift_classification: network, input, baseline; the sum is right to 0.003
    "softmax_classification_zero_baseline": ("softmax_net", np.arange(20.0), np.zeros(20)),
    "softmax_classification_batch_zero_baseline": ("softmax_net", np.arange(80.0, 120.0), np.zeros(40)),
    "softmax_classification_batch_multi_target": ("softmax_net", np.arange(80.0, 120.0), np.arange(1.0, 41.0)),
    "softmax_classification_multi_baseline": ("softmax_net", np.arange(40.0), R.normal(size=40)),
    **{
        f"convnet_with_maxpool{n}d{name}": ("pooling_net", 100 * R.normal(size=shape), scale * R.normal(size=shape))
        for n in (1, 2, 3)
        for shape in [(10,) * n + (1,)]
        for name, scale in (("", 20), ("_large_baselines", 500))
    },
}


QUICK = (  # the others repeat these with other numbers, or compile for long
    *("softmax_classification_zero_baseline", "softmax_classification_batch_multi_target"),
    *("convnet_with_maxpool1d", "convnet_with_maxpool1d_large_baselines", "convnet_with_maxpool2d"),
)


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in CLASSIFIERS]
)
def test_deep_lift_of_captums_classifiers_is_complete(name, dtype):
    model, x, b = CLASSIFIERS[name]
    x, b = jnp.asarray(x, dtype), jnp.asarray(b, dtype)
    score = lambda x: MODELS[model](x)[2]
    explanation = jxai.deep_lift(score)(x, baseline=b)
    assert explanation.dtype == x.dtype
    assert abs(explanation.sum() - (score(x) - score(b))) < 0.003
    assert abs(explanation).max() < 1e3  # no cancellation of huge parts


def test_no_test_of_captum_has_both_a_row_and_a_reason():
    rows = {case.test for case in CASES}
    without = {f"{file}.{name}" for files in REASONS.values() for file, name in _names(files)}
    assert not rows & without
    assert len(rows) > 150


def _names(files):
    for line in files:
        file, names = line.split(": ", 1)
        yield from ((file, name) for name in names.split(", "))
