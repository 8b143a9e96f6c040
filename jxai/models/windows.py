"""Sliding windows as shifted slices: slice k holds the k-th element of every window."""

from collections.abc import Iterator

from jax import lax
from jaxtyping import Array, Float

__all__ = ["shifted_slices"]


def shifted_slices(x: Float[Array, "h w c"], window: tuple[int, int], stride: int) -> Iterator[Float[Array, "oh ow c"]]:
    """Yields, for each position in the window (row by row), the elements of all windows at that position.

    Args:
        x: one image, already padded.
        window: height and width of the window.
        stride: pixels between two windows.

    Returns:
        `height * width` images, each with one element of every window that fits.
    """
    height, width = ((n - k) // stride + 1 for n, k in zip(x.shape[:2], window, strict=True))
    for i in range(window[0]):
        for j in range(window[1]):
            # The transpose of a slice is a `pad`; that of a gather is a scatter, slow on a CPU
            end = (i + (height - 1) * stride + 1, j + (width - 1) * stride + 1, x.shape[2])
            yield lax.slice(x, (i, j, 0), end, (stride, stride, 1))
