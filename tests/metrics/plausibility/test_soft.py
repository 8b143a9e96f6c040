"""Soft measures: the hard measure as their limit, gradients against finite differences."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics, scores
from tests.jitted import jitted
from tests.references.example import BASELINE, CASE, LABEL, PARAMS, X, close, vector

probability = scores.probability(CASE.apply)
MAP = np.asarray(vector((8, 8), 4))
GIVEN = (jnp.asarray(X), LABEL, PARAMS)
FRACTIONS = (0.05, 0.3, 0.55, 0.95)
FAITHFUL = ("sufficiency", "comprehensiveness")
SCORES = np.asarray([0.9, 0.62, 0.3, 0.55, 0.71, 0.1, 0.47])
GOLD = [(0, 2), (3, 6)]
MARKS = jnp.asarray(GOLD)
AT = {"threshold": 0.5, "temperature": 0.2}
SOFT = {
    "token": jax.jit(partial(metrics.soft_token_f1, gold=MARKS, **AT)),
    "spans": jax.jit(partial(metrics.soft_iou_f1, gold=MARKS, **AT)),
    "precision": jax.jit(partial(metrics.soft_average_precision, gold=MARKS, temperature=0.5)),
}


def slope(function, at, direction, h=1e-5):
    """Derivative along a direction by central differences of fourth order."""
    near, far = (float(function(at + k * h * direction) - function(at - k * h * direction)) for k in (1, 2))
    return (8 * near - far) / (12 * h)


@pytest.mark.parametrize("name", FAITHFUL)
def test_soft_faithfulness_tends_to_the_hard_measure(name):
    hard = jax.jit(getattr(metrics, name)(probability, fractions=FRACTIONS))(jnp.asarray(MAP), *GIVEN)
    gaps = []
    for temperature in (0.1, 0.01, 1e-5):
        soft = getattr(metrics, f"soft_{name}")(probability, fractions=FRACTIONS, temperature=temperature)
        gaps.append(abs(float(jax.jit(soft)(jnp.asarray(MAP), *GIVEN) - hard)))
    assert gaps[0] > gaps[1] > gaps[2] and gaps[2] < 1e-6


@pytest.mark.parametrize("name", FAITHFUL)
def test_soft_faithfulness_has_the_gradient_of_finite_differences(name):
    measure = getattr(metrics, f"soft_{name}")(probability, fractions=FRACTIONS, temperature=0.5)
    along = jax.jit(lambda a, x: measure(a, x, LABEL, PARAMS, baseline=jnp.asarray(BASELINE)))
    a, x = jnp.asarray(MAP), jnp.asarray(X)
    by_map, by_x = jax.jit(jax.grad(along, (0, 1)))(a, x)
    direction = jnp.asarray(vector((8, 8), 8))
    expected = slope(lambda a: along(a, x), a, direction)
    assert abs(expected) > 1e-5
    assert float(jnp.vdot(by_map, direction)) == pytest.approx(expected, rel=1e-6)
    other = jnp.asarray(vector((8, 8, 3), 9))
    assert float(jnp.vdot(by_x, other)) == pytest.approx(slope(lambda x: along(a, x), x, other), rel=1e-6)


def test_soft_faithfulness_is_invariant_to_scale_and_shift_and_ignores_padding():
    measure = jax.jit(metrics.soft_sufficiency(probability, fractions=FRACTIONS))
    a = jnp.asarray(MAP)
    close(measure(7 * a + 3, *GIVEN), measure(a, *GIVEN))
    valid = jnp.zeros((8, 8), bool).at[:5].set(True)
    hidden = jnp.where(valid, a, 99.0)
    close(measure(hidden, *GIVEN, valid=valid), measure(a, *GIVEN, valid=valid))
    assert not jax.jit(jax.grad(measure))(a, *GIVEN, valid=valid)[5:].any()


@pytest.mark.parametrize("name", FAITHFUL)
def test_gradients_of_degenerate_maps_are_finite(name):
    derivative = jax.grad(getattr(metrics, f"soft_{name}")(lambda x: jnp.tanh(x).sum(), temperature=1e-3))
    along = jax.jit(lambda a: derivative(a, jnp.arange(7.0)))
    for a in (0.1 * jnp.ones(7), jnp.zeros(7), jnp.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1e9]), jnp.arange(7.0)):
        assert np.isfinite(along(a)).all()
    words = jnp.array([0, 0, 1, 1, 2, -1, -1])
    found = jax.jit(lambda a: derivative(a, jnp.arange(7.0), groups=words))(jnp.arange(7.0))
    assert np.isfinite(found).all() and not found[5:].any()


def test_a_derivative_by_a_map_of_words_is_shared_by_their_pieces():
    words, a = jnp.array([0, 0, 1, 2, 2, 2]), jnp.array([1.0, 1.0, 0.2, 0.5, 0.5, 0.5])
    x = jnp.arange(1.0, 7.0)
    whole = metrics.soft_comprehensiveness(lambda x: jnp.tanh(x / 5).sum(), temperature=0.5)
    measure = jax.jit(lambda a: whole(a, x, groups=words))
    found = jax.jit(jax.grad(measure))(a)
    close(found[0], found[1])
    direction = jnp.array([1.0, 1.0, 0.0, -1.0, -1.0, -1.0])
    assert float(found @ direction) == pytest.approx(slope(measure, a, direction), rel=1e-6)


def test_soft_agreement_tends_to_the_hard_one():
    values, cut = jnp.asarray(SCORES), jnp.asarray(SCORES > 0.5)
    cases = [
        (jitted(metrics.soft_token_f1), jitted(metrics.token_f1)(cut, MARKS)),
        (jitted(metrics.soft_iou_f1), jitted(metrics.iou_f1)(cut, MARKS)),
    ]
    for soft, hard in cases:
        gaps = [abs(float(soft(values, MARKS, threshold=0.5, temperature=t) - hard)) for t in (0.1, 0.02, 1e-3)]
        assert gaps[0] > gaps[1] > gaps[2] and gaps[2] < 1e-9
    hard = jitted(metrics.average_precision)(values, MARKS)
    soft = jitted(metrics.soft_average_precision)
    gaps = [abs(float(soft(values, MARKS, temperature=t) - hard)) for t in (0.3, 0.1, 1e-3)]
    assert gaps[0] > gaps[1] > gaps[2] and gaps[2] < 1e-9


@pytest.mark.parametrize("name", SOFT)
def test_soft_agreement_has_the_gradient_of_finite_differences(name):
    values, direction = jnp.asarray(SCORES), jnp.asarray(vector(7, 3))
    expected = slope(SOFT[name], values, direction)
    assert abs(expected) > 1e-3
    assert float(jax.jit(jax.grad(SOFT[name]))(values) @ direction) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("name", SOFT)
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_gradients_are_finite_where_probabilities_are_nought_or_one(name, dtype):
    values = jnp.array([1e4, 1e4, -1e4, -1e4, 0.5, 0.5, 1e4], dtype)
    derivative = jax.jit(jax.grad(SOFT[name]))
    assert np.isfinite(derivative(values)).all()
    assert np.isfinite(derivative(jnp.full(7, 0.3, dtype))).all()


@pytest.mark.parametrize("name", SOFT)
def test_padding_changes_nothing_and_gets_no_gradient(name):
    padded = jnp.concatenate([jnp.asarray(SCORES), jnp.array([3.0, jnp.nan])])
    valid = jnp.arange(9) < 7
    many = jax.jit(jax.vmap(lambda s, v: SOFT[name](s, valid=v)))(padded[None], valid[None])
    close(many[0], SOFT[name](jnp.asarray(SCORES)))
    found = jax.jit(jax.grad(lambda s: SOFT[name](s, valid=valid)))(padded)
    close(found[:7], jax.jit(jax.grad(SOFT[name]))(jnp.asarray(SCORES)))
    assert not found[7:].any()
    assert np.isnan(SOFT[name](padded))


def test_marked_words_equal_their_spans():
    words = jnp.zeros(7, bool).at[jnp.array([0, 1, 3, 4, 5])].set(True)
    measure = jitted(metrics.soft_iou_f1)
    close(measure(jnp.asarray(SCORES), words, **AT), measure(jnp.asarray(SCORES), MARKS, **AT))


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.soft_sufficiency(probability, temperature=0.0),
        lambda: metrics.soft_token_f1(jnp.ones(2), jnp.ones(2, bool), threshold=0.5, temperature=0.0),
        lambda: metrics.soft_average_precision(jnp.ones(2), jnp.ones(2, bool), temperature=-1.0),
    ],
)
def test_temperatures_must_be_positive(call):
    with pytest.raises(ValueError, match="temperature must be above zero"):
        call()
