"""The rule set: a rule for each kind of layer, conservation, known answers, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import rules, scores
from tests.references import relevance
from tests.references.example import CASE, LABEL, NET, PARAMS, X, close, explained, vector

logit = scores.logit(CASE.apply)


def lrp(rule, fn=logit):
    linear = {"dot_general": rule, "conv_general_dilated": rule}
    return jxai.times_input(jxai.gradient(jxai.with_rules(fn, linear)))


def test_a_rule_for_each_kind_of_layer():
    """A composite: z+ in convolutions, epsilon in the dense layer."""
    explain = jxai.times_input(
        jxai.gradient(jxai.with_rules(logit, {"dot_general": rules.epsilon(0.1), "conv_general_dilated": rules.zplus}))
    )
    eps = lambda parts, bias: relevance.epsilon_shares(parts, bias, 0.1)  # noqa: E731
    v, p = NET.run(X), NET.p
    r = np.eye(3)[LABEL] * v.logits
    r = relevance.through_dense(v.conv2.ravel(), p["w"], p["c"], r, eps).reshape(v.conv2.shape)
    r = relevance.through_convolution(v.conv1, p["k2"], p["b2"], 2, r, relevance.zplus_shares)
    close(
        explained(explain),
        relevance.through_convolution(v.x, p["k1"], p["b1"], 1, r, relevance.zplus_shares),
        rtol=1e-7,
    )


BIAS_FREE = {name: (0 * v if name in ("b1", "b2", "c") else v) for name, v in PARAMS.items()}


@pytest.mark.parametrize(
    "rule", [rules.epsilon(0.0), rules.zplus, rules.alpha_beta(2.0, 1.0)], ids=["epsilon", "zplus", "alpha_beta"]
)
def test_relevance_is_conserved_without_biases(rule):
    """The relevance of the input sums to the logit (z+ where all of a layer's outputs have positive contributions)."""
    x = jnp.abs(jnp.asarray(X))
    total = jax.jit(lrp(rule))(x, LABEL, BIAS_FREE).sum()
    value = logit(x, LABEL, BIAS_FREE)
    assert abs(float(value)) > 0.05 and float(total) == pytest.approx(float(value), rel=1e-6)


def test_lrp_zero_without_biases_is_input_times_gradient():
    x = jnp.asarray(X)
    close(
        lrp(rules.epsilon(0.0))(x, LABEL, BIAS_FREE),
        jxai.times_input(jxai.gradient(logit))(x, LABEL, BIAS_FREE),
        rtol=1e-7,
    )


def test_epsilon_gives_each_factor_of_a_product_half():
    a = vector((3, 3), 1)
    fn = lambda x: (x @ x).sum()  # noqa: E731
    got = jxai.times_input(jxai.gradient(jxai.with_rules(fn, {"dot_general": rules.epsilon(0.0)})))(a)
    assert float(got.sum()) == pytest.approx(float(fn(a)), rel=1e-9)
    assert float((a * jax.grad(fn)(a)).sum()) == pytest.approx(2 * float(fn(a)), rel=1e-9)


def test_passing_leaves_relevance_as_it_is():
    x = jnp.array([0.5, -2.0, 0.0])
    explain = jxai.times_input(jxai.gradient(jxai.with_rules(lambda x: jnp.tanh(x).sum(), {"tanh": rules.passing})))
    close(explain(x), jnp.tanh(x))


@pytest.mark.parametrize(("alpha", "beta"), [(1.0, 1.0), (0.5, -0.5)])
def test_alpha_minus_beta_must_be_one(alpha, beta):
    with pytest.raises(ValueError, match="alpha - beta must be 1 and beta at least 0"):
        rules.alpha_beta(alpha, beta)


def test_zplus_refuses_what_has_no_weights():
    with pytest.raises(ValueError, match=r"for a linear layer with weights .* tanh with active inputs \(True,\) came"):
        jax.grad(jxai.with_rules(lambda x: jnp.tanh(x).sum(), {"tanh": rules.zplus}))(jnp.ones(2))
    with pytest.raises(ValueError, match="for a linear layer with weights"):
        jax.grad(jxai.with_rules(lambda x: (x @ x).sum(), {"dot_general": rules.zplus}))(jnp.ones((2, 2)))


@pytest.mark.parametrize("rule", [rules.deconvnet, rules.passing])
def test_rules_of_activations_refuse_layers(rule):
    with pytest.raises(ValueError, match="for activation functions of one input; dot_general came"):
        jax.grad(jxai.with_rules(lambda x: (x @ jnp.ones((2, 2))).sum(), {"dot_general": rule}))(jnp.ones(2))
