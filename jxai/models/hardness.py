"""Hardness: a network beside the classifier that predicts how likely the classifier is wrong about an example."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from jxai.core.taps import tap
from jxai.models.layers import he_normal, truncated_normal
from jxai.models.model import Model, Params
from jxai.models.norms import batch_norm
from jxai.models.weights.arrays import flatten, nest

__all__ = ["Hardness", "hardness"]

LAST = "classify/"  # the last layer of all architectures
# Of the last hidden layer, whatever the number of classes. With about ten units all are 0 on the hardest examples:
# these then share one hardness, and their maps are 0.
UNITS = 100


class Hardness(NamedTuple):
    """A hardness predictor as pure functions of one example.

    Attributes:
        init: `init(key) -> params`, a nested dict of `trunk` and `head`.
        apply: `apply(params, x) -> s`, the hardness, 0..1, a number: a score with x first is
            `lambda x, params: predictor.apply(params, x)`.
        logit: `logit(params, x, key=None) -> z` with `s = sigmoid(z)`; with a key, dropout is on as in training. With a
            trunk of ReLUs it is piecewise linear: its second-order maps are zero, those of `apply` are not.
        start: `start(key, classifier) -> params`: the trunk takes the weights of a classifier of the same architecture,
            except for the last layer, which is new; the head is random.
        outputs: `outputs(params, x) -> [o]`, the trunk's output and the head's input.
        standardised: `standardised(params, outputs [n, o]) -> params`: the running statistics of the head's batch
            normalisation are those of these examples.
        trunk: the model under the head; its taps and features are the predictor's.
        hidden: widths of the head's hidden layers.
    """

    init: Callable[[PRNGKeyArray], Params]
    apply: Callable[[Params, Float[Array, "h w c"]], Float[Array, ""]]
    logit: Callable[..., Float[Array, ""]]
    start: Callable[[PRNGKeyArray, Params], Params]
    outputs: Callable[[Params, Float[Array, "h w c"]], Float[Array, " o"]]
    standardised: Callable[[Params, Float[Array, "n o"]], Params]
    trunk: Model
    hidden: tuple[int, ...]


def hardness(trunk: Model, *, hidden: tuple[int, ...] | None = None, dropout: float = 0.3) -> Hardness:
    """A hardness predictor: a trunk, then (batch normalisation, ReLU, dropout, dense) for each layer, and a sigmoid.

    It differs from the released code: batch normalisation is in inference mode, as in all models here. Its statistics
    are measured once (`standardised`), and training does not change them.

    Args:
        trunk: any classifier of images, built with as many `classes` as the head has inputs: 1000 in the released
            code, for 200 classes. Maps of hardness are maps at its taps.
        hidden: widths of the hidden dense layers; None: as many as the trunk's outputs, and 100, as in the released
            code of deliberative explanations (1000, 100). Wang and Vasconcelos 2018 have (128,) for VGG and (512, 128)
            for ResNet.
        dropout: share of units that training drops before each dense layer; 0.5 in 2018, 0.3 in 2019.

    Returns:
        The predictor; taps those of the trunk, then `hidden0`, ... (each after its ReLU) and `hardness` (before the
        sigmoid).

    Raises:
        ValueError: a width below 1, or a dropout outside 0..1.

    Reference:
        Wang and Vasconcelos 2018, "Towards realistic predictors"; 2019, "Deliberative explanations".

    Example:
        >>> from jxai.models import small_cnn
        >>> predictor = hardness(small_cnn(classes=20, size=16, widths=(4, 8)), hidden=(8,))
        >>> params = predictor.init(jax.random.key(0))
        >>> bool(0 < predictor.apply(params, jnp.ones((16, 16, 3))) < 1)
        True
    """
    widths = (trunk.classes, UNITS) if hidden is None else tuple(hidden)
    if min(widths, default=1) < 1 or not 0 <= dropout < 1:
        raise ValueError(f"expected widths of 1 or more and a dropout in 0..1, not {widths} and {dropout}")
    sizes = (trunk.classes, *widths, 1)

    def init(key: PRNGKeyArray) -> Params:
        below, above = jax.random.split(key)
        return {"trunk": trunk.init(below), "head": _head(above, sizes)}

    def start(key: PRNGKeyArray, classifier: Params) -> Params:
        params = init(key)
        return {**params, "trunk": _copy_weights(params["trunk"], classifier)}

    def outputs(params: Params, x: Float[Array, "h w c"]) -> Float[Array, " o"]:
        return trunk.apply(params["trunk"], x)

    def logit(params: Params, x: Float[Array, "h w c"], key: PRNGKeyArray | None = None) -> Float[Array, ""]:
        z = outputs(params, x)
        for i in range(len(sizes) - 1):
            unit = params["head"][f"unit{i}"]
            z = tap(_normal(unit, z), f"hidden{i}")
            if key is not None and dropout:
                z = _dropout(jax.random.fold_in(key, i), z, dropout)
            z = _dense(unit, z)
        return tap(z[0], "hardness")

    def apply(params: Params, x: Float[Array, "h w c"]) -> Float[Array, ""]:
        return jax.nn.sigmoid(logit(params, x))

    return Hardness(init, apply, logit, start, outputs, _standardise, trunk, widths)


def _head(key: Array, sizes: tuple[int, ...]) -> Params:
    """A unit for each dense layer: the normalisation before it, its kernel and its bias."""
    units = {}
    for i, (inputs, width) in enumerate(zip(sizes[:-1], sizes[1:], strict=True)):
        # He for a ReLU behind the layer; the last starts small, so that every hardness is near 1/2
        draw = he_normal if i < len(sizes) - 2 else truncated_normal
        one, zero = jnp.ones(inputs, jnp.float32), jnp.zeros(inputs, jnp.float32)
        units[f"unit{i}"] = {
            "norm": {"scale": one, "bias": zero, "mean": zero, "variance": one},
            "kernel": draw(jax.random.fold_in(key, i), (inputs, width), jnp.float32),
            "bias": jnp.zeros(width, jnp.float32),
        }
    return units


def _normal(unit: Params, z: Float[Array, " o"]) -> Float[Array, " o"]:
    norm = unit["norm"]
    # As an image of one pixel: rules that name `batch_norm` see this one too
    normal = batch_norm(z.reshape(1, 1, -1), norm["scale"], norm["bias"], norm["mean"], norm["variance"])
    return jax.nn.relu(normal.reshape(-1))


def _dense(unit: Params, z: Float[Array, " o"]) -> Float[Array, " w"]:
    return z @ unit["kernel"] + unit["bias"]


def _dropout(key: Array, z: Float[Array, " o"], share: float) -> Float[Array, " o"]:
    keep = jax.random.bernoulli(key, 1 - share, z.shape)
    return jnp.where(keep, z / (1 - share), jnp.zeros_like(z))


def _standardise(params: Params, outputs: Float[Array, "n o"]) -> Params:
    # Unit by unit: the statistics of one depend on the normalised outputs of those before it
    head, z = {}, outputs
    for name in sorted(params["head"], key=lambda unit: int(unit.removeprefix("unit"))):
        unit = params["head"][name]
        norm = {**unit["norm"], "mean": z.mean(0), "variance": z.var(0)}
        head[name] = {**unit, "norm": norm}
        z = jax.vmap(lambda row, unit=head[name]: _dense(unit, _normal(unit, row)))(z)
    return {**params, "head": head}


def _copy_weights(trunk: Params, classifier: Params) -> Params:
    """The trunk with the classifier's weights, except for the last layer."""
    ours, theirs = flatten(trunk), flatten(classifier)
    below = {name: leaf for name, leaf in ours.items() if not name.startswith(LAST)}
    unfit = [name for name, leaf in below.items() if name not in theirs or theirs[name].shape != leaf.shape]
    if unfit:
        raise ValueError(
            f"the trunk must have the classifier's architecture, but {', '.join(unfit[:3])} differ"
            f"{'s' * (len(unfit) == 1)}; build it with the same options, and other classes"
        )
    return nest({name: jnp.asarray(theirs[name]) if name in below else leaf for name, leaf in ours.items()})
