"""Analytic cases of backpropagation with rules (the project's list; float64, 1e-5), by the face's functions."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import rules

relu = jax.nn.relu
close = partial(np.testing.assert_allclose, rtol=0, atol=1e-5)
A = jnp.arange(16.0).reshape(4, 4, 1)


def conv(x):
    """3x3 convolution of ones to two channels, ReLU, a dense layer of [1,1,1,1,1,-1,-1,-1], ReLU."""
    spread = jax.lax.conv_general_dilated(
        x[None], jnp.ones((3, 3, 1, 2)), (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )[0]
    r = jxai.tap(relu(spread + jnp.array([[[-50.0, -75.0]]])), "relu")
    return relu(r.transpose(2, 0, 1).reshape(-1) @ jnp.array([1.0, 1, 1, 1, 1, -1, -1, -1]))


def lrpm(first, activation=relu, weight=2.0, out=3.0):
    w = jnp.full((3, 3), weight).at[0, 0].set(first)
    return lambda x: (jnp.full((1, 3), out) @ activation(w @ x))[0]


def test_gb1():
    close(jxai.guided_backprop(conv)(A)[..., 0], [[0, 1, 1, 1], [1, 3, 3, 2], [1, 3, 3, 2], [1, 2, 2, 1]])


def test_dc1():
    close(jxai.deconvnet(conv)(A)[..., 0], [[2, 3, 3, 1], [3, 5, 5, 2], [3, 5, 5, 2], [1, 2, 2, 1]])


def test_ggc1():
    got = jxai.guided_grad_cam(conv, at="relu", method="nearest")(A)[..., 0]
    close(got, [[0, 0, 4, 4], [0, 0, 12, 8], [28, 84, 97.5, 65], [28, 56, 65, 32.5]])


@pytest.mark.parametrize("rule", ["rescale", "reveal_cancel"])
def test_dl1(rule):
    score = lambda x: 2 * relu(x[0]) + 2 * relu(x[1] - 1.5)  # noqa: E731
    close(jxai.deep_lift(score, rule=rule)(jnp.array([1.0, 2.0])), [2, 1])


def test_lrp1():
    close(jxai.lrp(lrpm(2.0))(jnp.array([1.0, 2.0, 3.0])), [18, 36, 54])


def test_lrp3():
    composite = rules.relevance(lambda place: rules.alpha_beta(1.0, 0.0))
    close(jxai.lrp(lrpm(-2.0), composite=composite)(jnp.array([1.0, 2.0, 3.0])), [12, 33.6, 50.4])


def test_lrp5():
    got = jxai.lrp(lrpm(0.1, jnp.tanh, 0.1, 0.1))(jnp.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(got, [0.0269, 0.0537, 0.0806], atol=5e-5)


def test_min_of_two_by_reveal_cancel():
    """Shrikumar et al. 2017, section 3.5.2: `min(a, b) = a - relu(a - b)`; rescale gives all to one."""
    score = lambda x: x[0] - relu(x[0] - x[1])  # noqa: E731
    x = jnp.array([2.0, 1.0])
    close(jxai.deep_lift(score)(x), [0.0, 1.0])
    close(jxai.deep_lift(score, rule="reveal_cancel")(x), [0.5, 0.5])


def test_excitation_of_one_layer():
    score = lambda x: jnp.array([2.0, 1.0, -1.0]) @ x  # noqa: E731
    close(jxai.excitation_backprop(score)(jnp.array([1.0, 2.0, 3.0])), [0.5, 0.5, 0.0])
    close(jxai.excitation_backprop(score, contrastive=True)(jnp.array([1.0, 2.0, 3.0])), [0.5, 0.5, -1.0])
    close(jxai.excitation_backprop(score)(jnp.array([-1.0, 0.0, 1.0])), [0.0, 1.0, 0.0])
