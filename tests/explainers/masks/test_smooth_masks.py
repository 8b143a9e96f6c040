"""Smooth masks from coarse ones: blocks, blur, and the smooth max-convolution."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.signal import filters, masks
from jxai.signal.masks import cells
from tests.jitted import jitted

gaussian_blur, smooth_max, spread = jitted(filters.gaussian_blur), jitted(masks.smooth_max), jitted(masks.spread)


def test_cells_cover_the_space():
    assert cells((224, 225, 1), 8) == (28, 29, 1)


@pytest.mark.parametrize(("coarse", "space"), [((3,), (10,)), ((2, 3), (8, 7)), ((1, 2), (5, 4))])
def test_spread_is_blocks_then_blur(coarse, space):
    mask = jax.random.uniform(jax.random.key(0), coarse, jnp.float64)
    blocks = np.zeros(space)
    for place in np.ndindex(space):
        blocks[place] = mask[tuple((2 * p + 1) * c // (2 * n) for p, c, n in zip(place, coarse, space, strict=True))]
    np.testing.assert_allclose(spread(mask, space, 0.0), blocks)
    blurred = gaussian_blur(jnp.asarray(blocks)[..., None], 1.2)[..., 0]
    np.testing.assert_allclose(spread(mask, space, 1.2), blurred, rtol=1e-12)
    np.testing.assert_allclose(spread(jnp.ones(coarse), space, 1.2), 1.0, rtol=1e-12)


@pytest.mark.parametrize(("coarse", "space"), [((4,), (9,)), ((2, 3), (5, 6)), ((2, 1, 2), (3, 2, 4))])
def test_smooth_max_equals_its_formula_and_tends_to_the_maximum(coarse, space):
    mask = np.asarray(jax.random.uniform(jax.random.key(1), coarse, jnp.float64))

    def each(place, temperature):
        values = []
        for cell in np.ndindex(coarse):
            middle = [(k + 0.5) * n / c - 0.5 for k, n, c in zip(cell, space, coarse, strict=True)]
            values.append(mask[cell] * math.exp(-(max(0, math.dist(place, middle) / 1.5 - 1) ** 2) / 4))
        weights = [math.exp(v / temperature) for v in values]
        return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights), max(values)

    got, sharp = (smooth_max(jnp.asarray(mask), space, 1.5, t) for t in (0.1, 0.002))
    for place in np.ndindex(space):
        assert float(got[place]) == pytest.approx(each(place, 0.1)[0], rel=1e-9)
        assert float(sharp[place]) == pytest.approx(each(place, 0.1)[1], abs=0.01)


def test_smooth_max_stays_in_range():
    mask = jax.random.uniform(jax.random.key(2), (5, 5), jnp.float64)
    got = smooth_max(mask, (20, 20), 4.0)
    assert float(got.min()) >= 0 and float(got.max()) <= float(mask.max())
    np.testing.assert_array_equal(smooth_max(jnp.zeros((5, 5)), (20, 20), 4.0), 0.0)
