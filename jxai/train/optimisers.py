"""The optimiser and the learning rates that the settings of a training run describe."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import optax

from jxai.train.config import BaseConfig

__all__ = ["optimiser", "plateau_optimiser", "schedule"]


def schedule(config: BaseConfig, steps: int) -> optax.Schedule:
    """The learning rate of every step: linear warm-up, then a cosine to 0.

    Args:
        config: the settings.
        steps: of the whole run.

    Returns:
        A function from the step (0, 1, ...) to the learning rate.

    Example:
        >>> rate = schedule(BaseConfig(learning_rate=1.0, warmup=0.5), 10)
        >>> [round(float(rate(step)), 2) for step in (0, 5, 10)]
        [0.0, 1.0, 0.0]
    """
    warm = min(round(config.warmup * steps), steps - 1)  # optax needs a step to decay in
    first = 0.0 if warm else config.learning_rate
    return _lenient(optax.warmup_cosine_decay_schedule(first, config.learning_rate, warm, steps))


def optimiser(config: BaseConfig, steps: int) -> optax.GradientTransformation:
    """The optax optimiser that the settings describe.

    Args:
        config: the settings.
        steps: of the whole run.
    """
    return _with_rate(config, schedule(config, steps))


def plateau_optimiser(config: BaseConfig) -> optax.GradientTransformation:
    """The same optimiser with the learning rate in its state, where it can be changed between steps.

    Args:
        config: the settings; `learning_rate` is the first one.

    Returns:
        An optimiser whose state has `hyperparams["learning_rate"]`, float32.
    """

    def with_rate(learning_rate):
        return _with_rate(config, learning_rate)

    with jax.numpy_dtype_promotion("standard"):
        whole = optax.inject_hyperparams(with_rate, hyperparam_dtype=jnp.float32)(learning_rate=config.learning_rate)
    return optax.GradientTransformation(_lenient(whole.init), _lenient(whole.update))


def _with_rate(config: BaseConfig, rate: Any) -> optax.GradientTransformation:
    if config.optimiser == "adamw":
        update = optax.adamw(rate, weight_decay=config.weight_decay, mask=_weights)
    else:
        decay = optax.add_decayed_weights(config.weight_decay, mask=_weights)
        trace = optax.trace(config.momentum, nesterov=True)
        # decay after the momentum: decoupled, as in AdamW
        update = optax.chain(trace, decay, optax.scale_by_learning_rate(rate))
    whole = optax.chain(optax.clip_by_global_norm(config.clip), update) if config.clip else update
    return optax.GradientTransformation(whole.init, _lenient(whole.update))


def _lenient(fn: Any) -> Any:
    """Optax (0.2.8) mixes whole numbers and floats, which strict promotion refuses."""

    @functools.wraps(fn)
    def with_standard_promotion(*args):
        with jax.numpy_dtype_promotion("standard"):
            return fn(*args)

    return with_standard_promotion


def _weights(params):
    # biases and scales are vectors
    return jax.tree.map(lambda leaf: leaf.ndim > 1, params)
