"""One step of training: augment, differentiate, update; data-parallel, compiled once, state donated."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax.sharding import Mesh, PartitionSpec

from jxai.train.config import BaseConfig

__all__ = ["AXIS", "Objective", "cross_entropy", "train_step"]

AXIS = "examples"
"""The axis of the mesh over which a batch is split."""

Objective = Callable[[Any, Any, Any], Any]


def cross_entropy(apply: Callable[[Any, Any], Any], config: BaseConfig) -> Objective:
    """The objective of a classifier: cross-entropy with smoothed labels.

    Args:
        apply: `apply(params, x) -> logits [k]` of one example.
        config: the settings of the loss.

    Returns:
        `objective(params, xs, labels) -> (loss, accuracy)`, means over a batch.
    """

    def objective(params, xs, labels):
        logits = jax.vmap(apply, in_axes=(None, 0))(params, xs)
        targets = jax.nn.one_hot(labels, logits.shape[-1], dtype=logits.dtype)
        smooth = optax.smooth_labels(targets, config.label_smoothing)
        right = jnp.mean(logits.argmax(-1).astype(labels.dtype) == labels, dtype=logits.dtype)
        return optax.softmax_cross_entropy(logits, smooth).mean(), right

    return objective


def train_step(
    objective: Objective,
    prepare: Callable[[Any, Any], Any],
    update: optax.GradientTransformation,
    mesh: Mesh,
) -> Callable[..., Any]:
    """Builds the compiled step.

    Args:
        objective: `objective(params, xs, labels) -> (loss, accuracy)`, means over this device's part of a batch; what
            it needs of the whole batch it takes by `jax.lax.pmean` over `AXIS`.
        prepare: `prepare(key, input) -> x`, with the random changes of training.
        update: the optimiser.
        mesh: of the devices, with the one axis `examples`.

    Returns:
        `step(state, key, number, inputs, labels) -> (state, (loss, accuracy))`: state a dict of `params` and
        `optimiser`, donated; key of the run; number of the step, from 0; inputs a pytree of arrays `[b, ...]`; labels
        `[b]`.
    """

    def step(state, key, number, inputs, labels):
        # by the place in the whole batch: the same changes on one device and on several
        places = jax.lax.axis_index(AXIS) * len(labels) + jnp.arange(len(labels), dtype=jnp.int32)
        keys = jax.vmap(jax.random.fold_in, in_axes=(None, 0))(jax.random.fold_in(key, number), places)
        xs = jax.vmap(prepare)(keys, inputs)
        result, gradient = jax.value_and_grad(objective, has_aux=True)(state["params"], xs, labels)
        # means of parts of equal size: the mean over the batch
        result, gradient = jax.lax.pmean((result, gradient), AXIS)
        changes, inner = update.update(gradient, state["optimiser"], state["params"])
        return {"params": optax.apply_updates(state["params"], changes), "optimiser": inner}, result

    split, whole = PartitionSpec(AXIS), PartitionSpec()
    # check_vma=False: with it JAX would sum the gradient over the devices by itself; here each has its own until pmean
    on_mesh = jax.shard_map(
        step, mesh=mesh, in_specs=(whole, whole, whole, split, split), out_specs=whole, check_vma=False
    )
    return jax.jit(on_mesh, donate_argnums=0)  # donated: params and optimiser are not twice in memory
