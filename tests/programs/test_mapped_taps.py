"""A tap inside `vmap` is read with the batch axes in front, whatever `in_axes` and `out_axes` are."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai

pytestmark = [pytest.mark.unchecked, pytest.mark.usefixtures("as_written")]
R = np.random.default_rng(1)
X, PICTURE = jnp.asarray(R.normal(size=(6, 4))), jnp.asarray(R.normal(size=(3, 5, 4)))
W, V = jnp.asarray(R.normal(size=(4, 6))), jnp.asarray(R.normal(size=(6, 3)))


def close(came, expected, tolerance=1e-9):
    np.testing.assert_allclose(came, expected, rtol=tolerance, atol=tolerance)


def token(v):
    return jxai.tap(jax.nn.relu(v @ W), "layer")


def outside(x):
    return jxai.tap(jax.nn.relu(x @ W), "layer")


LAYOUTS = {  # functions of x [t, c] that give [t, c'], with the tap inside
    "vmap": jax.vmap(token),
    "in_axes=1": lambda x: jax.vmap(token, in_axes=1)(x.T),
    "out_axes=1": lambda x: jax.vmap(token, out_axes=1)(x).T,
    "in_axes=1, out_axes=1": lambda x: jax.vmap(token, in_axes=1, out_axes=1)(x.T).T,
    "weights unmapped": lambda x: jax.vmap(lambda w, v: jxai.tap(jax.nn.relu(v @ w), "layer"), (None, 0))(W, x),
    "W @ v": jax.vmap(lambda v: jxai.tap(jax.nn.relu(W.T @ v), "layer")),
    "jit inside": jax.vmap(jax.jit(token)),
    "checkpoint inside": jax.vmap(jax.checkpoint(token)),
    "vmap of size 1": lambda x: jax.vmap(jax.vmap(token))(x[:, None])[:, 0],
}
of = lambda layer: lambda x: (layer(x) @ V)[1:].sum(0)[1] ** 2
SAME = pytest.mark.parametrize("layer", LAYOUTS.values(), ids=list(LAYOUTS))


@SAME
def test_it_is_read_edited_and_differentiated_as_outside(layer):
    fn, plain = of(layer), of(outside)
    shape = jxai.reap(plain)(X)["layer"].shape
    close(jxai.reap(fn)(X)["layer"].reshape(shape), jxai.reap(plain)(X)["layer"])
    off = {"layer": lambda a: a.at[..., 2].set(0.0)}
    close(jxai.edit(fn, off)(X), jxai.edit(plain, off)(X))
    close(jxai.values_and_grads(fn)(X)[1]["layer"].reshape(shape), jxai.values_and_grads(plain)(X)[1]["layer"])
    features, head = jxai.split(fn, "layer")
    close(head(2.0 * features(X), X), jxai.split(plain, "layer")[1](2.0 * outside(X), X))


MAPS = {
    "grad_cam": lambda fn: jxai.grad_cam(fn, at="layer"),
    "hires_cam": lambda fn: jxai.hires_cam(fn, at="layer"),
    "eigen_cam": lambda fn: jxai.eigen_cam(fn, at="layer"),
    "conductance": lambda fn: jxai.conductance(fn, at="layer", steps=3),
    "excitation": lambda fn: jxai.excitation_backprop(lambda x: abs(fn(x)), at="layer"),
}


@SAME
@pytest.mark.parametrize("name", ["grad_cam", "conductance"])
def test_maps_are_those_of_a_tap_outside(layer, name):
    came, expected = MAPS[name](of(layer))(X), MAPS[name](of(outside))(X)
    close(came.reshape(expected.shape), expected)


@pytest.mark.parametrize("name", MAPS)
def test_a_batch_of_one_inside_the_model(name):
    fn = lambda x: of(lambda x: outside(x[None])[0])(x)
    came, expected = MAPS[name](fn)(X), MAPS[name](of(outside))(X)
    close(came.reshape(expected.shape), expected, 1e-6)


def test_a_pixelwise_layer_has_its_space_in_front():
    pixelwise = lambda i: jax.vmap(jax.vmap(token))(i).sum()
    columns_first = lambda i: jax.vmap(jax.vmap(token, 1, 1), 1, 1)(i.transpose(2, 0, 1)).sum()
    close(jxai.reap(pixelwise)(PICTURE)["layer"], jax.nn.relu(PICTURE @ W))
    assert jxai.reap(columns_first)(PICTURE)["layer"].shape[-1] == 6


def test_a_batch_of_explanations_of_a_model_with_a_vmap():
    xs, explain = jnp.stack([X, 2 * X, -X]), jxai.grad_cam(of(LAYOUTS["out_axes=1"]), at="layer")
    loop = jnp.stack([explain(x) for x in xs])
    close(jax.vmap(explain)(xs), loop)
    close(jax.jit(jax.vmap(explain, in_axes=-1, out_axes=-1))(jnp.moveaxis(xs, 0, -1)), jnp.moveaxis(loop, 0, -1))


def test_a_tap_inside_vmap_inside_a_loop():
    def step(h, w):
        return jax.vmap(lambda v: jxai.tap(jnp.tanh(v @ w), "layer"), out_axes=1)(h).T, None

    weights = jnp.stack([W[:, :4], W[:, 2:]])
    read = jxai.reap(lambda x: jax.lax.scan(step, x, weights)[0].sum())(X)["layer"]
    first = jnp.tanh(X @ weights[0])
    close(read, jnp.stack([first, jnp.tanh(first @ weights[1])]))


def test_an_equinox_model():
    mlp = eqx.nn.MLP(4, 3, 5, 1, key=jax.random.key(0), activation=lambda v: jxai.tap(jax.nn.relu(v), "hidden"))
    fn = lambda x: jax.vmap(mlp)(x).sum(0)[1]
    w, b = mlp.layers[0].weight, mlp.layers[0].bias
    close(jxai.reap(fn)(X)["hidden"], jax.nn.relu(X @ w.T + b), 1e-6)
    close(jxai.grad_cam(fn, at="hidden")(X), jxai.reap(fn)(X)["hidden"] @ mlp.layers[1].weight[1], 1e-5)
