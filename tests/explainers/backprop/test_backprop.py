"""Guided backpropagation, LRP, DeepLIFT and excitation backpropagation against literal NumPy."""

import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import rules, scores
from tests.references import differences, gradients, relevance
from tests.references.example import AT, BASELINE, CASE, KEY, LABEL, NET, PARAMS, X, close, explained, score

logit = scores.logit(CASE.apply)


def test_guided_backprop():
    close(explained(jxai.guided_backprop(score)), gradients.guided(NET, X))


def test_deconvnet():
    close(explained(jxai.deconvnet(score)), gradients.deconvnet(NET, X))


def test_guided_grad_cam():
    expected = differences.guided_grad_cam(NET, X)
    assert np.abs(expected).max() > 1e-4
    close(explained(jxai.guided_grad_cam(score, at=AT)), expected)


def test_guided_grad_cam_needs_the_axes_of_x():
    with pytest.raises(ValueError, match=r"the tap 'conv2' has space of shape \(4, 4\); x, \(3,\), needs 0 axes"):
        jxai.guided_grad_cam(lambda x: score(jnp.broadcast_to(x[None, None], X.shape), LABEL, PARAMS), at=AT)(
            jnp.ones(3)
        )


def test_lrp_by_default():
    close(explained(jxai.lrp(logit)), relevance.epsilon_plus(NET, X, 1e-6), rtol=1e-7)


def test_alpha2beta1():
    expected = relevance.alpha2beta1(NET, X, 1e-3)
    close(explained(jxai.lrp(logit, composite=rules.alpha2beta1(1e-3))), expected, rtol=1e-7)


def test_epsilon_gamma_box():
    composite = rules.epsilon_gamma_box(-3.0, 4.0, eps=1e-3, value=0.5)
    expected = relevance.epsilon_gamma_box(NET, X, -3.0, 4.0, 1e-3, 0.5)
    close(explained(jxai.lrp(logit, composite=composite)), expected, rtol=1e-7)


def test_gamma():
    explain = jxai.lrp(logit, composite=rules.relevance(lambda place: rules.gamma(0.3)))
    close(explained(explain), relevance.lrp_gamma(NET, X, 0.3), rtol=1e-7)


@pytest.mark.parametrize("name", ["box", "wsquare", "flat"])
def test_rules_of_the_layer_that_meets_the_input(name):
    rule = rules.box(-3.0, 3.0) if name == "box" else getattr(rules, name)
    shares = relevance.box_shares(-3.0, 3.0) if name == "box" else getattr(relevance, f"{name}_shares")
    composite = rules.relevance(lambda place: rule if place.first else rules.epsilon(0.1))
    eps = relevance.by_epsilon(0.1)
    close(explained(jxai.lrp(logit, composite=composite)), relevance.composed(NET, X, eps, eps, shares), rtol=1e-7)


def test_excitation_backprop():
    close(explained(jxai.excitation_backprop(logit)), relevance.excitation(NET, X), rtol=1e-7)
    close(explained(jxai.excitation_backprop(logit, at=AT)), relevance.excitation(NET, X, layer=True), rtol=1e-7)


def test_contrastive_excitation_backprop():
    expected = relevance.excitation(NET, X) - relevance.excitation(NET, X, dual=True)
    close(explained(jxai.excitation_backprop(logit, contrastive=True)), expected, rtol=1e-7)


def test_deep_lift_by_the_rescale_rule():
    got = explained(jxai.deep_lift(score), baseline=BASELINE)
    close(got, differences.deep_lift(NET, X, BASELINE))


def test_deep_lift_by_reveal_cancel():
    explain = jxai.deep_lift(logit, rule="reveal_cancel")
    expected = differences.reveal_cancel_logit(NET, X, BASELINE)
    close(explained(explain, baseline=BASELINE), expected)
    assert np.abs(expected - explained(jxai.deep_lift(logit), baseline=BASELINE)).max() > 1e-3


def test_deep_shap():
    baselines = np.stack([BASELINE, 0.1 * X, 2 * BASELINE])
    got = explained(jxai.deep_shap(score, chunk=2), baselines=baselines)
    close(got, differences.deep_shap(NET, X, baselines))


def test_gradient_shap():
    baselines = np.stack([BASELINE, 0 * X, 2 * BASELINE])
    got = explained(jxai.gradient_shap(score, samples=7, noise=0.2, chunk=3), key=KEY, baselines=baselines)
    close(got, differences.gradient_shap(NET, X, KEY, baselines, 7, 0.2))


def test_gradient_shap_without_noise_needs_no_more_than_expected_gradients():
    """Of a linear score both are exact."""
    w = jnp.arange(1.0, 4.0)
    x, baselines = jnp.ones(3), jnp.zeros((2, 3))
    close(jxai.gradient_shap(lambda x: w @ x)(x, key=KEY, baselines=baselines), w)


def test_bad_options_are_refused():
    with pytest.raises(ValueError, match="rule must be one of rescale, reveal_cancel; 'revealcancel' came"):
        jxai.deep_lift(score, rule="revealcancel")
    with pytest.raises(ValueError, match="noise is a standard deviation in units of x, at least 0; -1 came"):
        jxai.gradient_shap(score, noise=-1)
    with pytest.raises(ValueError, match="gamma's value must be at least 0; -0.5 came"):
        rules.gamma(-0.5)
