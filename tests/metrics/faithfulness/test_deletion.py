"""Deletion and insertion: their ends, ties, derivative, and their closed form for a linear score."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics, scores
from tests.references.example import CASE, LABEL, NET, PARAMS, X, close, vector

probability = scores.probability(CASE.apply)
MAP = np.asarray(vector((8, 8), 4))


def numpy_probability(x):
    return float(np.exp(NET.score(x)))


def test_the_curves_ends_are_the_input_and_the_baseline():
    given = (jnp.asarray(MAP), jnp.asarray(X), LABEL, PARAMS)
    removed = jax.jit(metrics.deletion_curve(probability, steps=4))(*given)
    inserted = jax.jit(metrics.insertion_curve(probability, steps=4))(*given)
    whole, nothing = numpy_probability(X), numpy_probability(0 * X)
    close(removed[jnp.array([0, -1])], [whole, nothing])
    close(inserted[jnp.array([0, -1])], [nothing, whole])


def test_of_a_linear_score_in_closed_form():
    """With `phi = w (x - b)` in decreasing order, the k-th point is `f(x)` less the k largest."""
    w, x, b = vector(6, 1), vector(6, 2), vector(6, 3)
    phi = np.asarray(w * (x - b))
    curve = np.concatenate([[0.0], np.cumsum(np.sort(phi)[::-1])])
    score = lambda x, w: w @ x  # noqa: E731
    area = ((curve[1:] + curve[:-1]) / 2).mean()
    given = (jnp.asarray(phi), x, w)
    close(jax.jit(metrics.deletion(score, steps=6))(*given, baseline=b), float(w @ x) - area)
    close(jax.jit(metrics.insertion(score, steps=6))(*given, baseline=b), float(w @ b) + area)


def test_a_perfect_map_beats_its_opposite():
    w, x = vector(20, 1), vector(20, 2)
    score = lambda x, w: w @ x  # noqa: E731
    for measure, sign in ((jax.jit(metrics.deletion(score)), -1), (jax.jit(metrics.insertion(score)), 1)):
        assert sign * float(measure(w * x, x, w) - measure(-w * x, x, w)) > 1.0


def test_ties_are_broken_by_position():
    score = lambda x: x @ jnp.array([8.0, 4.0, 2.0, 1.0])  # noqa: E731
    curve = jax.jit(metrics.deletion_curve(score, steps=4))(jnp.zeros(4), jnp.ones(4))
    assert curve.tolist() == [15.0, 7.0, 3.0, 1.0, 0.0]


def test_under_vmap_and_jit():
    maps, xs = vector((3, 8, 8), 1), vector((3, 8, 8, 3), 2)
    measure = metrics.deletion(probability, steps=4)
    many = jax.jit(jax.vmap(measure, in_axes=(0, 0, None, None)))(maps, xs, LABEL, PARAMS)
    one = jax.jit(measure)
    close(many, [one(m, x, LABEL, PARAMS) for m, x in zip(maps, xs, strict=True)])


def test_the_measure_can_be_differentiated():
    h, direction = 1e-6, vector((8, 8, 3), 7)
    measure = jax.jit(lambda x: metrics.insertion(probability, steps=4)(jnp.asarray(MAP), x, LABEL, PARAMS))
    x = jnp.asarray(X)
    slope = float(measure(x + h * direction) - measure(x - h * direction)) / (2 * h)
    assert abs(slope) > 1e-4
    assert float(jnp.vdot(jax.grad(measure)(x), direction)) == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize("shape", [(8, 8, 3), (4, 4), (64,)])
def test_a_map_of_another_space_is_refused(shape):
    with pytest.raises(ValueError, match=r"expected a map over the space of x, shape \(8, 8\)"):
        metrics.deletion(probability)(jnp.ones(shape), jnp.asarray(X), LABEL, PARAMS)


@pytest.mark.parametrize("option", ["steps", "chunk"])
def test_counts_must_be_positive(option):
    with pytest.raises(ValueError, match=f"{option} must be above zero"):
        metrics.insertion(probability, **{option: 0})
