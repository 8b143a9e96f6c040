"""Gradients with another rule for ReLU: what a network's layers respond to.

guided_backprop   df/dx, where each ReLU passes positive gradients of active units only
deconvnet         df/dx, where each ReLU passes positive gradients, of all units
guided_grad_cam   guided_backprop * max(Grad-CAM, 0), enlarged
"""

from typing import Any

import jax
from jax import Array
from jaxtyping import Float

from jxai import rules
from jxai.core.errors import require_array, require_floating
from jxai.core.evaluate import evaluate, explainer
from jxai.core.inputs import without_batch
from jxai.core.taps import values_and_grads
from jxai.core.types import Explain, Key, Score
from jxai.rules.backward import with_relu_rule
from jxai.signal.activations import class_activation
from jxai.signal.filters import resize

__all__ = ["deconvnet", "guided_backprop", "guided_grad_cam"]


def guided_backprop(score: Score) -> Explain:
    r"""Guided backpropagation: the gradient, with negative derivatives set to 0 at each ReLU.

    At every ReLU `g_in = 1[z > 0] max(g_out, 0)`; everything else keeps its own derivative.

    Args:
        score: function `(x, *args) -> number` of one example, with at least one ReLU, in any spelling.

    Returns:
        Explain `(x, *args, key=None) -> attribution`, shape of `x`, in units of the score by units of `x`.

    Raises:
        UnusedRule: when called, the score has no ReLU that depends on `x` (a vision transformer has none).

    Reference:
        Springenberg et al. 2015, "Striving for simplicity: the all convolutional net". Captum replaces the backward
        pass of `nn.ReLU` modules; a functional ReLU (`torch.relu`) keeps its plain derivative there, silently. Here
        all get the rule, also inside ReLU6.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> score = lambda x: jnp.array([1.0, -1.0, 1.0]) @ jax.nn.relu(x)
        >>> guided_backprop(score)(jnp.array([2.0, 3.0, -1.0])).tolist()
        [1.0, 0.0, 0.0]
    """
    return _gradient(with_relu_rule(score, rules.guided))


def deconvnet(score: Score) -> Explain:
    r"""Deconvolution: a ReLU's derivative is replaced by the ReLU of the derivative: `g_in = max(g_out, 0)`.

    Arguments, result, errors and what differs from Captum as for `guided_backprop`. Max pooling sends back to where
    the maximum was, as a deconvnet's switches do.

    Reference:
        Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", section 2.1.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> score = lambda x: jnp.array([1.0, -1.0, 1.0]) @ jax.nn.relu(x)
        >>> deconvnet(score)(jnp.array([2.0, 3.0, -1.0])).tolist()
        [1.0, 0.0, 1.0]
    """
    return _gradient(with_relu_rule(score, rules.deconvnet))


def guided_grad_cam(score: Score, *, at: str, method: str = "bilinear") -> Explain:
    r"""Guided Grad-CAM: guided backpropagation where Grad-CAM is positive.

    `phi = guided_backprop * resize(max(sum_c A_c mean_ij(G_cij), 0))`

    Args:
        score: function `(x, *args) -> number` that taps its intermediates and has a ReLU.
        at: the tap of a layer `[*space, c]`, usually the last convolution; of as many axes of space as `x`, or none.
        method: how the map is enlarged: `"bilinear"` (the paper), `"bicubic"` or `"nearest"` (Captum's default).

    Returns:
        Explain `(x, *args, key=None) -> attribution`, shape of `x`, in units of the score squared by units of `x`.

    Raises:
        UnusedTap: when called, the score reaches no such tap.
        UnusedRule: when called, the score has no ReLU that depends on `x`.
        ValueError: when called, the layer's space has not the axes of `x`.

    Reference:
        Selvaraju et al. 2017, "Grad-CAM", section 3.3.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x: (tap(jax.nn.relu(x), "layer") * jnp.array([[1.0], [-1.0]])).sum()
        >>> guided_grad_cam(score, at="layer")(jnp.array([[2.0], [3.0]])).tolist()
        [[0.0], [0.0]]
    """
    guided = guided_backprop(score)

    def explain(x: Float[Array, "*space c"], *args: Any, key: Key | None = None) -> Float[Array, "*space c"]:
        del key
        require_array(x, "guided_grad_cam")
        fine = guided(x, *args)
        values, gradients = values_and_grads(score, at)(x, *args)
        cam = jax.nn.relu(without_batch(class_activation(values[at], gradients[at]), values[at], x))
        if cam.ndim not in (0, x.ndim - 1):
            raise ValueError(
                f"the tap {at!r} has space of shape {cam.shape}; x, {x.shape}, needs {x.ndim - 1} axes of it."
            )
        large = resize(cam, x.shape[:-1], method=method)[..., None] if cam.ndim else cam
        return fine * large

    return explain


@explainer
def _gradient(score: Score) -> Explain:
    def explain(x: Array, *args: Any, key: Key | None = None) -> Array:
        del key
        require_floating(x)
        return jax.grad(lambda x: evaluate(score, x, *args))(x)

    return explain
