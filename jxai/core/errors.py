"""The shared errors: what was expected, what came, what to do.

All are `ValueError`s, so that a caller can catch one kind. `require_*` functions raise them in one wording. What is no
mistake but explains nothing is a warning, `SaysNothing`.
"""

import warnings
from collections.abc import Iterable
from typing import Any

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Real, Shaped

from jxai.core.types import Key

__all__ = [
    "MissingKey",
    "MissingRule",
    "NotAScalar",
    "SaysNothing",
    "UnusedInput",
    "UnusedRule",
    "UnusedTap",
    "require_baseline",
    "require_baselines",
    "require_floating",
    "require_key",
    "require_positive",
    "require_scalar",
    "require_space",
    "require_variant",
    "warn_of_nothing",
]


class MissingKey(ValueError):
    """A stochastic explainer was called without a random key."""


class MissingRule(ValueError):
    """A method that needs a rule for every operation met one without a rule."""


class NotAScalar(ValueError):
    """A score returned something else than one number."""


class UnusedInput(ValueError):
    """A score does not depend on what is to be explained."""


class SaysNothing(UserWarning):
    """What was asked has the same answer whatever the input."""


class UnusedTap(ValueError):
    """A tap was asked for that the function never reaches, or reaches more than once."""


class UnusedRule(ValueError):
    """A backward rule matched no operation."""


def require_key(key: Key | None, explainer: str) -> Key:
    """Return `key`, or raise `MissingKey` naming the explainer that needs one."""
    if key is None:
        raise MissingKey(
            f"{explainer} draws random numbers and got key=None; pass one, e.g. "
            f"explain(x, *args, key=jax.random.key(0)), and under vmap one for each example: "
            f"key=jax.random.split(key, len(xs))."
        )
    return key


def require_scalar(value: Any) -> Real[Array, ""]:
    """Return the score's value, or raise `NotAScalar` with the shape that came."""
    shape = getattr(value, "shape", None)
    # a constant score returns a Python number
    if shape is None and isinstance(value, float | int):
        return jnp.asarray(value)
    if shape is None:
        raise NotAScalar(f"A score must return one number; this one returned a {type(value).__name__}.")
    if shape != ():
        raise NotAScalar(
            f"A score must return one number (shape ()); this one returned shape {shape}. Select the output to "
            f"explain, e.g. jxai.scores.logit(apply) or lambda x, label, params: apply(params, x)[label]; "
            f"a batch of examples goes through jax.vmap(explain)."
        )
    if not jnp.issubdtype(value.dtype, jnp.floating):
        raise NotAScalar(f"A score must return a real floating-point number; this one returned {value.dtype}.")
    return value


def require_floating(x: Any, what: str = "x") -> None:
    """Raise `TypeError` when `x` cannot be differentiated: integers (token numbers, uint8 images) cannot."""
    if not hasattr(x, "dtype") or not jnp.issubdtype(x.dtype, jnp.floating):
        came = getattr(x, "dtype", type(x).__name__)
        raise TypeError(
            f"{what} must be a floating-point array; {came} came. Convert images with image / 255.0, and explain "
            f"token numbers through their embeddings [t, d]."
        )


def require_baseline(x: Shaped[Array, "*shape"], baseline: Shaped[Array, "..."] | None) -> Float[Array, "*shape"]:
    """Return the baseline in the dtype of `x`, zeros for None; raise where `x` or the baseline does not fit."""
    require_floating(x)
    if baseline is None:
        return jnp.zeros_like(x)
    if jnp.shape(baseline) != x.shape:
        raise ValueError(
            f"baseline must have the shape of x, {x.shape}; {jnp.shape(baseline)} came. jxai.signal.baselines makes "
            f"black, blurred, mean-coloured and constant ones."
        )
    return jnp.asarray(baseline, x.dtype)


def require_space(x: Any, explainer: str) -> tuple[int, ...]:
    """Return the space of `x`, its shape without the channels; raise where `x` is a vector, or no floating array."""
    require_floating(x)
    if x.ndim < 2:
        raise ValueError(
            f"{explainer} needs an input with space, [*space, c]; a vector of shape {x.shape} came. A series without "
            f"channels goes in as x[:, None]."
        )
    return x.shape[:-1]


def require_baselines(x: Shaped[Array, "*shape"], baselines: Any, name: str = "baselines") -> Float[Array, "n *shape"]:
    """Return the baselines in the dtype of `x`; raise where they are not `[n, *x.shape]` with n above zero."""
    require_floating(x)
    if jnp.shape(baselines)[1:] != x.shape or not len(baselines):
        raise ValueError(
            f"{name} must have shape [n, *{x.shape}], n > 0; {jnp.shape(baselines)} came. jxai.signal.baselines makes "
            f"black, white and blurred ones: stack them."
        )
    return jnp.asarray(baselines, x.dtype)


def require_positive(**counts: int | float) -> None:
    """Raise `ValueError` for the first of the named numbers that is not above zero."""
    for name, count in counts.items():
        if not count > 0:
            raise ValueError(f"{name} must be above zero; {name}={count} came.")


def require_variant(variant: str) -> bool:
    """Whether the variant is the released one; raise `ValueError` where it is neither "paper" nor "released"."""
    if variant not in ("paper", "released"):
        raise ValueError(f'variant must be "paper" or "released"; {variant!r} came.')
    return variant == "released"


def warn_of_nothing(what: str, *, stacklevel: int = 2) -> None:
    """Warn that an explanation says nothing, and why; `stacklevel` as of `warnings.warn`, 1 for the caller's line."""
    warnings.warn(f"{what}.", SaysNothing, stacklevel=stacklevel + 1)


def join_names(names: Iterable[str], most: int = 40) -> str:
    """The names in one line, for an error message."""
    names = list(dict.fromkeys(names))  # without repeats, in order: a loop over layers reaches an operation many times
    more = f", ... ({len(names) - most} more)" if len(names) > most else ""
    return ", ".join(names[:most]) + more if names else "none"
