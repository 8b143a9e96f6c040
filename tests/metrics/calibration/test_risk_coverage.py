"""Risk and coverage, temperature and calibration, against literal loops."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jxai import metrics
from tests.references import insecurities as literal

risk_coverage = jax.jit(metrics.risk_coverage)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=6, max_size=6))
def test_equals_the_mean_over_all_orders(rows):
    difficulty, wrong = (np.array(column) for column in zip(*rows, strict=True))
    found = risk_coverage(jnp.asarray(difficulty), jnp.asarray(wrong))
    area, oracle, curve = literal.risk_coverage(difficulty, wrong)
    np.testing.assert_allclose(found.risk, curve, atol=1e-12)
    assert float(found.area) == pytest.approx(area)
    assert float(found.oracle) == pytest.approx(oracle)
    assert float(found.excess) == pytest.approx(area - oracle, abs=1e-12)
    assert float(found.excess) > -1e-12


def test_any_loss_and_padding():
    rng = np.random.default_rng(0)
    difficulty, losses = rng.random(6), rng.random(6)
    area, oracle, curve = literal.risk_coverage(difficulty, losses)
    padded = [jnp.asarray(np.append(a, [np.nan, -9.0])) for a in (difficulty, losses)]
    found = risk_coverage(*padded, valid=jnp.arange(8) < 6)
    np.testing.assert_allclose(found.risk, [*curve, curve[-1], curve[-1]], rtol=1e-12)
    np.testing.assert_allclose(found.coverage, [*(np.arange(1, 7) / 6), 1, 1])
    np.testing.assert_allclose([found.area, found.oracle], [area, oracle], rtol=1e-12)


def test_perfect_useless_and_perverse_scores():
    wrong = jnp.array([False, False, True, False, True])
    perfect, useless, perverse = (
        risk_coverage(score, wrong) for score in (wrong.astype(float), jnp.zeros(5), -wrong.astype(float))
    )
    assert float(perfect.excess) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(useless.risk, 0.4)
    assert perfect.area < useless.area < perverse.area


def test_many_scores_by_vmap_and_nan():
    scores = jax.random.uniform(jax.random.key(0), (3, 7)).at[1, 2].set(jnp.nan)
    wrong = jnp.arange(7) % 2 == 0
    found = jax.jit(jax.vmap(risk_coverage, in_axes=(0, None)))(scores, wrong)
    assert np.isnan(found.area).tolist() == [False, True, False]
    np.testing.assert_allclose(found.area[2], risk_coverage(scores[2], wrong).area)
    assert np.isnan(risk_coverage(scores[0], wrong, valid=jnp.zeros(7, bool)).area)


def test_refused():
    with pytest.raises(ValueError, match=r"both \[n\]"):
        risk_coverage(jnp.ones(3), jnp.ones(2))
    with pytest.raises(ValueError, match="n > 0"):
        risk_coverage(jnp.ones(0), jnp.ones(0))
    with pytest.raises(ValueError, match="label of each"):
        metrics.fit_temperature(jnp.ones((3, 2)), jnp.zeros(2, int))
    with pytest.raises(ValueError, match="one bin"):
        metrics.calibration_error(jnp.ones(3), jnp.ones(3), bins=0)


@pytest.mark.parametrize("scale", [0.4, 1.0, 3.0])
def test_temperature_is_the_best(scale):
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(120, 4)) * 2
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = np.array([rng.choice(4, p=row) for row in chances])
    temperature = metrics.fit_temperature(jnp.asarray(logits * scale), jnp.asarray(labels))
    assert float(temperature) == pytest.approx(literal.fit_temperature(logits * scale, labels), rel=0.006)
    assert float(temperature) == pytest.approx(scale, rel=0.25)


def test_temperature_where_none_is_the_best():
    logits = jnp.array([[2.0, 0.0], [0.0, 2.0]])
    assert 0.01 <= metrics.fit_temperature(logits, jnp.array([0, 1])) < 0.3
    assert 3 < metrics.fit_temperature(logits, jnp.array([1, 0])) <= 100
    assert np.isnan(metrics.fit_temperature(logits * jnp.nan, jnp.array([0, 1])))


def test_calibration_error_equals_the_reference():
    rng = np.random.default_rng(2)
    confidence, right = np.append(rng.random(50), [0.0, 1.0, 0.2]), rng.random(53) < 0.6
    got = metrics.calibration_error(jnp.asarray(confidence), jnp.asarray(right), bins=5)
    assert float(got) == pytest.approx(literal.calibration_error(confidence, right, 5), rel=1e-9)
