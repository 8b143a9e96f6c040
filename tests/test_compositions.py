"""Explanations compose: all classes at once, explanations in a loss, over texts and vectors, and inside one another."""

from functools import partial
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import jxai
from jxai import rules, scores
from jxai.signal import maps
from tests.cases import case_of
from tests.references.example import AT, LABEL, PARAMS, X, close, explained, score, vector

IMAGE = jnp.asarray(X)
LABELS = jnp.arange(3)


def equations(jaxpr):
    """All equations, inner programs included; a loop's body counts once."""
    for equation in jaxpr.eqns:
        yield equation
        for param in equation.params.values():
            for inner in param if isinstance(param, tuple | list) else (param,):
                if hasattr(inner, "jaxpr"):
                    yield from equations(inner.jaxpr)
                elif hasattr(inner, "eqns"):
                    yield from equations(inner)


def convolutions(fn, *args):
    """The batch sizes of the convolutions that a function runs."""
    program = jax.make_jaxpr(fn)(*args).jaxpr
    found = [eqn for eqn in equations(program) if eqn.primitive.name == "conv_general_dilated"]
    return [eqn.invars[0].aval.shape[eqn.params["dimension_numbers"].lhs_spec[0]] for eqn in found]


def test_all_classes_share_one_forward_pass():
    """Two convolutions forwards for one example; the four backwards and their kin for three classes."""
    classes = jax.vmap(jxai.gradient(score), in_axes=(None, 0, None))
    one = convolutions(jxai.gradient(score), IMAGE, 0, PARAMS)
    every = convolutions(classes, IMAGE, LABELS, PARAMS)
    assert one == [1, 1, 1, 1]  # two forwards, two backwards
    assert len(every) == 4 and every.count(1) == 2 and every.count(3) == 2


@pytest.mark.parametrize("name", ["grad_cam", "layer_cam", "hires_cam"])
def test_class_activation_maps_of_all_classes_run_the_features_once(name):
    """At the last convolution nothing is convolved backwards at all."""
    explain = getattr(jxai, name)(score, at=AT)
    every = jax.vmap(explain, in_axes=(None, 0, None))
    assert convolutions(every, IMAGE, LABELS, PARAMS) == [1, 1]
    got = jax.jit(every)(IMAGE, LABELS, PARAMS)
    close(got, jnp.stack([explain(IMAGE, label, PARAMS) for label in LABELS]))


def test_all_classes_in_chunks_share_the_forward_pass_within_a_chunk():
    counted = convolutions(jxai.all_classes(jxai.gradient(score)), IMAGE, LABELS, PARAMS)
    assert counted.count(1) == 2 and counted.count(3) == 2


def shortcut_batch():
    """Sixty-four examples of two classes; a second feature agrees with the label as well as the first does."""
    label = jnp.arange(64) % 2
    sign = jnp.where(label == 1, 1.0, -1.0)[:, None]
    x = jnp.concatenate([sign, sign, jnp.zeros((64, 2))], 1) + 0.3 * vector((64, 4), 1)
    return x, label


def test_an_explanation_in_the_loss_is_trained():
    """Right for the right reasons (Ross et al. 2017): the forbidden feature's attribution falls, accuracy stays."""
    xs, labels = shortcut_batch()
    apply = lambda p, x: jnp.tanh(x @ p["v"]) @ p["w"]  # noqa: E731
    explain = jxai.integrated_gradients(scores.log_probability(apply), steps=4)
    score = scores.log_probability(apply)

    def forbidden(params):
        phi = jax.vmap(explain, in_axes=(0, 0, None))(xs, labels, params)
        return (phi[:, 1] ** 2).mean()

    def loss(params, weight):
        return -jax.vmap(score, in_axes=(0, 0, None))(xs, labels, params).mean() + weight * forbidden(params)

    def train(weight):
        params = {"v": 0.5 * vector((4, 8), 2), "w": 0.5 * vector((8, 2), 3)}
        optimiser = optax.adam(0.05)

        def step(carry, _):
            params, state = carry
            value, g = jax.value_and_grad(loss)(params, weight)
            with jax.numpy_dtype_promotion("standard"):  # optax mixes its step counts with floats
                updates, state = optimiser.update(g, state, params)
            return (optax.apply_updates(params, updates), state), value

        (params, _), values = jax.lax.scan(step, (params, optimiser.init(params)), None, length=60)
        return params, values

    plain, _ = jax.jit(train)(0.0)
    params, values = jax.jit(train)(10.0)
    assert float(values[-1]) < 0.5 * float(values[0])
    assert float(forbidden(params)) < 0.1 * float(forbidden(plain))
    right = jax.vmap(lambda x: apply(params, x).argmax())(xs) == labels
    assert float(right.mean()) > 0.95


@pytest.mark.parametrize("kind", ["image", "text", "vector"])
def test_a_pixel_can_be_moved_to_move_its_own_explanation(kind):
    """Gradient ascent in the input on a share of the attribution: what adversarial explanations need."""
    case = case_of(kind)
    explain = jxai.times_input(jxai.gradient(scores.log_probability(case.apply)))
    share = jax.jit(lambda x: explain(x, LABEL, case.params).ravel()[0])
    slope = jax.jit(jax.grad(share))(case.x)
    step = 1e-3 * slope / jnp.linalg.norm(slope)
    gain = float(share(case.x + step) - share(case.x))
    assert gain == pytest.approx(1e-3 * float(jnp.linalg.norm(slope)), rel=0.05)


COMPOSED = {
    "smoothed guided backpropagation": lambda: jxai.smoothgrad(
        jxai.gradient(jxai.with_rules(score, {"relu": rules.guided})), samples=3
    ),
    "smoothed difference of Grad-CAMs": lambda: partial(
        jxai.smoothgrad(jxai.contrast(jxai.grad_cam(score, at=AT)), samples=3), against=0
    ),
    "difference of smoothed Grad-CAMs": lambda: partial(
        jxai.contrast(jxai.smoothgrad(jxai.grad_cam(score, at=AT), samples=3)), against=0
    ),
    "integrated gradients under rules": lambda: jxai.integrated_gradients(
        jxai.with_rules(score, {"relu": rules.guided}), steps=3
    ),
    "taps under rules": lambda: jxai.grad_cam(jxai.with_rules(score, {"relu": rules.guided}), at="conv1"),
    "rules on an edited score": lambda: jxai.gradient(
        jxai.with_rules(jxai.edit(score, {AT: lambda a: 0.5 * a}), {"relu": rules.deconvnet})
    ),
    "rules on a head": lambda: jxai.layer_attribution(
        score, lambda head: jxai.gradient(jxai.with_rules(head, {"relu": rules.guided})), at="conv1"
    ),
    "IDGI of a layer": lambda: jxai.layer_attribution(score, partial(jxai.idgi, steps=4), at=AT),
    "a neuron's Grad-CAM": lambda: jxai.grad_cam(jxai.neuron(score, at=AT, index=(1, 2, 3)), at="conv1"),
    "conductance of a margin": lambda: (
        lambda x, label, params, key=None: jxai.conductance(scores.margin(case_of("image").apply), at=AT, steps=3)(
            x, label, 0, params
        )
    ),
    "a map function of a composition": lambda: (
        lambda *args, key=None: maps.channel_sum(jxai.times_input(jxai.gradient(score))(*args))
    ),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_compositions_run_under_jit_vmap_and_grad(name):
    explain = COMPOSED[name]()
    keys = jax.random.split(jax.random.key(1), 2)
    xs = jnp.stack([IMAGE, 0.7 * IMAGE])
    many = jax.jit(jax.vmap(lambda x, k: explain(x, LABEL, PARAMS, key=k)))(xs, keys)
    assert np.abs(many[0]).max() > 1e-4
    close(many[1], jax.jit(explain)(xs[1], LABEL, PARAMS, key=keys[1]), rtol=1e-7, atol=1e-10)
    slope = jax.jit(jax.grad(lambda x: (explain(x, LABEL, PARAMS, key=keys[0]) ** 2).sum()))(IMAGE)
    assert np.all(np.isfinite(slope)) and np.abs(slope).max() > 0


def test_smoothing_commutes_with_the_difference_of_classes():
    """Both sides see the same noise, because both explanations of a contrast get one key."""
    key = jax.random.key(3)
    names = ("smoothed difference of Grad-CAMs", "difference of smoothed Grad-CAMs")
    one, other = (explained(COMPOSED[name](), key=key) for name in names)
    close(one, other)


def test_guided_paths_through_rules_inside_taps_equal_rules_alone():
    """`taps under rules` reads the ruled gradient: at conv1, conv2's ReLU sends back guided derivatives."""
    ruled = jxai.with_rules(score, {"relu": rules.guided})
    _, gradients = jxai.values_and_grads(ruled, "conv1")(IMAGE, LABEL, PARAMS)
    _, plain = jxai.values_and_grads(score, "conv1")(IMAGE, LABEL, PARAMS)
    assert np.abs(gradients["conv1"] - plain["conv1"]).max() > 1e-3
    chained = jxai.layer_attribution(
        score, lambda head: jxai.gradient(jxai.with_rules(head, {"relu": rules.guided})), at="conv1"
    )
    close(gradients["conv1"], explained(chained))


@pytest.mark.parametrize("quadrature", ["midpoint", "gauss_legendre"])
@pytest.mark.parametrize(("steps", "chunk"), [(1, 1), (1, 9), (5, 2), (6, 3), (7, 1), (4, 9)])
def test_any_number_of_steps_in_any_chunk(steps, chunk, quadrature):
    case = case_of("vector")
    explain = partial(jxai.integrated_gradients, scores.log_probability(case.apply), steps=steps, quadrature=quadrature)
    in_chunks, at_once = (jax.jit(explain(chunk=size))(case.x, LABEL, case.params) for size in (chunk, steps))
    close(in_chunks, at_once)


def test_randomness_belongs_to_the_key_alone():
    """One key, one result; another key, another; whatever the batch an example stands in."""
    explain = jxai.smoothgrad(jxai.gradient(score), samples=3)
    keys = jax.random.split(jax.random.key(0), 3)
    many = jax.jit(jax.vmap(lambda k: explain(IMAGE, LABEL, PARAMS, key=k)))(keys)
    close(many[2], explain(IMAGE, LABEL, PARAMS, key=keys[2]))
    assert np.abs(many[0] - many[1]).max() > 1e-4


def test_jet_is_used_nowhere():
    """`jax.experimental.jet` fails on relu, max-pooling, scan and more, and is no faster at order two."""
    package = Path(jxai.__file__).parent
    assert [path.name for path in package.rglob("*.py") if "experimental.jet" in path.read_text()] == []
