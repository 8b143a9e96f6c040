"""Sliding windows as shifted slices: all first elements of the windows, all second ones, and so on."""

from collections.abc import Iterator

from jax import lax
from jaxtyping import Array, Float

__all__ = ["shifted_slices"]


def shifted_slices(x: Float[Array, "h w c"], window: tuple[int, int], stride: int) -> Iterator[Float[Array, "oh ow c"]]:
    """Yields, for each place in the window (row by row), the elements that all windows have there.

    Args:
        x: one image, already padded.
        window: height and width of the window.
        stride: pixels between two windows.

    Returns:
        `height * width` images, each with one element for every window that fits.
    """
    height, width = ((n - k) // stride + 1 for n, k in zip(x.shape[:2], window, strict=True))
    for i in range(window[0]):
        for j in range(window[1]):
            end = (i + (height - 1) * stride + 1, j + (width - 1) * stride + 1, x.shape[2])
            yield lax.slice(x, (i, j, 0), end, (stride, stride, 1))
