"""FLEX's language model against an LSTM of NumPy loops, and against itself word after word."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax.sharding import Mesh, PartitionSpec

from jxai.language import START, flex, teacher_forced
from jxai.language.layers import lstm, lstm_step

WORDS, VISUAL = 9, 5
SIZES = {"embedding": 4, "image_embedding": 3, "hidden": 6}
TOKENS = jnp.asarray([4, 7, 3, 8, 2, 0, 0], jnp.int32)
IMAGE = {"visual": jnp.asarray(np.random.default_rng(0).normal(size=VISUAL))}


compiled = jax.jit(teacher_forced, static_argnums=0)


@functools.cache
def made(**options):
    captioner = flex(WORDS, VISUAL, **(SIZES | options))
    params = captioner.init(jax.random.key(0))
    rng = np.random.default_rng(1)  # biases that are 0 would hide where they are added
    return captioner, jax.tree.map(lambda leaf: leaf.astype(jnp.float64) + 0.1 * rng.normal(size=leaf.shape), params)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def numpy_lstm(cell, memory, output, x):
    """Hochreiter and Schmidhuber's, with forget gates; the order of gates is Flax's."""
    hidden = len(output)
    gates = x @ cell["dense_i"]["kernel"] + output @ cell["dense_h"]["kernel"] + cell["dense_h"]["bias"]
    new_memory, new_output = np.zeros(hidden), np.zeros(hidden)
    for unit in range(hidden):
        enter, keep, candidate, leave = (gates[part * hidden + unit] for part in range(4))
        new_memory[unit] = sigmoid(keep) * memory[unit] + sigmoid(enter) * np.tanh(candidate)
        new_output[unit] = sigmoid(leave) * np.tanh(new_memory[unit])
    return new_memory, new_output


def numpy_flex(params, visual, tokens, projection):
    p = jax.tree.map(np.asarray, params)
    hidden = len(p["scores"]["kernel"])
    seen = visual @ p["image"]["kernel"] + p["image"]["bias"]
    first = second = (np.zeros(hidden), np.zeros(hidden))
    rows, before = [], START
    for token in tokens:
        first = numpy_lstm(p["first"], *first, p["words"]["embedding"][before])
        x = np.concatenate([first[1], seen])
        if projection:
            x = x @ p["join"]["kernel"] + p["join"]["bias"]
        second = numpy_lstm(p["second"], *second, x)
        rows.append(second[1] @ p["scores"]["kernel"] + p["scores"]["bias"])
        before = token
    return np.stack(rows)


@pytest.mark.parametrize("projection", [True, False])
def test_the_scan_equals_numpy_step_by_step(projection):
    captioner, params = made(projection=projection)
    expected = numpy_flex(params, np.asarray(IMAGE["visual"]), np.asarray(TOKENS), projection)
    for model in (captioner, captioner._replace(forced=None)):
        np.testing.assert_allclose(compiled(model, params, IMAGE, TOKENS), expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("projection", [True, False])
def test_dropout_is_the_same_both_ways(projection):
    captioner, params = made(projection=projection, dropout=0.3)
    key = jax.random.key(3)
    fast = compiled(captioner, params, IMAGE, TOKENS, key=key)
    slow = compiled(captioner._replace(forced=None), params, IMAGE, TOKENS, key=key)
    np.testing.assert_allclose(fast, slow, rtol=1e-12, atol=1e-13)
    assert np.abs(fast - compiled(captioner, params, IMAGE, TOKENS)).max() > 1e-3


def test_dropout_only_with_a_key():
    (without, params), (dropping, _) = made(dropout=0.0), made(dropout=0.9)
    plain = compiled(without, params, IMAGE, TOKENS)
    np.testing.assert_array_equal(compiled(dropping, params, IMAGE, TOKENS), plain)
    np.testing.assert_array_equal(compiled(without, params, IMAGE, TOKENS, key=jax.random.key(0)), plain)


def test_dropout_falls_on_the_outputs_not_on_the_states():
    """With all of the second output dropped but once in a while, the scores are the bias, or states that lived on."""
    captioner, params = made(dropout=0.99)
    found = np.asarray(compiled(captioner, params, IMAGE, TOKENS, key=jax.random.key(0)))
    bias = np.asarray(params["scores"]["bias"])
    silent = np.all(np.abs(found - bias) < 1e-12, axis=-1)
    assert silent.any()
    carry = captioner.start(params, IMAGE)
    wet, _ = captioner.step(params, carry, TOKENS[0], jax.random.key(0))
    dry, _ = captioner.step(params, carry, TOKENS[0])
    np.testing.assert_array_equal(wet[1][0], dry[1][0])  # the first LSTM's memory
    np.testing.assert_array_equal(wet[1][1], dry[1][1])  # and its output, where it comes back


def test_what_comes_later_changes_nothing_before():
    captioner, params = made()
    whole = compiled(captioner, params, IMAGE, TOKENS)
    for places in (1, 4):
        np.testing.assert_allclose(compiled(captioner, params, IMAGE, TOKENS[:places]), whole[:places], rtol=1e-12)
    other = compiled(captioner, params, IMAGE, TOKENS.at[5:].set(3))
    np.testing.assert_allclose(other[:6], whole[:6], rtol=1e-12)


def test_the_image_matters():
    captioner, params = made()
    other = {"visual": IMAGE["visual"] + 1}
    apart = compiled(captioner, params, other, TOKENS) - compiled(captioner, params, IMAGE, TOKENS)
    assert np.abs(apart).max(axis=-1).min() > 1e-3


def test_initialisation_of_the_released_code():
    params = flex(50, 30, embedding=20, image_embedding=10, hidden=12).init(jax.random.key(1))
    table = params["words"]["embedding"]
    assert -1 <= table.min() < -0.99 and 0.99 < table.max() <= 1
    for cell in ("first", "second"):
        kernels = np.concatenate([params[cell][part]["kernel"] for part in ("dense_i", "dense_h")])
        np.testing.assert_allclose(np.linalg.norm(kernels, axis=0), 1, rtol=1e-5)
    for name in ("image", "join", "scores"):
        np.testing.assert_allclose(np.linalg.norm(params[name]["kernel"], axis=0), 1, rtol=1e-5)
        assert not params[name]["bias"].any()
    assert not params["first"]["dense_h"]["bias"].any() and "join" not in made(projection=False)[1]


def test_the_cell_is_flax_s():
    cell = lstm(4, 6, rngs=nnx.Rngs(0))
    x, carry = (
        jnp.linspace(-1.0, 1.0, 4, dtype=jnp.float32),
        tuple(jnp.linspace(-1.0, 1.0, 12, dtype=jnp.float32).reshape(2, 6)),
    )
    found, expected = lstm_step(cell, carry, cell.dense_i(x)), cell(carry, x)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), found, expected)


def test_batches_devices_and_bfloat16():
    captioner, params = made()
    images = {"visual": jnp.asarray(np.random.default_rng(2).normal(size=(4, VISUAL)))}
    tokens = jnp.stack([TOKENS, TOKENS[::-1], TOKENS + 1, TOKENS])
    many = jax.vmap(
        lambda image, tokens, params: teacher_forced(captioner, params, image, tokens), in_axes=(0, 0, None)
    )
    alone = [compiled(captioner, params, {"visual": v}, t) for v, t in zip(images["visual"], tokens, strict=True)]
    np.testing.assert_allclose(many(images, tokens, params), alone, rtol=1e-10)
    split, whole = PartitionSpec("examples"), PartitionSpec()
    placed = jax.shard_map(
        many, mesh=Mesh(jax.devices(), ("examples",)), in_specs=(split, split, whole), out_specs=split
    )
    np.testing.assert_allclose(jax.jit(placed)(images, tokens, params), alone, rtol=1e-10)
    half = jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), params)
    low = compiled(captioner, half, IMAGE, TOKENS)
    assert low.dtype == jnp.bfloat16
    np.testing.assert_allclose(low.astype(jnp.float64), compiled(captioner, params, IMAGE, TOKENS), atol=0.1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"words": 2}, "words must be at least 3"),
        ({"hidden": 0}, "hidden must be above zero"),
        ({"dropout": 1.0}, "dropout must lie in 0..1"),
    ],
)
def test_refuses_sizes(changes, message):
    with pytest.raises(ValueError, match=message):
        flex(**({"words": WORDS, "visual": VISUAL} | SIZES | changes))


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ({"visual": jnp.ones(VISUAL + 1)}, r"shape \[5\], one image's; \[6\] came"),
        ({"visual": jnp.ones((2, VISUAL))}, "jax.vmap for a batch"),
        ({"features": jnp.ones(VISUAL)}, r"with 'visual' \[5\]; one with \['features'\] came"),
    ],
)
def test_refuses_images(image, message):
    captioner, params = made()
    with pytest.raises(ValueError, match=message):
        teacher_forced(captioner, params, image, TOKENS)
    with pytest.raises(ValueError, match=message):
        captioner.start(params, image)
