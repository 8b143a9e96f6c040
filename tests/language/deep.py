"""The network of `tests/references/decisions.py`, in NumPy and in JAX, over the same numbers."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from jxai.language import decision_features
from tests.references.decisions import Deep

__all__ = ["WIDTHS", "both", "convolved", "explained"]

WIDTHS = (6, 7, 8, 9)


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
