"""The structure of a pytree as JSON, with type, shape and sha256 of every leaf."""

import dataclasses
import hashlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["Leaf", "describe", "leaf_tree"]


@dataclasses.dataclass(frozen=True)
class Leaf:
    """Type, shape and digest of an array; itself a leaf of a pytree.

    Attributes:
        dtype: its name.
        shape: as in NumPy.
        sha256: of its bytes.
    """

    dtype: str
    shape: tuple[int, ...]
    sha256: str

    @classmethod
    def of(cls, array: Any) -> "Leaf":
        """Describes an array."""
        array = np.asarray(array)
        return cls(array.dtype.name, array.shape, hashlib.sha256(array.tobytes()).hexdigest())

    def empty(self) -> np.ndarray:
        """An array of this type and shape, with any content."""
        return np.empty(self.shape, jnp.dtype(self.dtype))


def describe(tree: Any, name: str) -> Any:
    """The structure of a tree as JSON.

    Args:
        tree: nested dicts, lists, tuples and None, with arrays at the leaves.
        name: what the messages call it.

    Raises:
        TypeError: for another container, key or leaf.
        ValueError: for an empty array.
    """
    if tree is None:
        return None
    if type(tree) is dict:  # not isinstance: a subclass would come back as a plain dict
        if {type(key) for key in tree} not in ({str}, {int}, set()):
            raise TypeError(f"expected keys of text, or of whole numbers, in {name}, got {list(tree)}")
        # pairs, not an object: JSON would turn whole-number keys into text
        return {"dict": [[key, describe(tree[key], f"{name}[{key!r}]")] for key in tree]}
    if type(tree) in (list, tuple):
        return {type(tree).__name__: [describe(item, f"{name}[{i}]") for i, item in enumerate(tree)]}
    _check_leaf(tree, name)
    return {"leaf": dataclasses.astuple(Leaf.of(tree))}


def _check_leaf(leaf: Any, name: str) -> None:
    array = isinstance(leaf, (np.ndarray, np.generic, jax.Array))
    if not array or jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
        raise TypeError(
            f"expected dicts, lists, tuples and arrays in params, got {type(leaf).__name__} at {name}; "
            "use jax.tree.leaves for other containers, jax.random.key_data for keys"
        )
    if leaf.size == 0:
        raise ValueError(f"expected arrays with at least one element, got shape {list(leaf.shape)} at {name}")


def leaf_tree(structure: Any) -> Any:
    """The tree that `describe` described, with a `Leaf` at every leaf.

    Args:
        structure: what `describe` returned, also after a round trip through JSON.
    """
    if structure is None:
        return None
    ((kind, items),) = structure.items()
    if kind == "leaf":
        return Leaf(items[0], tuple(items[1]), items[2])
    if kind == "dict":
        return {key: leaf_tree(item) for key, item in items}
    return (tuple if kind == "tuple" else list)(leaf_tree(item) for item in items)
