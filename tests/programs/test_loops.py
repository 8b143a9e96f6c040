"""Loops over layers are the unrolled program: taps read stacked, edited and cut by layer; rules; no growth in depth."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import jxai
from jxai.core.errors import MissingRule, UnusedTap

pytestmark = [pytest.mark.unchecked, pytest.mark.usefixtures("as_written")]
R = np.random.default_rng(0)
X, B = (jnp.asarray(R.normal(size=(3, 4))) for _ in range(2))
DEPTH = 3
WEIGHTS = jnp.asarray(R.normal(size=(DEPTH, 4, 4)) / 2)
BLOCKS = [f"block{i}" for i in range(DEPTH)]


def block(w, h, name):
    return jxai.tap(jax.nn.relu(h @ w) + h, name)


def readout(h):
    return (h * jnp.arange(1.0, 5.0)).sum(-1)[:2].sum()


def unrolled(x, weights=WEIGHTS):
    for w, name in zip(weights, BLOCKS, strict=True):
        x = block(w, x, name)
    return readout(x)


def scanned(x, weights=WEIGHTS):
    return readout(lax.scan(lambda h, w: (block(w, h, "block"), None), x, weights)[0])


def checkpointed(x, weights=WEIGHTS):
    body = jax.checkpoint(lambda w, h: block(w, h, "block"))
    return readout(lax.scan(lambda h, w: (body(w, h), None), x, weights)[0])


def counted(x, weights=WEIGHTS):
    return readout(lax.fori_loop(0, len(weights), lambda i, h: block(weights[i], h, "block"), x))


def with_outputs(x, weights=WEIGHTS):
    return readout(lax.scan(lambda h, w: (block(w, h, "block"),) * 2, x, weights)[1][-1])


LOOPS = pytest.mark.parametrize("loop", [scanned, checkpointed, counted, with_outputs], ids=lambda f: f.__name__)


def close(came, expected, tolerance=1e-9):
    np.testing.assert_allclose(came, expected, rtol=tolerance, atol=tolerance)


@LOOPS
def test_a_tap_is_read_stacked(loop):
    read = jxai.reap(unrolled)(X)
    close(jxai.reap(loop, "block")(X)["block"], jnp.stack([read[name] for name in BLOCKS]))


@LOOPS
def test_an_edit_is_of_every_layer_or_of_one(loop):
    change = lambda a: a.at[..., 1].set(0.5)
    close(jxai.edit(loop, {"block": change})(X), jxai.edit(unrolled, dict.fromkeys(BLOCKS, change))(X))
    for i in (0, DEPTH - 1):
        close(jxai.edit(loop, {f"block[{i}]": change})(X), jxai.edit(unrolled, {BLOCKS[i]: change})(X))


@LOOPS
@pytest.mark.parametrize("i", range(DEPTH))
def test_a_cut_is_after_one_layer(loop, i):
    (features, head), (features0, head0) = jxai.split(loop, f"block[{i}]"), jxai.split(unrolled, BLOCKS[i])
    a = features(X)
    close(a, features0(X))
    close(head(1.1 * a, X), head0(1.1 * a, X))
    close(jax.grad(head)(a, X), jax.grad(head0)(a, X))


@LOOPS
def test_gradients_at_all_layers_come_in_one_pass(loop):
    (values, gradients), (values0, gradients0) = (
        jxai.values_and_grads(loop, "block")(X),
        jxai.values_and_grads(unrolled)(X),
    )
    close(values["block"], jnp.stack([values0[name] for name in BLOCKS]))
    close(gradients["block"], jnp.stack([gradients0[name] for name in BLOCKS]))


METHODS = {
    "guided_backprop": lambda score, at: jxai.guided_backprop(score)(X),
    "deconvnet": lambda score, at: jxai.deconvnet(score)(X),
    "lrp": lambda score, at: jxai.lrp(score)(X),
    "deep_lift": lambda score, at: jxai.deep_lift(score)(X, baseline=B),
    "reveal_cancel": lambda score, at: jxai.deep_lift(score, rule="reveal_cancel")(X, baseline=B),
    "excitation": lambda score, at: jxai.excitation_backprop(score)(X),
    "grad_cam": lambda score, at: jxai.grad_cam(score, at=at)(X),
    "conductance": lambda score, at: jxai.conductance(score, at=at, steps=4)(X, baseline=B),
    "layer deep_lift": lambda score, at: jxai.layer_attribution(score, jxai.deep_lift, at=at)(X),
    "second_order": lambda score, at: jxai.second_order(lambda x: jax.nn.sigmoid(score(x))[None], at=at)(X),
}


@LOOPS
@pytest.mark.parametrize("name", METHODS)
def test_methods_of_a_loop_are_those_of_the_unrolled_program(loop, name):
    close(METHODS[name](loop, "block[1]"), METHODS[name](unrolled, "block1"), 1e-7)


@pytest.mark.parametrize("name", ["guided_backprop", "lrp", "deep_lift", "grad_cam"])
def test_a_program_does_not_grow_with_the_depth_of_the_loop(name):
    def size(depth):
        weights = jnp.stack([WEIGHTS[0]] * depth)
        return str(jax.make_jaxpr(lambda: METHODS[name](lambda x: scanned(x, weights), "block[1]"))()).count("\n")

    assert size(24) == size(3)


@pytest.mark.parametrize("name", ["block[3]", "block[-4]", "blocks"])
def test_a_layer_that_is_not_there_is_said(name):
    with pytest.raises(UnusedTap, match="block"):
        jxai.edit(scanned, {name: lambda a: a})(X)


def test_taps_in_other_control_flow():
    row = lambda v: jxai.tap(jnp.tanh(v @ WEIGHTS[0]), "row")
    rows = jnp.tanh(X @ WEIGHTS[0])
    mapped = lambda x: lax.map(row, x).sum()
    chosen = lambda x: lax.cond(True, lambda x: row(x).sum(), lambda x: x.sum(), x)
    switched = lambda x: lax.switch(1, [lambda x: x.sum(), lambda x: row(x).sum()], x)
    kept = lambda x: jax.checkpoint(row)(x).sum()
    recurrent = lambda x: lax.scan(lambda h, v: (row(v) + h / 2, None), jnp.zeros(4), x)[0].sum()
    for model in (mapped, chosen, switched, kept, recurrent):
        close(jxai.reap(model, "row")(X)["row"], rows)
        off = jxai.edit(model, {"row": lambda a: jnp.zeros_like(a)})(X)
        close(off, 0.0)


def test_a_tap_in_a_loop_in_a_loop_has_both_axes():
    pairs = jnp.stack([WEIGHTS[:2], WEIGHTS[1:]])

    def twice(h, ws):
        return lax.scan(lambda h, w: (block(w, h, "block"), None), h, ws)[0], None

    read = jxai.reap(lambda x: lax.scan(twice, x, pairs)[0].sum(), "block")(X)["block"]
    h, expected = X, []
    for w in pairs.reshape(4, 4, 4):
        h = jax.nn.relu(h @ w) + h
        expected.append(h)
    close(read, jnp.stack(expected).reshape(2, 2, 3, 4))


def test_scanned_layers_of_flax():
    import flax.linen as nn

    class Block(nn.Module):
        @nn.compact
        def __call__(self, h, _):
            return jxai.tap(h + nn.relu(nn.Dense(4)(h)), "block"), None

    stacked = nn.scan(Block, variable_axes={"params": 0}, split_rngs={"params": True}, length=2)()
    params = stacked.init(jax.random.key(0), X, None)
    score = lambda x: stacked.apply(params, x, None)[0].sum()
    dense = params["params"]["Dense_0"]

    def by_hand(x):
        for i in range(2):
            x = jxai.tap(x + jax.nn.relu(x @ dense["kernel"][i] + dense["bias"][i]), f"block{i}")
        return x.sum()

    read = jxai.reap(by_hand)(X)
    close(jxai.reap(score, "block")(X)["block"], jnp.stack([read["block0"], read["block1"]]), 1e-6)
    close(jxai.deep_lift(score)(X, baseline=B), jxai.deep_lift(by_hand)(X, baseline=B), 1e-5)
    close(jxai.grad_cam(score, at="block[0]")(X), jxai.grad_cam(by_hand, at="block0")(X), 1e-5)


def endless(x):
    return lax.while_loop(lambda h: h.sum() < 10, lambda h: jxai.tap(jax.nn.relu(h) + 1, "in"), x).sum()


def undecided(x):
    return lax.cond(x.sum() > 0, lambda x: jxai.tap(jax.nn.relu(x @ WEIGHTS[0]), "in"), lambda x: x, x).sum()


@pytest.mark.parametrize("model", [endless, undecided], ids=lambda f: f.__name__)
@pytest.mark.parametrize("method", [jxai.lrp, jxai.deep_lift, jxai.guided_backprop, lambda f: jxai.reap(f, "in")])
def test_what_is_not_known_beforehand_is_refused_with_the_remedy(model, method):
    with pytest.raises((NotImplementedError, MissingRule), match=r"scan|fori_loop|where|select|static|known"):
        method(model)(X)
