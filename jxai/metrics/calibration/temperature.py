"""One temperature for all logits, fitted on labelled data, so that confidence becomes probability."""

import jax
import jax.numpy as jnp
import optax
from jax import Array
from jaxtyping import Float, Int

from jxai.core.labels import checked, unless_outside
from jxai.core.solve import minimise

__all__ = ["fit_temperature"]


def fit_temperature(logits: Float[Array, "n k"], labels: Int[Array, " n"], *, steps: int = 300) -> Float[Array, ""]:
    r"""The temperature T by which logits are divided so that the labels are most likely.

    Minimises `-mean log softmax(z / T)_label` over log T, within 0.01..100, by Adam with a falling rate. The accuracy
    stays; the confidence `max softmax(z / T)` comes near the share that is right. As a difficulty score it is hesitancy
    of `lambda params, x: apply(params, x) / T`.

    Args:
        logits: `[n, k]` of the validation set.
        labels: `[n]`.
        steps: of the minimisation.

    Returns:
        Number above 0, small where every label is the most likely one, as none is the best; NaN where a logit is, or a
        traced label out of range.

    Raises:
        ValueError: shapes that do not fit, or a label out of range.

    Reference:
        Guo et al. 2017, "On calibration of modern neural networks".

    Example:
        >>> logits = jnp.log(jnp.array([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1]]))
        >>> temperature = fit_temperature(logits, jnp.array([0, 0, 1]))
        >>> print(f"{jax.nn.softmax(logits[0] / temperature)[0]:.3f}")
        0.667
    """
    if logits.ndim != 2 or labels.shape != logits.shape[:1] or not len(logits):
        raise ValueError(f"expected logits [n, k] and a label of each, n > 0; {logits.shape} and {labels.shape} came.")

    labels = checked(labels, logits.shape[1], ndim=1, name="labels", from_end=False)
    logits = unless_outside(logits, labels, logits.shape[1], from_end=False)

    def loss(log: Float[Array, ""], step: Int[Array, ""]) -> Float[Array, ""]:
        del step
        logs = jax.nn.log_softmax(logits * jnp.exp(-log))
        return -jnp.take_along_axis(logs, labels[:, None], 1).mean()

    start = jnp.zeros_like(logits[0, 0])  # log T: any number is a temperature above 0
    # where every label is the most likely class, T would tend to 0, and where none is to infinity
    bound = jnp.log(jnp.asarray(100, logits.dtype))
    optimiser = optax.adam(optax.cosine_decay_schedule(0.1, steps))
    project = lambda log: jnp.clip(log, -bound, bound)  # noqa: E731
    return jnp.exp(minimise(loss, start, optimiser=optimiser, steps=steps, project=project).params)
