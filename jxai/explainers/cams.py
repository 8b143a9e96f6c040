"""Class activation maps: the channels of a convolutional layer, weighted and added.

With `A [*space, c]` the values at a tap and `G` the score's gradient there:

    grad_cam     sum_c A_c mean(G_c)
    grad_cam_pp  sum_c A_c sum(alpha_c max(G_c, 0))
    hires_cam    sum_c A_c G_c
    layer_cam    sum_c A_c max(G_c, 0)
    eigen_cam    A v,  v the first right singular vector of A [space, c]

All return the map at the layer's own resolution, signed: ReLU, upsampling and scaling are `jxai.signal.maps`. An axis
of size 1 that the model puts in front (`model(x[None])[0]`) is left out.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.evaluate import explainer
from jxai.core.inputs import without_batch
from jxai.core.taps import reap, values_and_grads
from jxai.core.types import Explain, Inputs, Key, Score
from jxai.signal.activations import class_activation
from jxai.signal.filters import at_least_single

_SQUARINGS = 12  # the 4096th power: eigenvalues that differ by 0.5 % are told apart to float32's precision

__all__ = ["eigen_cam", "grad_cam", "grad_cam_pp", "hires_cam", "layer_cam"]

OfLayer = Callable[[Float[Array, "*grid c"], Float[Array, "*grid c"]], Float[Array, "..."]]  # its values, gradients


def grad_cam(score: Score, *, at: str) -> Explain:
    r"""Grad-CAM: channels weighted by their mean gradient.

    `phi = sum_c A_c mean_ij(G_cij)`

    Args:
        score: function `(x, *args) -> number` that taps its intermediates.
        at: the tap of a layer `[*space, c]`, usually the last convolution (for a ViT the `grid` tap of a late block).

    Returns:
        Explain `(x, *args, key=None) -> attribution` of shape `[*space]` of the layer, in units of the score; signed
        (the paper's final ReLU is `jxai.signal.maps.positive`). `x` may be any pytree.

    Raises:
        UnusedTap: when called, the score reaches no such tap.

    Reference:
        Selvaraju et al. 2017, "Grad-CAM", eq. 1 and 2. For tokens `[t, d]` the space is `t`; for a vector it is
        empty, and the result one number.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x: (tap(x * 2.0, "layer") * jnp.array([1.0, -1.0])).sum()
        >>> grad_cam(score, at="layer")(jnp.array([[1.0, 2.0], [3.0, 0.0]])).tolist()
        [-2.0, 6.0]
    """
    return _of_layer(score, at, class_activation)


def grad_cam_pp(score: Score, *, at: str) -> Explain:
    r"""Grad-CAM++: positive gradients, weighted so that every appearance of a pattern counts the same.

    `phi = sum_c A_c sum_ij(alpha_cij max(G_cij, 0))`, `alpha = G^2 / (2 G^2 + sum_ab(A_ab) G^3)`, 0 where `G = 0`

    Arguments, result and errors as for `grad_cam`. The paper differentiates `exp(score)`, which multiplies the map by
    the positive number `exp(score)`; that factor is left out here.

    Reference:
        Chattopadhay et al. 2018, "Grad-CAM++", eq. 19.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x: tap(x * 2.0, "layer").sum()
        >>> grad_cam_pp(score, at="layer")(jnp.array([[1.0], [0.0]])).tolist()
        [1.0, 0.0]
    """

    def weights(a: Float[Array, "*space c"], g: Float[Array, "*space c"]) -> Float[Array, "..."]:
        total = jnp.broadcast_to(a.sum(_space(a), keepdims=True), a.shape)
        under = 2 * g**2 + total * g**3
        flat = under == 0  # divided by 1 there: a NaN in the branch not taken would poison the derivative
        alpha = jnp.where(flat, jnp.zeros_like(g), g**2 / jnp.where(flat, jnp.ones_like(g), under))
        return (alpha * jax.nn.relu(g)).sum(_space(g))

    return _weighted_sum(score, at, weights)


def hires_cam(score: Score, *, at: str) -> Explain:
    r"""HiResCAM: gradient times activation, summed over channels: `phi = sum_c A_c G_c`.

    Arguments, result and errors as for `grad_cam`; sums to the score where what follows the layer is linear without
    bias.

    Reference:
        Draelos and Carin 2020, "Use HiResCAM instead of Grad-CAM".

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> hires_cam(lambda x: (tap(x, "layer") ** 2).sum(), at="layer")(jnp.array([[1.0], [3.0]])).tolist()
        [2.0, 18.0]
    """
    return _weighted_sum(score, at, lambda a, g: g)


def layer_cam(score: Score, *, at: str) -> Explain:
    r"""LayerCAM: every place weighted by its own positive gradient: `phi = sum_c A_c max(G_c, 0)`.

    Arguments, result and errors as for `grad_cam`; meant for early layers too.

    Reference:
        Jiang et al. 2021, "LayerCAM: exploring hierarchical class activation maps for localization", eq. 4 and 5.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> layer_cam(lambda x: (tap(x, "layer") ** 3).sum(), at="layer")(jnp.array([[1.0], [-2.0]])).tolist()
        [3.0, -24.0]
    """
    return _weighted_sum(score, at, lambda a, g: jax.nn.relu(g))


def eigen_cam(score: Score, *, at: str) -> Explain:
    r"""Eigen-CAM: the layer's projection on its principal direction; knows no class.

    `phi = A v`, `v` the first right singular vector of `A` as a matrix `[space, c]`, its sign such that `phi` sums to
    at least 0.

    Arguments and errors as for `grad_cam`; `[*space]` of the layer, in units of the layer. Where the two largest
    singular values coincide, `v` is a mixture of their vectors.

    Reference:
        Muhammad and Yeasin 2020, "Eigen-CAM: class activation map using principal components", whose matrix is not
        centred (pytorch-grad-cam centres it).

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> explain = eigen_cam(lambda x: tap(x, "layer").sum(), at="layer")
        >>> explain(jnp.array([[1.0, 0.0], [3.0, 0.0]])).round(4).tolist()
        [1.0, 3.0]
    """

    def explain(x: Inputs, *args: Any, key: Key | None = None) -> Float[Array, "*grid"]:
        del key
        a = reap(score, at)(x, *args)[at]
        matrix = a.reshape(-1, a.shape[-1])
        phi = _projection(matrix.astype(at_least_single(a.dtype)))
        phi = jnp.where(phi.sum() < 0, -phi, phi)  # a singular vector has no sign of its own
        return without_batch(phi.reshape(a.shape[:-1]).astype(a.dtype), a, x)

    return explain


@explainer
def _of_layer(score: Score, at: str, map: OfLayer) -> Explain:
    def explain(x: Inputs, *args: Any, key: Key | None = None) -> Float[Array, "*grid"]:
        del key
        values, gradients = values_and_grads(score, at)(x, *args)
        return without_batch(map(values[at], gradients[at]), values[at], x)

    return explain


def _weighted_sum(score: Score, at: str, weights: OfLayer) -> Explain:
    return _of_layer(score, at, lambda a, g: (a * jnp.broadcast_to(weights(a, g), a.shape)).sum(-1))


def _space(a: Array) -> tuple[int, ...]:
    return tuple(range(a.ndim - 1))


def _projection(matrix: Array) -> Array:
    """`A v`, `v` the first right singular vector of `A [n, c]`, from the smaller of `A A^T` and `A^T A`."""
    if len(matrix) > matrix.shape[1]:
        return matrix @ _leading(matrix.T @ matrix)
    gram = matrix @ matrix.T
    vector = _leading(gram)
    return gram @ vector / _norm(matrix.T @ vector)


def _leading(gram: Array) -> Array:
    """Unit eigenvector of the largest eigenvalue, by squaring the matrix `_SQUARINGS` times.

    Only matrix products: they run, batch and differentiate alike everywhere, also where eigenvalues coincide. (LAPACK's
    eigh, batched on several CPU devices of one process, can block XLA's threads for ever.)
    """
    for _ in range(_SQUARINGS):
        trace = jnp.trace(gram)
        gram = gram / jnp.where(trace == 0, jnp.ones_like(trace), trace)  # or the power would overflow
        gram = jnp.matmul(gram, gram, precision="highest")
    column = gram[:, jnp.argmax(jnp.diagonal(gram))]  # all columns are multiples of the vector: the longest of them
    return column / _norm(column)


def _norm(vector: Array) -> Array:
    square = (vector**2).sum()
    return jnp.sqrt(jnp.where(square == 0, jnp.ones_like(square), square))
