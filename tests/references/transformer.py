"""The transformers of `tests/cases.py` in NumPy: two blocks, their derivatives and relevance at the attention maps.

Derivatives at attention maps are central differences of what is added to them. Relevance is sent back layer by layer,
contribution by contribution, after Chefer, Gur and Wolf (CVPR 2021).
"""

import math
from typing import NamedTuple

import numpy as np

__all__ = ["BLOCKS", "TOKENS", "Transformer", "Values"]

BLOCKS, HEADS, TOKENS, WIDTH = 2, 2, 5, 4
STEP = 1e-5


class Values(NamedTuple):
    """What one block computes."""

    x: np.ndarray  # what enters
    q: np.ndarray  # [heads, t, 2], and so k and v
    k: np.ndarray
    v: np.ndarray
    scores: np.ndarray
    attention: np.ndarray  # [heads, t, t]
    mixed: np.ndarray  # [t, d]
    attended: np.ndarray  # what is added to x
    middle: np.ndarray  # the sum
    hidden: np.ndarray  # after GELU
    contracted: np.ndarray  # what is added to the sum
    out: np.ndarray


def normal(x):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-3)


def softmax(z):
    return np.exp(z) / np.exp(z).sum()


def gelu(x):
    return np.array([a / 2 * (1 + math.erf(a / math.sqrt(2))) for a in x.ravel()]).reshape(x.shape)


def split(x):
    """Channels `[t, 4]` to heads `[2, t, 2]`."""
    return np.stack([x[:, :2], x[:, 2:]])


def joined(x):
    return np.concatenate([x[0], x[1]], axis=1)


class Transformer:
    """The networks `tokens_net` and `patches_net` of `tests/cases.py`, with their parameters and the label."""

    def __init__(self, params, label):
        self.p = {name: np.asarray(value, np.float64) for name, value in params.items()}
        self.label = label

    def embedded(self, x):
        """Tokens as they are; an image as a class token and its four patches."""
        if x.ndim == 2:
            return x
        rows = [x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].ravel() @ self.p["embed"] for i in range(2) for j in range(2)]
        return np.concatenate([self.p["token"], rows])

    def block(self, i, x, added) -> Values:
        p = {name[:-1]: value for name, value in self.p.items() if name.endswith(str(i))}
        n = normal(x)
        q, k, v = (split(n @ p[name]) for name in "qkv")
        scores = np.stack([q[h] @ k[h].T / math.sqrt(2) for h in range(HEADS)])
        attention = np.stack([[softmax(row) for row in scores[h]] for h in range(HEADS)]) + added
        mixed = joined([attention[h] @ v[h] for h in range(HEADS)])
        attended = mixed @ p["out"] + p["shift"]
        middle = x + attended
        hidden = gelu(normal(middle) @ p["up"] + p["bias"])
        contracted = hidden @ p["down"]
        return Values(x, q, k, v, scores, attention, mixed, attended, middle, hidden, contracted, middle + contracted)

    def run(self, x, added=(0.0, 0.0)):
        """The values of both blocks and the logits, with arrays added to the attention maps."""
        blocks, x = [], self.embedded(x)
        for i in range(BLOCKS):
            blocks.append(self.block(i, x, added[i]))
            x = blocks[-1].out
        return blocks, normal(x)[0] @ self.p["w"] + self.p["c"]

    def maps(self, x):
        return [block.attention for block in self.run(x)[0]]

    def score(self, x, added=(0.0, 0.0)):
        return float(np.log(softmax(self.run(x, added)[1])[self.label]))

    def slope(self, x, layer):
        """The derivative of the score by every entry of a layer's attention; later layers follow."""
        result = np.zeros((HEADS, TOKENS, TOKENS))
        for place in np.ndindex(*result.shape):
            shift = np.zeros((BLOCKS, *result.shape))
            shift[(layer, *place)] = STEP
            result[place] = (self.score(x, shift) - self.score(x, -shift)) / (2 * STEP)
        return result

    def relevance(self, x):
        """Relevance of the label's logit at both attention maps."""
        blocks, logits = self.run(x)
        relevance = np.zeros((TOKENS, WIDTH))
        relevance[0] = through_weights(normal(blocks[-1].out)[:1], self.p["w"], np.eye(len(logits))[[self.label]])[0]
        found = []
        for i in reversed(range(BLOCKS)):
            relevance, at_attention = self.through_block(i, blocks[i], relevance)
            found.insert(0, at_attention)
        return found

    def through_block(self, i, b: Values, relevance):
        p = {name[:-1]: value for name, value in self.p.items() if name.endswith(str(i))}
        middle, contracted = through_sum(b.middle, b.contracted, relevance)
        hidden = through_weights(b.hidden, p["down"], contracted)  # GELU and the bias pass it on
        middle = middle + through_weights(normal(b.middle), p["up"], hidden)  # so does the norm
        x, attended = through_sum(b.x, b.attended, middle)
        mixed = split(through_weights(b.mixed, p["out"], attended))
        attention, q, k, v = (np.zeros_like(a) for a in (b.attention, b.q, b.k, b.v))
        for h in range(HEADS):
            attention[h], v[h] = through_product(b.attention[h], b.v[h], mixed[h])
            q[h], turned = through_product(b.q[h], b.k[h].T / math.sqrt(2), attention[h])  # softmax passes it on
            k[h] = turned.T
        for name, relevance in zip("qkv", (q, k, v), strict=True):
            x = x + through_weights(normal(b.x), p[name], joined(relevance))
        return x, attention


def through_weights(x, w, relevance):
    """Equation 5, row by row: the positive products of input and weight."""
    back = np.zeros_like(x)
    for row in range(len(x)):
        for i in range(w.shape[1]):
            positive = np.maximum(x[row] * w[:, i], 0)
            if positive.sum() > 0:
                back[row] += positive / positive.sum() * relevance[row, i]
    return back


def through_product(u, v, relevance):
    """Equations 8 and 9 for `z = u v`: by `u_ab v_bc / z_ac`, half to each side."""
    to_u, to_v = np.zeros_like(u), np.zeros_like(v)
    for a in range(len(u)):
        for c in range(v.shape[1]):
            for b in range(len(v)):
                share = u[a, b] * v[b, c] / (u[a] @ v[:, c]) * relevance[a, c]
                to_u[a, b] += share
                to_v[b, c] += share
    return normalised(to_u, to_v, relevance.sum())


def through_sum(u, v, relevance):
    return normalised(u / (u + v) * relevance, v / (u + v) * relevance, relevance.sum())


def normalised(u, v, whole):
    """Equation 9."""
    a, b = abs(u.sum()), abs(v.sum())
    return u * a / (a + b) * whole / u.sum(), v * b / (a + b) * whole / v.sum()
