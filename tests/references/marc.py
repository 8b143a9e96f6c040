"""Literal reference: MaRC for images, source by source, with its derivatives written out by hand."""

import math
from functools import partial

import numpy as np

import jxai
from jxai.explainers.masks.grid_mask import image_mask
from tests.references.example import BASELINE, NET, X, explained, score
from tests.references.masks import places
from tests.references.network import Network
from tests.references.registry import replicates


class Adam:
    """Kingma and Ba 2015, algorithm 1."""

    def __init__(self, rate):
        self.rate, self.step, self.m, self.v = rate, 0, 0.0, 0.0

    def move(self, p, g):
        self.step += 1
        self.m = 0.9 * self.m + 0.1 * g
        self.v = 0.999 * self.v + 0.001 * g**2
        m, v = self.m / (1 - 0.9**self.step), self.v / (1 - 0.999**self.step)
        return p - self.rate * m / (np.sqrt(v) + 1e-8)


def seen_from(valid, radius, repeated):
    """For each place the sources in its window: (place, source, squared distance)."""
    rows, columns = np.nonzero(valid)
    for i, j in places(valid.shape):
        for k in range(i - radius, i + radius + 1):
            for n in range(j - radius, j + radius + 1):
                if repeated:
                    source = min(max(k, rows.min()), rows.max()), min(max(n, columns.min()), columns.max())
                elif 0 <= k < valid.shape[0] and 0 <= n < valid.shape[1] and valid[k, n]:
                    source = k, n
                else:
                    continue
                yield (i, j), source, (i - k) ** 2 + (j - n) ** 2


def neighbours(valid):
    for i, j in places(valid.shape):
        for k, n in ((i, j + 1), (i + 1, j), (i + 1, j + 1), (i + 1, j - 1)):
            if 0 <= k < valid.shape[0] and 0 <= n < valid.shape[1] and valid[i, j] and valid[k, n]:
                yield (i, j), (k, n)


def slope_of(log_p, kept, released):
    """Derivative of the loss in the score: of one evaluation."""
    if not released:
        return -1.0 if kept else 1.0
    p, e = math.exp(log_p), 1e-5
    return -(1 - e) * p / ((1 - e) * p + e / 2) if kept else (1 - e) * p / ((1 - e) * (1 - p) + e / 2)


VALID = np.ones((8, 8), bool)
VALID[:2], VALID[:, 7] = False, False
CLAMP = {"paper": (0.1, 9 / np.log(1e8)), "released": (0.6, np.inf)}
WEIGHTS = {"sparsity": 0.7, "sigma": 0.9, "neighbours": 3.0}


def of_images(method, literal, variant, valid):
    backgrounds = np.stack([BASELINE, np.zeros_like(X)])
    mask = image_mask(variant=variant, radius=3, start=(0.3, 1.1), **WEIGHTS)
    explain = method(score, mask=mask, learning_rate=0.1, steps=4, stop=False)
    options = {"radius": 3, "weights": WEIGHTS.values(), "start": (0.3, 1.1), "clamp": CLAMP[variant]}
    expected = literal(NET, X, backgrounds, valid, variant=variant, rate=0.1, steps=4, **options)
    return explained(explain, backgrounds=backgrounds, valid=valid), expected


@replicates(
    jxai.marc,
    cases=[
        partial(of_images, variant=variant, valid=valid)
        for variant in CLAMP
        for valid in (np.ones((8, 8), bool), VALID)
    ],
)
def marc(net: Network, x, backgrounds, valid, *, variant, radius, weights, start, clamp, rate, steps):
    """Brinner and Zarriess 2023, eq. 8 and 9; `released` as its program does."""
    released, n = variant == "released", valid.sum()
    sparsity, barrier, smoothness = weights
    w, s = np.full(valid.shape, start[0]), np.full(valid.shape, start[1])
    by_w, by_s = Adam(rate), Adam(rate)
    window = list(seen_from(valid, radius, released))

    def mask_of(w, s):
        logit = np.zeros(valid.shape)
        for j, i, d in window:
            logit[j] += w[i] * math.exp(-d / s[i])
        return valid / (1 + np.exp(-logit))

    for _ in range(steps):
        m = before = mask_of(w, s)
        g = 2 * sparsity * m.sum() / n**2 * np.ones(valid.shape)
        for i, j in neighbours(valid):
            g[i] += 2 * smoothness * (m[i] - m[j]) / n
            g[j] -= 2 * smoothness * (m[i] - m[j]) / n
        for b in backgrounds:
            for kept in (True, False):
                mixed = m[..., None] * x + (1 - m[..., None]) * b if kept else (1 - m[..., None]) * x + m[..., None] * b
                direction = (x - b) if kept else (b - x)
                slope = slope_of(net.score(mixed), kept, released) / len(backgrounds)
                g += slope * (net.gradient(mixed) * direction).sum(-1)
        g *= m * (1 - m)
        gw, gs = np.zeros(valid.shape), -barrier / (n * s) * valid
        for j, i, d in window:
            gw[i] += g[j] * math.exp(-d / s[i])
            gs[i] += g[j] * w[i] * d / s[i] ** 2 * math.exp(-d / s[i])
        w, s = by_w.move(w, gw), np.clip(by_s.move(s, gs), *clamp)
    return before if released else mask_of(w, s)
