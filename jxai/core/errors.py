"""The shared errors: what was expected, what came, what to do.

All are `ValueError`s, so that a caller can catch one kind. `require_*` functions raise them in one wording. What is no
mistake but explains nothing is a warning, `SaysNothing`.
"""

import warnings
from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Real

from jxai.core.leaves import is_array, like_leaf, matching, require_leaves, stacked_like_leaf
from jxai.core.types import Key

__all__ = [
    "MissingKey",
    "MissingRule",
    "NotAScalar",
    "SaysNothing",
    "UnusedInput",
    "UnusedRule",
    "UnusedTap",
    "about_space",
    "require_array",
    "require_baseline",
    "require_baselines",
    "require_floating",
    "require_key",
    "require_numbers",
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
    """Raise `TypeError` when an array of `x` cannot be differentiated: token numbers and uint8 images cannot."""
    require_leaves(x, what, integers=False)


def require_numbers(x: Any, what: str = "x") -> None:
    """Raise `TypeError` when `x` holds anything but arrays of numbers: what is only replaced may be whole numbers."""
    require_leaves(x, what, integers=True)


def require_baseline(x: Any, baseline: Any, *, integers: bool = False) -> Any:
    """Return the baseline with the structure, shapes and dtypes of `x`; raise where one of them does not fit.

    Args:
        x: an array, or a pytree of arrays.
        baseline: like `x`; a number where each element has the same; None for zeros. In a pytree each leaf may be an
            array or a number.
        integers: whether `x` may hold whole numbers, because nothing is differentiated.

    Raises:
        TypeError: `x` holds whole numbers and may not, or the baseline fractions for them.
        ValueError: another structure or shape, or a number that the dtype of `x` cannot hold.

    Example:
        >>> import jax.numpy as jnp
        >>> require_baseline({"a": jnp.ones(2), "b": jnp.ones(1)}, {"a": 0.5, "b": jnp.zeros(1)})["a"].tolist()
        [0.5, 0.5]
    """
    require_leaves(x, "x", integers=integers)
    if baseline is None:
        return jax.tree.map(jnp.zeros_like, x)
    if is_array(x) or (is_array(baseline) and not jnp.shape(baseline)):
        return jax.tree.map(lambda leaf: like_leaf(leaf, baseline), x)
    return jax.tree.map(like_leaf, x, matching(x, baseline, "baseline"))


def require_baselines(x: Any, baselines: Any, name: str = "baselines", *, integers: bool = False) -> Any:
    """Return the baselines in the dtypes of `x`; raise where they are not `[n, *x.shape]` with one n above zero."""
    require_leaves(x, "x", integers=integers)
    stacks = [baselines] if is_array(x) else jax.tree.leaves(matching(x, baselines, name))
    counts = {jnp.shape(stack)[:1] for stack in stacks}
    if len(counts) != 1:
        raise ValueError(
            f"{name} must be as many for each input; {sorted(count[0] for count in counts if count)} came."
        )
    leaves, tree = jax.tree.flatten(x)
    arrays = [stacked_like_leaf(leaf, stack, name) for leaf, stack in zip(leaves, stacks, strict=True)]
    return jax.tree.unflatten(tree, arrays)


def require_space(x: Any, explainer: str, *, integers: bool = False) -> tuple[int, ...]:
    """Return the space of `x`, its shape without the channels; raise where `x` is a vector, or no fitting array."""
    require_array(x, explainer)
    require_leaves(x, "x", integers=integers)
    if x.ndim < 2:
        raise ValueError(
            f"{explainer} needs an input with space, [*space, c]; a vector of shape {x.shape} came. A series without "
            f"channels goes in as x[:, None], or with space=1."
        )
    return x.shape[:-1]


def about_space(x: Any) -> str:
    """What to do where an input without an axis of channels was read as one with channels; for the end of a message."""
    if jnp.ndim(x) < 2:
        return ""
    *space, c = jnp.shape(x)
    return (
        f" x of shape {jnp.shape(x)} is read as [*space, c]: space {tuple(space)}, {c} channels. A picture without an "
        f"axis of channels goes in as image[..., None], or with the option space={jnp.ndim(x)}."
    )


def require_array(x: Any, explainer: str) -> None:
    """Raise `TypeError` where `x` is several arrays and the method works on the space of one."""
    if not is_array(x):
        raise TypeError(
            f"{explainer} works on the space of one array; a {type(x).__name__} came. Explain one input at a time, "
            f"with the others as arguments of the score: {explainer}(lambda image, rest: score((image, rest)))."
        )


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
