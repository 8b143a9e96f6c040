"""Literal references: the gradient, what is made of it, and averages over noisy inputs."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from jxai import rules
from jxai.signal.draws import normal
from tests.references.example import AT, KEY, NET, X, explained, explains, score, vector
from tests.references.network import Network
from tests.references.registry import replicates


def ruled(rule, literal):
    """The score's gradient with a rule for ReLU."""
    return explained(jxai.gradient(jxai.with_rules(score, {"relu": rule}))), literal(NET, X)


def of_classes(method, literal, chunk=32):
    explain = method(jxai.gradient(score), chunk=chunk)
    return explained(explain, label=jnp.array([2, 0, 1])), literal(NET, X, [2, 0, 1])


OVER = explains(of=jxai.gradient(score))
NOISY = explains(of=jxai.gradient(score), only={"chunk": 2}, inputs={"key": KEY}, samples=5, noise=0.1)


@replicates(jxai.gradient, cases=[explains()])
def gradient(net: Network, x):
    return net.gradient(x)


@replicates(jxai.times_input, cases=[OVER])
def times_input(net: Network, x):
    return np.array([xi * gi for xi, gi in zip(x.ravel(), net.gradient(x).ravel(), strict=True)]).reshape(x.shape)


@replicates(jxai.contrast, cases=[explains(of=jxai.gradient(score), inputs={"against": other}) for other in (0, 1)])
def contrast(net: Network, x, against):
    other = Network(net.p, against)
    return net.gradient(x) - other.gradient(x)


@replicates(jxai.all_classes, cases=[partial(of_classes, chunk=chunk) for chunk in (1, 2, 32)])
def all_classes(net: Network, x, labels):
    return np.stack([Network(net.p, label).gradient(x) for label in labels])


@replicates(
    jxai.edit, cases=[lambda m, literal: (explained(jxai.gradient(m(score, {AT: lambda a: a**2}))), literal(NET, X))]
)
def gradient_of_the_squared_layer(net: Network, x):
    """The head sees the squares of conv2, whose derivative is twice the value."""
    v = net.run(x)
    logits = v.conv2.ravel() ** 2 @ net.p["w"] + net.p["c"]
    return net.from_conv2(v, 2 * v.conv2 * (net.p["w"] @ net.slope(v._replace(logits=logits))).reshape(v.conv2.shape))


@replicates(rules.guided, cases=[ruled])
@replicates(jxai.guided_backprop, cases=[explains()])
def guided(net: Network, x):
    """Springenberg et al. 2015: back through a ReLU go positive derivatives, where the input was positive."""
    return net.gradient(x, lambda z, g: (z > 0) * (g > 0) * g)


@replicates(rules.deconvnet, cases=[ruled])
@replicates(jxai.deconvnet, cases=[explains()])
def deconvnet(net: Network, x):
    """Zeiler and Fergus 2014: back through a ReLU go positive derivatives, whatever the input was."""
    return net.gradient(x, lambda z, g: (g > 0) * g)


def through_tanh(rule, literal):
    """`w . tanh(x V)` with the rule for tanh and epsilon, without epsilon, for the rest; one unit is 0."""
    x, v, w = vector(4, 1), vector((4, 3), 2).at[:, 1].set(0.0), vector(3, 3)
    ruled = jxai.with_rules(lambda x: jnp.tanh(x @ v) @ w, {"tanh": rule, "dot_general": rules.epsilon(0.0)})
    return jxai.times_input(jxai.gradient(ruled))(x), literal(*map(np.asarray, (x, v, w)))


@replicates(rules.passing, cases=[through_tanh])
def passing(x, v, w):
    """The relevance `w_j tanh(h_j)` of a unit is that of its `h_j = sum_i x_i v_ij`, which its parts share."""
    relevance = np.zeros_like(x)
    for j, h in enumerate(x @ v):
        for i in range(len(x)):
            relevance[i] += x[i] * v[i, j] / h * w[j] * np.tanh(h) if h else 0.0
    return relevance


def noisy(x, key, samples, noise):
    """The same draws as `jxai.smoothgrad`: one key a sample, split into one for the noise and one passed on."""
    scale = noise * (x.max() - x.min())
    for one in jax.random.split(key, samples):
        drawn, _ = jax.random.split(one)
        yield x + scale * np.asarray(normal(drawn, x.shape, np.float64))


@replicates(jxai.smoothgrad, cases=[NOISY])
def smoothgrad(net: Network, x, key, samples, noise):
    return sum(net.gradient(other) for other in noisy(x, key, samples, noise)) / samples


@replicates(jxai.smoothgrad_squared, cases=[NOISY])
def smoothgrad_squared(net: Network, x, key, samples, noise):
    return sum(net.gradient(other) ** 2 for other in noisy(x, key, samples, noise)) / samples


@replicates(jxai.vargrad, cases=[NOISY])
def vargrad(net: Network, x, key, samples, noise):
    maps = [net.gradient(other) for other in noisy(x, key, samples, noise)]
    mean = sum(maps) / samples
    return sum((one - mean) ** 2 for one in maps) / samples
