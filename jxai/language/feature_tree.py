"""From the channels of the last layer to those behind them: backward passes from one layer to the layer before.

No pass runs further than one layer, and none of the parents waits for another: the k of a layer go side by side.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int, Shaped

from jxai.core.chunks import map_over
from jxai.core.errors import UnusedTap
from jxai.core.taps import reap, split

__all__ = ["Segment", "chains", "mean_over_space", "segments", "tree", "wide"]


class Segment(NamedTuple):
    """The way back from a layer to the layer before it.

    Attributes:
        pull: a cotangent of the upper layer to the one of the lower layer.
        upper: shape and dtype of the upper layer's values.
    """

    pull: Callable[[Float[Array, "*upper"]], Float[Array, "*lower"]]
    upper: Any


def segments(
    score: Callable,
    layers: tuple[str, ...],
    values: Mapping[str, Float[Array, "..."]],
    x: Shaped[Array, "*shape"],
    args: tuple,
) -> Iterator[Segment]:
    """The segments between neighbouring layers, from the last one to the first; each costs its forward pass.

    Args:
        score: function `(x, *args)` that taps its intermediates.
        layers: the taps, the first layer first.
        values: of the layers.
        x: the example.
        args: the score's other arguments.

    Raises:
        UnusedTap: a layer does not come before the one after it.
    """
    for lower, upper in zip(layers[-2::-1], layers[:0:-1], strict=True):
        _, head = split(lambda *all, upper=upper: reap(score, upper)(*all)[upper], lower)
        try:
            _, pull = jax.vjp(lambda a, head=head: head(a, x, *args), values[lower])
        except UnusedTap:
            raise UnusedTap(
                f"{lower!r} does not come before {upper!r}: name the layers in the network's order."
            ) from None
        yield Segment(lambda cotangent, pull=pull: pull(cotangent)[0], values[upper])


def tree(
    back: Iterable[Segment], beta: Float[Array, " c"], k: int, breadth: int, *, chunk: int
) -> list[Bool[Array, " _"]]:
    """Which channels the paper's tree reaches (`decision_features`).

    Args:
        back: the segments, the last one first.
        beta: shares of the last layer's channels.
        k: channels to start with, and children of a channel.
        breadth: how many channels of a layer have children.
        chunk: parents side by side.

    Returns:
        For each layer, the first one first, booleans `[K]`.
    """
    share, parents = jax.lax.top_k(beta, k)
    alive = jnp.ones_like(parents, bool)
    found = [_marked(parents, alive, beta)]
    for segment in back:

        def effects(parent: Int[Array, ""], segment: Segment = segment) -> Float[Array, " lower"]:
            return mean_over_space(segment.pull(_only(parent, jnp.ones_like(segment.upper))))

        scores = map_over(effects, parents, chunk=chunk)
        best, columns = jax.lax.top_k(scores, k)
        rows = jax.vmap(_marked)(columns, (best != 0) & alive[:, None], scores)
        mass = (jax.nn.softmax(scores) * rows.astype(share.dtype) * share[:, None]).sum(0)
        children = rows.any(0)
        found.append(children)
        most = min(breadth, len(parents) * k, len(mass))
        share, parents = jax.lax.top_k(jnp.where(children, mass, -jnp.ones_like(mass)), most)
        alive, share = share >= 0, jax.nn.relu(share)
    return found[::-1]


def chains(
    back: Iterable[Segment],
    gradient: Float[Array, "*space c"],
    beta: Float[Array, " c"],
    k: int,
    *,
    quirk: bool,
    chunk: int,
) -> list[Bool[Array, " _"]]:
    """Which channels the released program reaches: k chains, each of the channel with the largest mean gradient.

    Args:
        back: the segments, the last one first.
        gradient: of the score at the last layer.
        beta: shares of the last layer's channels.
        k: how many chains.
        quirk: what came back through the last parent stands for what came back through each.
        chunk: parents side by side.

    Returns:
        As `tree`.
    """
    _, parents = jax.lax.top_k(beta, k)
    here = jnp.broadcast_to(gradient, (k, *gradient.shape))
    found = [_marked(parents, jnp.ones_like(parents, bool), beta)]
    for segment in back:
        here = map_over(lambda both, segment=segment: segment.pull(_only(*both)), (parents, here), chunk=chunk)
        scores = jax.vmap(mean_over_space)(here)
        parents = scores.argmax(-1)
        found.append(_marked(parents, jnp.ones_like(parents, bool), scores[0]))
        if quirk:
            here = jnp.broadcast_to(here[-1], here.shape)
    return found[::-1]


def mean_over_space(a: Float[Array, "*space c"]) -> Float[Array, " c"]:
    """`[*space, c]` to `[c]`, in float32 at least."""
    return wide(a).mean(tuple(range(a.ndim - 1)))


def wide(a: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """The array in float32 at least."""
    return a if jnp.finfo(a.dtype).bits >= 32 else a.astype(jnp.float32)


def _only(channel: Array, values: Array) -> Array:
    """The values of one channel, zero in all others."""
    here = jnp.broadcast_to(jnp.arange(values.shape[-1], dtype=channel.dtype) == channel, values.shape)
    return jnp.where(here, values, jnp.zeros_like(values))


def _marked(channels: Array, valid: Array, like: Array) -> Array:
    """Booleans like `like`, True at the channels that are valid."""
    here = jnp.arange(len(like), dtype=channels.dtype)[None] == channels[:, None]
    return (here & valid[:, None]).any(0)
