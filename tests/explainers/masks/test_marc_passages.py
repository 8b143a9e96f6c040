"""Several passages as the released program masks them: settled masks are stored, all sources move on to the end."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import scores
from jxai.explainers.masks.marc import marc_trace
from jxai.explainers.masks.text_mask import sequence_mask

pytestmark = pytest.mark.optimised  # hundreds of steps

WORDS, LENGTH = (5, 3), 7  # of the two passages; tokens with [CLS], [SEP] and [PAD]
GROUPS = jnp.array([[-1, 0, 1, 2, 3, 4, -1], [-1, 0, 1, 2, -1, -1, -1]])
X = jnp.sin(jnp.arange(2.0 * LENGTH * 2)).reshape(2, LENGTH, 2)
WEIGHT = jnp.array([[0.3, 2.0, -0.5, 0.1, 1.0, 0.4, 0.2], [0.03, -0.12, 0.51, 0.24, 0.06, 0.1, 0.3]])


def one(x, weight):
    return jax.nn.log_sigmoid(5 * jnp.tanh(x[:, 0] * weight + x[:, 1]).sum())


def word_masks(w, sigma):
    """For each passage the masks of its words: `sigmoid(sum_i w_i exp(-(i - j)^2 / sigma_i^2))`."""
    found = []
    for k, n in enumerate(WORDS):
        apart = np.square(np.arange(n)[:, None] - np.arange(n)[None, :]).astype(float)
        found.append(jax.nn.sigmoid(jnp.exp(-apart / sigma[k, :n][None, :] ** 2) @ w[k, :n]))
    return found


def terms(w, sigma):
    """Likelihoods, and the barrier with the constant sources: two ends, and what pads the shorter passage."""
    masks = word_masks(w, sigma)
    spread = jnp.stack([jnp.zeros(LENGTH).at[1 : 1 + n].set(m) for n, m in zip(WORDS, masks, strict=True)])
    p, left = (
        jnp.mean(jnp.stack([jnp.exp(one(m[:, None] * x, v)) for m, x, v in zip(share, X, WEIGHT, strict=True)]))
        for share in (spread, 1 - spread)
    )
    squashed = lambda p: jnp.log((1 - 1e-5) * p + 5e-6)  # noqa: E731
    barrier = sum(
        -1.2 * (jnp.log(sigma[k, :n]).sum() + (2 + max(WORDS) - n) * math.log(0.01)) / n for k, n in enumerate(WORDS)
    )
    size = sum(m.mean() ** 2 for m in masks)
    return -squashed(p) - squashed(1 - left) + size + barrier, barrier


def literal(steps):
    """AdamW of Loshchilov and Hutter 2019 over everything; every 50 steps a look at each passage that has not ended."""
    now = np.stack([np.full((2, LENGTH), 1.2), np.full((2, LENGTH), 2.0)])
    slope = jax.jit(jax.grad(lambda now: terms(*now)[0]))
    first, second = np.zeros_like(now), np.zeros_like(now)
    stored, ended, before = [None, None], [None, None], [1.0, 1.0]
    for step in range(steps):
        masks = [np.asarray(m) for m in word_masks(*now)]
        for k, mask in enumerate(masks):
            if ended[k] is None:
                stored[k] = mask
            if step == 0 or step % 50:
                continue
            mean = mask.mean()
            still = abs(mean - before[k]) < 1 / 200 or (abs(mean - before[k]) < 1 / 80 and mean < 0.2)
            if ended[k] is None and still and (step >= 199 or mean < 0.3) and mean < 0.45:
                ended[k] = step
            before[k] = mean
        g = np.asarray(slope(now))
        first, second = 0.9 * first + 0.1 * g, 0.999 * second + 0.001 * g**2
        move = first / (1 - 0.9 ** (step + 1)) / (np.sqrt(second / (1 - 0.999 ** (step + 1))) + 1e-8)
        now = now - 0.03 * (move + 0.01 * now)
        if None not in ended:
            break
    return stored, ended, now, step + 1


def test_released_passages_are_stored_when_they_settle_and_go_on():
    score = scores.joint(one, in_axes=(0, 0))
    explain = jax.jit(marc_trace(score, mask=sequence_mask(variant="released"), steps=900))
    found = explain(X, jnp.array([True, True]), WEIGHT, groups=GROUPS)
    stored, ended, now, steps = literal(900)
    assert ended[0] != ended[1], "the passages must settle at different looks, or the test says nothing"
    assert int(found.steps) == steps == max(ended) + 1
    np.testing.assert_allclose(found.terms.sigma[0], terms(jnp.full((2, 7), 1.2), jnp.full((2, 7), 2.0))[1], rtol=1e-12)
    for k, n in enumerate(WORDS):
        np.testing.assert_allclose(found.mask[k, 1 : 1 + n], stored[k], rtol=0, atol=1e-8)
        np.testing.assert_allclose(found.sources.w[k, :n], now[0, k, :n], rtol=0, atol=1e-7)
    moved = np.asarray(word_masks(*now)[ended.index(min(ended))])
    assert np.abs(moved - stored[ended.index(min(ended))]).max() > 1e-5, "its sources went on"


def test_paper_passages_stay_as_they_settled():
    score = scores.joint(one, in_axes=(0, 0))
    found = jax.jit(marc_trace(score, mask=sequence_mask(), steps=900))(
        X, jnp.array([True, True]), WEIGHT, groups=GROUPS
    )
    areas = np.asarray(found.areas)[: int(found.steps)]
    still = [(areas[-1, k] == areas[:, k]).sum() for k in (0, 1)]
    assert max(still) > 40, "one passage settled a look before the other, and its mask stayed"
