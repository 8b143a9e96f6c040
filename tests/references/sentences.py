"""Literal references: what sentences name, image by image, with sets of words and loops over parts and pixels."""

import math

import numpy as np

from jxai import metrics
from tests.references.captions import caption_tokens
from tests.references.registry import as_given, replicates, same

SEEDS = range(8)
NAN = math.nan


def drawn(seed, *shapes, share=0.5):
    """Arrays of booleans."""
    rng = np.random.default_rng(seed)
    return [rng.random(shape) < share for shape in shapes]


def summed(each):
    """Each, mean, standard error and count."""
    known = [value for value in each if not math.isnan(value)]
    error = np.std(known, ddof=1) / math.sqrt(len(known)) if len(known) > 1 else NAN
    return each, np.mean(known) if known else NAN, error, len(known)


FRACTIONS = [np.array(row) for row in ([0.5, NAN, 1.0, 0.25], [0.2, NAN], [NAN, NAN], [0.0, 1.0, 1.0])]


@replicates(metrics.shares, cases=[same(row) for row in FRACTIONS])
def shares(fractions):
    return summed([100 * fraction for fraction in fractions])


@replicates(
    metrics.drel,
    cases=[
        same(*drawn(seed, (6, 3), (3, 5), (6, 5), (6, 5), share=0.4), empty=empty)
        for seed in SEEDS
        for empty in ("drop", "zero")
    ],
)
def drel(objects, names, described, said, empty):
    """Wickramanayake et al. 2019, eq. 6."""
    each = []
    for relied, captions, sentence in zip(objects, described, said, strict=True):
        wanted = {t for k in np.flatnonzero(relied) for t in np.flatnonzero(names[k]) if captions[t]}
        told = wanted & set(np.flatnonzero(sentence))
        each.append(100 * len(told) / len(wanted) if wanted else {"drop": NAN, "zero": 0.0}[empty])
    return summed(each)


def heat_and_parts(seed):
    rng = np.random.default_rng(seed)
    heat = rng.normal(size=(3, 5)) if seed else np.zeros((3, 5))  # a constant map points at nothing
    visible = rng.integers(0, 2, 6) if seed != 1 else np.zeros(6)
    return heat, np.column_stack([rng.uniform(0, 80, 6), rng.uniform(0, 60, 6), visible])


@replicates(metrics.nearest_part, cases=[same(*heat_and_parts(seed), size=(60, 80)) for seed in SEEDS])
def nearest_part(heat, parts, size):
    row, column = divmod(int(heat.argmax()), heat.shape[1])
    best = (math.inf, None)
    for k, (x, y, visible) in enumerate(parts):
        apart = x - (column + 0.5) * size[1] / heat.shape[1], y - (row + 0.5) * size[0] / heat.shape[0]
        if visible and heat.max() > heat.min():
            best = min(best, (math.hypot(*apart), k), key=lambda one: one[0])
    return [k == best[1] for k in range(len(parts))]


def heat_and_boxes(seed):
    rng = np.random.default_rng(seed)
    heat = np.maximum(rng.normal(size=(3, 4)), 0) * (seed > 0)
    return heat, np.concatenate([rng.integers(0, 12, (5, 2)), rng.integers(0, 9, (5, 2))], 1).astype(float)


@replicates(
    metrics.overlapping,
    cases=[
        same(*heat_and_boxes(seed), threshold=threshold, size=(12, 20))
        for seed in SEEDS
        for threshold in (0.0, 0.3, 0.5, 0.9)
    ],
)
def overlapping(heat, boxes, threshold, size):
    """Pixel by pixel."""
    pixels = heat.repeat(size[0] // heat.shape[0], 0).repeat(size[1] // heat.shape[1], 1)
    hot = (pixels > threshold * heat.max()) & (heat.max() > 0)
    return [bool(hot[int(y) : int(y + h), int(x) : int(x + w)].any()) for x, y, w, h in boxes]


KINDS = np.array([2, 0, 2, -1, 1, 3])


@replicates(metrics.kinds_of, cases=[same(drawn(seed, 6)[0], KINDS, count=4) for seed in SEEDS])
def kinds_of(hit, kinds, count):
    return [kind in {k for k, one in zip(kinds, hit, strict=True) if one} for kind in range(count)]


def predictions(seed):
    rng = np.random.default_rng(seed)
    said, classes = rng.random((8, 4)) < 0.4, rng.random((3, 4)) < 0.8
    return said, *rng.integers(0, 3, (2, 8)), classes


@replicates(
    metrics.insight,
    cases=[same(*predictions(seed), unnamed=unnamed) for seed in SEEDS for unnamed in ("wrong", "right", "drop")],
)
def insight(said, truth, predicted, classes, unnamed):
    each = []
    for features, a, b in zip(said, truth, predicted, strict=True):
        named = np.flatnonzero(features)
        common = 100.0 * all(classes[a, k] and classes[b, k] for k in named)
        silent = {"wrong": 0.0, "right": 100.0, "drop": NAN}[unnamed]
        each.append(NAN if a == b else common if len(named) else silent)
    return summed(each)


@replicates(
    metrics.class_terms,
    cases=[
        same(drawn(seed, (9, 4))[0], np.random.default_rng(seed).integers(0, 3, 9), classes=4, least=least)
        for seed in SEEDS
        for least in (0.0, 0.5)
    ],
)
def class_terms(described, labels, classes, least):
    terms = np.zeros((classes, described.shape[1]), bool)
    for c, t in np.ndindex(terms.shape):
        those = [row[t] for row, label in zip(described, labels, strict=True) if label == c]
        terms[c, t] = sum(those) > least * len(those)
    return terms


def placed(seed):
    rng = np.random.default_rng(seed)
    points = np.column_stack([rng.uniform(0, 90, (3, 2)), rng.integers(0, 4, 3) > 0])
    parts = np.column_stack([rng.uniform(0, 90, (5, 2)), rng.integers(0, 2, 5)])
    return points, rng.random((5, 3)) < 0.4, parts, np.array([3.0, 4, *rng.uniform(20, 90, 2)])


@replicates(
    metrics.annotated_near_points,
    cases=[same(*placed(seed), tolerance=tolerance) for seed in SEEDS for tolerance in (0.05, 0.2, 0.5)],
)
def annotated_near_points(points, names, parts, box, tolerance):
    right, due = [], []
    for k, (x, y, there) in enumerate(points):
        mine = [part for part, named in zip(parts, names[:, k], strict=True) if named and part[2]]
        near = [math.hypot(x - part[0], y - part[1]) <= tolerance * max(box[2:]) for part in mine]
        right.append(bool(there) and any(near))
        due.append(bool(mine))
    return right, due


def on_masks(seed):
    rng = np.random.default_rng(seed)
    masks, names = rng.integers(0, 4, (4, 5)), rng.random((4, 3)) < 0.5
    return np.column_stack([rng.uniform(-1, 6, (3, 2)), rng.integers(0, 4, 3) > 0]), names, masks


@replicates(metrics.annotated_in_masks, cases=[same(*on_masks(seed)) for seed in range(12)])
def annotated_in_masks(points, names, masks):
    right, due = [], []
    for k, (x, y, there) in enumerate(points):
        inside = 0 <= x < masks.shape[1] and 0 <= y < masks.shape[0]
        shown = masks[int(y), int(x)] if inside else 0
        right.append(bool(there and shown and names[shown - 1, k]))
        due.append(any(names[part, k] and (masks == part + 1).any() for part in range(len(names))))
    return right, due


def over_images(method, literal, seed):
    right, due = drawn(seed, (6, 3), (6, 3), share=0.6)
    due[0] = False
    return method(metrics.Annotated(right, due)), literal(right, due)


@replicates(metrics.part_annotation, cases=[lambda *both, seed=seed: over_images(*both, seed) for seed in SEEDS])
def part_annotation(right, due):
    images = [[r for r, d in zip(*row, strict=True) if d] for row in zip(right, due, strict=True)]
    some, every, labels = ([100.0 * of(row) if row else NAN for row in images] for of in (any, all, np.mean))
    return summed(some), summed(every), summed(labels)


OBJECTS = [
    [("beak", "bill"), (), ("Bill", "nose"), ("wing", "flank")],
    [("speckle", "speckled", "dot"), ("dot", "stripe")],
]
FORMS = [{}, {"wings": ("wing",), "speckle": ("speckles",), "speckled": ("speckles",), "stripe": ("striped",)}]


def of_objects(method, literal, words, synonyms, variants):
    found = method(words, synonyms=synonyms, variants=variants)
    return (["/".join(term) for term in found.words], found.names), literal(words, synonyms, variants)


def forms_of(word, variants):
    """All words that are reached through variants in either direction."""
    reached, new = {word}, {word}
    while new:
        pairs = [(a, b) for a, others in variants.items() for b in others]
        new = {b for a, b in [*pairs, *((b, a) for a, b in pairs)] if a in reached} - reached
        reached |= new
    return [word, *sorted(reached - {word})]


@replicates(
    metrics.object_terms,
    cases=[
        lambda m, literal, words=words, synonyms=synonyms, variants=variants: of_objects(
            m, literal, words, synonyms, variants
        )
        for words in OBJECTS
        for synonyms in (True, False)
        for variants in FORMS
    ],
)
def object_terms(words, synonyms, variants):
    of_each = []
    for own in words:
        terms = []
        for word in (one.lower() for one in own):
            if not any(word in term for term in terms):
                terms.append(forms_of(word, variants))
        joined = [list(dict.fromkeys(word for term in terms for word in term))] if terms else []
        of_each.append(["/".join(term) for term in (joined if synonyms else terms)])
    found = list(dict.fromkeys(term for terms in of_each for term in terms))
    return found, [[term in terms for term in found] for terms in of_each]


TERMS = [("crown",), ("traffic light", "signal"), ("TV",), ("wing", "wings")]
TEXTS = [
    "A red-crowned bird", "the crown.", ["a light in traffic", "one traffic  light"], "a Tv", [],
    ["much traffic", "light rain"], "black wings, a crown",
]  # fmt: skip


@replicates(metrics.mentioned_terms, cases=[as_given(TEXTS, TERMS), as_given(TEXTS[1:3], TERMS)])
def mentioned_terms(texts, terms):
    def says(text, word):
        told, wanted = caption_tokens(text), caption_tokens(word)
        return any(told[i : i + len(wanted)] == wanted for i in range(len(told)))

    lines = [[text] if isinstance(text, str) else text for text in texts]
    return [[any(says(one, word) for one in of_text for word in words) for words in terms] for of_text in lines]
