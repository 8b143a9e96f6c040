"""Small models whose attributions are known by hand; each was checked against Captum 0.9.0 too (float64, 1e-5).

The names of cases and models are those of the project's list of analytic cases.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import metrics, rules

relu = jax.nn.relu
close = partial(np.testing.assert_allclose, rtol=0, atol=1e-5)


def f2(x):
    return relu(relu(x[0]) - 1.0 - relu(x[1]))


def f3(x):
    return relu(relu(x[0] - 1.0) - relu(x[1]))


def mlp(x, label=0):
    """`y0 = relu(s - 10) + 3 relu(s + 1) - 1`, `y1 = y0 + 2`, s the sum of x."""
    l0 = jxai.tap(x, "l0")
    l1 = jxai.tap(l0.sum() + jnp.array([-10.0, 1.0, 1.0, 1.0]), "l1")
    r = jxai.tap(relu(l1), "relu")
    return (r.sum() + jnp.array([-1.0, 1.0]))[label]


A = jnp.arange(16.0).reshape(4, 4, 1)


def conv(x, *, last=True):
    """3x3 convolution of ones to two channels, ReLU, a dense layer of [1,1,1,1,1,-1,-1,-1], ReLU or not."""
    spread = jax.lax.conv_general_dilated(
        x[None], jnp.ones((3, 3, 1, 2)), (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )[0]
    a = jxai.tap(spread + jnp.broadcast_to(jnp.array([-50.0, -75.0]), (2, 2, 2)), "conv")
    r = jxai.tap(relu(a), "relu")
    score = r.transpose(2, 0, 1).reshape(-1) @ jnp.array([1.0, 1, 1, 1, 1, -1, -1, -1])
    return relu(score) if last else score


def test_g1_gradient():
    got = jxai.gradient(lambda x: (1.0 - relu(1.0 - x)).sum())(jnp.array([1.0, 2, 3, 0, -1, 7]))
    close(got, [0, 0, 0, 1, 1, 0])


@pytest.mark.parametrize("score", [f2, f3])
def test_ig1_ig2_implementation_invariance(score):
    """Two implementations of one function get one attribution (their kink lies between two nodes)."""
    close(jxai.integrated_gradients(score, steps=50)(jnp.array([3.0, 1.0])), [1.5, -0.5])


def test_f2_and_f3_are_one_function():
    xs = 4.0 * jax.random.uniform(jax.random.key(0), (200, 2), jnp.float64)
    close(jax.vmap(f2)(xs), jax.vmap(f3)(xs))


def test_ig4():
    close(jxai.integrated_gradients(mlp, steps=50)(jnp.array([0.0, 100.0, 0.0])), [0, 390, 0])


def test_gc1_grad_cam_at_the_convolution():
    close(jxai.grad_cam(partial(conv, last=False), at="conv")(A), [[11.25, 13.5], [20.25, 22.5]])


def test_gc3_grad_cam_at_the_relu():
    close(jxai.grad_cam(conv, at="relu")(A), [[0, 4], [28, 32.5]])


def test_gc5_grad_cam_of_a_vector():
    close(jxai.grad_cam(mlp, at="l0")(jnp.array([0.0, 100.0, 0.0])), 400)


def test_gb1_guided_backpropagation():
    got = jxai.gradient(jxai.with_rules(conv, {"relu": rules.guided}))(A)
    close(got[..., 0], [[0, 1, 1, 1], [1, 3, 3, 2], [1, 3, 3, 2], [1, 2, 2, 1]])


def test_dc1_deconvnet():
    got = jxai.gradient(jxai.with_rules(conv, {"relu": rules.deconvnet}))(A)
    close(got[..., 0], [[2, 3, 3, 1], [3, 5, 5, 2], [3, 5, 5, 2], [1, 2, 2, 1]])


def test_ggc1_guided_grad_cam():
    """Guided backpropagation times the enlarged map (nearest), as a composition of the two."""
    guided = jxai.gradient(jxai.with_rules(conv, {"relu": rules.guided}))(A)[..., 0]
    cam = jxai.signal.maps.positive(jxai.grad_cam(conv, at="relu")(A))
    large = jxai.signal.filters.resize(cam, (4, 4), method="nearest")
    close(guided * large, [[0, 0, 4, 4], [0, 0, 12, 8], [28, 84, 97.5, 65], [28, 56, 65, 32.5]])


def test_la1_layer_gradient_times_activation():
    explain = jxai.layer_attribution(mlp, lambda head: jxai.times_input(jxai.gradient(head)), at="l1")
    close(explain(jnp.array([0.0, 100.0, 0.0])), [90, 101, 101, 101])


def test_ii1_internal_influence():
    close(jxai.internal_influence(mlp, at="l1", steps=50)(jnp.array([0.0, 100.0, 0.0])), [0.9, 1, 1, 1])


def test_nc1_neuron_conductance():
    got = jxai.neuron_conductance(mlp, at="relu", index=3, steps=20)(jnp.array([0.0, 70.0, 30.0]))
    close(got, [0, 70, 30])


def test_ng1_neuron_gradient():
    got = jxai.gradient(jxai.neuron(mlp, at="relu", index=1))(jnp.array([0.0, 5.0, 4.0]))
    close(got, [1, 1, 1])


def lrpm(first, activation=relu, weight=2.0, out=3.0):
    """`out sum_j activation(weight sum x)` over three hidden units; `first` is W[0, 0]."""
    w = jnp.full((3, 3), weight).at[0, 0].set(first)
    return lambda x: jnp.full((1, 3), out) @ activation(w @ x)


def relevance(score, rule, **others):
    ruled = jxai.with_rules(lambda x: score(x)[0], {"dot_general": rule, **others})
    return jxai.times_input(jxai.gradient(ruled))(jnp.array([1.0, 2.0, 3.0]))


def test_lrp1_epsilon_equals_input_times_gradient():
    close(relevance(lrpm(2.0), rules.epsilon(1e-9)), [18, 36, 54])


def test_lrp3_alpha_one_beta_zero():
    close(relevance(lrpm(-2.0), rules.alpha_beta(1.0, 0.0)), [12, 33.6, 50.4])


def test_lrp5_tanh_passes_relevance():
    """`0.3 tanh(0.1 s)`: every input gets its share of the output."""
    got = relevance(lrpm(0.1, jnp.tanh, 0.1, 0.1), rules.epsilon(1e-9), tanh=rules.passing)
    close(got / got[0], [1, 2, 3])
    np.testing.assert_allclose(got, [0.0269, 0.0537, 0.0806], atol=5e-5)


def test_integrated_gradients_of_a_sum_of_functions():
    score = lambda x: 5.0 * x[0] + x[1] ** 2 + jnp.sin(x[2])  # noqa: E731
    x, b = jnp.array([1.0, 2.0, 3.0]), jnp.array([0.5, 1.0, 1.0])
    got = jxai.integrated_gradients(score, steps=20, quadrature="gauss_legendre")(x, baseline=b)
    close(got, [2.5, 3.0, np.sin(3.0) - np.sin(1.0)])
    close(jxai.integrated_gradients(score, steps=500)(x, baseline=b), [2.5, 3.0, np.sin(3.0) - np.sin(1.0)])


def test_deletion_and_insertion_of_a_linear_score():
    w = jnp.array([3.0, -1.0, 2.0])
    score = lambda x: w @ x  # noqa: E731
    # deletion 4 1 -1 0: (2.5 + 0 - 0.5) / 3; insertion 0 3 5 4: (1.5 + 4 + 4.5) / 3
    close(metrics.deletion(score, steps=3)(w, jnp.ones(3)), 2.0 / 3)
    close(metrics.insertion(score, steps=3)(w, jnp.ones(3)), 10.0 / 3)


@pytest.mark.parametrize("measure", ["pointing_game", "relevance_mass", "relevance_rank"])
def test_localisation_of_the_segment_itself(measure):
    segment = jnp.zeros((5, 5)).at[1:3, 2:5].set(1.0)
    close(getattr(metrics, measure)(segment, segment), 1.0)


def test_second_directional_derivative_of_softmax_by_nested_jvp():
    """`p_k {[(w_k - wbar) . v]^2 - Var_p(w . v)}`: two forward derivatives, all classes at once, no `jet`."""
    keys = jax.random.split(jax.random.key(1), 3)
    w, x, v = (jax.random.normal(k, s, jnp.float64) for k, s in zip(keys, [(4, 3), (3,), (3,)], strict=True))
    softmax = lambda x: jax.nn.softmax(w @ x)  # noqa: E731
    once = lambda x: jax.jvp(softmax, (x,), (v,))[1]  # noqa: E731
    p, c = softmax(x), w @ v
    mean = p @ c
    close(jax.jvp(once, (x,), (v,))[1], p * ((c - mean) ** 2 - p @ (c - mean) ** 2))
