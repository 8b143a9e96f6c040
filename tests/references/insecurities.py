"""Literal references: points and masks of insecurities, image by image and part by part."""

import math

import numpy as np

from jxai import metrics
from tests.references.registry import replicates, same

VARIANTS = ("paper", "released")
COVERAGES = (0.1, 0.25, 0.5, 0.9, 1.0)
RNG = np.random.default_rng(1)
MAPS = RNG.integers(0, 9, (5, 6, 7)).astype(float)  # with equal values
COMMON = RNG.random((5, 4)) < 0.5
COMMON[0], COMMON[1] = False, [False, False, False, True]  # no common part; only the hidden one
POINTS = np.column_stack([RNG.uniform(0, 7, 4), RNG.uniform(0, 6, 4), [1, 1, 1, 0]])
MASKS = RNG.integers(0, 4, (6, 7))  # the last part is nowhere


def mask_of(values, coverage, variant):
    """The mask of a coverage: the first of equals, or strictly above the threshold."""
    flat = values.ravel()
    if variant == "released":
        return values > np.sort(flat)[int(-coverage * flat.size)]
    order = sorted(range(flat.size), key=lambda i: (-flat[i], i))
    mask = np.zeros(flat.size, bool)
    mask[order[: int(np.round(coverage * flat.size))]] = True
    return mask.reshape(values.shape)


@replicates(
    metrics.point_precision_recall,
    cases=[same(MAPS, COMMON, POINTS, coverages=COVERAGES, variant=variant) for variant in VARIANTS],
)
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


@replicates(
    metrics.mask_iou, cases=[same(MAPS, COMMON, MASKS, coverages=COVERAGES, variant=variant) for variant in VARIANTS]
)
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


FEW = np.array([[True, False, True], [False, True, False]])
CORNERS = np.array([[1.0, 1.0, 1.0], [5.0, 2.0, 1.0], [3.0, 7.0, 1.0]])
AREAS = np.zeros((8, 9), int)
AREAS[:5, :5], AREAS[6:, 4:], AREAS[:3, 7:] = 1, 2, 3


@replicates(
    metrics.random_point_precision_recall,
    cases=[same(FEW, CORNERS, shape=(8, 9), coverages=(0.2, 0.6), variant=variant) for variant in VARIANTS],
    rtol=0.0,
    atol=0.09,
)
def random_point_precision_recall(common, points, shape, coverages, variant="paper", draws=400):
    """By drawing masks."""
    maps = np.random.default_rng(2).random((draws, *shape))
    found = [point_precision_recall(maps, np.repeat(row[None], draws, 0), points, coverages, variant) for row in common]
    return tuple(np.nanmean(found, 2).transpose(1, 0, 2))


@replicates(
    metrics.random_mask_iou,
    cases=[same(FEW, AREAS, coverages=(0.2, 0.6), variant=variant) for variant in VARIANTS],
    rtol=0.0,
    atol=0.03,
)
def random_mask_iou(common, masks, coverages, variant="paper", draws=200):
    """By drawing masks."""
    maps = np.random.default_rng(3).random((draws, *masks.shape))
    found = [mask_iou(maps, np.repeat(row[None], draws, 0), masks, coverages, variant) for row in common]
    return np.mean(found, 1)


PRECISION, RECALL = np.array([0.5, 0.3, 0.4]), np.array([0.1, 0.2, 0.3])


@replicates(
    metrics.precision_at_recall, cases=[same(PRECISION, RECALL, level) for level in (0.05, 0.1, 0.17, 0.3, 0.31)]
)
def precision_at_recall(precision, recall, level):
    for i in range(len(recall) - 1):
        if recall[i] <= level <= recall[i + 1]:
            part = (level - recall[i]) / (recall[i + 1] - recall[i])
            return precision[i] + part * (precision[i + 1] - precision[i])
    return math.nan
