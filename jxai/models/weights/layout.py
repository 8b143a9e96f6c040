"""Conventions of naming arrays, and the conversion of those that name layer by layer."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Shaped

__all__ = ["Arrays", "Layout", "Names", "by_layer", "torch_kernel"]

Arrays = Mapping[str, np.ndarray]
Names = Callable[[Arrays], Mapping[str, str]]


def _no_origins(arrays: Arrays) -> dict[str, list[str]]:
    return {}


class Layout(NamedTuple):
    """One convention of naming: its users, a test that recognises it, its conversion into ours.

    Attributes:
        title: its name in messages.
        models: architectures it can hold; empty: all.
        matches: whether a file with these names follows it.
        convert: from arrays under its names to arrays under ours; kernels have the output channel last.
        options: options of the constructor that do not follow from the arrays, such as the preprocessing.
        origins: for each of our names the original ones, for messages.
    """

    title: str
    models: tuple[str, ...]
    matches: Callable[[Arrays], bool]
    convert: Callable[[Arrays], dict[str, Shaped[np.ndarray, "..."]]]
    options: Mapping[str, Any] = {}
    origins: Callable[[Arrays], dict[str, list[str]]] = _no_origins


def by_layer(
    title: str,
    models: tuple[str, ...],
    matches: Callable[[Arrays], bool],
    names: Names,
    change: Callable[[str, Shaped[np.ndarray, "..."]], Shaped[np.ndarray, "..."]],
    options: Mapping[str, Any] | None = None,
) -> Layout:
    """A layout where each array is one of ours or a part of one of ours.

    Args:
        title: its name in messages.
        models: architectures it can hold.
        matches: whether a file with these names follows it.
        names: from all names to ours; `block0/attention/qkv/kernel@1` is part 1 of an array whose
            parts are joined along the last axis. An unknown name stays as it is, and is then reported.
        change: from our name and the array to the array in our layout.
        options: options of the constructor that do not follow from the arrays.
    """
    convert = functools.partial(_convert, names, change)
    return Layout(title, models, matches, convert, options or {}, functools.partial(_origins, names))


def _convert(names: Names, change: Callable, arrays: Arrays) -> dict[str, np.ndarray]:
    parts: dict[str, dict[str, np.ndarray]] = {}
    for name, ours in names(_without_counts(arrays)).items():
        whole, _, part = ours.partition("@")
        pieces = parts.setdefault(whole, {})
        if part in pieces:
            raise ValueError(f"two arrays are {whole}, {name} is the second; the file mixes two conventions of naming")
        pieces[part] = change(whole, arrays[name])
    return {whole: _concatenate(pieces) for whole, pieces in parts.items()}


def _concatenate(pieces: dict[str, np.ndarray]) -> np.ndarray:
    parts = [pieces[part] for part in sorted(pieces)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, -1)


def _origins(names: Names, arrays: Arrays) -> dict[str, list[str]]:
    origins: dict[str, list[str]] = {}
    for name, ours in names(_without_counts(arrays)).items():
        origins.setdefault(ours.partition("@")[0], []).append(name)
    return origins


def _without_counts(arrays: Arrays) -> Arrays:
    """The arrays without PyTorch's counts of batches, which inference does not use."""
    return {name: array for name, array in arrays.items() if not name.endswith("num_batches_tracked")}


def torch_kernel(array: Shaped[np.ndarray, "..."]) -> Shaped[np.ndarray, "..."]:
    """PyTorch's weight, output channel first, to ours, output channel last; a 1x1 convolution to a dense layer."""
    if array.ndim == 2:
        return array.T
    if array.ndim != 4:
        return array
    kernel = array.transpose(2, 3, 1, 0)
    # 1x1 convolutions are dense layers here (`models.norms.ConvNorm`)
    return kernel.reshape(kernel.shape[2:]) if kernel.shape[:2] == (1, 1) else kernel
