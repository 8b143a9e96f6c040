"""Models of other frameworks are plain functions too: Flax linen, Equinox, Keras 3 on JAX."""

import contextlib
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai

SIDE, CLASSES = 8, 3


def linen():
    nn = pytest.importorskip("flax.linen")

    class Net(nn.Module):
        @nn.compact
        def __call__(self, x):
            x = jxai.tap(nn.relu(nn.Conv(4, (3, 3))(x)), "map")
            return nn.Dense(CLASSES)(x.mean((0, 1)))

    net = Net()
    return net.apply, net.init(jax.random.key(0), jnp.zeros((SIDE, SIDE, 2), jnp.float32))


def equinox():
    eqx = pytest.importorskip("equinox")
    keys = jax.random.split(jax.random.key(0))

    class Net(eqx.Module):
        conv: eqx.nn.Conv2d
        dense: eqx.nn.Linear

        def __call__(self, x):
            x = jax.nn.relu(self.conv(x.transpose(2, 0, 1)))  # channels first inside, last outside
            x = jxai.tap(x.transpose(1, 2, 0), "map")
            return self.dense(x.mean((0, 1)))

    net = Net(
        eqx.nn.Conv2d(2, 4, 3, padding=1, dtype=jnp.float32, key=keys[0]),
        eqx.nn.Linear(4, CLASSES, dtype=jnp.float32, key=keys[1]),
    )
    return lambda net, x: net(x), net


@contextlib.contextmanager
def importing_keras():
    """Importing Keras warns about what its own dependencies call deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def keras():
    with importing_keras():
        keras = pytest.importorskip("keras")
    if keras.backend.backend() != "jax":
        pytest.skip(f"Keras runs on {keras.backend.backend()}; set KERAS_BACKEND=jax")

    class Tap(keras.layers.Layer):
        def call(self, x):
            return jxai.tap(x[0], self.name)[None]  # a map without Keras's batch axis

    inputs = keras.Input((SIDE, SIDE, 2))
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    x = keras.layers.GlobalAveragePooling2D()(Tap(name="map")(x))
    net = keras.Model(inputs, keras.layers.Dense(CLASSES)(x))

    def apply(params, x):
        with jax.numpy_rank_promotion("allow"):  # Keras itself relies on it
            outputs, _ = net.stateless_call(*params, x[None])  # and wants a batch: one of one
        return outputs[0]

    variables = ([v.value for v in net.trainable_variables], [v.value for v in net.non_trainable_variables])
    return apply, variables


@pytest.fixture(params=[linen, equinox, keras], ids=lambda build: build.__name__, scope="module")
def case(request):
    apply, params = request.param()
    x = jax.random.normal(jax.random.key(2), (SIDE, SIDE, 2), jnp.float32)
    return (lambda x, label, params: apply(params, x)[label]), x, params


def test_gradient_is_that_of_jax(case):
    score, x, params = case
    np.testing.assert_allclose(jxai.gradient(score)(x, 1, params), jax.grad(score)(x, 1, params), rtol=1e-5, atol=1e-7)


def test_integrated_gradients_are_complete(case):
    score, x, params = case
    explain = jax.jit(jxai.integrated_gradients(score, steps=256), static_argnums=1)
    gap = score(x, 1, params) - score(jnp.zeros_like(x), 1, params)
    assert abs(float(gap)) > 1e-3
    np.testing.assert_allclose(explain(x, 1, params).sum(), gap, rtol=0.02)


def test_grad_cam_at_a_tap_inside_the_model(case):
    score, x, params = case
    cam = jxai.grad_cam(score, at="map")(x, 1, params)
    maps = jxai.reap(score, "map")(x, 1, params)["map"]
    _, head = jxai.split(score, "map")
    weights = jax.grad(lambda maps: head(maps, x, 1, params))(maps).mean((0, 1))
    np.testing.assert_allclose(cam, (maps * weights.reshape(1, 1, -1)).sum(-1), rtol=1e-4, atol=1e-6)


def test_a_batch_of_explanations(case):
    score, x, params = case
    xs, labels = jnp.stack([x, -x]), jnp.array([0, 2])
    maps = jax.jit(jax.vmap(jxai.gradient(score), in_axes=(0, 0, None)))(xs, labels, params)
    np.testing.assert_allclose(maps[1], jax.grad(score)(-x, 2, params), rtol=1e-4, atol=1e-6)
