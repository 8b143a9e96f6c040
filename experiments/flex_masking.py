"""Do the features that a sentence names carry the decision? They are switched off, and as many random ones."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from experiments.flex_networks import Network
from jxai.run.evaluate import from_uint8
from jxai.run.sharding import map_examples

__all__ = ["masking", "named_features", "random_like"]


def named_features(words: np.ndarray, said: np.ndarray, support: np.ndarray) -> np.ndarray:
    """Which features sentences name: those whose word they contain.

    Args:
        words: the word of each feature, int `[F]`.
        said: the words of each sentence, bool `[n, D]`.
        support: with how many pictures a feature and its word were seen together, `[F]`; without any it has no word.

    Returns:
        Bool `[n, F]`.
    """
    return said[:, words] & (support > 0)


def random_like(
    chosen: np.ndarray, pool: np.ndarray, widths: Sequence[int], rng: np.random.Generator, draws: int
) -> np.ndarray:
    """As many random features of each layer as are chosen, out of the pool.

    Args:
        chosen: bool `[n, F]`, within the pool.
        pool: bool `[n, F]`.
        widths: channels of each layer; F in all.
        rng: source of randomness.
        draws: how many sets for each row.

    Returns:
        Bool `[n, draws, F]`.
    """
    stops = np.cumsum(widths)
    found = np.zeros((len(chosen), draws, chosen.shape[1]), bool)
    for start, stop in zip(stops - widths, stops, strict=True):
        counts = chosen[:, start:stop].sum(1)[:, None, None]
        order = rng.random((len(chosen), draws, stop - start)) + 2.0 * ~pool[:, None, start:stop]
        found[:, :, start:stop] = order.argsort(-1).argsort(-1) < counts
    return found


def masking(
    net: Network,
    images: np.ndarray,
    classes: np.ndarray,
    named: Mapping[str, np.ndarray],
    pool: np.ndarray,
    widths: Sequence[int],
    *,
    draws: int = 8,
    seed: int = 0,
) -> dict[str, dict[str, np.ndarray]]:
    """How far the probability of the explained class falls without the features that each method's sentence names.

    Args:
        net: the classifier.
        images: uint8 `[n, h, w, 3]`.
        classes: the explained class of each, `[n]`.
        named: by method, bool `[n, F]`: of all layers in order.
        pool: bool `[n, F]`: the features that count, of the named and for the random ones.
        widths: channels of each layer.
        draws: how many random sets stand beside each sentence.
        seed: of the random sets.

    Returns:
        By method: `drop` and `random`, `[n]`, in probability, and `count`, how many features were switched off.
    """
    rng, sets = np.random.default_rng(seed), []
    for of in named.values():
        chosen = of & pool
        sets += [chosen[:, None], random_like(chosen, pool, widths, rng, draws)]
    off = np.concatenate([np.zeros_like(sets[0]), *sets], 1)
    mapped = map_examples(_probabilities(net, widths), in_axes=(0, 0, 0, None), per_device=8)
    found = mapped(images, classes.astype(np.int32), off, net.params)
    drops, results = found[:, :1] - found[:, 1:], {}
    for place, method in enumerate(named):
        own = drops[:, place * (draws + 1) :][:, : draws + 1]
        count = (named[method] & pool).sum(1)
        results[method] = {"drop": own[:, 0], "random": own[:, 1:].mean(1), "count": count}
    return results


def _probabilities(net: Network, widths: Sequence[int]) -> Any:
    """Of one picture: the class's probability without each set of features, `[sets]`."""
    score, stops = jxai.scores.probability(net.model.apply), np.cumsum(widths)[:-1]

    def probabilities(image: Any, label: Any, off: Any, params: Any, *, key: Any = None) -> Any:
        del key
        x = net.model.preprocess(from_uint8(image))

        def of(gone: Any) -> Any:
            parts = dict(zip(net.layers, jnp.split(gone, stops), strict=True))
            edits = {name: lambda a, g=parts[name]: jnp.where(g, jnp.zeros_like(a), a) for name in net.layers}
            return jxai.edit(score, edits)(x, label, params)

        return jax.lax.map(of, off, batch_size=8)

    return probabilities
