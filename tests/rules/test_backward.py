"""`with_rules` and `rule`: values stay, derivatives change as asked, and nothing is left out silently."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import rules
from jxai.core.errors import UnusedRule
from tests.references.example import close, vector

W = vector((4, 3), 1)
X = vector(4, 2)


def model(x, w):
    return (jnp.tanh(jax.nn.relu(x @ w)) * jnp.array([1.0, -2.0, 3.0])).sum()


def double(operation, inputs, output, cotangent):
    """A rule that doubles the operation's own derivative: easily recognised."""
    return operation.pull(inputs, 2.0 * cotangent)


def test_values_stay():
    close(jxai.with_rules(model, {"relu": rules.guided, "dot_general": rules.epsilon(0.1)})(X, W), model(X, W))


@pytest.mark.parametrize("name", ["relu", "dot_general", "tanh", "reduce_sum"])
def test_a_rule_replaces_the_derivative_of_what_it_names(name):
    close(jax.grad(jxai.with_rules(model, {name: double}))(X, W), 2.0 * jax.grad(model)(X, W))


def test_several_rules_at_once():
    several = jxai.with_rules(model, {"relu": double, "tanh": double, "dot_general": double})
    close(jax.grad(several)(X, W), 8.0 * jax.grad(model)(X, W))


def test_what_has_no_rule_keeps_its_own_derivative():
    ruled = jxai.with_rules(lambda x: jnp.sin(x[0]) + jnp.tanh(x[1]), {"tanh": double})
    close(jax.grad(ruled)(X), jnp.array([jnp.cos(X[0]), 2 * (1 - jnp.tanh(X[1]) ** 2), 0.0, 0.0]))


def test_only_operations_that_depend_on_the_input_are_ruled():
    """The product of two parameters is none of the input's layers."""
    fn = lambda x, a, b: x @ (a @ b)  # noqa: E731
    got = jax.grad(lambda *args: jxai.with_rules(fn, {"dot_general": double})(*args).sum(), argnums=(0, 1))(X, W, W.T)
    close(got[0], 2.0 * (W @ W.T).sum(1))
    with pytest.raises(UnusedRule, match="no operation that depends on x matched the rule for tanh"):
        jxai.with_rules(lambda x, w: x.sum() + jnp.tanh(w).sum(), {"tanh": double})(X, W)


def test_a_rule_that_matched_nothing_lists_what_there_is():
    with pytest.raises(UnusedRule, match="rule for gelu, silu; operations of this function: .*dot_general.*relu.*tanh"):
        jxai.with_rules(model, {"gelu": double, "silu": double, "relu": double})(X, W)
    with pytest.raises(UnusedRule, match="got no rules"):
        jxai.with_rules(model, {})


def scanned(x):
    return jax.lax.scan(lambda c, _: (jnp.tanh(c), None), x, None, length=3)[0].sum()


def while_looped(x):
    return jax.lax.while_loop(lambda c: c[0] < 3, lambda c: (c[0] + 1, jnp.tanh(c[1])), (0, x))[1].sum()


def branched(x):
    return jax.lax.cond(x[0] > 0, jnp.tanh, jnp.sin, x).sum()


@pytest.mark.parametrize(("fn", "where"), [(while_looped, "while"), (branched, "cond")])
def test_ruled_operations_in_loops_and_branches_say_where(fn, where):
    with pytest.raises(NotImplementedError, match=f"ruled operation stands inside {where}, which is kept whole; "):
        jxai.with_rules(fn, {"tanh": double})(X)


def test_a_rule_in_a_scan_is_a_rule_in_every_iteration():
    close(jax.grad(jxai.with_rules(scanned, {"tanh": double}))(X), 8.0 * jax.grad(scanned)(X))
    relu = lambda x: -jax.lax.scan(lambda c, _: (jnp.maximum(c, 0.0), None), x, None, length=2)[0].sum()  # noqa: E731
    assert np.abs(jax.grad(jxai.with_rules(relu, {"relu": rules.guided}))(X)).max() == 0


@pytest.mark.parametrize("wrap", [jax.jit, jax.checkpoint, lambda f: jax.jit(jax.checkpoint(jax.jit(f)))])
def test_inner_jit_and_checkpoint_are_seen_through(wrap):
    fn = lambda x, w: wrap(lambda a: jnp.tanh(a))(x @ w).sum()  # noqa: E731
    close(jax.grad(jxai.with_rules(fn, {"tanh": double}))(X, W), 2.0 * jax.grad(fn)(X, W))


def test_rules_reach_into_functions_that_declare_their_derivative_and_not_where_it_is_another():
    @jax.custom_jvp
    def squashed(x):
        return jnp.tanh(x)

    squashed.defjvp(lambda p, t: (squashed(*p), jnp.ones_like(p[0]) * t[0]))
    fn = lambda x: squashed(x).sum()  # noqa: E731
    by_name = jax.grad(jxai.with_rules(fn, {"squashed": double}))(X)
    assert by_name.tolist() == [2.0] * 4
    with pytest.raises(NotImplementedError, match="'squashed', which declares another derivative than it has"):
        jxai.with_rules(fn, {"tanh": double})(X)
    squashed.defjvp(lambda p, t: (squashed(*p), (1 - jnp.tanh(p[0]) ** 2) * t[0]))
    close(jax.grad(jxai.with_rules(fn, {"tanh": double}))(X), 2 * (1 - jnp.tanh(X) ** 2))


def test_second_derivatives_of_a_ruled_explanation():
    """d(attribution)/dx and /dw under rules equal finite differences."""
    linear = {"relu": rules.guided, "dot_general": rules.epsilon(0.05)}
    explain = lambda x, w: jax.grad(jxai.with_rules(model, linear))(x, w)  # noqa: E731
    c, h = vector(4, 5), 1e-6
    x, w = jnp.abs(X), jnp.abs(W)  # every ReLU open
    for argument, direction in ((0, vector(4, 3)), (1, vector((4, 3), 4))):
        shifted = [
            explain(*(a + s * h * direction if i == argument else a for i, a in enumerate((x, w)))) for s in (1, -1)
        ]
        slope = float(c @ (shifted[0] - shifted[1])) / (2 * h)
        got = jax.grad(lambda *args: c @ explain(*args), argnums=argument)(x, w)
        assert abs(slope) > 1e-3 and float(jnp.vdot(got, direction)) == pytest.approx(slope, rel=1e-5)


def test_rule_inside_a_model():
    relu = jxai.rule(jax.nn.relu, rules.guided)
    fn = lambda x: (relu(x) * jnp.array([1.0, -1.0, 1.0])).sum()  # noqa: E731
    assert jax.grad(fn)(jnp.array([1.0, 2.0, -3.0])).tolist() == [1.0, 0.0, 0.0]


def test_rule_of_a_function_of_two_inputs():
    matmul = jxai.rule(lambda x, w: x @ w, double, active=(True, False))
    gx, gw = jax.grad(lambda x, w: matmul(x, w).sum(), argnums=(0, 1))(X, W)
    close(gx, 2 * W.sum(1))
    assert np.abs(gw).max() == 0


def test_an_operation_with_two_outputs_is_refused():
    fn = lambda x: sum(part.sum() for part in jax.lax.top_k(x, 2)[:1])  # noqa: E731
    with pytest.raises(NotImplementedError, match="rules are for operations with one output; top_k has more"):
        jax.grad(jxai.with_rules(fn, {"top_k": double}))(X)


@pytest.mark.parametrize("names", [("dot_general",), ("tanh", "relu")])
def test_under_vmap_and_jit(names):
    ruled = jax.grad(jxai.with_rules(model, dict.fromkeys(names, double)))
    xs = jnp.stack([X, -X, 2 * X])
    many = jax.jit(jax.vmap(ruled, in_axes=(0, None)))(xs, W)
    close(many, jnp.stack([ruled(x, W) for x in xs]))
