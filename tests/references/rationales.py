"""Literal references: sufficiency and comprehensiveness, agreement with marked words, place by place and word by word.

An example is a list of units (place numbers that go together), the score a function of an array.
"""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from jxai import metrics
from tests.references.example import BASELINE, LABEL, PARAMS, X, probability, vector
from tests.references.measures import MAP, of_network
from tests.references.registry import replicates

COARSE = np.round(MAP)  # many ties
BACKGROUNDS = 0.5 * np.asarray(vector((3, 8, 8, 3), 5))
FRACTIONS = (0.05, 0.3, 0.55, 0.95)
SELECTIONS = ("count", "above", "at_least")


def of_image(method, literal, attribution=MAP, backgrounds=BACKGROUNDS, **options):
    """The case of a measure of the example's probability."""
    given = jnp.asarray(attribution), jnp.asarray(X), LABEL, PARAMS
    found = jax.jit(method(probability, **options))(*given, baselines=jnp.asarray(backgrounds))
    values = attribution if method in BY_MASK else list(attribution.ravel())
    return found, literal(of_network, values, X, backgrounds, **options)


BY_MASK = {
    metrics.rationale_sufficiency, metrics.rationale_comprehensiveness,
    metrics.soft_sufficiency, metrics.soft_comprehensiveness,
}  # fmt: skip
IMAGES = [
    partial(of_image, attribution=attribution, fractions=FRACTIONS, select=select)
    for attribution in (MAP, COARSE)
    for select in SELECTIONS
]
NINETEEN = [i / 20 for i in range(1, 20)]
VECTOR, SCORES = np.asarray(vector(30, 1)), np.asarray(vector(30, 2))


def of_vector(method, literal, scores=SCORES):
    """With the measure's own fractions."""
    measure = jax.jit(method(lambda x: jnp.tanh(x).sum()))
    loop = lambda x: float(np.tanh(x).sum())
    expected = literal(loop, list(scores), VECTOR, np.zeros((1, 30)))
    return measure(jnp.asarray(scores), jnp.asarray(VECTOR)), expected


def padded(method, literal, select):
    """As MaRC's images: the padding is at the background always, and f(x) has it there too."""
    valid = np.zeros((8, 8), bool)
    valid[1:, 2:7] = True
    inside, padding = ([int(i) for i in np.flatnonzero(part)] for part in (valid, ~valid))
    a = np.where(valid, MAP, 100.0)  # what lies on the padding does not matter
    measure = jax.jit(method(probability, fractions=FRACTIONS, select=select))
    given = jnp.asarray(a), jnp.asarray(X), LABEL, PARAMS
    places = {"places": [[i] for i in inside], "padding": padding}
    expected = literal(of_network, [a.ravel()[i] for i in inside], X, BACKGROUNDS, FRACTIONS, select, **places)
    return measure(*given, baselines=jnp.asarray(BACKGROUNDS), valid=jnp.asarray(valid)), expected


def of_words(method, literal):
    """-1: special tokens, which stay; word 2 stands in both segments; the last piece is padding."""
    groups = np.array([[-1, 0, 0, 1, 2], [-1, 2, 3, 3, 4]])
    valid = np.array([[True] * 5, [True] * 4 + [False]])
    x, pad, a = (np.asarray(vector(shape, i)) for shape, i in (((2, 5, 3), 1), ((2, 5, 3), 2), ((2, 5), 3)))
    words = [[1, 2], [3], [4, 6], [7, 8]]
    means, fractions = [np.mean([a.ravel()[p] for p in word]) for word in words], (0.25, 0.5, 0.8)
    of_segments = lambda x: jax.nn.sigmoid(jnp.tanh(x).sum((1, 2)) - 1).mean()
    loop = lambda x: float(np.mean([1 / (1 + np.exp(1 - np.tanh(s).sum())) for s in x]))
    measure = jax.jit(method(of_segments, fractions=fractions, count=6))
    given = {"baseline": jnp.asarray(pad), "groups": jnp.asarray(groups), "valid": jnp.asarray(valid)}
    expected = literal(loop, means, x, pad[None], fractions, places=words, padding=[9])
    return measure(jnp.asarray(a), jnp.asarray(x), **given), expected


CURVES = [*IMAGES, *(partial(padded, select=select) for select in SELECTIONS), of_words]
VECTORS = [of_vector, partial(of_vector, scores=-SCORES)]
NUMBERS = [*IMAGES, *VECTORS]
MASKS = [partial(of_image, attribution=mask) for mask in ((COARSE > 0).astype(float), 1 / (1 + np.exp(-MAP)))]
SOFT = [
    partial(of_image, backgrounds=np.stack([BASELINE, 0 * X]), fractions=FRACTIONS, temperature=temperature)
    for temperature in (0.3, 0.05)
]


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


@replicates(metrics.sufficiency_curve, cases=CURVES)
def sufficiency_curve(score, values, x, backgrounds, fractions, select="count", up=False, places=None, padding=()):
    places = places or [[i] for i in range(len(values))]
    return curve(score, values, x, backgrounds, fractions, select, up, places, padding, False)


@replicates(metrics.comprehensiveness_curve, cases=CURVES)
def comprehensiveness_curve(
    score, values, x, backgrounds, fractions, select="count", up=False, places=None, padding=()
):
    places = places or [[i] for i in range(len(values))]
    return curve(score, values, x, backgrounds, fractions, select, up, places, padding, True)


@replicates(metrics.sufficiency, cases=NUMBERS)
def sufficiency(score, values, x, backgrounds, fractions=NINETEEN, **options):
    given = score, values, x, backgrounds, fractions
    *points, whole = sufficiency_curve(*given, **options)
    return sum(whole - point for point in points) / len(points)


@replicates(metrics.comprehensiveness, cases=NUMBERS)
def comprehensiveness(score, values, x, backgrounds, fractions=NINETEEN, **options):
    given = score, values, x, backgrounds, fractions
    whole, *points = comprehensiveness_curve(*given, **options)
    return sum(whole - point for point in points) / len(points)


@replicates(metrics.sufficiency_aopc, cases=VECTORS)
def sufficiency_aopc(score, values, x, backgrounds):
    return sufficiency(score, values, x, backgrounds, [0.01, 0.05, 0.1, 0.2, 0.5], up=True)


@replicates(metrics.comprehensiveness_aopc, cases=VECTORS)
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


@replicates(metrics.rationale_sufficiency, cases=MASKS)
def rationale_sufficiency(score, rationale, x, backgrounds):
    return blended(score, x, np.ones_like(rationale), backgrounds) - blended(score, x, rationale, backgrounds)


@replicates(metrics.rationale_comprehensiveness, cases=MASKS)
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


@replicates(metrics.soft_sufficiency, cases=SOFT)
def soft_sufficiency(score, attribution, x, backgrounds, fractions, temperature):
    return soft(score, attribution, x, backgrounds, fractions, temperature, False)


@replicates(metrics.soft_comprehensiveness, cases=SOFT)
def soft_comprehensiveness(score, attribution, x, backgrounds, fractions, temperature):
    return soft(score, attribution, x, backgrounds, fractions, temperature, True)
