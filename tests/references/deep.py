"""A deeper network in NumPy and in JAX, over the same numbers, and its decision features."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from jxai.language import decision_features
from tests.references.network import correlate, correlate_back

__all__ = ["WIDTHS", "Deep", "both", "convolved", "explained"]

WIDTHS = (6, 7, 8, 9)


class Deep:
    """Convolutions (3x3) with ReLU, named `layer0`, ...; the mean over space; a dense layer."""

    def __init__(self, kernels, strides, w, label):
        self.kernels, self.strides, self.w, self.label = kernels, strides, w, label
        self.names = tuple(f"layer{i}" for i in range(len(kernels)))

    def run(self, x):
        """What goes into each ReLU and what comes out."""
        before, after = [], []
        for kernel, stride in zip(self.kernels, self.strides, strict=True):
            before.append(correlate(after[-1] if after else x, kernel, stride))
            after.append(np.maximum(before[-1], 0))
        return before, after

    def score(self, x):
        return float(self.run(x)[1][-1].mean((0, 1)) @ self.w[:, self.label])

    def back(self, x, layer, g):
        """A derivative at the output of a layer, sent back to the output of the layer before."""
        before, after = self.run(x)
        through = (before[layer] > 0) * g
        return correlate_back(through, self.kernels[layer], self.strides[layer], after[layer - 1].shape)

    def gradients(self, x):
        last = self.run(x)[1][-1]
        found = [np.broadcast_to(self.w[:, self.label] / last[..., 0].size, last.shape)]
        for layer in range(len(self.kernels) - 1, 0, -1):
            found.insert(0, self.back(x, layer, found[0]))
        return found


def drawn(seed):
    rng = np.random.default_rng(seed)
    shapes = [(3, 3, a, b) for a, b in zip((3, *WIDTHS), WIDTHS, strict=False)]
    kernels = [rng.normal(size=shape) / np.sqrt(9 * shape[2] / 2) for shape in shapes]
    return Deep(kernels, (1, 2, 1, 1), rng.normal(size=(WIDTHS[-1], 4)), 2), rng.normal(size=(6, 6, 3))


def convolved(x, kernel, stride):
    where = ("NHWC", "HWIO", "NHWC")
    pad = ((1, 1), (1, 1))
    return jax.lax.conv_general_dilated(x[None], kernel, (stride, stride), pad, dimension_numbers=where)[0]


def values_of(net, x, label, params):
    """The network in JAX; taps `layer0`, ..., `mean`."""
    for i, stride in enumerate(net.strides):
        x = jxai.tap(jax.nn.relu(convolved(x, params["kernels"][i], stride)), f"layer{i}")
    return (jxai.tap(x.mean((0, 1)), "mean") @ params["w"])[label]


def both(seed=0):
    net, x = drawn(seed)
    params = {"kernels": [jnp.asarray(kernel) for kernel in net.kernels], "w": jnp.asarray(net.w)}
    return net, partial(values_of, net), jnp.asarray(x), params


def explained(net, score, x, params, **options):
    options = {"layers": net.names, "at": net.names[-1], **options}
    return jax.jit(decision_features(score, **options))(x, net.label, params)
