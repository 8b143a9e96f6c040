"""Literal references: ambiguity of classes, points and masks of insecurities, risk and coverage, class by class."""

import math

import numpy as np

from jxai import metrics
from tests.references.registry import replicates


@replicates(metrics.attribute_ambiguity)
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


@replicates(metrics.object_ambiguity)
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


@replicates(metrics.select_insecurities)
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


def mask_of(values, coverage, variant):
    """The mask of a coverage: the first of equals, or strictly above the threshold."""
    flat = values.ravel()
    if variant == "released":
        return values > np.sort(flat)[int(-coverage * flat.size)]
    order = sorted(range(flat.size), key=lambda i: (-flat[i], i))
    mask = np.zeros(flat.size, bool)
    mask[order[: int(np.round(coverage * flat.size))]] = True
    return mask.reshape(values.shape)


@replicates(metrics.point_precision_recall)
def point_precision_recall(maps, common, points, coverages, variant="paper"):
    n, h, w = maps.shape
    precision, recall = np.full((2, n, len(coverages)), np.nan)
    for i in range(n):
        visible = [k for k, (x, y, seen) in enumerate(points) if seen and 0 <= x < w and 0 <= y < h]
        shared = [k for k in visible if common[i, k]]
        for j, coverage in enumerate(coverages):
            mask = mask_of(maps[i], coverage, variant)
            covered = [k for k in visible if mask[int(points[k, 1]), int(points[k, 0])]]
            hits = [k for k in covered if common[i, k]]
            if shared:
                recall[i, j] = len(hits) / len(shared)
            elif variant == "released" and not common[i].any():
                recall[i, j] = 0
            if covered and (shared or (variant == "paper" and not common[i].any())):
                precision[i, j] = len(hits) / len(covered)
    return precision, recall


@replicates(metrics.mask_iou)
def mask_iou(maps, common, masks, coverages, variant="paper"):
    found = np.full((len(maps), len(coverages)), np.nan)
    for i, j in np.ndindex(found.shape):
        mask = mask_of(maps[i], coverages[j], variant)
        regions = [masks == k + 1 for k in range(common.shape[1]) if common[i, k]]
        if variant == "released" and regions:
            found[i, j] = iou(mask, np.any(regions, 0))
        regions = [region for region in regions if region.any()]
        if variant == "paper" and regions:
            best = max((mask & region).sum() for region in regions)
            found[i, j] = max(iou(mask, region) for region in regions if (mask & region).sum() == best)
    return found


def iou(a, b):
    return (a & b).sum() / max((a | b).sum(), 1)  # two empty ones: 0


@replicates(metrics.random_point_precision_recall)
def random_point_precision_recall(common, points, shape, coverages, draws, rng, variant="paper"):
    """By drawing masks."""
    maps = rng.random((draws, *shape))
    found = [point_precision_recall(maps, np.repeat(row[None], draws, 0), points, coverages, variant) for row in common]
    return np.nanmean(found, 2)


@replicates(metrics.random_mask_iou)
def random_mask_iou(common, masks, coverages, draws, rng, variant="paper"):
    """By drawing masks."""
    maps = rng.random((draws, *masks.shape))
    found = [mask_iou(maps, np.repeat(row[None], draws, 0), masks, coverages, variant) for row in common]
    return np.mean(found, 1)


@replicates(metrics.precision_at_recall)
def precision_at_recall(precision, recall, level):
    for i in range(len(recall) - 1):
        if recall[i] <= level <= recall[i + 1]:
            part = (level - recall[i]) / (recall[i + 1] - recall[i])
            return precision[i] + part * (precision[i + 1] - precision[i])
    return math.nan


@replicates(metrics.place_points)
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


@replicates(metrics.place_masks)
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


@replicates(metrics.risk_coverage)
def risk_coverage(difficulty, losses):
    """Area, oracle and curve; of equals, every order counts alike: mean over all permutations."""
    from itertools import permutations

    curves = []
    for order in permutations(range(len(losses))):
        if all(difficulty[a] <= difficulty[b] for a, b in zip(order[:-1], order[1:], strict=True)):
            kept = [losses[i] for i in order]
            curves.append([sum(kept[: k + 1]) / (k + 1) for k in range(len(kept))])
    curve = [sum(column) / len(curves) for column in zip(*curves, strict=True)]
    best = sorted(losses)
    oracle = [sum(best[: k + 1]) / (k + 1) for k in range(len(best))]
    return sum(curve) / len(curve), sum(oracle) / len(oracle), curve


@replicates(metrics.fit_temperature)
def fit_temperature(logits, labels):
    """By trying many."""

    def loss(temperature):
        total = 0.0
        for row, label in zip(logits / temperature, labels, strict=True):
            total += math.log(sum(math.exp(v - row.max()) for v in row)) + row.max() - row[label]
        return total

    return min(np.exp(np.linspace(-2, 2, 801)), key=loss)


@replicates(metrics.calibration_error)
def calibration_error(confidence, right, bins):
    total = 0.0
    for b in range(bins):
        rows = [i for i, v in enumerate(confidence) if b / bins < v <= (b + 1) / bins or (b == 0 and v == 0)]
        if rows:
            gap = np.mean([float(right[i]) for i in rows]) - np.mean([confidence[i] for i in rows])
            total += len(rows) / len(confidence) * abs(gap)
    return total
