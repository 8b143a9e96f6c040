"""Segments: grids, scikit-image's segmentations, stacks of them, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.signal import labels, segments


def halves(height=24, width=24):
    """A dark and a bright half, with a little texture."""
    image = np.zeros((height, width, 3))
    image[:, width // 2 :] = 0.9
    return image + 0.02 * np.random.default_rng(0).random(image.shape)


def test_grid_numbers_every_box():
    for shape, side in (((7,), 3), ((5, 8), 2), ((4, 5, 6), (2, 5, 4))):
        sides = (side,) * len(shape) if isinstance(side, int) else side
        expected, numbers = np.zeros(shape, int), {}
        for place in np.ndindex(shape):
            box = tuple(p // s for p, s in zip(place, sides, strict=True))
            expected[place] = numbers.setdefault(box, len(numbers))
        np.testing.assert_array_equal(segments.grid(shape, side), expected)
    assert jax.jit(lambda: segments.grid((4, 4), 2))().dtype == jnp.int32


@pytest.mark.parametrize("of", [segments.slic, segments.felzenszwalb])
@pytest.mark.parametrize("kind", ["float", "uint8", "gray", "channel"])
def test_segmentations_follow_the_picture(of, kind):
    image = halves()
    given = {
        "float": image,
        "uint8": np.round(255 * image).astype(np.uint8),
        "gray": image[..., 0],
        "channel": jnp.asarray(image[..., :1]),
    }[kind]
    labels = of(given, 8) if of is segments.slic else of(given, 100.0)
    assert labels.dtype == np.int32 and labels.shape == (24, 24)
    assert sorted(set(labels.ravel().tolist())) == list(range(labels.max() + 1)) and labels.max() > 0
    left, right = (set(half.ravel().tolist()) for half in (labels[:, :11], labels[:, 13:]))
    assert not left & right


def test_more_superpixels_and_larger_scales():
    image = np.random.default_rng(1).random((32, 32, 3))
    assert segments.slic(image, 4).max() < segments.slic(image, 30).max()
    assert segments.felzenszwalb(image, 50.0).max() >= segments.felzenszwalb(image, 1200.0).max()
    sizes = np.bincount(segments.felzenszwalb(image, 10.0, smallest=30).ravel())
    assert sizes.min() >= 30


def test_multiscale_stacks_levels():
    image = halves()
    stack = segments.multiscale(image, (50, 1200))
    assert stack.shape == (2, 24, 24) and stack.dtype == np.int32
    np.testing.assert_array_equal(stack[1], segments.felzenszwalb(image, 1200))
    np.testing.assert_array_equal(segments.multiscale(image, (4, 9), by=segments.slic)[0], segments.slic(image, 4))


def test_bad_input_is_refused():
    for of in (segments.slic, segments.felzenszwalb):
        with pytest.raises(TypeError, match="runs on the host and got a traced image"):
            jax.jit(of)(jnp.zeros((8, 8, 3)))
        with pytest.raises(ValueError, match=r"expected an image \[h, w\] or \[h, w, c\]"):
            of(np.zeros(8))
        with pytest.raises(ValueError, match="segment the photograph"):
            of(np.full((8, 8, 3), -1.0))
        with pytest.raises(ValueError, match="above zero, got 0"):
            of(np.zeros((8, 8, 3)), 0)
    with pytest.raises(ValueError, match="expected one side >= 1"):
        segments.grid((4, 4), (2, 2, 2))
    with pytest.raises(ValueError, match="at least one scale"):
        segments.multiscale(np.zeros((8, 8, 3)), ())


def test_dilated_segments_are_grown_squares_in_layers():
    """Every segment that is large enough, grown by a square, stands once, whole, in some layer."""
    levels = np.stack([segments.grid((9, 12), 3), segments.grid((9, 12), (4, 5))])
    layers = segments.dilated(levels, 2, smallest=9)
    expected = []
    for level in levels:
        for label in range(level.max() + 1):
            inside = np.argwhere(level == label)
            if len(inside) >= 9:
                near = [tuple(p) for p in np.ndindex(9, 12) if (np.abs(inside - p).max(-1) <= 2).any()]
                expected.append(tuple(near))
    got = [
        tuple(tuple(int(i) for i in p) for p in np.argwhere(layer == label))
        for layer in layers
        for label in range(layer.max() + 1)
    ]
    assert sorted(got) == sorted(expected) and 12 < len(expected) < 21
    with pytest.raises(ValueError, match="no segment has 500 locations"):
        segments.dilated(levels, smallest=500)
    with pytest.raises(ValueError, match="radius of 0 or more, got -1"):
        segments.dilated(levels, -1)
    with pytest.raises(TypeError, match="traced segments"):
        jax.jit(segments.dilated)(levels)


def test_levels_and_label_count():
    one = segments.grid((4, 4), 2)
    assert labels.levels_of(one, (4, 4)).shape == (1, 4, 4)
    assert labels.levels_of(np.stack([one, one]), (4, 4)).shape == (2, 4, 4)
    assert labels.label_count(one) == 4 and labels.label_count(one, 7) == 7
    assert labels.label_count(np.full((2, 2), -1)) == 0
