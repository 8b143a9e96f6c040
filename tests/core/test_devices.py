"""Devices that share the evaluations of one example: the same values and derivatives as one device alone."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import PartitionSpec as P

from jxai.core.chunks import map_over, mean_and_variance_over, mean_over
from jxai.core.devices import EVALUATIONS, has_shared_evaluations
from jxai.core.integrate import important_direction, riemann, sum_of_steps

X = jnp.linspace(-1.0, 2.0, 7)
WEIGHTS = jnp.linspace(0.5, 2.0, 7)


def mean(x):
    return mean_over(lambda a: jnp.sin(a * x), X, chunk=2)


def weighted(x):
    return mean_over(lambda a: jnp.sin(a * x), X, chunk=3, weights=WEIGHTS)


def mapped(x):
    return map_over(lambda a: jnp.sin(a * x), X, chunk=2)


def moments(x):
    return jnp.stack(mean_and_variance_over(lambda a: jnp.sin(a * x), X, chunk=2))


def nested(x):
    return mean_over(lambda a: mean_over(lambda b: jnp.sin(a * b * x), X, chunk=3), WEIGHTS, chunk=2)


def slopes(x):
    """Each evaluation takes a gradient with respect to what all of them have in common."""
    return map_over(lambda a: jax.grad(lambda x: jnp.sin(a * x).sum())(x), X, chunk=2)


def walked(x):
    return sum_of_steps(lambda x: (x**3).sum(), lambda t: t * x, riemann, x, steps=9, chunk=2)


def directed(x):
    return sum_of_steps(lambda x: jnp.exp(x).sum(), lambda t: t * x, important_direction, x, steps=9, chunk=2)


def on_devices(fn, devices):
    mesh = jax.make_mesh((devices,), (EVALUATIONS,), axis_types=(jax.sharding.AxisType.Auto,))
    return jax.jit(jax.shard_map(fn, mesh=mesh, in_specs=P(), out_specs=P(), check_vma=False))


@pytest.mark.parametrize("fn", [mean, weighted, mapped, moments, nested, slopes, walked, directed])
@pytest.mark.parametrize("devices", [2, 4])
def test_values_and_derivatives_equal_those_of_one_device(fn, devices):
    x = jnp.linspace(0.2, 1.0, 3)
    assert has_shared_evaluations(fn, x)
    np.testing.assert_allclose(on_devices(fn, devices)(x), jax.jit(fn)(x), rtol=1e-12, atol=1e-14)

    def slope(x):
        return jax.grad(lambda x: (fn(x) ** 2).sum())(x)

    np.testing.assert_allclose(on_devices(slope, devices)(x), jax.jit(slope)(x), rtol=1e-11, atol=1e-13)


def test_every_device_does_its_part_alone():
    def evaluated(x):
        seen = mean_over(lambda a: jnp.ones_like(a), jnp.arange(8.0), chunk=8)
        return seen + 0 * x.sum()

    text = str(jax.make_jaxpr(on_devices(evaluated, 4))(X))
    assert "f64[1,2]" in text and "f64[1,8]" not in text


def test_nothing_is_shared_where_the_axis_is_not_bound():
    assert "axis_index" not in str(jax.make_jaxpr(nested)(X[:3]))
    assert not has_shared_evaluations(jnp.sin, X)
