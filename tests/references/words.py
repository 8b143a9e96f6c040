"""The words of channels and how relevant a word is, counted image by image and word by word."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from jxai.language import Associations, annotate, associations, relevance_vectors, word_maps
from tests.references.registry import replicates, same

__all__ = ["ALPHA", "FOUND", "NAMED", "SIZE", "VALUES", "counts_of", "sets_of"]

VARIANTS = "paper", "released"


def counts_of(seed=0, n=40, f=13, d=17):
    """Important channels, mentioned words, content words."""
    rng = np.random.default_rng(seed)
    chosen, mentioned = rng.random((n, f)) < rng.random(f), rng.random((n, d)) < rng.random(d)
    content = rng.random(d) < 0.6
    content[:2] = False
    chosen[:, 3] = False  # a channel that is never important
    chosen[:, 4] = True
    return chosen, mentioned, content


def of_counts(method, literal, seed, variant):
    chosen, mentioned, content = counts_of(seed)
    found = jax.jit(lambda a, b, c: method(a, b, content=c, variant=variant))(chosen, mentioned, content)
    return (found.word, found.score, found.support, found.table), literal(chosen, mentioned, content, variant)


def sets_of(seed=0, n=9, d=11):
    """Words of decisions and of images, and labels."""
    rng = np.random.default_rng(seed)
    image, decision = rng.random((n, d)) < 0.5, rng.random((n, d)) < 0.2
    decision[0] = False
    return decision, image, rng.integers(0, 3, n)


RNG = np.random.default_rng(0)
VALUES = {"b": RNG.normal(size=(2, 3, 4)), "a": np.abs(RNG.normal(size=(4, 6, 5)))}
ALPHA = {"b": RNG.normal(size=4), "a": RNG.normal(size=5)}
WORDS = [2, 3, 0, 2, 4, 3, 3, 5, 0]  # of the channels of a, then b
FOUND = Associations(jnp.array(WORDS), jnp.ones(9), jnp.ones(9), jnp.ones((9, 6)))
NAMED = np.array([[0, 0, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0], [1, 1, 0, 0, 0, 0]], bool)
SIZE = (16, 12)


def of_parts(method, literal):
    """Where no channel has the word there is no place: `<s>` names nothing."""
    found = jax.jit(lambda a, alpha: method(a, alpha, FOUND, jnp.asarray(NAMED), size=SIZE))(VALUES, ALPHA)
    expected = literal(VALUES, ALPHA, WORDS, NAMED, SIZE)
    known = [part for part, one in enumerate(expected) if one[0]]
    assert known == [0, 1]
    strengths, places = [one[0] for one in expected], [expected[part][1:] for part in known]
    return (found.strength, found.place[jnp.array(known)]), (strengths, places)


@replicates(
    associations,
    cases=[
        lambda *both, seed=seed, variant=variant: of_counts(*both, seed, variant)
        for seed in range(3)
        for variant in VARIANTS
    ],
)
def counted(chosen, mentioned, content, variant):
    f, d = chosen.shape[1], mentioned.shape[1]
    occur = np.zeros((f, d))
    for picked, said in zip(chosen, mentioned, strict=True):
        for v in range(f):
            for w in range(d):
                occur[v, w] += picked[v] and said[w] and content[w]
    table = np.zeros((f, d))
    for v in range(f):
        for w in range(d):
            if not occur[v, w]:
                continue
            if variant == "paper":
                table[v, w] = 2 * occur[v, w] / (sum(chosen[:, v]) + sum(mentioned[:, w]))
            else:
                table[v, w] = occur[v, w] / (sum(occur[v]) + sum(occur[:, w]))
    word = [int(np.argmax(row)) for row in table]
    return word, [row[w] for row, w in zip(table, word, strict=True)], [occur[v, w] for v, w in enumerate(word)], table


@replicates(
    relevance_vectors,
    cases=[
        same(*sets_of(), classes=4, variant=variant, normalise=flag) for variant in VARIANTS for flag in (True, False)
    ],
)
def relevances(decision, image, labels, variant, normalise, classes):
    n, d = image.shape
    z = np.zeros((n, d))
    for i in range(n):
        said = {w for w in range(d) if image[i, w]}
        meant = {w for w in range(d) if decision[i, w]}
        of_class = {w for j in range(n) if labels[j] == labels[i] for w in range(d) if image[j, w]}
        for those, more in ((meant, 1e-5 if variant == "released" else 0), (said, 0), (of_class, 0)):
            for w in those:
                z[i, w] += -math.log((len(those) + more) / d)
        if normalise:
            low, high = min(z[i]), max(z[i])
            z[i] = (z[i] - low) / (high - low) if high > low else 0
    return z


@replicates(
    word_maps,
    cases=[same(VALUES[layer], ALPHA[layer], threshold=t) for layer in VALUES for t in (0.0, 0.5, 1.0)],
)
def heat_maps(values, alpha, threshold):
    """At the layer's own size."""
    h, w, channels = values.shape
    found = np.zeros((channels, h, w))
    for c in range(channels):
        largest = max(alpha[c] * values[i, j, c] for i in range(h) for j in range(w))
        for i in range(h):
            for j in range(w):
                heat = alpha[c] * values[i, j, c]
                found[c, i, j] = heat if heat > 0 and heat >= threshold * largest else 0
    return found


@replicates(annotate, cases=[of_parts])
def strongest(values, alpha, words, named, size):
    """For each part (strength, x, y), over all channels whose word names it; layers sorted by name."""
    channels = [(layer, c) for layer in sorted(values) for c in range(len(alpha[layer]))]
    found = []
    for names in named:
        best = (0.0, None, None)
        for (layer, c), word in zip(channels, words, strict=True):
            h, w, _ = values[layer].shape
            for i in range(h):
                for j in range(w):
                    heat = alpha[layer][c] * values[layer][i, j, c]
                    if word and names[word] and heat > best[0]:
                        best = (heat, (j + 0.5) * size[1] / w, (i + 0.5) * size[0] / h)
        found.append(best)
    return found
