"""The fast layers against the plain ones."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax.test_util import check_grads

from jxai.models.layers import LayerNorm, _grouped_conv, depthwise_conv, gelu


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("side", [7, 8])
def test_depthwise_is_the_grouped_convolution(side, stride):
    x = jax.random.normal(jax.random.key(0), (2, side, side + 1, 5))
    kernel = jax.random.normal(jax.random.key(1), (3, 3, 1, 5))

    def value_and_gradients(fn):
        def score(x, kernel):
            return jnp.sin(jax.vmap(lambda x: fn(x, kernel))(x)).sum()

        return jax.value_and_grad(score, (0, 1))(x, kernel)

    ours = value_and_gradients(lambda x, kernel: depthwise_conv(x, kernel, stride=stride))
    plain = value_and_gradients(lambda x, kernel: _grouped_conv(x, kernel, stride))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-9), ours, plain)
    check_grads(lambda x: depthwise_conv(x, kernel, stride=stride), (x[0],), 2)


def test_depthwise_is_one_named_call():
    x, kernel = jnp.ones((4, 4, 2)), jnp.ones((3, 3, 1, 2))
    names = [e.params.get("name") for e in jax.make_jaxpr(depthwise_conv)(x, kernel).eqns]
    assert names == ["depthwise_conv"]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float64"])
def test_layer_norm(dtype):
    x = np.random.default_rng(0).normal(3, 2, (4, 16))
    ours = LayerNorm(16, epsilon=1e-6)
    ours.scale = nnx.Param(jnp.full(16, 2, dtype))
    ours.bias = nnx.Param(jnp.full(16, 1, dtype))
    literal = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-6) * 2 + 1
    tolerance = {"float32": 1e-5, "bfloat16": 0.1, "float64": 1e-12}[dtype]
    result = ours(jnp.asarray(x, dtype))
    assert result.dtype == dtype
    np.testing.assert_allclose(np.asarray(result, np.float64), literal, atol=tolerance)


def test_layer_norm_holds_no_relu():
    assert "max" not in str(jax.make_jaxpr(LayerNorm(4))(jnp.ones((2, 4), jnp.float32)))


@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
def test_gelu(dtype):
    x = jnp.linspace(-6, 6, 101).astype(dtype)
    tolerance = {"float64": 1e-12, "float32": 1e-6, "bfloat16": 0.03}[dtype]
    assert gelu(x).dtype == x.dtype
    np.testing.assert_allclose(*(np.float64(f(x)) for f in (gelu, lambda x: jax.nn.gelu(x, False))), atol=tolerance)


def test_gelu_keeps_its_input_alone_and_has_all_derivatives():
    x = jnp.linspace(-3, 3, 7)
    check_grads(gelu, (x,), 3)
    kept = jax.tree.leaves(jax.eval_shape(lambda x: jax.vjp(gelu, x)[1], x))
    assert [leaf.shape for leaf in kept if leaf.shape] == [x.shape]
