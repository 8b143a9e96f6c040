"""Augmentation: what each option does, and that the key decides."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.train.augment import augment

IMAGE = np.random.default_rng(0).uniform(0.2, 0.8, (6, 5, 3)).astype(np.float32)
OFF = {"flip": False, "shift": 0, "brightness": 0.0, "contrast": 0.0}
KEYS = jax.random.split(jax.random.key(0), 64)


def many(**options):
    return np.asarray(jax.vmap(lambda key: augment(key, jnp.asarray(IMAGE), **(OFF | options)))(KEYS))


def test_off_changes_nothing():
    np.testing.assert_array_equal(augment(KEYS[0], jnp.asarray(IMAGE), **OFF), IMAGE)


def test_flip():
    turned = [np.array_equal(copy, IMAGE[:, ::-1]) for copy in many(flip=True)]
    same = [np.array_equal(copy, IMAGE) for copy in many(flip=True)]
    assert all(np.add(turned, same)) and 16 < sum(turned) < 48


def test_shift():
    padded = np.pad(IMAGE, ((2, 2), (2, 2), (0, 0)), mode="edge")
    windows = [padded[y : y + 6, x : x + 5] for y in range(5) for x in range(5)]
    found = {next(i for i, w in enumerate(windows) if np.array_equal(copy, w)) for copy in many(shift=2)}
    assert len(found) > 15


def test_brightness_adds_and_contrast_scales():
    added = many(brightness=0.1) - IMAGE
    assert np.ptp(added.reshape(64, -1), axis=1).max() < 1e-6
    assert 0.08 < np.abs(added).max() <= 0.1 + 1e-6
    copies = many(contrast=0.2)
    factors = copies.std((1, 2, 3)) / IMAGE.std()
    assert 0.8 - 1e-5 <= factors.min() < 0.85 and 1.15 < factors.max() <= 1.2 + 1e-5
    np.testing.assert_allclose(copies.mean((1, 2, 3)), IMAGE.mean(), atol=1e-5)


def test_values_stay_in_range():
    copies = many(brightness=0.9, contrast=0.9)
    assert copies.min() == 0 and copies.max() == 1


@pytest.mark.parametrize("dtype", [np.float64, jnp.bfloat16])
def test_dtype_is_kept(dtype):
    options = {"shift": 1, "brightness": 0.1, "contrast": 0.1}
    assert augment(KEYS[0], jnp.asarray(IMAGE, dtype), **options).dtype == dtype
