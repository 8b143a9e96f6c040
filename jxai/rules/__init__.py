"""The set of backward rules for `with_rules` and `rule`, and the named composites of relevance propagation.

Activations: guided, deconvnet, passing. Linear layers: epsilon, gamma, zplus, alpha_beta, and for the layer that meets
the input box, flat, wsquare. Whole networks: epsilon_plus, epsilon_gamma_box, alpha2beta1, excitation; `relevance`
makes others.
"""

import jax

from jxai.rules.backward import Ruled
from jxai.rules.composites import alpha2beta1, epsilon_gamma_box, epsilon_plus, excitation, relevance
from jxai.rules.inputs import box, flat, wsquare
from jxai.rules.linear import alpha_beta, epsilon, gamma, zplus
from jxai.rules.passing import passing, require_one_input

__all__ = [
    "alpha2beta1",
    "alpha_beta",
    "box",
    "deconvnet",
    "epsilon",
    "epsilon_gamma_box",
    "epsilon_plus",
    "excitation",
    "flat",
    "gamma",
    "guided",
    "passing",
    "relevance",
    "wsquare",
    "zplus",
]


def guided(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    """Guided backpropagation: positive cotangents only, then the operation's own derivative.

    `g_in = f'(x) max(g_out, 0)`. Reference: Springenberg et al. 2015, "Striving for simplicity".
    """
    return operation.pull(inputs, jax.nn.relu(cotangent))


def deconvnet(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    """Deconvolution: positive cotangents pass, whatever the forward value: `g_in = max(g_out, 0)`.

    For activation functions of one input. Reference: Zeiler and Fergus 2014.
    """
    at = require_one_input(operation, "deconvnet")
    return tuple(jax.nn.relu(cotangent) if i == at else None for i in range(len(inputs)))
