"""Pointing game, relevance mass and relevance rank: ends, precisions, and refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai.metrics
from tests.jitted import JittedModule

metrics = JittedModule(jxai.metrics)
NAMES = ("pointing_game", "relevance_mass", "relevance_rank")


@pytest.mark.parametrize("name", NAMES)
def test_a_map_equal_to_its_mask_scores_one_and_its_opposite_zero(name):
    mask = jnp.zeros((4, 4)).at[1:3, 1:3].set(1.0)
    assert float(getattr(metrics, name)(mask, mask)) == 1.0
    assert float(getattr(metrics, name)(1 - mask, mask)) == 0.0


def test_pointing_game_takes_the_first_of_equals():
    assert float(metrics.pointing_game(jnp.array([1.0, 1.0]), jnp.array([False, True]))) == 0.0


def test_nothing_positive_and_nothing_to_find():
    assert float(metrics.relevance_mass(-jnp.ones(3), jnp.ones(3))) == 0.0
    assert float(metrics.relevance_rank(jnp.ones(3), jnp.zeros(3))) == 0.0
    assert np.all(np.isfinite(jax.grad(metrics.relevance_mass)(-jnp.ones(3), jnp.ones(3))))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16, jnp.float64])
def test_dtype_and_vmap(name, dtype):
    maps = jnp.arange(12.0).reshape(3, 4).astype(dtype)
    masks = maps % 2 == 0
    many = jax.jit(jax.vmap(getattr(metrics, name)))(maps, masks)
    assert many.dtype == dtype
    assert many.tolist() == [float(getattr(metrics, name)(a, m)) for a, m in zip(maps, masks, strict=True)]


@pytest.mark.parametrize("name", NAMES)
def test_shapes_must_agree(name):
    with pytest.raises(ValueError, match=r"map and mask must have one shape; \(2, 3\) and \(3, 2\) came"):
        getattr(metrics, name)(jnp.ones((2, 3)), jnp.ones((3, 2)))
