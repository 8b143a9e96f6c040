"""A tiny vision transformer against a literal NumPy one."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import models
from jxai.core.taps import reap

DEPTH, WIDTH, HEADS, PATCH, SIZE = 2, 8, 2, 2, 6


def norm(p, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-6) * p["scale"] + p["bias"]


def dense(p, x):
    return x @ p["kernel"] + p["bias"]


def gelu(x):
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def attention(p, x, maps):
    qkv = dense(p["qkv"], x)
    heads = []
    for h in range(HEADS):
        d = WIDTH // HEADS
        q, k, v = (qkv[:, i * WIDTH + h * d : i * WIDTH + (h + 1) * d] for i in range(3))
        weights = np.exp(q @ k.T / math.sqrt(d))
        weights /= weights.sum(1, keepdims=True)
        maps.append(weights)
        heads.append(weights @ v)
    return dense(p["project"], np.concatenate(heads, 1))


def literal(p, image):
    side = SIZE // PATCH
    rows = [
        image[i * PATCH : (i + 1) * PATCH, j * PATCH : (j + 1) * PATCH].reshape(-1)
        for i in range(side)
        for j in range(side)
    ]
    x = np.concatenate([p["token"], dense(p["patches"], np.array(rows))]) + p["positions"]
    maps = []
    for i in range(DEPTH):
        b = p[f"block{i}"]
        x = x + attention(b["attention"], norm(b["norm1"], x), maps)
        x = x + dense(b["contract"], gelu(dense(b["expand"], norm(b["norm2"], x))))
    return dense(p["classify"], norm(p["norm"], x)[0]), maps


@pytest.fixture(scope="module")
def case():
    model = models.vit(depth=DEPTH, width=WIDTH, heads=HEADS, patch=PATCH, size=SIZE, classes=3)
    numbers = np.random.default_rng(0)
    template = jax.eval_shape(model.init, jax.random.key(0))
    params = jax.tree.map(lambda p: numbers.normal(0, 0.5, p.shape), template)
    return model, params, numbers.normal(size=(SIZE, SIZE, 3))


def test_logits_and_attention_agree_with_numpy(case):
    model, params, image = case
    logits, maps = literal(params, image)
    params, image = jax.tree.map(jnp.asarray, params), jnp.asarray(image)
    np.testing.assert_allclose(model.apply(params, image), logits, rtol=1e-9)
    tapped = reap(lambda x: model.apply(params, x), "block0/attention", "block1/attention")(image)
    np.testing.assert_allclose(jnp.concatenate([tapped["block0/attention"], tapped["block1/attention"]]), maps)


def test_grid_is_laid_out_like_the_image(case):
    model, params, image = case
    params = jax.tree.map(jnp.asarray, params)
    grid = reap(lambda x: model.apply(params, x), "block0/grid")
    image = jnp.asarray(image)
    moved = grid(image.at[2:4, 4:6].add(1.0))["block0/grid"] - grid(image)["block0/grid"]
    changed = np.argwhere(np.abs(moved).max(-1) > 0)
    assert changed.tolist() == [[1, 2]]


def test_sizes_that_do_not_divide():
    with pytest.raises(ValueError, match="size must be a multiple of patch, but 10"):
        models.vit(size=10, patch=4)
    with pytest.raises(ValueError, match="width must be a multiple of heads, but 10"):
        models.vit(width=10, heads=4)


def test_named_sizes():
    assert jax.eval_shape(models.vit_base(depth=1).init, jax.random.key(0))["token"].shape == (1, 768)
    assert models.vit_small(depth=1, classes=7).classes == 7
