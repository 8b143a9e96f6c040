"""What every model promises: pure functions of one example, taps that exist, dtype of the parameters, clear errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import models
from jxai.core import taps

SMALL = {
    "small_cnn": lambda: models.small_cnn(classes=4, size=16, widths=(4, 8, 8)),
    "mobilenet_v1": lambda: models.mobilenet_v1(width=0.25, size=32, classes=5),
    "mobilenet_v2": lambda: models.mobilenet_v2(width=0.35, size=32, classes=5),
    "squeezenet": lambda: models.squeezenet(size=47, classes=5),
    "vit": lambda: models.vit(depth=2, width=8, heads=2, patch=4, size=8, classes=3),
}


@pytest.fixture(params=SMALL, scope="module")
def case(request):
    model = SMALL[request.param]()
    x = jax.random.uniform(jax.random.key(1), (model.size, model.size, model.channels), jnp.float32)
    return model, model.init(jax.random.key(0)), model.preprocess(x)


def test_parameters_are_a_plain_nested_dict_of_float32(case):
    _, params, _ = case

    def plain(node):
        if isinstance(node, dict):
            return all(isinstance(key, str) and plain(value) for key, value in node.items())
        return isinstance(node, jax.Array) and node.dtype == jnp.float32

    assert plain(params)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_dtype_of_the_parameters_decides(case, dtype):
    model, params, x = case
    cast = jax.tree.map(lambda p: p.astype(dtype), params)
    logits, pullback = jax.vjp(jax.jit(model.apply), cast, x)
    _, gradient = pullback(jnp.ones_like(logits))
    assert logits.shape == (model.classes,) and logits.dtype == dtype
    assert gradient.dtype == x.dtype and gradient.shape == x.shape
    assert bool(jnp.isfinite(logits).all()) and float(jnp.abs(gradient).max()) > 0


def test_a_batch_is_a_vmap(case):
    model, params, x = case
    xs = jnp.stack([x, -x, x * 0.5])
    batch = jax.jit(jax.vmap(model.apply, in_axes=(None, 0)))(params, xs)
    single = jnp.stack([model.apply(params, x) for x in xs])
    np.testing.assert_allclose(batch, single, rtol=1e-4, atol=1e-4)


def test_all_named_taps_are_reached_and_features_is_a_map(case):
    model, params, x = case
    values = reap(lambda x: model.apply(params, x), model.taps, x)
    assert values["logits"].shape == (model.classes,)
    assert values[model.features].ndim == 3


def test_features_receive_a_gradient(case):
    model, params, x = case

    def grads(x):
        return values_and_grads(lambda x: model.apply(params, x)[1], model.features, x)

    assert float(jnp.abs(grads(x)).max()) > 0


def test_a_batch_is_refused_with_the_remedy(case):
    model, params, x = case
    with pytest.raises(ValueError, match="takes one example: use jax.vmap"):
        model.apply(params, x[None])


def test_another_size_is_refused(case):
    model, params, x = case
    with pytest.raises(ValueError, match=r"one image of shape \(\d+, \d+, 3\), channels last, not"):
        model.apply(params, x[1:])


def test_preprocessing_keeps_the_dtype(case):
    model, _, _ = case
    image = jnp.full((model.size, model.size, 3), 0.5, jnp.bfloat16)
    assert model.preprocess(image).dtype == jnp.bfloat16


def reap(fn, names, x):
    """The values at the taps, read off the program: an independent stand-in for jxai.reap."""
    found = {}
    for equation, inputs in _run(jax.make_jaxpr(fn)(x), x):
        if equation.primitive.name == "name":
            found[equation.params["name"]] = inputs[0]
    assert list(found) == sorted(found, key=list(found).index) and set(names) == set(found)
    assert tuple(found) == names  # in the order of the forward pass
    return found


def _run(closed, *args):
    env = dict(zip(closed.jaxpr.invars, args, strict=True)) | dict(
        zip(closed.jaxpr.constvars, closed.consts, strict=True)
    )
    for equation in closed.jaxpr.eqns:
        inputs = [env[v] if not hasattr(v, "val") else v.val for v in equation.invars]
        yield equation, inputs
        outputs = equation.primitive.bind(*inputs, **equation.params)
        outputs = outputs if equation.primitive.multiple_results else [outputs]
        env.update(zip(equation.outvars, outputs, strict=True))


def values_and_grads(score, name, x):
    """The gradient at a tap: zeros added there, by a tap of our own."""
    from jax.ad_checkpoint import checkpoint_name

    assert taps.tap is checkpoint_name
    closed = jax.make_jaxpr(score)(x)

    def planted(extra, x):
        env = dict(zip(closed.jaxpr.invars, [x], strict=True)) | dict(
            zip(closed.jaxpr.constvars, closed.consts, strict=True)
        )
        for equation in closed.jaxpr.eqns:
            inputs = [env[v] if not hasattr(v, "val") else v.val for v in equation.invars]
            outputs = equation.primitive.bind(*inputs, **equation.params)
            outputs = outputs if equation.primitive.multiple_results else [outputs]
            if equation.primitive.name == "name" and equation.params["name"] == name:
                outputs = [outputs[0] + extra]
            env.update(zip(equation.outvars, outputs, strict=True))
        return env[closed.jaxpr.outvars[0]]

    shape = reap(lambda x: score(x), _names(closed), x)[name].shape
    return jax.grad(planted)(jnp.zeros(shape, x.dtype), x)


def _names(closed):
    return tuple(e.params["name"] for e in closed.jaxpr.eqns if e.primitive.name == "name")
