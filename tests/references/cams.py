"""Literal references: class activation maps at the tap conv2, place by place and channel by channel."""

import math

import numpy as np

import jxai
from tests.references.example import AT, BASELINE, explains
from tests.references.network import Network
from tests.references.registry import replicates

AT_LAYER = explains(only={"at": AT})


def places(a):
    return [(i, j) for i in range(a.shape[0]) for j in range(a.shape[1])]


@replicates(jxai.grad_cam, cases=[AT_LAYER])
def grad_cam(net: Network, x):
    """Selvaraju et al. 2017, eq. 1 and 2, before the ReLU."""
    a, g = net.run(x).conv2, net.gradient_at_conv2(x)
    result = np.zeros(a.shape[:2])
    for c in range(a.shape[2]):
        alpha = sum(g[i, j, c] for i, j in places(a)) / len(places(a))
        result += alpha * a[..., c]
    return result


@replicates(jxai.grad_cam_pp, cases=[AT_LAYER])
def grad_cam_pp(net: Network, x):
    """Chattopadhay et al. 2018, eq. 19 for alpha and eq. 21 for the weights, before the ReLU."""
    a, g = net.run(x).conv2, net.gradient_at_conv2(x)
    result = np.zeros(a.shape[:2])
    for c in range(a.shape[2]):
        total, weight = a[..., c].sum(), 0.0
        for i, j in places(a):
            under = 2 * g[i, j, c] ** 2 + total * g[i, j, c] ** 3
            alpha = g[i, j, c] ** 2 / under if under != 0 else 0.0
            weight += alpha * max(g[i, j, c], 0.0)
        result += weight * a[..., c]
    return result


@replicates(jxai.hires_cam, cases=[AT_LAYER])
def hires_cam(net: Network, x):
    a, g = net.run(x).conv2, net.gradient_at_conv2(x)
    return np.array([[a[i, j] @ g[i, j] for j in range(a.shape[1])] for i in range(a.shape[0])])


@replicates(jxai.layer_cam, cases=[AT_LAYER])
def layer_cam(net: Network, x):
    """Jiang et al. 2021, eq. 4 and 5, before the ReLU."""
    a, g = net.run(x).conv2, net.gradient_at_conv2(x)
    result = np.zeros(a.shape[:2])
    for i, j in places(a):
        result[i, j] = sum(max(g[i, j, c], 0.0) * a[i, j, c] for c in range(a.shape[2]))
    return result


def enlarged(channel, size):
    """Bilinear with half-pixel centres, edges repeated."""
    n = len(channel)

    def at(k):
        place = min(max((k + 0.5) * n / size - 0.5, 0.0), n - 1.0)
        low = min(math.floor(place), n - 2)
        return low, place - low

    result = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            (r, u), (s, v) = at(i), at(j)
            top = (1 - v) * channel[r, s] + v * channel[r, s + 1]
            bottom = (1 - v) * channel[r + 1, s] + v * channel[r + 1, s + 1]
            result[i, j] = (1 - u) * top + u * bottom
    return result


@replicates(
    jxai.score_cam,
    cases=[explains(only={"at": AT})]
    + [explains(only={"at": AT, "chunk": chunk}, inputs={"baseline": BASELINE}) for chunk in (1, 2, 8)],
)
def score_cam(net: Network, x, baseline=None):
    """Wang et al. 2020, algorithm 1, before the ReLU."""
    a, baseline = net.run(x).conv2, 0 * x if baseline is None else baseline
    increases = []
    for c in range(a.shape[2]):
        mask = enlarged(a[..., c], x.shape[0])
        span = mask.max() - mask.min()
        mask = (mask - mask.min()) / span if span > 0 else np.zeros_like(mask)
        masked = mask[..., None] * x + (1 - mask[..., None]) * baseline
        increases.append(net.score(masked) - net.score(baseline))
    weights = np.exp(increases) / np.exp(increases).sum()
    return sum(w * a[..., c] for c, w in enumerate(weights))


@replicates(jxai.eigen_cam, cases=[AT_LAYER])
def eigen_cam(net: Network, x):
    """Muhammad and Yeasin 2020, eq. 4: the activations projected on their first right singular vector."""
    a = net.run(x).conv2
    matrix = a.reshape(-1, a.shape[-1])
    _, _, v = np.linalg.svd(matrix)
    result = (matrix @ v[0]).reshape(a.shape[:2])
    return result if result.sum() >= 0 else -result
