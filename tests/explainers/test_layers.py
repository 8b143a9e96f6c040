"""Attributions to layers and neurons: completeness, derivatives, and what is refused."""

import jax
import jax.numpy as jnp
import pytest
from jax.test_util import check_grads

import jxai
from tests.references.example import AT, BASELINE, LABEL, NET, PARAMS, X, close, explained, score


@pytest.mark.parametrize("chunk", [2, 40])
def test_conductance_by_differences_has_derivatives(chunk):
    explain = jxai.conductance(score, at=AT, steps=6, quadrature="differences", chunk=chunk)
    given = {"baseline": jnp.asarray(BASELINE)}
    size = lambda x: (explain(jnp.asarray(x), LABEL, PARAMS, **given) ** 2).sum()  # noqa: E731
    check_grads(jax.jit(size), (jnp.asarray(X),), 1, modes=("fwd", "rev"))


@pytest.mark.parametrize("at", ["conv1", "conv2"])
def test_completeness_of_conductance_at_every_layer(at):
    explain = jxai.conductance(score, at=at, steps=200, chunk=40)
    change = NET.score(X) - NET.score(BASELINE)
    assert abs(change) > 0.1
    assert explained(explain, baseline=BASELINE).sum() == pytest.approx(change, abs=5e-3)


def test_neuron_conductances_of_a_layer_sum_to_its_conductance_and_to_integrated_gradients():
    v, w = jnp.array([[1.0, -2.0], [0.5, 3.0], [2.0, 1.0]]), jnp.array([1.5, -0.5])
    f = lambda x: jnp.tanh(jxai.tap(jnp.tanh(x @ v), "hidden") @ w)  # noqa: E731
    x, steps = jnp.array([0.3, -0.2, 0.5]), 30
    through = jnp.stack([jxai.neuron_conductance(f, at="hidden", index=j, steps=steps)(x) for j in range(2)])
    close(through.sum(0), jxai.integrated_gradients(f, steps=steps)(x))
    close(through.sum(1), jxai.conductance(f, at="hidden", steps=steps)(x))


def test_the_head_sees_the_path_around_the_layer():
    """A residual connection: what leads around the tap is not attributed to it, but is still there."""
    f = lambda x: (jxai.tap(2.0 * x, "inner") * x).sum()  # noqa: E731
    x = jnp.array([1.0, 3.0])
    close(jxai.layer_attribution(f, jxai.gradient, at="inner")(x), x)
    close(jxai.conductance(f, at="inner", steps=4)(x), x**2)  # int (t x) (2 x) dt


@pytest.mark.parametrize("index", [5, (0,), (0, 0, 5), (-5, 0, 0)])
def test_an_index_that_is_no_neuron_is_refused(index):
    with pytest.raises(IndexError, match=r"is not one element of the layer 'conv2', whose shape is \(4, 4, 5\)"):
        jax.eval_shape(lambda x: jxai.neuron(score, at=AT, index=index)(x, LABEL, PARAMS), jnp.asarray(X))


def test_a_baseline_of_the_layer_goes_to_the_layer_s_method():
    explain = jxai.layer_attribution(score, lambda head: jxai.integrated_gradients(head, steps=50), at=AT)
    planted = 0.1 * NET.run(X).conv2
    total = explained(explain, baseline=planted).sum()
    assert total == pytest.approx(NET.score(X) - NET.head(planted), abs=1e-3)
