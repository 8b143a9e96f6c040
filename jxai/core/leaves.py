"""The arrays of an input, one by one: what each must be, and what stands for it where it is absent.

An input is an array, or a pytree of arrays where a model has several. Errors name the leaf: `x['image']`.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

__all__ = ["is_array", "like_leaf", "matching", "require_leaves", "stacked_like_leaf"]


def is_array(x: Any) -> bool:
    """Whether `x` is one leaf, and no container of several.

    Example:
        >>> is_array(jnp.ones(2)), is_array({"image": jnp.ones(2)})
        (True, False)
    """
    return jax.tree_util.treedef_is_leaf(jax.tree.structure(x))


def matching(x: Any, values: Any, name: str) -> Any:
    """Return `values`, which stand for the leaves of `x`; raise `ValueError` where they have another structure."""
    if jax.tree.structure(values) != jax.tree.structure(x):
        raise ValueError(
            f"{name} must have the structure of x, {jax.tree.structure(x)}; {jax.tree.structure(values)} came."
        )
    return values


def require_leaves(x: Any, what: str, *, integers: bool) -> None:
    """Raise `TypeError` where a leaf is no array of floating-point numbers, nor of whole numbers where these may be.

    Args:
        x: an array, or a pytree of arrays.
        what: its name, for messages.
        integers: whether whole numbers may be, because nothing is differentiated.
    """
    leaves = jax.tree_util.tree_leaves_with_path(x)
    if not leaves:
        raise TypeError(f"{what} must be a floating-point array; {type(x).__name__} came, which holds none.")
    for path, leaf in leaves:
        _require_leaf(what + jax.tree_util.keystr(path), leaf, integers, several=bool(path))


def _require_leaf(name: str, leaf: Any, integers: bool, *, several: bool) -> None:
    dtype = getattr(leaf, "dtype", None)
    if dtype is None:
        raise TypeError(
            f"{name} must be a floating-point array; {type(leaf).__name__} came. Make arrays of Python numbers: "
            f"jnp.asarray(x), or of several inputs jax.tree.map(jnp.asarray, x)."
        )
    if jnp.issubdtype(dtype, jnp.floating) or (integers and jnp.issubdtype(dtype, jnp.integer)):
        return
    more = " Of several inputs, those of whole numbers become arguments of the score: score(x, numbers)."
    raise TypeError(
        f"{name} must be a floating-point array; {dtype} came. Convert images with image / 255.0, and explain "
        f"token numbers through their embeddings [t, d].{more if several else ''}"
    )


def like_leaf(leaf: Any, value: Any) -> Any:
    """The baseline of one array, in its dtype: an array of its shape, or one number for all of it.

    Raises:
        TypeError: fractions for an array of whole numbers.
        ValueError: another shape, or a number that the dtype has not.
    """
    if jnp.shape(value) not in ((), leaf.shape):
        raise ValueError(
            f"baseline must have the shape of x, {leaf.shape}, or be a number; {jnp.shape(value)} came. "
            f"jxai.signal.baselines makes black, blurred, mean-coloured and constant ones."
        )
    cast = _cast(leaf, value, "baseline")
    # added to zeros of x: under shard_map it varies over the devices as x does
    return cast if jnp.shape(value) else jnp.zeros_like(leaf) + cast


def stacked_like_leaf(leaf: Any, stack: Any, name: str) -> Any:
    """The baselines of one array, in its dtype.

    Raises:
        TypeError: fractions for an array of whole numbers.
        ValueError: a shape other than `[n, *leaf.shape]` with n above 0, or a number that the dtype has not.
    """
    shape = jnp.shape(stack)
    if shape[1:] != leaf.shape or shape[:1] in ((), (0,)):
        raise ValueError(
            f"{name} must have shape [n, *{leaf.shape}], n > 0; {shape} came. jxai.signal.baselines makes black, white "
            f"and blurred ones: stack them."
        )
    return _cast(leaf, stack, name)


def _cast(leaf: Any, value: Any, name: str) -> Any:
    """The value in the dtype of an array; fractions are not cut, nor whole numbers wrapped around."""
    if jnp.issubdtype(leaf.dtype, jnp.floating):
        return jnp.asarray(value, leaf.dtype)
    kind = value.dtype if hasattr(value, "dtype") else np.asarray(value).dtype
    seen = not isinstance(value, Tracer)
    if jnp.issubdtype(kind, jnp.floating) and not (seen and (np.asarray(value) % 1 == 0).all()):
        raise TypeError(
            f"x holds {leaf.dtype}, and {name} must hold whole numbers, too; {kind} came: round it, "
            f"jnp.round({name}).astype(x.dtype)."
        )
    if seen and (np.asarray(value) != np.asarray(value).astype(leaf.dtype)).any():
        raise ValueError(f"{name} holds numbers that {leaf.dtype}, the dtype of x, has not.")
    return jnp.asarray(value).astype(leaf.dtype)
