"""Twins of the small networks of Captum's tests: functions of one example's inputs, with taps in place of modules.

Pictures have their channels last here, so that layers of pictures are compared after moving the axis. A layer's input
is the tap before it: `input` of `linear0`, `linear1` of `relu`.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from jxai import tap

__all__ = ["MODELS"]

relu = jax.nn.relu


def basic(x):
    return 1 - relu(1 - x)


def basic2(x1, x2):
    return relu(relu(x1) - 1 - relu(x2))


def basic3(x1, x2):
    return relu(relu(x1 - 1) - relu(x2))


def basic4(x1, x2, divisor):
    return relu(relu(x1 - 1) - relu(x2) / jnp.asarray(divisor))


def basic5(x1, x2, factors):
    return relu(relu(x1 - 1) * factors[0] - relu(x2) * factors[1])


def basic6(x1, x2):
    return 1 - relu(1 - (x1 + x2))


def linear(x1, x2):
    return jnp.concatenate([x1, x2]) @ (jnp.arange(7.0) / 10 - 0.2)[:, None]


def relu_deep_lift(x1, x2, factor=2.0):
    return 2 * relu(x1) + factor * relu(x2 - 1.5)


def tanh_deep_lift(x1, x2):
    return 2 * jnp.tanh(x1) + 2 * jnp.tanh(x2 - 1.5)


def relu_linear(x1, x2, factor=1.0):
    both = tap(jnp.stack([x1 @ jnp.array([3.0, 1.0, 0.0]), factor * (x2 @ jnp.array([2.0, 3.0, 0.0]))]), "linear")
    return tap(tap(relu(both), "relu").sum(keepdims=True), "l3")


def max_pool(x):
    return tap(tap(x @ jnp.eye(4), "lin1").max(keepdims=True), "pool1") @ jnp.ones((1, 1))


def max_pool_relu(x):
    return relu(tap(x.max(-1), "maxpool")).sum(keepdims=True)


def multi_layer(x, more=0.0, two=False):
    """The network of most tests; `two` adds a second branch of the same weights, with taps `relu_0` and `relu_1`."""
    bias = jnp.array([-10.0, 1.0, 1.0, 1.0])
    x = tap(x + more, "input")
    first = tap(tap(x @ jnp.eye(3), "linear0") @ jnp.ones((3, 4)) + bias, "linear1")
    if two:
        second = tap(x @ jnp.ones((3, 4)) + bias, "linear1_alt")
        hidden = tap(relu(first), "relu_0") + tap(relu(second), "relu_1")
    else:
        hidden = tap(relu(first), "relu")
    return tap(hidden @ jnp.ones((4, 2)) + jnp.array([-1.0, 1.0]), "linear2")


def two_branches(x):
    return multi_layer(x, two=True)


def multi_dimensional(x):
    """The logits, doubled, and four times both, as `[2, 2, 2]`."""
    out = multi_layer(x)
    doubled = jnp.stack([out, 2 * out], 1)
    return jnp.stack([doubled, 4 * doubled], 2)


def multi_input(x1, x2, x3, scale=1.0):
    return multi_layer(scale * (x1 + x2 + x3))


def boolean(x):
    return multi_layer(10.0 * x)


def sum_of_batch(*xs):
    """Of a batch of all inputs: the sum of all logits, a number for the whole batch."""
    return jax.vmap(lambda *rows: multi_layer(sum(rows)))(*xs).sum(keepdims=True)


def sparse(x, ids):
    return (x @ jnp.array([3.0, 1.0, 2.0]) + ids[0]).sum(keepdims=True)


def conv_net(x, x2=0.0):
    """A picture `[4, 4, 1]`, one convolution of two channels, one dense layer over channels first."""
    x = tap(x + x2, "input")
    h = lax.conv_general_dilated(
        x[None], jnp.ones((3, 3, 1, 2)), (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    h = tap(relu(tap(h[0] + jnp.array([-50.0, -75.0]), "conv1")), "relu1")
    weights = jnp.concatenate([jnp.ones((5, 4)), -jnp.ones((3, 4))])
    return tap(relu(tap(jnp.moveaxis(h, -1, 0).reshape(8) @ weights, "fc1")), "relu2")


def simple_lrp(x, first=2.0):
    """Three units; `first` is the weight of the first input to the first unit."""
    h = tap(x @ jnp.full((3, 3), 2.0).at[0, 0].set(first), "linear")
    return relu(h) @ jnp.full((3, 1), 3.0)


def tanh_lrp(x):
    return jnp.tanh(tap(x @ jnp.full((3, 3), 0.1), "linear")) @ jnp.full((3, 1), 0.1)


def skip(x):
    return x @ jnp.full((2, 2), 5.0) + x


def pooled_rows(x):
    return (x @ jnp.full((2, 2), 2.0)).max(-1)


def pooled(x):
    return x.max(keepdims=True).ravel()


def sigmoid_net(x):
    return jax.nn.sigmoid(relu(x @ jnp.ones((x.size, 5))) @ jnp.ones((5, 1)))


def softmax_net(x):
    """All weights 1, biases drawn: the logits are huge and nearly equal."""
    r, h = np.random.default_rng(0), x
    for n, last in ((20, False), (20, False), (10, True)):
        bound = len(h) ** -0.5
        h = h @ jnp.ones((len(h), n), x.dtype) + jnp.asarray(r.uniform(-bound, bound, n), x.dtype)
        h = h if last else relu(h)
    return jax.nn.softmax(h)


def pooling_net(x):
    """Captum's convolutional classifier on `[*space, 1]`: convolutions drawn, dense weights 1, pooling by 2."""
    r, axes = np.random.default_rng(1), x.ndim - 1
    letters = "DHW"[3 - axes :]
    numbers = (f"N{letters}C", f"{letters}IO", f"N{letters}C")
    h = x
    for into, out in ((1, 2), (2, 4)):
        bound = (into * 3**axes) ** -0.5
        kernel, bias = r.uniform(-bound, bound, (3,) * axes + (into, out)), r.uniform(-bound, bound, out)
        h = lax.conv_general_dilated(
            h[None], jnp.asarray(kernel, x.dtype), (1,) * axes, "VALID", dimension_numbers=numbers
        )
        h = relu(h[0] + jnp.asarray(bias, x.dtype))
        window = (2,) * axes + (1,)
        h = lax.reduce_window(h, -jnp.inf, lax.max, window, window, "VALID")
    h = relu(h.reshape(4) @ jnp.ones((4, 8), x.dtype) + jnp.asarray(r.uniform(-0.5, 0.5, 8), x.dtype))
    return jax.nn.softmax(h @ jnp.ones((8, 10), x.dtype) + jnp.asarray(r.uniform(-0.35, 0.35, 10), x.dtype))


MODELS = {
    f.__name__: f
    for f in (
        *(basic, basic2, basic3, basic4, basic5, basic6, linear, relu_deep_lift, tanh_deep_lift, relu_linear),
        *(max_pool, max_pool_relu, multi_layer, two_branches, multi_dimensional, multi_input, boolean, sum_of_batch),
        *(sparse, conv_net, simple_lrp, tanh_lrp, skip, pooled_rows, pooled, sigmoid_net, softmax_net, pooling_net),
    )
}
