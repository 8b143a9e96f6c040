"""Literal references: attributions to the layer conv2 and to one of its neurons."""

import numpy as np

import jxai
from tests.references.example import AT, BASELINE, INDEX, NET, X, explained, explains, score
from tests.references.network import Network
from tests.references.registry import replicates

ALONG = {"inputs": {"baseline": BASELINE}, "steps": 6}


def times_layer(method, literal):
    head = lambda of: jxai.times_input(jxai.gradient(of))
    return explained(method(score, head, at=AT)), literal(NET, X)


@replicates(jxai.layer_attribution, cases=[times_layer])
def layer_gradient_times_activation(net: Network, x):
    return net.run(x).conv2 * net.gradient_at_conv2(x)


@replicates(
    jxai.neuron,
    cases=[lambda m, literal: (explained(jxai.gradient(m(score, at=AT, index=INDEX))), literal(NET, X, INDEX))],
)
def neuron_gradient(net: Network, x, index):
    v = net.run(x)
    one = np.zeros_like(v.conv2)
    one[index] = 1.0
    return net.from_conv2(v, one)


@replicates(jxai.conductance, cases=[explains(only={"at": AT, "chunk": 4}, **ALONG)])
def conductance(net: Network, x, baseline, steps):
    """Dhamdhere et al. 2019, eq. 3: `sum_i (x_i - b_i) int dF/dy_j dy_j/dx_i`, midpoints."""
    total = np.zeros_like(net.run(x).conv2)
    for k in range(steps):
        point = baseline + (k + 0.5) / steps * (x - baseline)
        total += net.gradient_at_conv2(point) * net.push_to_conv2(point, x - baseline) / steps
    return total


@replicates(
    jxai.conductance,
    cases=[explains(only={"at": AT, "chunk": chunk, "quadrature": "differences"}, **ALONG) for chunk in (1, 2, 4, 40)],
)
def conductance_by_differences(net: Network, x, baseline, steps):
    """The same by trapezoids over the layer's own values."""
    points = [baseline + k / steps * (x - baseline) for k in range(steps + 1)]
    values, gradients = ([of(point) for point in points] for of in (lambda p: net.run(p).conv2, net.gradient_at_conv2))
    return sum((gradients[k] + gradients[k + 1]) / 2 * (values[k + 1] - values[k]) for k in range(steps))


@replicates(jxai.neuron_conductance, cases=[explains(only={"at": AT, "chunk": 4}, index=INDEX, **ALONG)])
def neuron_conductance(net: Network, x, baseline, steps, index):
    """Dhamdhere et al. 2019, eq. 2."""
    total = np.zeros_like(x)
    for k in range(steps):
        point = baseline + (k + 0.5) / steps * (x - baseline)
        total += net.gradient_at_conv2(point)[index] * neuron_gradient(net, point, index) / steps
    return (x - baseline) * total


@replicates(jxai.internal_influence, cases=[explains(only={"at": AT, "chunk": 4}, **ALONG)])
def internal_influence(net: Network, x, baseline, steps):
    """Leino et al. 2018, eq. 1 with the uniform distribution on the line from the baseline."""
    points = [baseline + (k + 0.5) / steps * (x - baseline) for k in range(steps)]
    return sum(net.gradient_at_conv2(point) for point in points) / steps
