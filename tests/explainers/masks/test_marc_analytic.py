"""MaRC where the optimum is known in closed form."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai.explainers.masks.grid_mask import image_mask
from jxai.explainers.masks.marc import marc_trace
from jxai.explainers.masks.text_mask import sequence_mask
from tests.references.marc import Adam


def test_the_mask_of_the_start():
    """Before any update: a word among equal ones has `m = sigmoid(w sum_k exp(-k^2 / s))`."""
    explain = marc_trace(jnp.sum, mask=sequence_mask(variant="released"), steps=1, stop=False)
    found = jax.jit(explain)(jnp.ones((41, 1)) * -1)
    total = sum(1.2 * np.exp(-(k**2) / 2.0**2) for k in range(-20, 21))  # squared as released
    assert float(found.mask[20]) == pytest.approx(1 / (1 + np.exp(-total)), rel=1e-9)
    found = jax.vjp(lambda s: image_mask().apply(s, None), image_mask().init(jnp.ones((31, 31, 1)), None))[0]
    total = sum(0.5 * np.exp(-(k**2) / 1.2) for k in range(-12, 13))
    assert float(found[15, 15]) == pytest.approx(1 / (1 + np.exp(-total * total / 0.5)), rel=1e-9)


@pytest.mark.parametrize("a", [0.3, 1.0, 3.0])
def test_a_linear_score_of_one_word(a):
    """`min_m -a m + a (1 - m) + sparsity m^2` has `m = a / sparsity`, where that is below 1."""
    mask = sequence_mask(sparsity=4.0, sigma=0.0)
    got = jax.jit(jxai.marc(lambda x: a * x.sum(), mask=mask, steps=900, stop=False))(jnp.ones((1, 1)))
    assert float(got[0]) == pytest.approx(a / 4, abs=2e-3)


def test_comprehensiveness_takes_what_is_redundant():
    """Two words that say the same: one suffices, but only both leave nothing behind."""
    score = lambda x: jax.nn.log_sigmoid(8 * jnp.maximum(x[2, 0], x[9, 0]) - 4)  # noqa: E731
    both, one = (
        jax.jit(jxai.marc(score, mask=sequence_mask(sparsity=2.0), comprehensiveness=weight, steps=600))(
            jnp.ones((12, 1))
        )
        for weight in (1.0, 0.0)
    )
    assert float(both[jnp.array([2, 9])].min()) > 0.7
    assert float(one[jnp.array([2, 9])].min()) < float(both[jnp.array([2, 9])].min()) - 0.1


def test_the_barrier_widens_the_sources():
    """Without data and sparsity sigma descends on `-1.2 mean(log sigma)`, and w stays."""
    explain = marc_trace(lambda x: 0 * x.sum(), mask=sequence_mask(sparsity=0.0), steps=50, stop=False)
    found = jax.jit(explain)(jnp.ones((5, 1)))
    sigma, adam = 2.0, Adam(0.03)
    for _ in range(50):
        sigma = adam.move(sigma, -1.2 / (5 * sigma))
    assert sigma > 3
    np.testing.assert_allclose(found.sources.sigma, sigma, rtol=1e-9)
    np.testing.assert_allclose(found.sources.w, 1.2, rtol=1e-9)
