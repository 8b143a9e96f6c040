"""The architectures as published: numbers of parameters, shapes of the maps, options that are refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import models
from jxai.core.taps import reap
from jxai.models.pooling import adaptive_mean
from jxai.models.weights.arrays import flatten

# torchvision's documentation of its weights ("num_params"): running statistics are not counted.
PUBLISHED = {
    "alexnet": 61_100_840,
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "vgg11_bn": 132_868_840,
    "vgg13_bn": 133_053_736,
    "vgg16_bn": 138_365_992,
    "vgg19_bn": 143_678_248,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "squeezenet1_0": 1_248_424,
    "vit_base": 86_567_656,
    "vit_large": 304_326_632,
}


def count(model):
    shapes = flatten(jax.eval_shape(model.init, jax.random.key(0)))
    return sum(leaf.size for name, leaf in shapes.items() if not name.endswith(("norm/mean", "norm/variance")))


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_number_of_parameters(name):
    assert count(models.MODELS[name]()) == PUBLISHED[name]


@pytest.mark.parametrize(
    "patch, size, published", [(32, 224, 88_224_232), (16, 384, 86_859_496), (32, 384, 88_297_192)]
)
def test_vit_of_other_patches_and_sizes(patch, size, published):
    assert count(models.vit_base(patch=patch, size=size)) == published


def shapes(model, *names):
    params = jax.eval_shape(model.init, jax.random.key(0))
    x = jax.ShapeDtypeStruct((model.size, model.size, 3), jnp.float32)
    found = jax.eval_shape(lambda params, x: reap(lambda x: model.apply(params, x), *names)(x), params, x)
    return [found[name].shape for name in names]


def test_maps_have_the_published_sides():
    assert shapes(models.alexnet(), "block0", "features", "dense1") == [(55, 55, 64), (13, 13, 256), (4096,)]
    assert shapes(models.vgg16(), "block0", "block12", "features") == [(224, 224, 64), (14, 14, 512), (14, 14, 512)]
    expected = [(112, 112, 64), (56, 56, 256), (28, 28, 512), (14, 14, 1024), (7, 7, 2048)]
    assert shapes(models.resnet50(), "block0", *(f"layer{i}" for i in range(1, 5))) == expected
    assert shapes(models.vit_tiny(depth=1, patch=8, size=384), "block0/grid") == [(48, 48, 192)]


def test_refused_options():
    with pytest.raises(ValueError, match="depth must be one of 18, 34, 50, 101, 152, not 20"):
        models.resnet(depth=20)
    with pytest.raises(ValueError, match="depth must be one of 11, 13, 16, 19, not 12"):
        models.vgg(depth=12)
    with pytest.raises(ValueError, match="size must be at least 32, .*, not 31"):
        models.vgg16(size=31)
    with pytest.raises(ValueError, match="size must be at least 63, .*, not 62"):
        models.alexnet(size=62)


@pytest.mark.parametrize("side", [1, 2, 3, 7, 10])
@pytest.mark.parametrize("shape", [(7, 7), (4, 9)])
def test_adaptive_mean_against_a_loop(side, shape):
    x = np.random.default_rng(0).normal(size=(*shape, 2))

    def window(i, length):
        return slice(int(np.floor(i * length / side)), int(np.ceil((i + 1) * length / side)))

    literal = [[x[window(i, shape[0]), window(j, shape[1])].mean((0, 1)) for j in range(side)] for i in range(side)]
    np.testing.assert_allclose(adaptive_mean(jnp.asarray(x), side), literal, rtol=1e-10)


def test_positions_of_a_smooth_map_are_interpolated():
    def ramp(side):
        centres = (np.arange(side) + 0.5) / side
        return np.stack([a.reshape(-1) for a in np.meshgrid(centres, centres, indexing="ij")], -1)

    positions = jnp.asarray(np.concatenate([[[5.0, 6.0]], ramp(14)]))
    resized = models.resize_positions(positions, 24)
    assert resized[0].tolist() == [5.0, 6.0]
    inner = (slice(3, -3), slice(3, -3))
    np.testing.assert_allclose(resized[1:].reshape(24, 24, 2)[inner], ramp(24).reshape(24, 24, 2)[inner], atol=1e-6)
    assert models.resize_positions(positions, 14) is positions
    with pytest.raises(ValueError, match="a class token and a square grid; 6 came"):
        models.resize_positions(jnp.ones((6, 2)), 3)
