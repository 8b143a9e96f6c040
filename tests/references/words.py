"""The words of channels and how relevant a word is, counted image by image and word by word."""

import math

import numpy as np

from jxai.language import annotate, associations, relevance_vectors, word_maps
from tests.references.registry import replicates

__all__ = ["counted", "heat_maps", "relevances", "strongest"]


@replicates(associations)
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


@replicates(relevance_vectors)
def relevances(decision, image, labels, variant, normalise):
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


@replicates(word_maps)
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


@replicates(annotate)
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
