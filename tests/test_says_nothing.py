"""What a score cannot say is said by every method: an error from the program, a warning from the values."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import scores
from jxai.core.errors import SaysNothing, UnusedInput
from jxai.core.evaluate import evaluate, require_use
from tests.cases import CLASSES, LABEL, call_inputs, case_of, words
from tests.methods import METHODS

# maps of the network or the input alone; of these the score is only traced, so that a wrong one is refused
OF_NO_SCORE = {"eigen_cam", "neuron", "raw_attention", "attention_rollout", "random_map", "edge_detector"}
# its evaluations are checkpointed one by one, which hides what depends on what
UNSEEN = {"regional_multiscale"}


def called(method, score_of):
    """The method over a score made from the case's network, as a function of x."""
    case = case_of(words(method))
    explain = method.build(lambda x, label, params: score_of(case.apply, params, x, label), case)
    inputs, key = call_inputs(method, case)
    label = jnp.arange(CLASSES) if method.shape == "classes" else LABEL
    return lambda x: explain(x, label, case.params, key=key, **inputs), case.x


def constant(apply, params, x, label):
    """Reaches the taps of the network and depends on parameters and label, not on x."""
    logits = apply(params, x)
    return jax.tree.leaves(params)[0].sum() + 0 * jnp.asarray(label, logits.dtype)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_score_that_ignores_x_is_refused(method):
    explain, x = called(method, constant)
    if method.name.partition("/")[0] in OF_NO_SCORE | UNSEEN:
        jax.eval_shape(explain, x)
    else:
        # traced, not run: the same under jit and vmap
        with pytest.raises(ValueError, match="no derivative by its input|not depend on its input|piecewise linear"):
            jax.eval_shape(explain, x)


JUMPS = {
    "rounded": lambda x: jnp.round(x).sum(),
    "floored": lambda x: jnp.floor(x).sum(),
    "compared": lambda x: (x > 0).astype(x.dtype).sum(),
    "the index of the largest": lambda x: jnp.argmax(x).astype(x.dtype),
    "stopped": lambda x: jax.lax.stop_gradient(x).sum(),
    "counted": lambda x: x.astype(int).astype(x.dtype).sum(),
    "jitted": lambda x: jax.jit(lambda x: jnp.sign(x).sum())(x),
    "checkpointed": jax.checkpoint(lambda x: jnp.round(x).sum()),
    "in a loop": lambda x: jax.lax.scan(lambda c, v: (c + jnp.round(v), None), jnp.zeros((), x.dtype), x)[0],
    "the shape": lambda x: jnp.asarray(x.size, x.dtype),
    "before a ReLU": lambda x: jax.nn.relu(jnp.round(x)).sum(),
}


@pytest.mark.parametrize("name", JUMPS)
def test_values_that_jump_have_no_derivative_and_say_so(name):
    x = jnp.array([0.3, -1.2, 2.6])
    for explain in (jxai.gradient(JUMPS[name]), jxai.integrated_gradients(JUMPS[name], steps=2)):
        for call in (explain, jax.jit(explain), lambda x, explain=explain: jax.vmap(explain)(x[None])):
            with pytest.raises(UnusedInput, match="no derivative by its input.* use a method that changes the input"):
                call(x)
    if name != "the shape":  # what changes x sees the jumps
        assert np.abs(jxai.ablation(JUMPS[name])(x)).max() > 0


@pytest.mark.parametrize("transform", [lambda f: f, jax.jit, jax.checkpoint])
def test_a_score_that_depends_on_x_passes(transform):
    scores_of_x = (
        lambda x: (0 * x).sum(),  # zero, but by its values
        lambda x: jax.lax.cond(x[0] > 9, lambda x: x.sum(), lambda x: jnp.zeros((), x.dtype), x),
        lambda x: jax.lax.fori_loop(0, 2, lambda k, v: v * x[0], jnp.ones((), x.dtype)),
        lambda x: jnp.where(x > 9, x, 0).sum(),
    )
    for score in scores_of_x:
        value, slope = jax.value_and_grad(transform(lambda x, score=score: evaluate(score, x)))(jnp.ones(2))
        assert np.isfinite(value) and slope.shape == (2,)


def test_only_what_is_traced_is_checked():
    assert float(evaluate(lambda x: jnp.ones(()), jnp.ones(2))) == 1, "nothing is differentiated or mapped"
    constants = jax.vmap(lambda w: evaluate(lambda x, w: w.sum(), jnp.ones(2), w))(jnp.ones((3, 2)))
    assert constants.tolist() == [2, 2, 2], "mapped over another argument"
    with pytest.raises(UnusedInput):
        jax.grad(lambda tree: require_use(jnp.ones(()), tree))({"a": jnp.ones(2), "b": jnp.ones(())})
    jax.grad(lambda tree: require_use(tree["a"].sum(), tree))({"a": jnp.ones(2), "b": jnp.ones(())})


W = jnp.array([[4000.0, 1.0], [0.0, 2.0]])
SILENT = {
    "a saturated probability": lambda: jxai.gradient(scores.probability(lambda w, x: x @ w))(jnp.ones(2), 0, W),
    "a dead unit": lambda: jxai.integrated_gradients(lambda x: jax.nn.relu(x.sum() - 9), steps=2)(jnp.ones(2)),
    "the baseline": lambda: jxai.ablation(lambda x: x.sum())(jnp.ones(2), baseline=jnp.ones(2)),
    "a dead layer": lambda: jxai.grad_cam(lambda x: jax.nn.relu(jxai.tap(x, "l") - 9).sum(), at="l")(jnp.ones((2, 1))),
}


@pytest.mark.parametrize("name", SILENT)
def test_a_map_of_zeros_is_said(name):
    with pytest.warns(SaysNothing, match="the map is zero everywhere: the score does not change with what the method"):
        assert not SILENT[name]().any()


def test_a_map_under_a_transformation_is_not_looked_at():
    silent = jxai.gradient(lambda x: jax.nn.relu(x.sum() - 9))
    assert not jax.jit(silent)(jnp.ones(2)).any() and not jax.vmap(silent)(jnp.ones((3, 2))).any()
