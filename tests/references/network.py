"""The image network of `tests/cases.py` in NumPy, pixel by pixel, with its derivatives written out by hand.

Layers, in order: conv1 (3x3, stride 1), relu, conv2 (3x3, stride 2), relu, dense, log-probability of a label.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["Network", "Values", "correlate", "correlate_back", "softmax"]

Array = np.ndarray
SIDE = 1  # zeros around every convolution's input


def windows(shape, stride):
    """Output place and the slice of the padded input under it, for a 3x3 kernel."""
    rows, columns = (-(-n // stride) for n in shape[:2])
    for i in range(rows):
        for j in range(columns):
            yield (i, j), (slice(i * stride, i * stride + 3), slice(j * stride, j * stride + 3))


def padded(x):
    return np.pad(x, ((SIDE, SIDE), (SIDE, SIDE), (0, 0)))


def correlate(x: Array, kernel: Array, stride: int) -> Array:
    """`z_ijo = sum_abc x_{i+a, j+b, c} k_abco`."""
    out = np.zeros((-(-x.shape[0] // stride), -(-x.shape[1] // stride), kernel.shape[-1]))
    for place, window in windows(x.shape, stride):
        out[place] = np.einsum("abc,abco->o", padded(x)[window], kernel)
    return out


def correlate_back(g: Array, kernel: Array, stride: int, shape: tuple) -> Array:
    """The derivative of `correlate` in x, against `g`: every output sends its share back to its window."""
    back = padded(np.zeros(shape))
    for place, window in windows(shape, stride):
        back[window] += np.einsum("o,abco->abc", g[place], kernel)
    return back[SIDE:-SIDE, SIDE:-SIDE]


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max())
    return e / e.sum()


class Values(NamedTuple):
    """Everything that one run of the network computes."""

    x: Array
    z1: Array
    conv1: Array  # after ReLU, as tapped
    z2: Array
    conv2: Array
    logits: Array


class Network:
    """The network with its parameters and the label that is explained."""

    def __init__(self, params, label):
        self.p = {name: np.asarray(value, np.float64) for name, value in params.items()}
        self.label = label

    def run(self, x: Array) -> Values:
        z1 = correlate(x, self.p["k1"], 1) + self.p["b1"]
        a1 = np.maximum(z1, 0)
        z2 = correlate(a1, self.p["k2"], 2) + self.p["b2"]
        a2 = np.maximum(z2, 0)
        return Values(x, z1, a1, z2, a2, a2.ravel() @ self.p["w"] + self.p["c"])

    def head(self, conv2: Array) -> float:
        """The score from the tap conv2 on."""
        return float(np.log(softmax(conv2.ravel() @ self.p["w"] + self.p["c"])[self.label]))

    def score(self, x: Array) -> float:
        return self.head(self.run(x).conv2)

    def logit(self, x: Array) -> float:
        return float(self.run(x).logits[self.label])

    def slope(self, v: Values) -> Array:
        """The slope d log p_label / d logits."""
        return np.eye(len(v.logits))[self.label] - softmax(v.logits)

    def gradient_at_conv2(self, x: Array) -> Array:
        v = self.run(x)
        return (self.p["w"] @ self.slope(v)).reshape(v.conv2.shape)

    def gradient(self, x: Array, relu_back=lambda z, g: (z > 0) * g) -> Array:
        """The derivative d score / d x; `relu_back(z, g)` is how a ReLU of input z sends a derivative g back."""
        return self.from_conv2(self.run(x), self.gradient_at_conv2(x), relu_back)

    def from_conv2(self, v: Values, g2: Array, relu_back=lambda z, g: (z > 0) * g) -> Array:
        """A derivative at the tap conv2, sent back to x."""
        g1 = correlate_back(relu_back(v.z2, g2), self.p["k2"], 2, v.conv1.shape)
        return correlate_back(relu_back(v.z1, g1), self.p["k1"], 1, v.x.shape)

    def push_to_conv2(self, x: Array, direction: Array) -> Array:
        """The derivative of the tap conv2 along a direction of x, forwards."""
        v = self.run(x)
        d1 = (v.z1 > 0) * correlate(direction, self.p["k1"], 1)
        return (v.z2 > 0) * correlate(d1, self.p["k2"], 2)
