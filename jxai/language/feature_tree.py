"""From the channels of the last layer to those behind them, by backward passes from each layer to the one before.

No pass runs further than one layer, and the parents of a layer are independent: they are differentiated side by side.
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
        pull: from a cotangent of the upper layer to that of the lower layer.
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
        UnusedTap: the layers are not in the network's order.
    """
    # upper=, head=, pull= as defaults: lambdas in a loop would all see its last values
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
    """The channels that the paper's tree reaches (`decision_features`).

    Args:
        back: the segments, the last one first.
        beta: shares of the last layer's channels.
        k: number of channels at the start, and of children of a channel.
        breadth: number of channels of a layer that have children.
        chunk: parents side by side.

    Returns:
        Booleans `[K]` for each layer, in the network's order.
    """
    share, parents = jax.lax.top_k(beta, k)
    alive = jnp.ones_like(parents, bool)
    masks = [_mask(parents, alive, beta)]
    for segment in back:

        def effects(parent: Int[Array, ""], segment: Segment = segment) -> Float[Array, " lower"]:
            return mean_over_space(segment.pull(_only(parent, jnp.ones_like(segment.upper))))

        scores = map_over(effects, parents, chunk=chunk)
        # A channel without any effect on its parent (0) is no child, nor is one of a parent that is only padding
        best, columns = jax.lax.top_k(scores, k)
        rows = jax.vmap(_mask)(columns, (best != 0) & alive[:, None], scores)
        mass = (jax.nn.softmax(scores) * rows.astype(share.dtype) * share[:, None]).sum(0)
        children = rows.any(0)
        masks.append(children)
        # Static size: fewer children than `most` are padded with share -1, which `alive` masks
        most = min(breadth, len(parents) * k, len(mass))
        share, parents = jax.lax.top_k(jnp.where(children, mass, -jnp.ones_like(mass)), most)
        alive, share = share >= 0, jax.nn.relu(share)
    return masks[::-1]


def chains(
    back: Iterable[Segment],
    gradient: Float[Array, "*space c"],
    beta: Float[Array, " c"],
    k: int,
    *,
    quirk: bool,
    chunk: int,
) -> list[Bool[Array, " _"]]:
    """The channels that the released program reaches: k chains along the largest mean gradients.

    Args:
        back: the segments, the last one first.
        gradient: of the score at the last layer.
        beta: shares of the last layer's channels.
        k: number of chains.
        quirk: use the gradient through the last parent for all parents.
        chunk: parents side by side.

    Returns:
        As `tree`.
    """
    _, parents = jax.lax.top_k(beta, k)
    here = jnp.broadcast_to(gradient, (k, *gradient.shape))
    masks = [_mask(parents, jnp.ones_like(parents, bool), beta)]
    for segment in back:
        here = map_over(lambda both, segment=segment: segment.pull(_only(*both)), (parents, here), chunk=chunk)
        scores = jax.vmap(mean_over_space)(here)
        parents = scores.argmax(-1)
        masks.append(_mask(parents, jnp.ones_like(parents, bool), scores[0]))
        if quirk:  # the program writes all gradients into one array, and the last one stays
            here = jnp.broadcast_to(here[-1], here.shape)
    return masks[::-1]


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


def _mask(channels: Array, valid: Array, like: Array) -> Array:
    """Booleans like `like`, True at the channels that are valid."""
    here = jnp.arange(len(like), dtype=channels.dtype)[None] == channels[:, None]
    return (here & valid[:, None]).any(0)
