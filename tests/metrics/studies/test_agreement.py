"""Agreement of people: cases by hand, what the intervals cover, and refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics
from jxai.metrics.studies.intervals import bootstrap, wilson
from tests.jitted import jitted

agreement_between, agreement_with, dont_know_rate = map(
    jitted, (metrics.agreement_between, metrics.agreement_with, metrics.dont_know_rate)
)

PAIRS = np.array([[3, 1], [0, 4], [2, 3]])


def test_by_hand():
    answers = jnp.array([[[1, 3], [0, 4]], [[3, 1], [-1, -1]], [[1, 2], [4, 0]], [[-2, -2], [0, 4]]])
    pairs = jnp.asarray(PAIRS[:2])
    assert float(agreement_with(answers, pairs)) == pytest.approx(5 / 7)
    assert float(agreement_with(answers, pairs, left_out=True)) == pytest.approx(5 / 6)
    assert float(agreement_between(answers)) == pytest.approx((1 + 3) / (3 + 6))
    assert float(agreement_between(answers, left_out=True)) == pytest.approx((1 + 3) / (3 + 3))
    assert float(dont_know_rate(answers)) == pytest.approx(1 / 7)
    assert float(agreement_with(answers, pairs, questions=jnp.array([1.0, 0.0]))) == pytest.approx(2 / 3)
    assert np.isnan(float(agreement_between(answers[:1])))


def test_chance_is_a_tenth_of_five_classes():
    rng = np.random.default_rng(0)
    answers = np.array([[rng.permutation(5)[:2] for _ in range(400)] for _ in range(20)])
    pairs = jnp.asarray(np.tile([[1, 3]], (400, 1)))
    assert float(agreement_with(jnp.asarray(answers), pairs)) == pytest.approx(0.1, abs=0.01)
    assert float(agreement_between(jnp.asarray(answers))) == pytest.approx(0.1, abs=0.01)


def test_bootstrap_covers_what_people_and_images_vary():
    """A mean of person effect + image effect: an interval of 90 % covers the truth in about 90 of 100 cases."""
    images = jnp.arange(15)

    @jax.jit
    def covered(key):
        first, second, third = jax.random.split(key, 3)
        effects = jax.random.normal(first, (12, 1)) + jax.random.normal(second, (1, 15))
        mean = lambda p, q: (p[:, None] * q[None] * effects).sum() / (p.sum() * q.sum())
        ends = bootstrap(mean, 12, images, key=third, samples=200, level=0.9)
        return (ends.low <= 0) & (ends.high >= 0)

    share = jax.vmap(covered)(jax.random.split(jax.random.key(0), 200)).mean()
    assert 0.8 < float(share) < 0.97


def test_bootstrap_draws_questions_of_an_image_together():
    values = jnp.array([0.0, 1.0, 0.0, 1.0])  # each image has one 0 and one 1: nothing varies between images
    mean = lambda p, q: (q * values).sum() / q.sum()
    together = bootstrap(mean, 3, jnp.array([0, 0, 1, 1]), key=jax.random.key(0), samples=200)
    apart = bootstrap(mean, 3, jnp.arange(4), key=jax.random.key(0), samples=200)
    assert float(together.low) == float(together.high) == 0.5
    assert float(apart.low) < 0.25 and float(apart.high) > 0.75


def test_replicates_without_two_people_are_left_out():
    answers = jnp.array([[[1, 2], [1, 2]], [[1, 2], [3, 4]]])
    rate = lambda p, q: agreement_between(answers, people=p, questions=q)
    ends = bootstrap(rate, 2, jnp.arange(2), key=jax.random.key(0), samples=300)
    assert (float(ends.low), float(ends.high)) == (0.0, 1.0)


def test_refusals():
    answers = jnp.zeros((2, 3, 2), int)
    with pytest.raises(ValueError, match=r"answers \[people, questions, 2\]"):
        dont_know_rate(answers[0])
    with pytest.raises(ValueError, match="a pair of classes for each question"):
        agreement_with(answers, jnp.zeros((2, 2), int))
    with pytest.raises(ValueError, match="people and questions"):
        bootstrap(lambda p, q: 0.0, 0, jnp.arange(2), key=jax.random.key(0))
    with pytest.raises(ValueError, match="level in 0..1"):
        bootstrap(lambda p, q: 0.0, 1, jnp.arange(2), key=jax.random.key(0), level=95)
    with pytest.raises(ValueError, match="0 <= successes <= trials"):
        wilson(3, 2)
