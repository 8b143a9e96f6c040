"""Literal references: sufficiency and comprehensiveness, agreement with marked words, place by place and word by word.

An example is a list of units (place numbers that go together), the score a function of an array.
"""

import math

import numpy as np

from jxai import metrics
from tests.references.registry import replicates


def replaced(x, absent, background):
    """X with the background at the places in `absent`."""
    changed = x.copy().reshape(-1, *x.shape[-1:]) if x.ndim > 1 else x.copy()
    for place in absent:
        changed[place] = background.reshape(changed.shape)[place]
    return changed.reshape(x.shape)


def averaged(score, x, absent, backgrounds):
    return sum(score(replaced(x, absent, b)) for b in backgrounds) / len(backgrounds)


def important(values, fraction, select, up):
    """The units that make the rationale: values is a list with one number a unit."""
    k = math.ceil(round(len(values) * fraction, 9)) if up else round(round(len(values) * fraction, 9))
    decreasing = sorted(range(len(values)), key=lambda i: (-values[i], i))
    if select == "count":
        return set(decreasing[:k])
    threshold = values[decreasing[min(k, len(values) - 1)]]
    above = {i for i, v in enumerate(values) if v > threshold}
    return above if select == "above" else above | {i for i, v in enumerate(values) if v == threshold}


def curve(score, values, x, backgrounds, fractions, select, up, places, padding, removing):
    """`places`: of each unit, the numbers of its places; `padding`: places that are always replaced."""
    whole = averaged(score, x, padding, backgrounds)
    points = []
    for fraction in fractions:
        chosen = important(values, fraction, select, up)
        gone = [p for i, unit in enumerate(places) for p in unit if (i in chosen) == removing]
        points.append(averaged(score, x, [*gone, *padding], backgrounds))
    return [whole, *points] if removing else [*points, whole]


@replicates(metrics.sufficiency_curve)
def sufficiency_curve(score, values, x, backgrounds, fractions, select="count", up=False, places=None, padding=()):
    places = places or [[i] for i in range(len(values))]
    return curve(score, values, x, backgrounds, fractions, select, up, places, padding, False)


@replicates(metrics.comprehensiveness_curve)
def comprehensiveness_curve(
    score, values, x, backgrounds, fractions, select="count", up=False, places=None, padding=()
):
    places = places or [[i] for i in range(len(values))]
    return curve(score, values, x, backgrounds, fractions, select, up, places, padding, True)


@replicates(metrics.sufficiency)
def sufficiency(*given, **options):
    *points, whole = sufficiency_curve(*given, **options)
    return sum(whole - point for point in points) / len(points)


@replicates(metrics.comprehensiveness)
def comprehensiveness(*given, **options):
    whole, *points = comprehensiveness_curve(*given, **options)
    return sum(whole - point for point in points) / len(points)


@replicates(metrics.sufficiency_aopc)
def sufficiency_aopc(score, values, x, backgrounds):
    return sufficiency(score, values, x, backgrounds, [0.01, 0.05, 0.1, 0.2, 0.5], up=True)


@replicates(metrics.comprehensiveness_aopc)
def comprehensiveness_aopc(score, values, x, backgrounds):
    return comprehensiveness(score, values, x, backgrounds, [0.01, 0.05, 0.1, 0.2, 0.5], up=True)


def blended(score, x, masks, backgrounds):
    """Mean over backgrounds of the score of `m x + (1 - m) b`; one number of the mask a place."""
    total = 0.0
    for b in backgrounds:
        mixed = np.empty_like(x)
        for place in np.ndindex(*masks.shape):
            mixed[place] = masks[place] * x[place] + (1 - masks[place]) * b[place]
        total += score(mixed)
    return total / len(backgrounds)


@replicates(metrics.rationale_sufficiency)
def rationale_sufficiency(score, rationale, x, backgrounds):
    return blended(score, x, np.ones_like(rationale), backgrounds) - blended(score, x, rationale, backgrounds)


@replicates(metrics.rationale_comprehensiveness)
def rationale_comprehensiveness(score, rationale, x, backgrounds):
    return blended(score, x, np.ones_like(rationale), backgrounds) - blended(score, x, 1 - rationale, backgrounds)


def soft_mask(attribution, k, temperature):
    flat = sorted(attribution.ravel(), reverse=True)
    if k == 0 or k == len(flat):
        return np.full_like(attribution, float(k > 0))
    threshold, scale = (flat[k - 1] + flat[k]) / 2, temperature * np.std(attribution)
    return np.vectorize(lambda a: 1 / (1 + math.exp(-(a - threshold) / scale)))(attribution)


def soft(score, attribution, x, backgrounds, fractions, temperature, removing):
    whole, drops = blended(score, x, np.ones_like(attribution), backgrounds), []
    for fraction in fractions:
        mask = soft_mask(attribution, round(fraction * attribution.size), temperature)
        drops.append(whole - blended(score, x, 1 - mask if removing else mask, backgrounds))
    return sum(drops) / len(drops)


@replicates(metrics.soft_sufficiency)
def soft_sufficiency(score, attribution, x, backgrounds, fractions, temperature):
    return soft(score, attribution, x, backgrounds, fractions, temperature, False)


@replicates(metrics.soft_comprehensiveness)
def soft_comprehensiveness(score, attribution, x, backgrounds, fractions, temperature):
    return soft(score, attribution, x, backgrounds, fractions, temperature, True)
