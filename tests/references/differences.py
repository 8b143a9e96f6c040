"""Literal references: DeepLIFT on the image network, unit by unit, and averages over baselines; rules of ReLU."""

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from jxai.signal.draws import normal
from tests.references import cams, gradients
from tests.references.example import AT, BASELINE, KEY, NET, X, explained, explains, logit
from tests.references.network import SIDE, Network, padded, windows
from tests.references.registry import replicates


def relu(z):
    return np.maximum(z, 0.0)


def ratios(z, z0, f):
    """The rescale rule's multipliers, where the two sides differ."""
    return (f(z) - f(z0)) / (z - z0)


def log_probability(z):
    return z - np.log(np.exp(z - z.max()).sum()) - z.max()


def of_head(z, z0, label):
    """Multipliers of the log-probability: exp and log by their ratios, the sum passes on (shift common to both)."""
    m = max(z.max(), z0.max())
    e, e0 = np.exp(z - m), np.exp(z0 - m)
    of_log = (np.log(e.sum()) - np.log(e0.sum())) / (e.sum() - e0.sum())
    return np.eye(len(z))[label] - of_log * (e - e0) / (z - z0)


@replicates(jxai.deep_lift, cases=[explains(inputs={"baseline": BASELINE})])
def deep_lift(net: Network, x, baseline):
    """Shrikumar et al. 2017, rescale rule."""
    b = baseline
    v, v0 = net.run(x), net.run(b)
    g2 = (net.p["w"] @ of_head(v.logits, v0.logits, net.label)).reshape(v.conv2.shape)
    slopes = {id(v.z2): ratios(v.z2, v0.z2, relu), id(v.z1): ratios(v.z1, v0.z1, relu)}
    return (x - b) * net.from_conv2(v, g2, lambda z, g: slopes[id(z)] * g)


def convolved_parts(up, down, kernel, stride):
    """Positive and negative contributions to a convolution, from differences of either sign."""
    shape = (-(-up.shape[0] // stride), -(-up.shape[1] // stride), kernel.shape[-1])
    plus, minus = np.zeros(shape), np.zeros(shape)
    for place, window in windows(up.shape, stride):
        for o in range(kernel.shape[-1]):
            parts = (padded(up)[window] + padded(down)[window]) * kernel[..., o]
            plus[(*place, o)], minus[(*place, o)] = parts[parts > 0].sum(), parts[parts < 0].sum()
    return plus, minus


def revealed(z0, up, down):
    """Differences of the ReLU, positive and negative: the mean of both orders (section 3.5.2)."""
    plus = (relu(z0 + up) - relu(z0) + relu(z0 + up + down) - relu(z0 + down)) / 2
    minus = (relu(z0 + down) - relu(z0) + relu(z0 + up + down) - relu(z0 + up)) / 2
    return plus, minus


def safe(a, b):
    return np.where(b == 0, 0.0, a / np.where(b == 0, 1.0, b))


@replicates(
    jxai.deep_lift,
    cases=[
        lambda m, literal: (
            explained(m(logit, rule="reveal_cancel"), baseline=BASELINE),
            literal(NET, X, BASELINE),
        )
    ],
)
def reveal_cancel_logit(net: Network, x, b):
    """Reveal-cancel for the logit of the label: every unit's multipliers of its positive and its negative part."""
    v, v0, p = net.run(x), net.run(b), net.p
    gap = x - b
    zp1, zm1 = convolved_parts(relu(gap), -relu(-gap), p["k1"], 1)
    ap1, am1 = revealed(v0.z1, zp1, zm1)
    total1 = ap1 + am1
    zp2, zm2 = convolved_parts(relu(total1), -relu(-total1), p["k2"], 2)
    ap2, am2 = revealed(v0.z2, zp2, zm2)
    g2 = p["w"][:, net.label].reshape(v.conv2.shape)  # the logit adds up both sides
    g1 = backwards(g2 * safe(ap2, zp2), g2 * safe(am2, zm2), total1, p["k2"], 2)
    return gap * backwards(g1 * safe(ap1, zp1), g1 * safe(am1, zm1), gap, p["k1"], 1)


def backwards(up, down, gap, kernel, stride):
    """Multipliers below a convolution: each contribution by the multiplier of the side it is on."""
    back, wide = padded(np.zeros_like(gap)), padded(gap)
    for place, window in windows(gap.shape, stride):
        for o in range(kernel.shape[-1]):
            side = (1 + np.sign(wide[window] * kernel[..., o])) / 2  # half on each side where nothing differs
            back[window] += kernel[..., o] * (side * up[(*place, o)] + (1 - side) * down[(*place, o)])
    return back[SIDE:-SIDE, SIDE:-SIDE]


BASELINES = np.stack([BASELINE, 0.1 * X, 2 * BASELINE])


@replicates(jxai.deep_shap, cases=[explains(only={"chunk": 2}, inputs={"baselines": BASELINES})])
def deep_shap(net: Network, x, baselines):
    return sum(deep_lift(net, x, b) for b in baselines) / len(baselines)


@replicates(
    jxai.gradient_shap,
    cases=[
        explains(only={"chunk": 3}, inputs={"key": KEY, "baselines": BASELINES}, samples=7, noise=noise)
        for noise in (0.0, 0.2)
    ],
)
def gradient_shap(net: Network, x, key, baselines, samples, noise):
    """The mean over draws of noise, baseline and place; draws as in jxai."""
    drawn, placed, shaken = jax.random.split(key, 3)
    which = jax.random.randint(drawn, (samples,), 0, len(baselines))
    places = jax.random.uniform(placed, (samples,), jnp.float64)
    total = np.zeros_like(x)
    for i, one in enumerate(jax.random.split(shaken, samples)):
        end = x + noise * np.asarray(normal(one, x.shape, jnp.float64))
        b = baselines[int(which[i])]
        total += (end - b) * net.gradient(b + float(places[i]) * (end - b))
    return total / samples


@replicates(jxai.guided_grad_cam, cases=[explains(only={"at": AT})])
def guided_grad_cam(net: Network, x):
    """Selvaraju et al. 2017, section 3.3, enlarged bilinearly."""
    large = cams.enlarged(np.maximum(cams.grad_cam(net, x), 0), x.shape[0])
    return gradients.guided(net, x) * large[..., None]
