"""Where functions are cut: after their last piecewise linear values."""

import jax
import jax.numpy as jnp
import pytest

import jxai
from jxai import models
from jxai.core.program.piecewise import cut
from tests.heads import BENDING, STRAIGHT, A, P
from tests.references.example import close


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("softmax", [3]),
        ("sigmoid", [1]),
        ("entropy", [3]),
        ("hesitancy", [3]),
        ("odd", [3]),
        ("gelu", [5, 5]),
        ("relu6", [3]),
    ],
)
def test_where_a_function_is_cut(name, sizes):
    """After the logits: what is differentiated through the network is three numbers, not the layer."""
    moving, _ = cut(lambda a, p: BENDING[name](p, a), (A, P)).values(A)
    assert [value.size for value in moving] == sizes


@pytest.mark.parametrize(
    "make", [models.vgg11_bn, models.resnet18, models.alexnet, models.mobilenet_v2, models.squeezenet]
)
def test_networks_are_cut_at_their_logits(make):
    """From their first layer on: convolutions, normalisation, residual sums, pooling and dropout are found linear."""
    model = make(size=64, classes=7)

    def edge(params, x):
        features, head = jxai.split(lambda x, params: jax.nn.softmax(model.apply(params, x)), model.taps[0])
        a = features(x, params)
        return cut(head, (a, x, params)).values(a)[0]

    x = jax.ShapeDtypeStruct((64, 64, 3), jnp.float32)
    moving = jax.eval_shape(edge, jax.eval_shape(model.init, jax.random.key(0)), x)
    assert [value.shape for value in moving] == [(7,)]


@pytest.mark.parametrize("name", ["softmax", "attention", "quotient", "scan"])
def test_a_cut_function_has_the_same_values(name):
    parts = cut(lambda a, p: BENDING[name](p, a), (A, P))
    close(parts.smooth(*parts.values(A)), BENDING[name](P, A))


@pytest.mark.parametrize("name", STRAIGHT)
def test_what_is_found_linear(name):
    assert cut(lambda a, p: STRAIGHT[name](p, a), (A, P)).linear


@pytest.mark.parametrize("name", BENDING)
def test_what_is_found_to_bend(name):
    assert not cut(lambda a, p: BENDING[name](p, a), (A, P)).linear
