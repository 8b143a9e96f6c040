"""Literal references: attributions to the layer conv2 and to one of its neurons."""

import numpy as np

import jxai
from tests.references.network import Network
from tests.references.registry import replicates


@replicates(jxai.layer_attribution)
def layer_gradient_times_activation(net: Network, x):
    return net.run(x).conv2 * net.gradient_at_conv2(x)


@replicates(jxai.neuron)
def neuron_gradient(net: Network, x, index):
    v = net.run(x)
    one = np.zeros_like(v.conv2)
    one[index] = 1.0
    return net.from_conv2(v, one)


@replicates(jxai.conductance)
def conductance(net: Network, x, baseline, steps):
    """Dhamdhere et al. 2019, eq. 3: `sum_i (x_i - b_i) int dF/dy_j dy_j/dx_i`, midpoints."""
    total = np.zeros_like(net.run(x).conv2)
    for k in range(steps):
        point = baseline + (k + 0.5) / steps * (x - baseline)
        total += net.gradient_at_conv2(point) * net.push_to_conv2(point, x - baseline) / steps
    return total


def conductance_by_differences(net: Network, x, baseline, steps):
    """The same by trapezoids over the layer's own values."""
    points = [baseline + k / steps * (x - baseline) for k in range(steps + 1)]
    values, gradients = ([of(point) for point in points] for of in (lambda p: net.run(p).conv2, net.gradient_at_conv2))
    return sum((gradients[k] + gradients[k + 1]) / 2 * (values[k + 1] - values[k]) for k in range(steps))


@replicates(jxai.neuron_conductance)
def neuron_conductance(net: Network, x, baseline, steps, index):
    """Dhamdhere et al. 2019, eq. 2."""
    total = np.zeros_like(x)
    for k in range(steps):
        point = baseline + (k + 0.5) / steps * (x - baseline)
        total += net.gradient_at_conv2(point)[index] * neuron_gradient(net, point, index) / steps
    return (x - baseline) * total


@replicates(jxai.internal_influence)
def internal_influence(net: Network, x, baseline, steps):
    """Leino et al. 2018, eq. 1 with the uniform distribution on the line from the baseline."""
    points = [baseline + (k + 0.5) / steps * (x - baseline) for k in range(steps)]
    return sum(net.gradient_at_conv2(point) for point in points) / steps
