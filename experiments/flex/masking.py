"""Do the features that a sentence names carry the decision? They are switched off, as are equally many random ones."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from experiments.flex.networks import Network
from jxai.run.map import map_examples
from jxai.train.evaluate import from_uint8

__all__ = ["masking", "named_features", "random_like"]


def named_features(words: np.ndarray, mentioned: np.ndarray, support: np.ndarray) -> np.ndarray:
    """Which features sentences name: those whose word they contain.

    Args:
        words: the word of each feature, int `[F]`.
        mentioned: the words of each sentence, bool `[n, D]`.
        support: the number of images in which a feature occurs together with its word, `[F]`; at 0 it has no word.

    Returns:
        Bool `[n, F]`.
    """
    return mentioned[:, words] & (support > 0)


def random_like(
    chosen: np.ndarray, pool: np.ndarray, widths: Sequence[int], rng: np.random.Generator, draws: int
) -> np.ndarray:
    """As many random features of each layer as are chosen, out of the pool.

    Args:
        chosen: bool `[n, F]`.
        pool: bool `[n, F]`.
        widths: channels of each layer; F in all.
        rng: source of randomness.
        draws: sets for each row.

    Returns:
        Bool `[n, draws, F]`; fewer where a layer's pool has fewer.
    """
    stops = np.cumsum(widths)
    drawn = np.zeros((len(chosen), draws, chosen.shape[1]), bool)
    for start, stop in zip(stops - widths, stops, strict=True):
        counts = chosen[:, start:stop].sum(1)[:, None, None]
        order = rng.random((len(chosen), draws, stop - start)) + 2.0 * ~pool[:, None, start:stop]
        drawn[:, :, start:stop] = (order.argsort(-1).argsort(-1) < counts) & pool[:, None, start:stop]
    return drawn


def masking(
    net: Network,
    images: np.ndarray,
    classes: np.ndarray,
    named: Mapping[str, np.ndarray],
    pools: Mapping[str, np.ndarray],
    widths: Sequence[int],
    *,
    draws: int = 4,
    seed: int = 0,
) -> dict[str, dict[str, np.ndarray]]:
    """The fall of the explained class's probability without the features that each method's sentence names.

    Args:
        net: the classifier.
        images: uint8 `[n, h, w, 3]`.
        classes: the explained class of each, `[n]`.
        named: by method, bool `[n, F]`: of all layers in order.
        pools: by name, bool `[n, F]`: what random features are drawn from.
        widths: channels of each layer.
        draws: random sets for each sentence.
        seed: of the random sets.

    Returns:
        By method, each `[n]`: `drop`, the fall of the probability. For each pool, the mean fall without as many random
        features of the same layers. `drop, as many`, the mean fall without some of the named ones, at random: as many
        as the method that names fewest has. `features off`, the number of named features.
    """
    rng, fewest = np.random.default_rng(seed), np.min([of.sum(1) for of in named.values()], 0)
    none = np.zeros_like(next(iter(named.values())))[:, None]
    sets = [none]
    for of in named.values():
        sets += [of[:, None], *(random_like(of, pool, widths, rng, draws) for pool in pools.values())]
        sets.append(_some(of, fewest, rng, draws))
    mapped = map_examples(_probabilities(net, widths), in_axes=(0, 0, 0, None), per_device=8)
    without = mapped(images, classes.astype(np.int32), np.concatenate(sets, 1), net.params)
    drops = without[:, :1] - without[:, 1:]
    results, each = {}, 1 + draws * (len(pools) + 1)
    for place, (method, of) in enumerate(named.items()):
        own = drops[:, place * each :][:, :each]
        means = own[:, 1:].reshape(len(own), -1, draws).mean(-1)
        results[method] = {"drop": own[:, 0], **dict(zip((*pools, "drop, as many"), means.T, strict=True))}
        results[method]["features off"] = of.sum(1).astype(float)
    return results


def _some(chosen: np.ndarray, counts: np.ndarray, rng: np.random.Generator, draws: int) -> np.ndarray:
    """A random subset of the chosen, with `counts` `[n]` features, `[n, draws, F]`."""
    order = rng.random((len(chosen), draws, chosen.shape[1])) + 2.0 * ~chosen[:, None]
    return order.argsort(-1).argsort(-1) < counts[:, None, None]


def _probabilities(net: Network, widths: Sequence[int]) -> Any:
    """From an image to the class's probability without each set of features, `[sets]`."""
    score, stops = jxai.scores.probability(net.model.apply), np.cumsum(widths)[:-1]

    def probabilities(image: Any, label: Any, off: Any, params: Any, *, key: Any = None) -> Any:
        del key
        x = net.model.preprocess(from_uint8(image))

        def without(features: Any) -> Any:
            parts = dict(zip(net.layers, jnp.split(features, stops), strict=True))
            edits = {name: lambda a, g=parts[name]: jnp.where(g, jnp.zeros_like(a), a) for name in net.layers}
            return jxai.edit(score, edits)(x, label, params)

        return jax.lax.map(without, off, batch_size=8)

    return probabilities
