"""Gradient, input times gradient and contrast: known answers, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import scores
from tests.references.example import CASE, PARAMS, X, close, explained, score, vector


def test_times_input_refuses_a_map():
    with pytest.raises(ValueError, match=r"needs an explanation of the shape of x, \(8, 8, 3\); shape \(4, 4\) came"):
        explained(jxai.times_input(jxai.grad_cam(score, at="conv2")))


def test_contrast_of_logits_explains_the_margin():
    apart = explained(jxai.contrast(jxai.gradient(scores.logit(CASE.apply))), label=0, against=2)
    margin = jax.grad(scores.margin(CASE.apply))(jnp.asarray(X), 0, 2, PARAMS)
    close(apart, margin)


def test_contrast_needs_a_class_to_compare_with():
    with pytest.raises(TypeError, match="against"):
        explained(jxai.contrast(jxai.gradient(score)))


def test_gradient_of_linear_and_quadratic_scores():
    w, x = vector(5, 1), vector(5, 2)
    q = vector((5, 5), 3)
    close(jxai.gradient(lambda x, w: w @ x)(x, w), w)
    close(jxai.gradient(lambda x, q: x @ q @ x)(x, q), (np.asarray(q) + np.asarray(q).T) @ np.asarray(x))
