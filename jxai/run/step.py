"""One step of training: augment, differentiate, update; data-parallel, compiled once, state donated."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax.sharding import Mesh, PartitionSpec

from jxai.run.augment import augment
from jxai.run.config import TrainConfig
from jxai.run.evaluate import from_uint8

__all__ = ["train_step"]

_AXIS = "examples"


def train_step(
    apply: Callable[[Any, Any], Any],
    preprocess: Callable[[Any], Any],
    config: TrainConfig,
    update: optax.GradientTransformation,
    mesh: Mesh,
) -> Callable[..., Any]:
    """Builds the compiled step.

    Args:
        apply: `apply(params, x) -> logits [k]` of one example.
        preprocess: from an image in 0..1 to x.
        config: the settings of augmentation and loss.
        update: the optimiser.
        mesh: of the devices, with the one axis `examples`.

    Returns:
        `step(state, key, number, images, labels) -> (state, (loss, accuracy))`: state a dict of `params` and
        `optimiser`, donated; key of the run; number of the step, from 0; images uint8 `[b, h, w, c]`; labels `[b]`.
    """

    def prepare(key, image):
        changed = augment(
            key,
            from_uint8(image),
            flip=config.flip,
            shift=config.shift,
            brightness=config.brightness,
            contrast=config.contrast,
        )
        return preprocess(changed)

    def objective(params, images, labels):
        logits = jax.vmap(apply, in_axes=(None, 0))(params, images)
        targets = jax.nn.one_hot(labels, logits.shape[-1], dtype=logits.dtype)
        smooth = optax.smooth_labels(targets, config.label_smoothing)
        right = jnp.mean(logits.argmax(-1).astype(labels.dtype) == labels, dtype=logits.dtype)
        return optax.softmax_cross_entropy(logits, smooth).mean(), right

    def step(state, key, number, images, labels):
        places = jax.lax.axis_index(_AXIS) * len(images) + jnp.arange(len(images), dtype=jnp.int32)
        keys = jax.vmap(jax.random.fold_in, in_axes=(None, 0))(jax.random.fold_in(key, number), places)
        images = jax.vmap(prepare)(keys, images)
        seen, gradient = jax.value_and_grad(objective, has_aux=True)(state["params"], images, labels)
        seen, gradient = jax.lax.pmean((seen, gradient), _AXIS)
        changes, inner = update.update(gradient, state["optimiser"], state["params"])
        return {"params": optax.apply_updates(state["params"], changes), "optimiser": inner}, seen

    split, whole = PartitionSpec(_AXIS), PartitionSpec()
    # check_vma=False: the gradient of each device is its own until pmean
    placed = jax.shard_map(
        step, mesh=mesh, in_specs=(whole, whole, whole, split, split), out_specs=whole, check_vma=False
    )
    return jax.jit(placed, donate_argnums=0)
