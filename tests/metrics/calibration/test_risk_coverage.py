"""Risk and coverage, temperature and calibration: cases with known answers, nan, padding, refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics

risk_coverage = jax.jit(metrics.risk_coverage)


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
def test_temperature_undoes_a_scale(scale):
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(120, 4)) * 2
    chances = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = np.array([rng.choice(4, p=row) for row in chances])
    temperature = metrics.fit_temperature(jnp.asarray(logits * scale), jnp.asarray(labels))
    assert float(temperature) == pytest.approx(scale, rel=0.25)


def test_temperature_where_none_is_the_best():
    logits = jnp.array([[2.0, 0.0], [0.0, 2.0]])
    assert 0.01 <= metrics.fit_temperature(logits, jnp.array([0, 1])) < 0.3
    assert 3 < metrics.fit_temperature(logits, jnp.array([1, 0])) <= 100
    assert np.isnan(metrics.fit_temperature(logits * jnp.nan, jnp.array([0, 1])))
