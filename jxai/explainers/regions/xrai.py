"""XRAI: attributions gathered over segments of several scales, the densest first."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.errors import require_positive, require_space
from jxai.core.evaluate import explainer
from jxai.core.inputs import with_channels
from jxai.core.types import Explain, Key, Labels
from jxai.signal.filters import at_least_single
from jxai.signal.labels import label_count, levels_of

__all__ = ["xrai"]

_BLOCK = 512  # locations handled side by side; a segment larger than this takes several rounds


@explainer
def xrai(
    explain: Explain,
    *,
    count: int | None = None,
    smallest: int = 1,
    ordered: bool = False,
    space: int | None = None,
) -> Explain:
    r"""XRAI: segments are added one by one, always the one whose new locations have the highest mean attribution.

    `s_k = argmax_s mean_{i in s - M} A_i`, `M <- M + s_k`; each location gets the mean of the segment that brought
    it, `phi_i = mean_{j in s_k - M} A_j`

    Args:
        explain: ANY explainer whose result has the shape of `x` (summed over the channels) or of its space. The
            paper's is the mean of integrated gradients from black and from white.
        count: how many labels each level has at most; needed where the segments are traced (under `jit`, `vmap`).
        smallest: segments that would add fewer locations are not added; the locations that remain come last, together.
            At 224 pixels, 50 avoids slivers between large segments (ours; 1 is the algorithm as written).
        ordered: return the order instead of the means: 1 minus the share of the space that was covered before.
            Thresholds of it give the paper's series of masks.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).

    Returns:
        Explain `(x, *args, key=None, segments, **inputs) -> map` of shape `[*space]`; `inputs` and `key` go to
        `explain`. `segments` are integers `[levels, *space]` (or `[*space]`), made by `jxai.signal.segments`;
        locations in no segment (negative labels) come last, together. In units of the attribution per location; the
        sum is that of `explain`'s result. nan where traced segments hold a label beyond `count`.

    Raises:
        TypeError: segments that are no integers.
        ValueError: `x` is a vector, segments or attribution of another shape, or `count` missing or too small.

    Reference:
        Kapishnikov, Bolukbasi, Viegas and Terry 2019, "XRAI: better attributions through regions", algorithm 1. The
        paper grows every segment by 5 pixels: `signal.segments.dilated(signal.segments.multiscale(image))`; without,
        thin segments along edges come first. The order is fixed (no derivative), the means have exact derivatives.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.explainers.gradients import gradient
        >>> explain = xrai(gradient(lambda x: (x[:, 0] * jnp.array([4.0, 0.0, 3.0, 3.0, -1.0])).sum()))
        >>> levels = jnp.array([[0, 0, 1, 1, 2], [0, 1, 1, 1, 1]])
        >>> explain(jnp.ones((5, 1)), segments=levels).tolist()
        [4.0, 0.0, 3.0, 3.0, -1.0]
    """
    require_positive(smallest=smallest, **({} if count is None else {"count": count}))

    def explain_regions(
        x: Shaped[Array, "*shape"], *args: Any, key: Key | None = None, segments: Labels, **inputs: Any
    ) -> Float[Array, "*space"]:
        places = require_space(with_channels(x, space, "xrai").array, "xrai", integers=True)
        levels = levels_of(segments, places)
        labels = label_count(segments, count)
        attribution = _over_space(explain(x, *args, key=key, **inputs), x.shape, places)
        a = attribution.astype(at_least_single(attribution.dtype)).ravel()
        flat = levels.reshape(len(levels), -1)
        offsets = jnp.arange(len(levels), dtype=flat.dtype)[:, None] * labels
        nowhere = (flat < 0) | (flat >= labels)
        candidates = jnp.where(nowhere, len(levels) * labels, flat + offsets)
        owner, before = _add_greedily(jax.lax.stop_gradient(a), candidates, len(levels) * labels, smallest)
        values = 1 - before / a.size if ordered else _means(a, owner, len(levels) * labels + 1)
        values = jnp.where((flat >= labels).any(), jnp.nan, values)
        return values.reshape(places).astype(attribution.dtype)

    return explain_regions


class _Progress(NamedTuple):
    """The state of the greedy choice."""

    owner: Array  # [n] the segment that brought each location
    before: Array  # [n] locations covered when it was added
    sums: Array  # [segments] attribution of what each would add
    areas: Array  # [segments] locations that each would add
    segment: Array  # the one being added
    place: Array  # how many of its locations are done
    coverage: Array  # locations covered when it was begun


def _over_space(attribution: Array, shape: tuple[int, ...], space: tuple[int, ...]) -> Array:
    if attribution.shape not in (shape, space):
        raise ValueError(
            f"xrai needs an attribution of shape {shape} or {space}; {attribution.shape} came. Enlarge a layer's map "
            f"first: lambda x, *args, key=None: jxai.signal.maps.upsample(explain(x, *args), {space})."
        )
    return attribution.sum(tuple(range(len(space), attribution.ndim)))


def _means(a: Array, owner: Array, count: int) -> Array:
    """The mean over the locations with the same owner."""
    total = jnp.zeros_like(a, shape=(count,)).at[owner].add(a)
    size = jnp.zeros_like(a, shape=(count,)).at[owner].add(jnp.ones_like(a))
    return total[owner] / size[owner]


def _add_greedily(a: Array, candidates: Array, count: int, smallest: int) -> tuple[Array, Array]:
    """Add segments greedily: the segment that brings each location, and how many were covered before it.

    The locations of a segment lie side by side in `order`. They are subtracted, in blocks, from what all other segments
    would add. So every location is handled once for each segment that holds it, whatever the number of segments.
    """
    n = a.size
    order = jnp.argsort(candidates, axis=-1)  # [levels, n]
    flat = candidates.ravel()
    values = jnp.broadcast_to(a, candidates.shape).ravel()
    both = a + candidates[0].astype(a.dtype)  # under shard_map the loop's state must vary as both do
    nothing, none = jnp.zeros_like(both, shape=(count,)), jnp.zeros_like(both, dtype=candidates.dtype)
    sums, areas = nothing.at[flat].add(values, mode="drop"), nothing.at[flat].add(jnp.ones_like(values), mode="drop")
    sizes = areas.astype(jnp.int32)
    per_level = sizes.reshape(len(candidates), -1)
    begins = (jnp.cumsum(per_level, axis=-1) - per_level).ravel()  # in `order`, whose level is segment // labels
    per = count // len(candidates)

    def going(now: _Progress) -> Array:
        return (now.areas > smallest - 0.5).any() | (now.place < sizes[now.segment])

    def step(now: _Progress) -> _Progress:
        fresh = now.place >= sizes[now.segment]
        open_ = now.areas > smallest - 0.5
        density = jnp.where(open_, now.sums / jnp.where(open_, now.areas, 1.0), -jnp.inf)
        segment = jnp.where(fresh, jnp.argmax(density).astype(now.segment.dtype), now.segment)
        place = jnp.where(fresh, 0, now.place)
        coverage = jnp.where(fresh, (now.owner < count).sum().astype(now.coverage.dtype), now.coverage)
        inside = place + jnp.arange(_BLOCK, dtype=place.dtype)
        at = order[segment // per, jnp.minimum(begins[segment] + inside, n - 1)]
        new = (inside < sizes[segment]) & (now.owner[at] == count)
        target = jnp.where(new, at, n)  # n is dropped
        others = candidates[:, at]
        lost = jnp.broadcast_to(new.astype(a.dtype), others.shape)
        return _Progress(
            now.owner.at[target].set(segment, mode="drop"),
            now.before.at[target].set(coverage, mode="drop"),
            now.sums.at[others].add(-lost * a[at][None], mode="drop"),
            now.areas.at[others].add(-lost, mode="drop"),
            segment,
            place + _BLOCK,
            coverage,
        )

    begun = _Progress(none + count, jnp.zeros_like(both), sums, areas, none[0], none[0] + n, jnp.zeros_like(both[0]))
    done = jax.lax.while_loop(going, step, begun)
    rest = (done.owner < count).sum().astype(a.dtype)
    return done.owner, jnp.where(done.owner == count, rest, done.before)
