"""What every model promises: pure functions of one example, taps that exist, dtype of the parameters, clear errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import models
from jxai.core.taps import reap, values_and_grads

SMALL = {
    "small_cnn": lambda: models.small_cnn(classes=4, size=16, widths=(4, 8, 8)),
    "mobilenet_v1": lambda: models.mobilenet_v1(width=0.25, size=32, classes=5),
    "mobilenet_v2": lambda: models.mobilenet_v2(width=0.35, size=32, classes=5),
    "squeezenet": lambda: models.squeezenet(size=47, classes=5),
    "squeezenet1_0": lambda: models.squeezenet1_0(size=47, classes=5),
    "alexnet": lambda: models.alexnet(width=2, hidden=8, size=63, classes=4),
    "vgg11": lambda: models.vgg11(width=2, hidden=8, size=32, classes=4),
    "vgg11_bn": lambda: models.vgg11_bn(width=2, hidden=8, size=32, classes=4),
    "resnet18": lambda: models.resnet18(width=2, size=32, classes=4),
    "resnet50": lambda: models.resnet50(width=2, size=32, classes=4),
    "vit": lambda: models.vit(depth=2, width=8, heads=2, patch=4, size=8, classes=3),
}


def drawn(name):
    model = SMALL[name]()
    x = jax.random.uniform(jax.random.key(1), (model.size, model.size, model.channels), jnp.float32)
    template = jax.eval_shape(model.init, jax.random.key(0))
    numbers = np.random.default_rng(0)  # compiling a real init takes seconds

    def value(path, leaf):
        drawn = numbers.normal(0, 0.2, leaf.shape)
        return jnp.asarray(drawn**2 if path[-1].key == "variance" else drawn, leaf.dtype)

    params = jax.tree_util.tree_map_with_path(value, template)
    return model, params, model.preprocess(x)


@pytest.fixture(params=SMALL, scope="module")
def case(request):
    return drawn(request.param)


def test_parameters_are_a_plain_nested_dict_of_float32(case):
    model, _, _ = case

    def plain(node):
        if isinstance(node, dict):
            return all(isinstance(key, str) and plain(value) for key, value in node.items())
        return node.dtype == jnp.float32

    assert plain(jax.eval_shape(model.init, jax.random.key(0)))


def test_initialisation_keeps_the_variance_of_relu_layers():
    model = models.small_cnn(classes=4, size=16, widths=(32, 32))
    params = model.init(jax.random.key(0))
    kernel = params["block1"]["kernel"]  # 3x3x32 inputs: He et al., variance 2 / 288
    np.testing.assert_allclose(kernel.var(), 2 / 288, rtol=0.1)
    assert not params["block1"]["bias"].any()
    other = model.init(jax.random.key(1))
    assert not bool((other["block1"]["kernel"] == kernel).any())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_dtype_of_the_parameters_decides(case, dtype):
    model, params, x = case
    cast = jax.tree.map(lambda p: jax.ShapeDtypeStruct(p.shape, dtype), params)
    logits = jax.eval_shape(model.apply, cast, x)  # strict promotion would raise while tracing
    gradient = jax.eval_shape(jax.grad(lambda x, params: model.apply(params, x)[0]), x, cast)
    assert logits.shape == (model.classes,) and logits.dtype == dtype
    assert gradient.dtype == x.dtype and gradient.shape == x.shape


@pytest.mark.parametrize("name", ["small_cnn", "vit"])
def test_a_batch_is_a_vmap(name):
    model, params, x = drawn(name)
    xs = jnp.stack([x, -x, x * 0.5])
    batch = jax.vmap(model.apply, in_axes=(None, 0))(params, xs)
    single = jnp.stack([model.apply(params, x) for x in xs])
    np.testing.assert_allclose(batch, single, rtol=1e-4, atol=1e-4)


def test_all_named_taps_are_reached_and_features_is_a_map(case):
    model, params, x = case
    values = jax.eval_shape(lambda x: reap(lambda x: model.apply(params, x), *model.taps)(x), x)
    assert set(values) == set(model.taps)
    assert values["logits"].shape == (model.classes,)
    assert len(values[model.features].shape) == 3


@pytest.mark.parametrize("name", ["small_cnn", "mobilenet_v2", "squeezenet", "alexnet", "vgg11_bn", "resnet18", "vit"])
def test_every_tap_receives_a_gradient(name):
    model, params, x = drawn(name)
    score = values_and_grads(lambda x: model.apply(params, x).sum(), *model.taps)
    _, gradients = jax.jit(score)(x)
    assert {name for name, gradient in gradients.items() if float(jnp.abs(gradient).max()) > 0} == set(model.taps)


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
