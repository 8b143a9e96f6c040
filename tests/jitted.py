"""Functions of the library compiled as a whole: called eagerly, each of their operations is compiled by itself."""

from functools import cache, wraps

import jax
import numpy as np

__all__ = ["JittedModule", "jitted"]


def jitted(function):
    """The function under `jit`: arrays in its arguments are traced, all else (numbers, texts, None) is fixed.

    The types of what is fixed count: 1, 1.0 and True make three programs, though they are equal.
    """

    @wraps(function)
    def call(*args, **inputs):
        leaves, form = jax.tree.flatten((args, inputs))
        traced = tuple(isinstance(leaf, jax.Array | np.ndarray) for leaf in leaves)
        fixed = tuple((type(leaf), leaf) for leaf, is_array in zip(leaves, traced, strict=True) if not is_array)
        arrays = [leaf for leaf, is_array in zip(leaves, traced, strict=True) if is_array]
        return _program(function, form, traced, fixed)(arrays)

    return call


@cache
def _program(function, form, traced, fixed):
    def run(arrays):
        arrays, others = iter(arrays), (leaf for _, leaf in fixed)
        args, inputs = jax.tree.unflatten(form, [next(arrays if is_array else others) for is_array in traced])
        return function(*args, **inputs)

    return jax.jit(run)


class JittedModule:
    """A module whose functions of arrays are called under `jit`."""

    def __init__(self, module):
        """Takes the module."""
        self._module = module

    def __getattr__(self, name):
        """The function of that name, jitted."""
        return jitted(getattr(self._module, name))
