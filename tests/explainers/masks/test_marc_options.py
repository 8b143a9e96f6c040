"""MaRC: the evidence that it weighs, its noise, stop rules, precisions and options."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import scores
from jxai.core.errors import MissingKey
from jxai.core.solve import plateau
from jxai.explainers.masks.grid_mask import image_mask, series_mask
from jxai.explainers.masks.marc import marc_trace
from jxai.explainers.masks.objective import evidence
from jxai.explainers.masks.parameterisation import Sources
from jxai.explainers.masks.text_mask import sequence_mask
from tests.references.example import KEY, NET, X, close, score


def tokens_seen(x):
    """Log-probability that rests on the third and fourth token."""
    return jax.nn.log_sigmoid(4 * x[2:4].sum() - 4)


def test_evidence_is_stable_and_as_released():
    logs, yes, no = jnp.array([-1e-9, -0.3, -50.0]), jnp.asarray(True), jnp.asarray(False)
    of = jax.vmap(lambda value, kept, squash: evidence(value, kept, squash=squash, released=True), (0, None, None))
    close(evidence(logs, no), logs)
    exact = jax.vmap(lambda v: evidence(v, no, released=True))(logs)
    np.testing.assert_allclose(exact, [20.7232658, 1.3502256, 1.9287498e-22], rtol=1e-7)
    p = np.exp(np.asarray(logs))
    del of
    squashed = jax.vmap(lambda v: evidence(v, yes, squash=1e-5, released=True))(logs)
    np.testing.assert_allclose(squashed, np.log(0.99999 * p + 5e-6), rtol=1e-12)
    left = jax.vmap(lambda v: evidence(v, no, squash=1e-5, released=True))(logs)
    np.testing.assert_allclose(left, -np.log(1 - (0.99999 * p + 5e-6)), rtol=1e-10)
    slope = jax.grad(lambda v: evidence(v, yes, squash=1e-5, released=True))(jnp.asarray(0.0))
    assert np.isfinite(slope)


def test_log_mixture_is_the_logarithm_of_the_mixture():
    apply = lambda params, x: params @ x  # noqa: E731
    params = jnp.asarray(np.random.default_rng(0).normal(size=(4, 3)))
    given = jnp.ones(3), 1, params
    close(scores.log_mixture(apply, softmax=0.9)(*given), jnp.log(scores.mixture(apply, softmax=0.9)(*given)))
    with pytest.raises(ValueError, match="softmax is a weight above 0 and below 1"):
        scores.log_mixture(apply, softmax=1.0)


def test_noise_is_drawn_anew_at_each_step_and_flips_are_as_many_as_asked_for():
    explain = marc_trace(lambda x: x.sum(), mask=sequence_mask(), noise=0.5, steps=4, stop=False, learning_rate=1e-9)
    found = explain(jnp.ones((6, 2)), key=KEY)
    assert len(set(np.asarray(found.terms.sufficiency).round(6))) == 4
    half = jnp.full(20_000, 0.5)
    flipped = jxai.signal.masks.flip(half, 0.1, KEY)
    for value, share in ((0.0, 0.09), (1.0, 0.09), (0.5, 0.82)):
        assert float((flipped == value).mean()) == pytest.approx(share, abs=0.01)


def test_a_stop_rule_of_one_s_own_sees_the_loss():
    found = marc_trace(tokens_seen, steps=900, stop=plateau(patience=5, tolerance=1e-2))(jnp.ones((9, 1)))
    loss = np.asarray(found.terms.loss)[: int(found.steps)]
    assert 5 < len(loss) < 900 and loss[-5:].min() > loss[:-5].min() - 1e-2


def test_sigma_stays_within_what_the_window_shows():
    mask = image_mask(radius=3, sigma=100.0)
    found = marc_trace(score, mask=mask, learning_rate=1.0, steps=9, stop=False)(jnp.asarray(X), 2, NET.p)
    close(found.sources.sigma, np.full((8, 8), 9 / np.log(1e8)))
    low = mask.project(Sources(jnp.ones(2), jnp.array([-1.0, 0.05])))
    assert low.sigma.tolist() == [0.1, 0.1]


def test_in_double_and_single_precision_alike():
    got = [jax.jit(jxai.marc(tokens_seen, steps=60))(jnp.ones((9, 1), d)) for d in (jnp.float32, jnp.float64)]
    np.testing.assert_allclose(*got, rtol=1e-4, atol=1e-5)


def test_options_out_of_range_are_refused():
    x = jnp.ones((6, 2))
    for options, message in (
        ({"steps": 0}, "steps must be above zero"),
        ({"flips": 1.0}, "flips and squash are shares"),
        ({"noise": -1.0}, "noise must be at least zero"),
        ({"variant": "theirs"}, 'variant must be "paper" or "released"; .theirs. came'),
        ({"variant": "released", "mask": image_mask()}, "make both the same"),
    ):
        with pytest.raises(ValueError, match=message):
            jxai.marc(tokens_seen, **options)
    with pytest.raises(MissingKey, match="marc draws random numbers and got key=None"):
        jxai.marc(tokens_seen, flips=0.1)(x)
    with pytest.raises(ValueError, match="backgrounds must have shape"):
        jxai.marc(tokens_seen)(x, backgrounds=x)
    with pytest.raises(ValueError, match="a vector|pass mask="):
        jxai.marc(tokens_seen)(jnp.ones(6))
    with pytest.raises(ValueError, match="this mask is for x of 2 axes"):
        jxai.marc(tokens_seen, mask=image_mask())(x)
    with pytest.raises(ValueError, match="groups name word 7, but count=6 words"):
        jxai.marc(tokens_seen)(x, groups=jnp.array([0, 1, 2, 3, 4, 7]))
    for make in (lambda: image_mask(radius=-1), lambda: series_mask(cell=0), lambda: sequence_mask(count=0)):
        with pytest.raises(ValueError, match="must be"):
            make()
