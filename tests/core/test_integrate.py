"""Quadratures and walks along a path."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.core.integrate import Step, important_direction, nodes, riemann, sum_of_steps, walk
from tests.references.example import close, vector
from tests.references.paths import legendre_roots


@pytest.mark.parametrize("n", [1, 2, 7, 20])
def test_gauss_legendre_nodes_are_the_roots_of_legendre_s_polynomial(n):
    at, weights = nodes(n, "gauss_legendre")
    roots, shares = legendre_roots(n)
    order = np.argsort(roots)
    close(at, (np.array(roots)[order] + 1) / 2)
    close(weights, np.array(shares)[order] / 2)


@pytest.mark.parametrize(("quadrature", "degree"), [("midpoint", 1), ("gauss_legendre", 5)])
def test_quadratures_are_exact_up_to_their_degree_and_not_beyond(quadrature, degree):
    at, weights = nodes(3, quadrature)
    for power in range(degree + 1):
        assert weights @ at**power == pytest.approx(1 / (power + 1), rel=1e-12)
    assert abs(weights @ at ** (degree + 1) - 1 / (degree + 2)) > 1e-5


def test_a_walk_along_a_curve():
    """`int grad f . dp` along any path is the change of f; the parts are those of each coordinate."""
    path = lambda t: jnp.array([1.0, 2.0]) * jnp.stack([t**2, jnp.sin(t)])  # noqa: E731
    f = lambda x: x[0] ** 2 + jnp.cos(x[1])  # noqa: E731
    got = walk(jax.grad(f), path, jnp.zeros(2), steps=12, quadrature="gauss_legendre", chunk=5)
    close(got, [1.0, np.cos(2 * np.sin(1.0)) - 1.0])


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 40])
@pytest.mark.parametrize("steps", [1, 2, 6])
def test_steps_equal_a_loop(steps, chunk):
    f = lambda x: jnp.sin(x).sum() * x[0]  # noqa: E731
    end = vector(3, 1)
    xs = [k / steps * end for k in range(steps + 1)]
    for increment in (riemann, important_direction):
        expected = sum(increment(Step(jax.grad(f)(a), b - a, f(b) - f(a))) for a, b in zip(xs, xs[1:], strict=False))
        close(sum_of_steps(f, lambda t: t * end, increment, end, steps=steps, chunk=chunk), expected)


def test_each_point_is_evaluated_once():
    def f(x):
        jax.debug.callback(lambda x: seen.append(float(x)), x[0])
        return (x**2).sum()

    seen = []
    sum_of_steps(f, lambda t: t * jnp.ones(1), riemann, jnp.ones(1), steps=6, chunk=7)
    jax.effects_barrier()
    assert sorted(set(seen)) == pytest.approx([k / 6 for k in range(7)])
    assert len(seen) == 7


def test_important_direction_sums_to_the_difference():
    step = Step(vector((2, 3), 1), vector((2, 3), 2), jnp.asarray(-0.7))
    assert float(important_direction(step).sum()) == pytest.approx(-0.7, rel=1e-12)
    flat = important_direction(step._replace(gradient=jnp.zeros((2, 3))))
    assert np.abs(flat).max() == 0
    assert np.all(
        np.isfinite(jax.grad(lambda g: important_direction(step._replace(gradient=g))[0, 0])(jnp.zeros((2, 3))))
    )
