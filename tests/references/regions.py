"""Literal references: segments as sets of locations, and maps for comparison."""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from jxai.signal import segments
from jxai.signal.draws import normal
from tests.references.example import KEY, NET, X, explained, score
from tests.references.masks import places
from tests.references.network import Network
from tests.references.registry import replicates

LEVELS = np.stack([segments.grid((8, 8), 3), np.asarray(segments.grid((8, 8), (4, 5)))[::-1], segments.grid((8, 8), 8)])
HOLES = np.where(np.arange(64).reshape(1, 8, 8) % 7 == 0, -1, LEVELS[:1])
INNER = jxai.times_input(jxai.gradient(score))


def of_segments(method, literal, levels=LEVELS, **options):
    found = explained(method(INNER, **options), segments=levels)
    return found, literal(explained(INNER), levels, **options)


SETTINGS = [  # without the whole as a segment, some small ones are left over
    {"levels": LEVELS},
    {"levels": LEVELS[:2], "smallest": 6},
    {"levels": HOLES},
]


@replicates(
    jxai.xrai,
    cases=[partial(of_segments, ordered=ordered, **setting) for setting in SETTINGS for ordered in (False, True)],
)
def xrai(attribution, segments, smallest=1, ordered=False):
    """Kapishnikov et al. 2019, algorithm 1: the means, or the share that is not covered before."""
    a = attribution.sum(-1)
    regions = [
        {tuple(p) for p in np.argwhere(level == label)} for level in segments for label in range(level.max() + 1)
    ]
    covered, means, before = set(), np.zeros_like(a), np.zeros_like(a)
    while any(len(region - covered) >= smallest for region in regions):
        open_ = [region - covered for region in regions if len(region - covered) >= smallest]
        added = max(open_, key=lambda new: np.mean([a[p] for p in new]))
        for p in added:
            means[p], before[p] = np.mean([a[q] for q in added]), len(covered) / a.size
        covered |= added
    rest = [p for p in np.ndindex(a.shape) if p not in covered]
    for p in rest:
        means[p], before[p] = np.mean([a[q] for q in rest]), len(covered) / a.size
    return 1 - before if ordered else means


def of_probability(method, literal):
    explain = method(lambda *args: jnp.exp(score(*args)), samples=3, trials=500.0)
    return explained(explain, key=KEY, segments=LEVELS), literal(NET, X, KEY, LEVELS, 3, 500.0)


@replicates(jxai.regional_multiscale, cases=[of_probability], rtol=1e-7, atol=1e-10)
def regional_multiscale(net: Network, x, key, segments, samples, trials):
    """Our reading of Seo et al. 2020, with the draws of `jxai.regional_multiscale`; the score is a log-probability."""
    rows, columns = x.shape[:2]

    def bits(p):
        return math.log2((p * trials + 1) / ((1 - p) * trials + 1))

    total = np.zeros((rows, columns))
    keys = [jax.random.split(one, len(segments)) for one in jax.random.split(key, samples)]
    for number, level in enumerate(segments):
        edge = {int(level[i, j]) for i, j in places(x.shape) if i in (0, rows - 1) or j in (0, columns - 1)}
        border = [(i, j) for i, j in places(x.shape) if int(level[i, j]) in edge]
        mean = np.mean([x[p] for p in border], axis=0)
        weights = {}
        for label in range(level.max() + 1):
            p = 0.0
            for one in keys:
                z = np.asarray(normal(one[number], (rows * columns,), np.float64)).reshape(rows, columns)
                colour = mean + sum((x[q] - mean) * z[q] for q in border) / math.sqrt(len(border))
                filled = x.copy()
                filled[level == label] = colour
                p += math.exp(net.score(filled)) / samples
            weights[label] = bits(math.exp(net.score(x))) - bits(p)
        largest = max(abs(w) for w in weights.values())
        for i, j in places(x.shape):
            total[i, j] += weights[int(level[i, j])] / largest / len(segments)
    return total


@replicates(jxai.random_map, cases=[lambda m, literal: (explained(m(score), key=KEY), literal(X, KEY))])
def random_map(x, key):
    return np.asarray(jax.random.uniform(key, x.shape[:2], np.float64))


@replicates(jxai.edge_detector, cases=[lambda m, literal: (explained(m(score)), literal(X))])
def edge_detector(x):
    """Sobel's two kernels, an eighth of them, over an image with repeated borders."""
    kernel = np.outer([1, 2, 1], [-1, 0, 1]) / 8
    wide = np.pad(x, ((1, 1), (1, 1), (0, 0)), mode="edge")
    out = np.zeros(x.shape[:2])
    for i, j in places(x.shape):
        window = wide[i : i + 3, j : j + 3]
        for c in range(x.shape[2]):
            out[i, j] += (window[..., c] * kernel).sum() ** 2 + (window[..., c] * kernel.T).sum() ** 2
    return np.sqrt(out)
