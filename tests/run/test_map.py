"""One function for all batches: the same as a loop, on any number of devices, compiled once."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.run.map import map_examples

XS = np.random.default_rng(0).normal(size=(11, 6, 6, 3)).astype(np.float32)
LABELS = np.arange(11, dtype=np.int32) % 4
PARAMS = {
    "kernel": np.random.default_rng(1).normal(size=(3, 3, 3, 5)).astype(np.float32),
    "dense": np.random.default_rng(2).normal(size=(5, 4)).astype(np.float32),
}


def score(x, label, params):
    layout = ("NHWC", "HWIO", "NHWC")
    hidden = jax.lax.conv_general_dilated(x[None], params["kernel"], (1, 1), "SAME", dimension_numbers=layout)
    return (jax.nn.relu(hidden).mean((0, 1, 2)) @ params["dense"])[label]


def explain(x, label, params, *, key=None):
    noise = 0 if key is None else 0.1 * jax.random.normal(key, x.shape, x.dtype)
    return jax.grad(score)(x + noise, label, params)


def test_equals_vmap_and_loop():
    maps = map_examples(explain, in_axes=(0, 0, None), per_device=2)(XS, LABELS, PARAMS)
    vmapped = jax.vmap(explain, in_axes=(0, 0, None))(XS, LABELS, PARAMS)
    loop = np.stack([explain(x, label, PARAMS) for x, label in zip(XS, LABELS, strict=True)])
    assert isinstance(maps, np.ndarray) and maps.dtype == np.float32
    np.testing.assert_allclose(maps, vmapped, atol=1e-6)
    np.testing.assert_allclose(maps, loop, atol=1e-6)


def test_same_bits_on_one_and_four_devices():
    key = jax.random.key(3)
    assert len(jax.devices()) == 4
    one = map_examples(explain, in_axes=(0, 0, None), per_device=2, devices=jax.devices()[:1])
    four = map_examples(explain, in_axes=(0, 0, None), per_device=2, devices=jax.devices())
    assert one(XS, LABELS, PARAMS, key=key).tobytes() == four(XS, LABELS, PARAMS, key=key).tobytes()


PROGRAM = """
import sys, hashlib, jax
jax.config.update("jax_num_cpu_devices", int(sys.argv[1]))
import numpy as np
from jxai.run.map import map_examples
def explain(x, label, w, *, key):
    x = x + jax.random.normal(key, x.shape)
    return jax.grad(lambda x: (jax.nn.relu(x @ w) @ w.T)[label])(x)
rng = np.random.default_rng(0)
xs, w = rng.normal(size=(13, 40)).astype("float32"), rng.normal(size=(40, 30)).astype("float32")
run = map_examples(explain, in_axes=(0, 0, None), per_device=2)
maps = run(xs, np.arange(13, dtype="int32"), w, key=jax.random.key(0))
print(len(jax.devices()), hashlib.sha256(maps.tobytes()).hexdigest())
"""


def test_same_bits_in_processes_with_one_and_four_devices():
    def printed(devices):
        command = [sys.executable, "-c", PROGRAM, str(devices)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    one, four = printed(1), printed(4)
    assert (one[0], four[0]) == ("1", "4")
    assert one[1] == four[1]


def test_ids_decide_the_keys():
    run = map_examples(explain, in_axes=(0, 0, None), per_device=2)
    key, ids = jax.random.key(5), np.arange(11) * 7 + 2
    whole = run(XS, LABELS, PARAMS, key=key, ids=ids)
    order = np.random.default_rng(0).permutation(11)
    shuffled = run(XS[order], LABELS[order], PARAMS, key=key, ids=ids[order])
    resumed = run(XS[9:], LABELS[9:], PARAMS, key=key, ids=ids[9:])
    assert shuffled.tobytes() == whole[order].tobytes()
    assert resumed.tobytes() == whole[9:].tobytes()
    by_hand = explain(XS[4], LABELS[4], PARAMS, key=jax.random.fold_in(key, ids[4]))
    np.testing.assert_allclose(whole[4], by_hand, atol=1e-6)
    assert not np.array_equal(whole, run(XS, LABELS, PARAMS, key=key))


@pytest.mark.parametrize("n", [1, 7, 8, 9])
def test_the_padded_batch(n):
    run = map_examples(lambda x: {"sum": x.sum(), "x": x}, in_axes=(0,), per_device=2)
    result = run(XS[:n])
    np.testing.assert_array_equal(result["x"], XS[:n])
    assert result["sum"].shape == (n,)


def test_traced_once():
    traces = []

    def counted(x, params, *, key=None):
        traces.append(1)
        return x.sum() * params

    run = map_examples(counted, in_axes=(0, None), per_device=2)
    for n in (11, 16, 3):
        run(XS[:1].repeat(n, 0), np.float32(2), key=jax.random.key(n))
    assert len(traces) == 1


def test_one_image_for_many_classes_and_a_measure():
    maps = map_examples(explain, in_axes=(None, 0, None), per_device=2)(XS[0], np.arange(4, dtype=np.int32), PARAMS)
    expected = np.stack([explain(XS[0], np.int32(c), PARAMS) for c in range(4)])
    np.testing.assert_allclose(maps, expected, atol=1e-6)

    def measure(attribution, x, label, params):
        return score(x * jnp.sign(attribution), label, params)

    run = map_examples(measure, in_axes=(0, 0, 0, None), per_device=3)
    assert run(maps, XS[:4], LABELS[:4], PARAMS).shape == (4,)


def test_keyword_inputs_are_mapped():
    run = map_examples(lambda x, *, baseline: x - baseline["b"], in_axes=(0,), per_device=2)
    np.testing.assert_array_equal(run(XS, baseline={"b": XS}), np.zeros_like(XS))


def test_jax_arrays_and_bfloat16():
    result = map_examples(lambda x: x * 2, in_axes=(0,), per_device=2)(jnp.asarray(XS, jnp.bfloat16))
    assert result.dtype == jnp.bfloat16 and result.shape == XS.shape


def test_batches_and_progress():
    run = map_examples(lambda x: x, in_axes=(0,), per_device=1, devices=jax.devices()[:3])
    told = []
    batches = list(run.batches(XS, ids=np.arange(11) + 100, progress=lambda done, n: told.append((done, n))))
    assert [batch.start for batch in batches] == [0, 3, 6, 9]
    assert [len(batch.ids) for batch in batches] == [3, 3, 3, 2]
    assert batches[3].ids.tolist() == [109, 110]
    np.testing.assert_array_equal(batches[3].results, XS[9:])
    assert told == [(3, 11), (6, 11), (9, 11), (11, 11)]


def test_works_on_a_loop_that_starts_from_a_constant():
    def descended(x):
        return jax.lax.fori_loop(0, 3, lambda _, m: m - 0.1 * jax.grad(lambda v: ((v - x) ** 2).sum())(m), jnp.ones(3))

    run = map_examples(descended, in_axes=(0,), per_device=1)
    xs = np.arange(12.0).reshape(4, 3)
    np.testing.assert_allclose(run(xs), xs + (1 - xs) * 0.8**3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: map_examples(score, in_axes=(1,)), "in_axes of 0 and None"),
        (lambda: map_examples(score, in_axes=(None,)), "at least one 0"),
        (lambda: map_examples(score, in_axes=(0,), per_device=0), "per_device"),
        (lambda: map_examples(score, in_axes=(0, 0, None))(XS, LABELS), "expected 3 positional"),
        (lambda: map_examples(score, in_axes=(0, 0, None))(XS, LABELS[:3], PARAMS), "same number of examples"),
        (lambda: map_examples(score, in_axes=(0, 0, None))(XS, 3, PARAMS), "got a number"),
        (lambda: map_examples(score, in_axes=(0, 0, None))(XS[:0], LABELS[:0], PARAMS), "empty set"),
        (lambda: map_examples(score, in_axes=(0, 0, None))(XS, LABELS, PARAMS, ids=[1]), "expected ids"),
        (lambda: map_examples(score, in_axes=(0, 0, None))(XS, LABELS, PARAMS, ids=LABELS - 1), "2\\^32-1"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
