"""Integrated, blurred and expected gradients, and IDGI: released code's numbers and their axioms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai.core.integrate import Step, important_direction
from jxai.signal.filters import gaussian_blur
from tests.paths import FIXTURES
from tests.references.example import BASELINE, KEY, LABEL, NET, PARAMS, X, close, explained, score, vector

FIXTURE = FIXTURES / "idgi.npz"


def test_left_riemann_sum():
    explain = jxai.integrated_gradients(score, steps=4, increment=lambda s: s.gradient * s.displacement)
    points = [BASELINE + k / 4 * (X - BASELINE) for k in range(4)]
    close(explained(explain, baseline=BASELINE), sum(NET.gradient(p) for p in points) * (X - BASELINE) / 4)


def test_increments_of_idgi_equal_the_released_code():
    """Gradients and predictions at 11 points, and the result, by executing yangruo1226/IDGI (float64)."""
    with np.load(FIXTURE) as given:
        g, f, expected = (jnp.asarray(given[name]) for name in ("gradients", "predictions", "idgi"))
    steps = Step(g[:-1], jnp.zeros_like(g[:-1]), f[1:] - f[:-1])
    np.testing.assert_allclose(jax.vmap(important_direction)(steps).sum(0), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("chunk", [1, 4, 16])
def test_idgi_equals_the_released_code_end_to_end(chunk):
    """A score whose gradients and values at the path's points are those of the released run."""
    with np.load(FIXTURE) as given:
        g, f, expected = (jnp.asarray(given[name]) for name in ("gradients", "predictions", "idgi"))

    @jax.custom_vjp
    def played(x):
        return f[jnp.round(10 * x[0, 0, 0]).astype(int)]

    played.defvjp(lambda x: (played(x), x), lambda x, c: (c * g[jnp.round(10 * x[0, 0, 0]).astype(int)],))
    got = jxai.idgi(played, steps=10, chunk=chunk)(jnp.ones(expected.shape))
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


def test_a_step_without_gradient_contributes_nothing_to_idgi():
    flat_then_steep = lambda x: jax.nn.relu(x - 0.5).sum()  # noqa: E731
    x = jnp.array([1.0, 1.0])
    got = jxai.idgi(flat_then_steep, steps=8)(x)
    assert np.all(np.isfinite(got)) and float(got.sum()) == pytest.approx(0.75, abs=1e-9)
    grads = jax.jacobian(jxai.idgi(flat_then_steep, steps=8))(x)
    assert np.all(np.isfinite(grads))


def test_idgi_refuses_methods_without_a_path():
    with pytest.raises(TypeError, match="idgi needs a path method.*gradient is none"):
        jxai.idgi(score, over=jxai.gradient)


def test_idgi_refuses_unknown_options_by_their_own_name():
    with pytest.raises(TypeError, match="stepz"):
        jxai.idgi(score, stepz=3)


def test_a_quadrature_and_an_increment_exclude_each_other():
    with pytest.raises(ValueError, match="leave quadrature out, or increment"):
        jxai.integrated_gradients(score, quadrature="midpoint", increment=important_direction)


def test_an_unknown_quadrature_is_refused():
    with pytest.raises(ValueError, match="'midpoint' or 'gauss_legendre'; 'simpson' came"):
        jxai.integrated_gradients(score, quadrature="simpson")


def test_blurring_a_vector_is_refused():
    with pytest.raises(ValueError, match=r"needs an input with space, \[\*space, c\]; a vector of shape \(3,\) came"):
        jxai.blur_integrated_gradients(lambda x: x.sum())(jnp.ones(3))


# -- axioms ---------------------------------------------------------------------------------------------------------


def smooth(x, w):
    """A score with curvature everywhere."""
    return jnp.tanh(w @ x) + jnp.sin(x[0] * x[1])


def test_completeness_with_few_gauss_legendre_nodes():
    x, b, w = vector(4, 1), vector(4, 2), vector(4, 3)
    explain = jxai.integrated_gradients(smooth, steps=20, quadrature="gauss_legendre")
    assert float(explain(x, w, baseline=b).sum()) == pytest.approx(float(smooth(x, w) - smooth(b, w)), abs=1e-9)


def test_midpoints_converge_quadratically():
    x, b, w = vector(4, 1), vector(4, 2), vector(4, 3)
    gaps = [
        abs(float(jxai.integrated_gradients(smooth, steps=n)(x, w, baseline=b).sum() - smooth(x, w) + smooth(b, w)))
        for n in (20, 40)
    ]
    assert gaps[0] / gaps[1] == pytest.approx(4.0, rel=0.05)


def test_completeness_of_blur_integrated_gradients():
    explain = jxai.blur_integrated_gradients(score, sigma=2.0, steps=200, chunk=20)
    change = NET.score(X) - float(score(gaussian_blur(jnp.asarray(X), 2.0), LABEL, PARAMS))
    assert abs(change) > 0.05 and explained(explain).sum() == pytest.approx(change, abs=1e-3)


@pytest.mark.parametrize("steps", [1, 3, 20])
def test_completeness_of_idgi_whatever_the_steps(steps):
    change = NET.score(X) - NET.score(BASELINE)
    got = explained(jxai.idgi(score, steps=steps), baseline=BASELINE)
    assert abs(change) > 0.1 and got.sum() == pytest.approx(change, rel=1e-10)


def test_expected_gradients_sum_to_the_mean_change_of_a_linear_score():
    w, x, baselines = vector(4, 1), vector(4, 2), vector((2, 4), 3)
    got = jxai.expected_gradients(lambda x, w: w @ x, samples=4000, chunk=500)(x, w, key=KEY, baselines=baselines)
    np.testing.assert_allclose(got, w * (x - baselines.mean(0)), atol=0.1)


EACH = {
    "integrated_gradients": lambda f: jxai.integrated_gradients(f, steps=5),
    "idgi": lambda f: jxai.idgi(f, steps=5),
    "guided": lambda f: jxai.guided_integrated_gradients(f, steps=5, fraction=0.5),
}


@pytest.mark.parametrize("name", EACH)
def test_dummy_an_input_without_influence_gets_nothing(name):
    got = EACH[name](lambda x: jnp.tanh(x[0]) * x[2])(jnp.array([1.0, 5.0, 2.0, -3.0]))
    assert got[1] == 0 and got[3] == 0 and abs(float(got[0])) > 0.1


@pytest.mark.parametrize("name", ["integrated_gradients", "idgi"])
def test_symmetry_interchangeable_inputs_get_equal_shares(name):
    got = EACH[name](lambda x: jnp.tanh(x[0] + x[1]) * jnp.sin(x[0] * x[1] + x[2]))(jnp.array([0.7, 0.7, 0.2]))
    assert float(got[0]) == pytest.approx(float(got[1]), rel=1e-12) and abs(float(got[0])) > 0.01


def test_linearity_in_the_score():
    x, b, w = vector(4, 1), vector(4, 2), vector(4, 3)
    other = lambda x, w: jnp.cos(x * w).sum()  # noqa: E731
    both = jxai.integrated_gradients(lambda x, w: 2.0 * smooth(x, w) - 3.0 * other(x, w))(x, w, baseline=b)
    one, two = (jxai.integrated_gradients(f)(x, w, baseline=b) for f in (smooth, other))
    close(both, 2.0 * one - 3.0 * two)


def test_linear_and_quadratic_scores_in_closed_form():
    w, x, b, q = vector(4, 1), vector(4, 2), vector(4, 3), vector((4, 4), 4)
    close(jxai.integrated_gradients(lambda x, w: w @ x, steps=3)(x, w, baseline=b), w * (x - b))
    quadratic = jxai.integrated_gradients(lambda x, q: x @ q @ x, steps=3)
    close(quadratic(x, q, baseline=b), (x - b) * ((q + q.T) @ (x + b)) / 2)


def test_derivative_in_the_parameters_of_a_quadratic_score_in_closed_form():
    """`phi_i = (x_i - b_i) sum_j (Q_ij + Q_ji) m_j`, `m` the middle: `dphi_i / dQ_kl` follows."""
    x, b, q = vector(3, 1), vector(3, 2), vector((3, 3), 4)
    explain = jxai.integrated_gradients(lambda x, q: x @ q @ x, steps=4)
    got = jax.jacobian(lambda q: explain(x, q, baseline=b))(q)
    d, m, eye = np.asarray(x - b), np.asarray(x + b) / 2, np.eye(3)
    expected = np.einsum("i,ik,l->ikl", d, eye, m) + np.einsum("i,il,k->ikl", d, eye, m)
    close(got, expected)
