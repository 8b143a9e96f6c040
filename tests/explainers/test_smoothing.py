"""SmoothGrad, its square and VarGrad: over any explainer, their noise, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from tests.references import gradients as literal
from tests.references.example import AT, BASELINE, KEY, LABEL, NET, PARAMS, X, close, explained, score

OVER = {
    "grad_cam": (lambda: jxai.grad_cam(score, at=AT), {}),
    "layer_cam": (lambda: jxai.layer_cam(score, at=AT), {}),
    "score_cam": (lambda: jxai.score_cam(score, at=AT), {}),
    "integrated_gradients": (lambda: jxai.integrated_gradients(score, steps=3), {"baseline": BASELINE}),
    "contrast": (lambda: jxai.contrast(jxai.gradient(score)), {"against": 0}),
    "conductance": (lambda: jxai.conductance(score, at=AT, steps=3), {}),
}


@pytest.mark.parametrize("inner", OVER)
def test_any_explainer_can_be_smoothed(inner):
    """The mean and variance of the explanations of the very inputs that are drawn."""
    make, inputs = OVER[inner]
    explain = make()
    noisy = list(literal.noisy(X, KEY, 4, 0.1))
    given = {name: jnp.asarray(value) for name, value in inputs.items()}
    one = jax.jit(lambda x: explain(x, LABEL, PARAMS, **given))
    each = np.stack([one(jnp.asarray(x)) for x in noisy])
    close(explained(jxai.smoothgrad(explain, samples=4, noise=0.1), key=KEY, **inputs), each.mean(0))
    close(explained(jxai.vargrad(explain, samples=4, noise=0.1), key=KEY, **inputs), each.var(0), rtol=1e-7)


def test_a_stochastic_explainer_gets_another_key_for_each_sample():
    def draws(x, key=None):
        return jax.random.normal(key, ())

    spread = jxai.vargrad(draws, samples=400)(jnp.zeros(2), key=KEY)
    assert 0.8 < float(spread) < 1.2


def test_without_noise_it_is_the_explanation_itself():
    close(explained(jxai.smoothgrad(jxai.gradient(score), samples=3, noise=0.0), key=KEY), NET.gradient(X))
    assert np.abs(explained(jxai.vargrad(jxai.gradient(score), samples=3, noise=0.0), key=KEY)).max() < 1e-25


def test_the_noise_is_a_share_of_the_range():
    x = jnp.linspace(0.0, 4.0, 1000)
    spread = jxai.vargrad(lambda x, key=None: x, samples=200, noise=0.25)(x, key=KEY)
    assert float(spread.mean()) == pytest.approx(1.0, rel=0.02)


def test_negative_noise_is_refused():
    with pytest.raises(ValueError, match="at least 0; -0.1 came"):
        jxai.smoothgrad(jxai.gradient(score), noise=-0.1)


def test_small_variance_of_large_explanations_keeps_its_digits():
    """A difference of two means would lose all of them in float32."""
    explain = jxai.vargrad(lambda x, key=None: 1000.0 + x, samples=64, noise=1e-3, chunk=7)
    x = jnp.array([0.0, 1.0], jnp.float32)
    assert np.asarray(explain(x, key=KEY)) == pytest.approx(1e-6, rel=0.5)
