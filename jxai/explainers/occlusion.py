"""Occlusion: the score's loss when a window slides over the example."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float, Int, Shaped

from jxai.core.chunks import map_over
from jxai.core.errors import about_space, require_array, require_baseline, require_positive
from jxai.core.evaluate import evaluate, explainer
from jxai.core.inputs import takes_space
from jxai.core.types import Explain, Inputs, Key, Score
from jxai.signal.filters import at_least_single
from jxai.signal.masks import keep

__all__ = ["occlusion"]


@explainer
@takes_space
def occlusion(
    score: Score,
    *,
    window: int | Sequence[int] | None = None,
    stride: int | Sequence[int] | None = None,
    overlap: str = "mean",
    space: int | None = None,
    chunk: int = 4,
) -> Explain:
    r"""Occlusion: the score's loss when a window slides over the example.

    `phi_i = mean_{w covers i} [f(x) - f(x without w)]`

    Windows start at multiples of the stride; the last one of an axis may reach beyond the end.

    Args:
        score: function `(x, *args) -> number` of one example.
        window: size of the window, one number or one for each axis of space; default `round(n / 9)` of each axis.
        stride: from one window to the next, likewise; default `round(n / 56)`, at least 1.
        overlap: `"mean"` of the windows that cover a place, or their `"sum"`.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).
        chunk: the most windows evaluated side by side.

    Returns:
        Explain `(x, *args, key=None, baseline=None) -> attribution` of shape `[*space]` (a vector's is its own), in
        units of the score. `baseline` is like x, or a number; None is zeros. x may hold whole numbers (token numbers).

    Raises:
        ValueError: `window`, `stride` or `chunk` not positive, a window larger than x, a stride larger than its
            window, or another number of axes.

    Reference:
        Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks". The defaults are the settings
        of Brinner and Zarriess 2023 (MaRC), appendix A. Captum takes the mean too, and windows over channels.

    Example:
        >>> import jax.numpy as jnp
        >>> occlusion(jnp.sum, window=2, stride=1)(jnp.array([1.0, 2.0, 5.0])).tolist()
        [3.0, 5.0, 7.0]
    """
    del space  # `takes_space` brings x into the form [*space, c]
    require_positive(chunk=chunk)
    for name, sizes in (("window", window), ("stride", stride)):
        for size in () if sizes is None else np.ravel(sizes).tolist():
            require_positive(**{name: size})
    if overlap not in ("mean", "sum"):
        raise ValueError(f"overlap must be 'mean' or 'sum'; {overlap!r} came.")

    def explain(
        x: Shaped[Array, "*shape"], *args: Any, key: Key | None = None, baseline: Inputs | float | None = None
    ) -> Float[Array, "*space"]:
        del key
        require_array(x, "occlusion")
        b = require_baseline(x, baseline, integers=True)
        places = x.shape if x.ndim < 2 else x.shape[:-1]
        windows, strides = (
            _per_axis(sizes, places, part, f"{name} must be one number, or one for each axis of {places}", x)
            for sizes, part, name in ((window, 9, "window"), (stride, 56, "stride"))
        )
        starts = _starts(places, windows, strides)

        def without(corner: Int[Array, " axes"]) -> Float[Array, ""]:
            mask = jnp.ones(places, bool)
            # made here from iotas: the masks of all windows at once would be large
            for axis, width in enumerate(windows):
                from_start = jax.lax.broadcasted_iota(corner.dtype, places, axis) - corner[axis]
                mask &= (from_start >= 0) & (from_start < width)
            return evaluate(score, keep(x, ~mask, b), *args)

        # corners in, numbers out: memory does not grow with windows times places
        corners = np.stack(np.meshgrid(*starts, indexing="ij"), -1).reshape(-1, len(places))
        losses = evaluate(score, x, *args) - map_over(without, jnp.asarray(corners, jnp.int32), chunk=chunk)
        return _over_places(losses.reshape([len(s) for s in starts]), starts, windows, places, overlap)

    return explain


def _per_axis(
    sizes: int | Sequence[int] | None, space: tuple[int, ...], part: int, expected: str, x: Array
) -> tuple[int, ...]:
    if sizes is None:
        return tuple(max(1, round(size / part)) for size in space)
    each = (sizes,) * len(space) if isinstance(sizes, int) else tuple(sizes)
    if len(each) != len(space):
        raise ValueError(f"{expected}; {each} came.{about_space(x)}")
    return each


def _starts(space: tuple[int, ...], windows: tuple[int, ...], strides: tuple[int, ...]) -> list[np.ndarray]:
    """Where the windows of each axis start: together they cover it."""
    if any(window > size for window, size in zip(windows, space, strict=True)):
        raise ValueError(f"window must be no larger than the space {space}; {windows} came.")
    if any(stride > window for stride, window in zip(strides, windows, strict=True)):
        raise ValueError(f"stride must be at most the window {windows}, or places are never covered; {strides} came.")
    each = zip(space, windows, strides, strict=True)
    return [np.arange(math.ceil((size - window) / stride) + 1) * stride for size, window, stride in each]


def _over_places(
    losses: Array, starts: list[np.ndarray], windows: tuple[int, ...], space: tuple[int, ...], overlap: str
) -> Array:
    """The losses of the windows that cover each place, axis by axis: `[windows along each axis] -> [*space]`.

    A window is a product over the axes, and so is the number of windows over a place: one small matrix for each axis.
    """
    for axis, (first, width, size) in enumerate(zip(starts, windows, space, strict=True)):
        from_start = np.arange(size)[None] - first[:, None]
        covers = ((from_start >= 0) & (from_start < width)).astype(np.float64)  # [windows, size]
        shares = covers / covers.sum(0) if overlap == "mean" else covers
        wide = losses.astype(at_least_single(losses.dtype))
        over_axis = jnp.tensordot(wide, jnp.asarray(shares, wide.dtype), axes=(axis, 0), precision="highest")
        losses = jnp.moveaxis(over_axis, -1, axis).astype(losses.dtype)
    return losses
