"""Softmax regression on computed features: a new last layer without training the network below it."""

from typing import Any

import jax
import jax.numpy as jnp
import optax

__all__ = ["softmax_regression"]


def softmax_regression(
    features: Any,
    labels: Any,
    classes: int,
    *,
    weights: Any = None,
    steps: int = 300,
    decay: float = 1e-3,
    rate: float = 0.01,
) -> dict[str, jax.Array]:
    r"""A dense layer from features to classes, fitted with all examples at once.

    Minimises `-sum_i w_i log softmax(W f_i + b)[y_i] / sum_i w_i + decay |W|^2` by Adam, from zero.

    Args:
        features: `[n, features]`.
        labels: `[n]`, whole numbers below `classes`.
        classes: how many outputs the layer has.
        weights: `[n]`, of each example; 0 leaves one out. Default: all alike.
        steps: of Adam.
        decay: weight of the squared weights.
        rate: of Adam.

    Returns:
        `{"kernel": [features, classes], "bias": [classes]}`.

    Example:
        >>> last = softmax_regression(jnp.array([[1.0, 0.0], [0.0, 1.0]]), jnp.array([1, 0]), 2)
        >>> (jnp.eye(2) @ last["kernel"] + last["bias"]).argmax(1).tolist()
        [1, 0]
    """
    features, labels = jnp.asarray(features), jnp.asarray(labels)
    share = jnp.ones(len(labels), features.dtype) if weights is None else jnp.asarray(weights).astype(features.dtype)
    start = {  # convex: from zero as well as from anywhere, and without a key
        "kernel": jnp.zeros((features.shape[1], classes), features.dtype),
        "bias": jnp.zeros(classes, features.dtype),
    }
    optimiser = optax.adam(rate)

    def loss(last: Any) -> Any:
        logits = features @ last["kernel"] + last["bias"][None]
        each = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
        return (share * each).sum() / share.sum() + decay * (last["kernel"] ** 2).sum()

    def step(state: Any, _: Any) -> Any:
        last, moments = state
        updates, moments = optimiser.update(jax.grad(loss)(last), moments)
        return (optax.apply_updates(last, updates), moments), None

    with jax.numpy_dtype_promotion("standard"):  # optax mixes whole numbers and floats
        fit = jax.jit(lambda start: jax.lax.scan(step, (start, optimiser.init(start)), None, length=steps)[0][0])
        return fit(start)
