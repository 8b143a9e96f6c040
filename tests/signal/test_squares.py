"""Images in a square: in the middle, told apart from their padding, and cut out again."""

import jax.numpy as jnp
import numpy as np
import pytest

from jxai.signal.squares import pad_square, unpad

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("shape", "padding"), [((3, 8), ((2, 3), (0, 0))), ((6, 4), ((0, 0), (1, 1)))])
def test_in_the_middle_and_back(shape, padding):
    image = RNG.normal(size=(*shape, 3))
    square = pad_square(jnp.asarray(image), value=jnp.array([-1.0, -2.0, -3.0]))
    assert square.padding == padding and square.image.shape == (max(shape),) * 2 + (3,)
    for channel in range(3):
        np.testing.assert_array_equal(unpad(square.image[..., channel], padding), image[..., channel])
    assert square.image[~square.valid].tolist() == [[-1.0, -2.0, -3.0]] * (max(shape) ** 2 - shape[0] * shape[1])


def test_resized():
    square = pad_square(jnp.ones((4, 8, 1)), size=16)
    assert square.padding == ((4, 4), (0, 0)) and square.image.shape == (16, 16, 1)
    np.testing.assert_allclose(square.image[5:11], 1.0)
    assert int(square.valid.sum()) == 8 * 16
    already = pad_square(jnp.ones((5, 5, 2)))
    assert already.padding == ((0, 0), (0, 0)) and already.valid.all()


def test_what_is_no_image_is_refused():
    with pytest.raises(ValueError, match=r"expected an image \[h, w, c\]"):
        pad_square(jnp.ones((2, 3)))
    with pytest.raises(ValueError, match="size of at least 1"):
        pad_square(jnp.ones((2, 3, 1)), size=0)
