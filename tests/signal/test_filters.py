"""Blur against scipy, its derivative in sigma, and resizing against a literal loop."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.ndimage
from jax.sharding import PartitionSpec

from jxai.signal.filters import gaussian_blur, resize


@functools.partial(jax.jit, static_argnames="radius")
def blur(x, sigma, radius):
    return gaussian_blur(x, sigma, radius=radius)


def numbers(*shape, dtype=np.float64):
    return jnp.asarray(np.random.default_rng(0).normal(size=shape).astype(dtype))


@pytest.mark.parametrize(
    ("shape", "sigma"),
    [((9, 7, 3), 0), ((9, 7, 3), 2.5), ((9, 7, 3), 12), ((12, 4), 0.3), ((5, 6, 7, 2), 1.0), ((1, 8, 1), 2)],
)
def test_blur_equals_scipy(shape, sigma):
    x = numbers(*shape)
    expected = scipy.ndimage.gaussian_filter(x, (*[sigma] * (len(shape) - 1), 0), mode="nearest")
    np.testing.assert_allclose(jax.jit(lambda x: gaussian_blur(x, sigma))(x), expected, atol=1e-12)


@pytest.mark.parametrize("radius", [0, 3, 30])
def test_radius_fixes_the_window(radius):
    x = numbers(8, 2)
    expected = scipy.ndimage.gaussian_filter1d(x, 2.0, axis=0, mode="nearest", radius=radius)
    blur = jax.jit(lambda x: gaussian_blur(x, 2.0, radius=radius))
    np.testing.assert_allclose(blur(x), expected, atol=1e-12)


def test_blur_keeps_constants():
    np.testing.assert_allclose(blur(jnp.full((6, 5, 1), 0.7), 3.0, 12), 0.7, rtol=1e-12)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float32, jnp.float64])
def test_blur_keeps_dtype(dtype):
    x = numbers(30, 20, 3)
    y = jax.jit(lambda x: gaussian_blur(x, 2.0))(x.astype(dtype))
    assert y.dtype == dtype
    expected = scipy.ndimage.gaussian_filter(x, (2.0, 2.0, 0), mode="nearest")
    np.testing.assert_allclose(y.astype(jnp.float64), expected, atol=float(8 * jnp.finfo(dtype).eps))


def test_derivative_in_sigma_equals_finite_differences():
    x, sigmas, step = numbers(10, 9, 2), jnp.array([0.2, 0.5, 1.0, 3.0]), 1e-5
    one = lambda sigma: gaussian_blur(x, sigma, radius=12)
    blur = jax.jit(jax.vmap(one))
    expected = (blur(sigmas + step) - blur(sigmas - step)) / (2 * step)
    _, slope = jax.jvp(blur, (sigmas,), (jnp.ones_like(sigmas),))
    np.testing.assert_allclose(slope, expected, atol=1e-7)
    reverse = jax.jit(jax.vmap(jax.grad(lambda sigma: jnp.sum(one(sigma) * x))))(sigmas)
    np.testing.assert_allclose(reverse, jnp.sum(expected * x[None], (1, 2, 3)), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float32, jnp.float64])
def test_vanishing_sigma_gives_x_and_no_slope(dtype):
    x = numbers(6, 5, 2).astype(dtype)
    sigmas = jnp.asarray([0.0, 1e-30, 1e-3, 0.019, 0.021], dtype)
    blur = lambda sigma: gaussian_blur(x, sigma, radius=8)
    both = lambda sigma: (jax.jvp(blur, (sigma,), (jnp.ones_like(sigma),)), jax.grad(lambda s: blur(s).sum())(sigma))
    (values, slopes), reverse = jax.jit(jax.vmap(both))(sigmas)
    np.testing.assert_array_equal(values, jnp.broadcast_to(x, values.shape))
    np.testing.assert_array_equal(slopes, jnp.zeros_like(slopes))
    np.testing.assert_array_equal(reverse, jnp.zeros_like(reverse))


def test_blur_is_linear_in_x():
    x, tangent = numbers(7, 6, 2), numbers(7, 6, 2)[::-1]
    _, slope = jax.jvp(lambda x: blur(x, 1.5, 6), (x,), (tangent,))
    np.testing.assert_allclose(slope, blur(tangent, 1.5, 6), atol=1e-12)


def test_one_blur_for_each_sigma_and_each_image():
    xs, sigmas = numbers(3, 8, 8, 2), jnp.array([0.0, 1.0, 4.0])
    both = jax.vmap(lambda x, s: blur(x, s, 16))(xs, sigmas)
    for x, sigma, y in zip(xs, sigmas, both, strict=True):
        np.testing.assert_allclose(y, blur(x, sigma, 16), atol=1e-12)


def test_blur_and_resize_under_shard_map():
    xs = numbers(8, 6, 6, 2)
    mesh = jax.make_mesh((4,), ("i",), axis_types=(jax.sharding.AxisType.Auto,))
    f = jax.jit(jax.vmap(lambda x: resize(gaussian_blur(x, 1.0), (3, 4))))
    sharded = jax.shard_map(f, mesh=mesh, in_specs=PartitionSpec("i"), out_specs=PartitionSpec("i"))
    np.testing.assert_allclose(jax.jit(sharded)(xs), f(xs), atol=1e-12)


@pytest.mark.parametrize(
    ("x", "options", "error", "match"),
    [
        (jnp.zeros((4, 4, 3)), {"sigma": -1.0}, ValueError, "sigma >= 0, got -1.0"),
        (jnp.zeros((4, 4, 3)), {"sigma": float("nan")}, ValueError, "finite sigma"),
        (jnp.zeros((4, 4, 3)), {"sigma": 1.0, "radius": -2}, ValueError, "radius >= 0, got -2"),
        (jnp.zeros(4), {"sigma": 1.0}, ValueError, "no axis to blur along"),
    ],
)
def test_blur_refuses(x, options, error, match):
    with pytest.raises(error, match=match):
        gaussian_blur(x, options.pop("sigma"), **options)


def test_traced_sigma_needs_a_radius():
    with pytest.raises(ValueError, match="give radius="):
        jax.jit(lambda s: gaussian_blur(jnp.zeros((4, 4, 1)), s))(1.0)


def bilinear(x, size):
    """Literal: half-pixel centres, edges repeated; one axis."""
    out = []
    for i in range(size):
        at = np.clip((i + 0.5) * len(x) / size - 0.5, 0, len(x) - 1)
        low = min(int(at), len(x) - 2)
        out.append(x[low] * (1 - (at - low)) + x[low + 1] * (at - low))
    return np.stack(out)


def test_growing_equals_a_literal_loop():
    x = numbers(3, 4, 2)
    expected = bilinear(bilinear(np.asarray(x), 7).swapaxes(0, 1), 9).swapaxes(0, 1)
    np.testing.assert_allclose(resize(x, (7, 9)), expected, atol=1e-6)
    np.testing.assert_allclose(resize(x[..., 0], (7, 9)), expected[..., 0], atol=1e-6)
    np.testing.assert_array_equal(resize(x, (6, 8), method="nearest"), np.repeat(np.repeat(x, 2, 0), 2, 1))


def test_bicubic_is_exact_on_a_line_and_differs_from_bilinear_elsewhere():
    line = jnp.arange(12.0)
    inner = (np.arange(24) + 0.5) / 2 - 0.5
    np.testing.assert_allclose(resize(line, (24,), method="bicubic")[4:-4], inner[4:-4], atol=1e-5)
    x = numbers(12)
    assert np.abs(resize(x, (24,), method="bicubic") - resize(x, (24,)))[4:-4].max() > 0.05


def test_shrinking_averages():
    checks = jnp.asarray(np.indices((64, 64)).sum(0) % 2, dtype=float)
    small = resize(checks, (8, 8))
    np.testing.assert_allclose(small[1:-1, 1:-1], 0.5, atol=1e-6)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float32, jnp.float64])
def test_resize_keeps_dtype(dtype):
    x = numbers(20, 30)
    y = resize(x.astype(dtype), (224, 160))
    assert y.dtype == dtype
    np.testing.assert_allclose(y.astype(float), resize(x, (224, 160)), atol=float(8 * jnp.finfo(dtype).eps + 1e-6))


def test_resize_refuses():
    with pytest.raises(ValueError, match="one size for each axis"):
        resize(jnp.zeros((4, 4, 4, 3)), (8, 8))
    with pytest.raises(ValueError, match="sizes >= 1"):
        resize(jnp.zeros((4, 4)), (0, 8))
    with pytest.raises(ValueError, match="got 'lanczos'"):
        resize(jnp.zeros((4, 4)), (8, 8), method="lanczos")
