"""Random numbers at half the cost: their distribution, and that each example draws its own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from jxai.signal.draws import normal, uniform


@pytest.mark.parametrize("draw, distribution", [(normal, "norm"), (uniform, "uniform")])
@pytest.mark.parametrize("n", [4000, 4001])
def test_distribution(draw, distribution, n):
    drawn = np.asarray(draw(jax.random.key(3), (n,), jnp.float64))
    assert stats.kstest(drawn, distribution).pvalue > 1e-3
    assert abs(np.corrcoef(drawn[: n // 2], drawn[n // 2 : 2 * (n // 2)])[0, 1]) < 0.1


@pytest.mark.parametrize("draw", [normal, uniform])
def test_under_vmap_and_jit_each_key_draws_what_it_draws_alone(draw):
    keys = jax.random.split(jax.random.key(0), 3)
    many = jax.jit(jax.vmap(lambda key: draw(key, (2, 5), jnp.float32)))(keys)
    np.testing.assert_array_equal(many, [draw(key, (2, 5), jnp.float32) for key in keys])
    assert len(np.unique(many)) == 30


def test_keys_of_another_kind():
    drawn = normal(jax.random.key(0, impl="rbg"), (1000,), jnp.bfloat16)
    assert drawn.dtype == jnp.bfloat16 and abs(float(drawn.astype(jnp.float32).std()) - 1) < 0.1
