"""Groups, small systems of equations and random coalitions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from jxai import coalitions, regression
from jxai.explainers.coalitions.linear_solve import inverse, shortest, solve

KEY = jax.random.key(3)


def positive(n):
    a = jax.random.normal(KEY, (n, n), jnp.float64)
    return a @ a.T / n + 0.1 * jnp.eye(n)


@pytest.mark.parametrize("n", [1, 2, 17])
def test_inverse_and_solution_equal_numpy(n):
    a, b = positive(n), jnp.arange(1.0, n + 1)
    np.testing.assert_allclose(inverse(a), np.linalg.inv(a), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(solve(a, b), np.linalg.solve(a, b), rtol=1e-9)


def test_derivatives_of_a_solution_to_second_order():
    b = jnp.arange(4.0)
    check_grads(jax.jit(lambda a: solve(jnp.asarray(a + a.T) / 2, b)), (positive(4),), order=2, rtol=1e-4)


@pytest.mark.parametrize(("dtype", "tolerance"), [(jnp.float64, 1e-10), (jnp.float32, 2e-3)])
def test_shortest_solution_of_a_singular_system(dtype, tolerance):
    z = jax.random.normal(KEY, (5, 9), jnp.float64)
    gram, right = (z.T @ z).astype(dtype), (z.T @ jnp.arange(5.0)).astype(dtype)
    expected = np.linalg.lstsq(np.asarray(z), np.arange(5.0), rcond=None)[0]
    np.testing.assert_allclose(shortest(gram, right), expected, rtol=0, atol=tolerance * np.abs(expected).max())


def test_lasso_meets_its_conditions():
    """The slope is the penalty, with the sign, where a coefficient is not 0, and smaller elsewhere."""
    gram, right = positive(8), jax.random.normal(KEY, (8,), jnp.float64)
    phi = regression.lasso(0.8, sweeps=300)(5 * gram, 5 * right, jnp.asarray(5.0))
    slope = right - gram @ phi
    np.testing.assert_allclose(slope[phi != 0], 0.8 * jnp.sign(phi)[phi != 0], atol=1e-9)
    assert np.all(np.abs(slope) < 0.8 + 1e-9) and 0 < (phi == 0).sum() < 8


def draws(sampler, n, samples=4000):
    return np.asarray(jax.vmap(lambda k: sampler(k, n))(jax.random.split(KEY, samples)))


def test_subsets_are_uniform():
    many = draws(lambda key, n: coalitions.subset(key, n, 2), 5)
    assert np.all(many.sum(1) == 2)
    np.testing.assert_allclose(many.mean(0), 0.4, atol=0.03)


def test_coins_and_sizes():
    np.testing.assert_allclose(draws(coalitions.coin(0.3), 6).mean(0), 0.3, atol=0.03)
    sizes = np.bincount(draws(coalitions.any_size(), 5).sum(1), minlength=6)
    np.testing.assert_allclose(sizes / 4000, [0, 0.25, 0.25, 0.25, 0.25, 0], atol=0.03)


def test_spans_are_followed_by_absent_words():
    """5 to 13 % of 100 words, and the three after each, are absent; so every run of absent ones has four at least."""
    many = draws(coalitions.spans(), 100, 300)
    for present in many:
        runs = [len(run) for run in "".join("01"[int(p)] for p in present).split("1") if run]
        assert all(run >= 4 for run in runs[:-1])
    absent = (~many).sum(1)
    assert absent.min() >= 8 and absent.max() <= 52 and absent.std() > 3


def test_shapley_sizes_follow_the_kernel():
    np.testing.assert_allclose(coalitions.shapley_sizes(4), np.array([1 / 3, 1 / 4, 1 / 3]) / (11 / 12))
