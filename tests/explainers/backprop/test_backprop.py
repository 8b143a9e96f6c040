"""Guided Grad-CAM, gradient SHAP and options of backpropagation: what is refused, what is exact."""

import jax.numpy as jnp
import pytest

import jxai
from jxai import rules
from tests.references.example import AT, KEY, LABEL, PARAMS, X, close, score


def test_guided_grad_cam_needs_the_axes_of_x():
    with pytest.raises(ValueError, match=r"the tap 'conv2' has space of shape \(4, 4\); x, \(3,\), needs 0 axes"):
        jxai.guided_grad_cam(lambda x: score(jnp.broadcast_to(x[None, None], X.shape), LABEL, PARAMS), at=AT)(
            jnp.ones(3)
        )


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
