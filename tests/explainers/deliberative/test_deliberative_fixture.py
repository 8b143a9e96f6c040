"""Deliberative explanations against the maps of the authors' program (`fixtures/deliberative.npz`).

The file holds two images, a toy classifier of 24 classes, a hardness predictor (trunk and head, in inference mode) and
the first-order maps of the five most probable classes and of the hardness, made by running the authors' code
(peiwang062/Deliberative-explanation) in float64.
"""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai.explainers.deliberative.maps import deliberation_maps
from jxai.models.pooling import max_pool
from tests.paths import FIXTURES


@cache
def given():
    return dict(np.load(FIXTURES / "deliberative.npz"))


def parts(prefix):
    return {name.removeprefix(prefix): jnp.asarray(v) for name, v in given().items() if name.startswith(prefix)}


def conv(p, name, x, stride):
    kernel = p[name + ".weight"].transpose(2, 3, 1, 0)
    where = ("NHWC", "HWIO", "NHWC")
    y = jax.lax.conv_general_dilated(x[None], kernel, (stride, stride), ((1, 1), (1, 1)), dimension_numbers=where)[0]
    return jax.nn.relu(y + jnp.broadcast_to(p[name + ".bias"], y.shape))


def dense(p, name, x):
    return p[name + ".weight"] @ x + p[name + ".bias"]


def network(p, x):
    """`[56, 56, 3] -> [k]`, the tap `features` `[14, 14, 12]`."""
    a = jxai.tap(conv(p, "features.3", max_pool(conv(p, "features.0", x, 2)), 1), "features")
    flat = max_pool(a).transpose(2, 0, 1).reshape(-1)
    return dense(p, "classifier.3", jax.nn.relu(dense(p, "classifier.0", flat)))


def hardness(x, _, trunk, head):
    """Three times batch normalisation, ReLU and a dense layer; a sigmoid."""
    y = network(trunk, x)
    for i in (1, 2, 3):
        scale = head[f"bn{i}.weight"] * jax.lax.rsqrt(head[f"bn{i}.running_var"] + 1e-5)
        y = jax.nn.relu((y - head[f"bn{i}.running_mean"]) * scale + head[f"bn{i}.bias"])
        y = dense(head, f"fc{i}", y)
    return jax.nn.sigmoid(y[0])


@pytest.mark.parametrize("i", [0, 1])
def test_maps_of_the_authors_program(i):
    x = jnp.asarray(given()["images"][i].transpose(1, 2, 0))
    params = parts("main_"), parts("hpt_"), parts("hph_")
    np.testing.assert_allclose(network(params[0], x), given()["logits"][i], atol=1e-12)
    explain = deliberation_maps(network, hardness, at="features", attribution=jxai.first_order, variant="released")
    found = jax.jit(explain)(x, *params)
    np.testing.assert_array_equal(found.labels, given()["top5"][i])
    classes = given()["grad_cls_maps"][i].transpose(2, 0, 1)  # before values below 0 are replaced
    np.testing.assert_allclose(found.classes, np.where(classes < 0, 1e-7, classes), atol=1e-10)
    np.testing.assert_allclose(found.difficulty, given()["grad_hp_maps"][i], atol=1e-10)
