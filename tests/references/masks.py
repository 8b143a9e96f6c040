"""Literal references: masks optimised cell by cell."""

import math

import jax
import numpy as np

import jxai
from tests.references.example import BASELINE, KEY, explains
from tests.references.network import Network
from tests.references.paths import blurred
from tests.references.registry import replicates


def places(shape):
    return [(i, j) for i in range(shape[0]) for j in range(shape[1])]


class Adam:
    """Kingma and Ba 2015, algorithm 1."""

    def __init__(self, rate):
        self.rate, self.step, self.m, self.v = rate, 0, 0.0, 0.0

    def move(self, d, g):
        self.step += 1
        self.m = 0.9 * self.m + 0.1 * g
        self.v = 0.999 * self.v + 0.001 * g**2
        m, v = self.m / (1 - 0.9**self.step), self.v / (1 - 0.999**self.step)
        return np.clip(d - self.rate * m / (np.sqrt(v) + 1e-8), 0, 1)


def spread(d, space, smooth):
    """Each location looks up its block; then a blur."""
    m = np.zeros((*space, 1))
    for i, j in places(space):
        m[i, j] = d[i * d.shape[0] // space[0], j * d.shape[1] // space[1]]
    return blurred(m, smooth, int(4 * smooth + 0.5))


def shifted(x, offset):
    out = np.zeros_like(x)
    for i, j in places(x.shape):
        out[i, j] = x[min(max(i - offset[0], 0), len(x) - 1), min(max(j - offset[1], 0), x.shape[1] - 1)]
    return out


def variation_gradient(d, beta):
    g = np.zeros_like(d)
    for i, j in places(d.shape):
        for k, m in ((i + 1, j), (i, j + 1)):
            if k < d.shape[0] and m < d.shape[1]:
                slope = beta * abs(d[k, m] - d[i, j]) ** (beta - 1) * np.sign(d[k, m] - d[i, j])
                g[k, m] += slope
                g[i, j] -= slope
    return g


def smallest_disc(value, coarse, discs=16):
    """Try discs of growing radius; the corner cells lie on the largest one."""
    apart = np.zeros(coarse)
    for i, j in places(coarse):
        apart[i, j] = math.hypot((i + 0.5) / coarse[0] - 0.5, (j + 0.5) / coarse[1] - 0.5)
    nothing, everything = value(np.zeros(coarse)), value(np.ones(coarse))
    for k in range(1, discs + 1):
        disc = (apart / apart.max() <= k / discs).astype(float)
        if value(disc) - everything <= 0.01 * (nothing - everything):
            return disc
    raise AssertionError("the whole is always enough")


def meaningful(game):
    options = {"game": game, "smooth": 0.7, "jitter": 2, "l1": 0.03, "tv": 0.2, "beta": 3.0, "cell": 2, "steps": 3}
    return explains(only={"learning_rate": 0.05}, inputs={"key": KEY, "baseline": BASELINE}, **options)


@replicates(
    jxai.meaningful_perturbation, cases=[meaningful(game) for game in ("delete", "preserve")], rtol=1e-6, atol=1e-9
)
def meaningful_perturbation(
    net: Network, x, baseline, key, *, game, cell, smooth, jitter, l1, tv, beta, steps, rate=0.05
):
    """Fong and Vedaldi 2017, eq. 4, for the deleted share `d = 1 - m` (or the preserved one)."""
    space, sign = x.shape[:2], 1 if game == "delete" else -1
    coarse = tuple(-(-n // cell) for n in space)

    def perturbed(d, x, b):
        m = spread(d, space, smooth)
        return x * (1 - m) + b * m if game == "delete" else x * m + b * (1 - m)

    units = []
    for place in places(coarse):
        unit = np.zeros(coarse)
        unit[place] = 1
        units.append(spread(unit, space, smooth))
    d = smallest_disc(lambda d: sign * net.score(perturbed(d, x, baseline)), coarse)
    adam = Adam(rate)
    for step in range(steps):
        offset = np.asarray(jax.random.randint(jax.random.fold_in(key, step), (2,), -jitter, jitter + 1))
        moved, base = shifted(x, offset), shifted(baseline, offset)
        along = net.gradient(perturbed(d, moved, base)) * (base - moved)  # both games: the sign cancels
        g = np.array([(along * unit).sum() for unit in units]).reshape(coarse)
        d = adam.move(d, g + l1 + tv * variation_gradient(d, beta))
    return spread(d, space, smooth)[..., 0]


def smooth_max(d, shape, radius, temperature):
    m = np.zeros(shape)
    for i, j in places(shape):
        over = under = 0.0
        for k, n in places(d.shape):
            ci, cj = ((c + 0.5) * size / count - 0.5 for c, size, count in zip((k, n), shape, d.shape, strict=True))
            value = d[k, n] * math.exp(-(max(0.0, math.hypot(i - ci, j - cj) / radius - 1) ** 2) / 4)
            over += value * math.exp(value / temperature)
            under += math.exp(value / temperature)
        m[i, j] = over / under
    return m


def interpolated(m, space):
    """Linear between the middles of the cells, constant beyond the outermost."""
    out = np.zeros(space)
    for i, j in places(space):
        at = [min(max((p + 0.5) * c / n - 0.5, 0), c - 1) for p, c, n in zip((i, j), m.shape, space, strict=True)]
        low = [min(int(a), c - 2) for a, c in zip(at, m.shape, strict=True)]
        for k, n in places((2, 2)):
            share = math.prod(abs(1 - step - (a - b)) for step, a, b in zip((k, n), at, low, strict=True))
            out[i, j] += share * m[low[0] + k, low[1] + n]
    return out


def numerical(fn, d, h=1e-6):
    g = np.zeros_like(d)
    for place in np.ndindex(d.shape):
        step = np.zeros_like(d)
        step[place] = h
        g[place] = (fn(d + step) - fn(d - step)) / (2 * h)
    return g


def extremal(game, areas):
    options = {"game": game, "areas": areas, "smooth": 1.3, "temperature": 0.1, "sigma": 1.5, "levels": 3}
    return explains(only={"learning_rate": 0.05}, weight=2.0, cell=2, steps=3, **options)


@replicates(
    jxai.extremal_perturbation,
    cases=[extremal("preserve", (0.3,)), extremal("delete", (0.3,)), extremal("both", (0.2, 0.45))],
    rtol=1e-5,
    atol=1e-7,
)
def extremal_perturbation(
    net: Network, x, *, areas, game, cell, smooth, temperature, sigma, levels, weight, steps, rate=0.05
):
    """Fong et al. 2019, eq. 1 to 5: the smooth mask in the middle of each cell, interpolated."""
    coarse = tuple(-(-n // cell) for n in x.shape[:2])
    sigmas = [sigma * (1 - k / (levels - 1)) for k in range(levels)]
    blurs = [blurred(x, s, int(4 * s + 0.5)) for s in sigmas]

    def perturbed(m):
        m, out = interpolated(m, x.shape[:2]), np.zeros_like(x)
        for i, j in places(x.shape):
            level = m[i, j] * (levels - 1)
            low = min(int(level), levels - 2)
            out[i, j] = (low + 1 - level) * blurs[low][i, j] + (level - low) * blurs[low + 1][i, j]
        return out

    def gain(m):
        kept, left = net.score(perturbed(m)), net.score(perturbed(1 - m))
        return {"preserve": kept, "delete": -left, "both": kept - left}[game]

    def loss(d, area, price):
        m = smooth_max(d, coarse, smooth / cell, temperature)
        ones = area * m.size
        target = [min(max(rank + 1 - (m.size - ones), 0), 1) for rank in range(m.size)]
        ranked = [value for _, value in sorted(zip((m + 1e-3 * tilt).ravel(), m.ravel(), strict=True))]
        gap = np.mean([(value - t) ** 2 for value, t in zip(ranked, target, strict=True)])
        return price * gap - gain(m)

    whole = np.full(coarse, 0.1 if game == "delete" else 0.9)
    slope = numerical(lambda d: gain(smooth_max(d, coarse, smooth / cell, temperature)), whole)
    tilt = slope / np.abs(slope).max()
    masks = []
    for area in areas:
        d, adam = whole + 0.1 * tilt, Adam(rate)
        for step in range(steps):
            price = weight * 10.0 ** (-4 * (1 - step / steps))
            d = adam.move(d, numerical(lambda d, a=area, p=price: loss(d, a, p), d))
        masks.append(smooth_max(d, coarse, smooth / cell, temperature))
    return interpolated(sum(masks) / len(masks), x.shape[:2])
