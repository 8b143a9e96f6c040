"""Literal references: ambiguity of classes, choice of insecurities, geometry of points and masks; loops."""

import math

import numpy as np

from jxai import metrics
from tests.references.registry import replicates, same

RNG = np.random.default_rng(0)
VARIANTS = ("paper", "released")
PARTS = ((0, 3),), ((3, 5), (0, 3)), ((5, 8),)


def attributes():
    """Strengths of five classes; a group says nothing of one, a class has none."""
    found = RNG.uniform(0, 100, (5, 8)) * (RNG.random((5, 8)) < 0.7)
    found[1, 3:5], found[4] = 0, 0
    return found


@replicates(
    metrics.attribute_ambiguity,
    cases=[
        same(attributes(), parts=PARTS, variant=variant, smoothing=smoothing)
        for variant in VARIANTS
        for smoothing in (0.0, 1.0)
    ],
    rtol=1e-10,
    atol=1e-14,
)
def attribute_ambiguity(attributes, parts, variant="paper", smoothing=1.0):
    classes = len(attributes)
    found = np.full((classes, classes, len(parts)), np.nan)
    for a in range(classes):
        for b in range(classes):
            for number, part in enumerate(parts):
                values = [group_likeness(attributes[a, i:j], attributes[b, i:j], variant, smoothing) for i, j in part]
                values = [value for value in values if not math.isnan(value)]
                if values:
                    found[a, b, number] = sum(values) / len(values)
    return found


def group_likeness(p, q, variant, smoothing):
    if variant == "released":
        p, q = ([math.exp(v - max(these)) for v in these] for these in (p, q))
        p, q = ([v / sum(these) for v in these] for these in (p, q))
        total = 0.0
        for u, v in zip(p, q, strict=True):
            total += u * math.log(2 * u / (u + v)) if u > 0 else 0
            total += v * math.log(2 * v / (u + v)) if v > 0 else 0
        return -total
    if sum(p) == 0 or sum(q) == 0:
        return math.nan
    p, q = ([v + smoothing for v in these] for these in (p, q))
    p, q = ([v / sum(these) for v in these] for these in (p, q))
    return math.exp(-divergence(p, q) - divergence(q, p))


def divergence(p, q):
    total = 0.0
    for u, v in zip(p, q, strict=True):
        if u > 0:
            total += u * math.log(u / v) if v > 0 else math.inf
    return total


def frequencies():
    """Of four classes, and of one that has no image."""
    return np.append(RNG.integers(0, 11, (4, 6)) / 10, np.full((1, 6), np.nan), 0)


@replicates(metrics.object_ambiguity, cases=[same(frequencies(), variant=variant) for variant in VARIANTS], rtol=1e-12)
def object_ambiguity(frequencies, variant="paper", least=0.3):
    classes, objects = frequencies.shape
    found = np.zeros((classes, classes, objects))
    for a, b, o in np.ndindex(found.shape):
        p, q = frequencies[a, o], frequencies[b, o]
        if variant == "paper":
            found[a, b, o] = (p + q) / 2 if p > least and q > least else np.nan
        else:
            p, q = (0 if v < least else v for v in (p, q))
            found[a, b, o] = (p + q) / 2 if p > 0 and q > 0 else 0
    return found


def strengths(ties):
    half = RNG.integers(0, 5, (6, 6, 3)).astype(float) if ties else RNG.random((6, 6, 3))
    return half + half.transpose(1, 0, 2)


RULES = {"variant": "paper"}, {"variant": "released"}, {"variant": "released", "from_below": True}
SELECTIONS = [
    same(strengths(ties), share=share, **rule)
    for ties in (False, True)
    for rule in RULES
    for share in (0.01, 0.2, 0.5, 1.0)
    if share < 1 or rule["variant"] == "paper"  # their index lies outside
]
FEW = np.full((4, 4, 2), np.nan)
FEW[0, 1] = FEW[1, 0] = 0.4, 0.6  # nan counts, and is never taken


@replicates(metrics.select_insecurities, cases=[*SELECTIONS, same(FEW, share=1 / 12), same(FEW, share=1.0)])
def select_insecurities(strengths, share=0.2, variant="paper", from_below=False):
    c, _, p = strengths.shape
    chosen = np.zeros(strengths.shape, bool)
    if variant == "paper":
        triplets = [strengths[a, b, k] for a in range(c) for b in range(a + 1, c) for k in range(p)]
        number = max(1, round(share * len(triplets)))
        ordered = sorted((v for v in triplets if not np.isnan(v)), reverse=True)
        weakest = ordered[number - 1] if number <= len(ordered) else -np.inf
    else:
        ordered = sorted(strengths.ravel())
        weakest = ordered[int((1 - share) * c * c * p)] if from_below else ordered[::-1][int(share * c * c * p)]
    for a, b, k in np.ndindex(strengths.shape):
        chosen[a, b, k] = a != b and strengths[a, b, k] >= weakest
    return chosen


def points(height, width):
    found = np.column_stack([RNG.uniform(0, width, 9), RNG.uniform(0, height, 9), RNG.integers(0, 2, 9)])
    found[0], found[1] = (0, 0, 1), (width - 0.01, height - 0.01, 1)
    return found


FITS = [
    (height, width, {"size": 16, "crop": crop, "variant": variant})
    for height, width in ((30, 40), (50, 20), (32, 32))
    for crop in (0.875, 1.0)
    for variant in VARIANTS
]


@replicates(
    metrics.place_points,
    cases=[same(points(height, width), height=height, width=width, **fit) for height, width, fit in FITS],
)
def place_points(points, height, width, size, crop=0.875, variant="paper"):
    placed = np.zeros(points.shape)
    side = crop * min(height, width)
    for row, (x, y, seen) in zip(placed, points, strict=True):
        if variant == "released":
            u, v = round(size * x / width), round(size * y / height)
            seen = seen and (u, v) != (0, 0)
            u, v = min(u, size - 1), min(v, size - 1)
        else:
            u, v = (x - (width - side) / 2) / side * size, (y - (height - side) / 2) / side * size
            seen = seen and 0 <= u < size and 0 <= v < size
        if seen:
            row[:] = u, v, 1
    return placed


@replicates(
    metrics.place_masks, cases=[same(RNG.integers(0, 9, (height, width)), **fit) for height, width, fit in FITS]
)
def place_masks(masks, size, crop=0.875, variant="paper"):
    if variant == "released":
        return np.resize(masks, (size, size))
    height, width = masks.shape
    side, placed = crop * min(height, width), np.zeros((size, size), masks.dtype)
    for i, j in np.ndindex(placed.shape):
        y = (height - side) / 2 + (i + 0.5) / size * side
        x = (width - side) / 2 + (j + 0.5) / size * side
        placed[i, j] = masks[int(y), int(x)]
    return placed
