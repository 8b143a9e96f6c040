"""Maps over words."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.signal.words import word_mean, word_sum

GROUPS = jnp.array([-1, 0, 1, 1, 3, 1, -1])
MAP = jnp.array([5.0, 1.0, 2.0, -7.0, 0.5, 4.0, jnp.nan])


def test_sum_and_mean_leave_out_what_is_no_word():
    assert word_sum(MAP, GROUPS, words=5).tolist() == [1.0, -1.0, 0.0, 0.5, 0.0]
    np.testing.assert_allclose(word_mean(MAP, GROUPS, words=5), [1.0, -1 / 3, 0.0, 0.5, 0.0])


def test_under_jit_and_vmap_and_its_gradient():
    maps, groups = jnp.stack([MAP[:6], 2 * MAP[:6]]), jnp.stack([GROUPS[:6], GROUPS[:6]])
    run = jax.jit(jax.vmap(lambda m, g: word_sum(m, g, words=4)))
    np.testing.assert_array_equal(run(maps, groups)[1], 2 * word_sum(MAP[:6], GROUPS[:6], words=4))
    slope = jax.grad(lambda m: word_sum(m, GROUPS, words=4)[1])(MAP)
    assert slope.tolist() == [0, 0, 1, 1, 0, 1, 0]


def test_half_precision_stays():
    assert word_mean(MAP.astype(jnp.bfloat16), GROUPS, words=4).dtype == jnp.bfloat16


@pytest.mark.unchecked
def test_refusals():
    with pytest.raises(ValueError, match=r"one length, \[t\], got \(7, 2\) and \(7,\); reduce the channels"):
        word_sum(jnp.ones((7, 2)), GROUPS, words=4)
    with pytest.raises(ValueError, match="number of words, got 0"):
        word_sum(MAP, GROUPS, words=0)
    with pytest.raises(ValueError, match=r"groups name word 3, but there are 3 words, 0\.\.2"):
        word_sum(MAP, GROUPS, words=3)
