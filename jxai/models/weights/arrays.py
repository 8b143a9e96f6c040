"""Named arrays in files: safetensors and npz, never pickles."""

import pathlib
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jaxtyping import Shaped

from jxai.extras import needs
from jxai.models.model import Params

__all__ = ["flatten", "load_arrays", "nest", "require_finite", "save_arrays"]

SUFFIXES = (".safetensors", ".npz")


def load_arrays(path: str | pathlib.Path) -> dict[str, Shaped[np.ndarray, "..."]]:
    """Reads all arrays of a weight file; float16 becomes float32.

    Args:
        path: a `.safetensors` or `.npz` file.

    Returns:
        The arrays by name, in the order of the file.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is of another kind or damaged, or holds Python objects, NaN or infinity.
    """
    path = pathlib.Path(path)
    if path.exists() or path.suffix:  # a mistyped folder has no suffix: say that it does not exist
        _check_suffix(path)
    if not path.is_file():
        raise FileNotFoundError(f"no weight file at {path}")
    try:
        arrays = _load_safetensors(path) if path.suffix == ".safetensors" else _load_npz(path)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError) as error:
        raise ValueError(
            f"{path.name} is damaged or not a {path.suffix} file of plain arrays ({error}); copy it again"
        ) from error
    return require_finite(arrays, path.name)


def require_finite(
    arrays: Mapping[str, Shaped[np.ndarray, "..."]], source: str
) -> dict[str, Shaped[np.ndarray, "..."]]:
    """The arrays with float16 as float32; `source` names their origin in messages.

    Raises:
        ValueError: if an array holds NaN or infinity.
    """
    bad = [key for key, array in arrays.items() if not _finite(array)]
    if bad:
        raise ValueError(f"{source} holds NaN or infinity in {', '.join(bad[:5])}; take an undamaged copy")
    return {name: _widen(array) for name, array in arrays.items()}


def save_arrays(path: str | pathlib.Path, params: Params) -> None:
    """Writes parameters under flat names such as `block1/depthwise/kernel`.

    Args:
        path: the file; its suffix chooses the format, `.safetensors` or `.npz`.
        params: a nested dict of arrays.

    Raises:
        ValueError: if the suffix is another one.
    """
    path = pathlib.Path(path)
    _check_suffix(path)
    # safetensors writes the buffer as it lies in memory: a transposed view would come back wrong
    arrays = {name: np.ascontiguousarray(array) for name, array in flatten(params).items()}
    if path.suffix == ".npz":
        np.savez(path, **arrays)  # pyright: ignore[reportArgumentType]
    else:
        with needs("app"):
            from safetensors.numpy import save_file
        save_file(arrays, path)


def flatten(params: Params) -> dict[str, Any]:
    """Nested dict to flat names: `{"a": {"b": x}}` becomes `{"a/b": x}`."""
    leaves = jax.tree_util.tree_leaves_with_path(params)
    return {"/".join(str(key.key) for key in path): leaf for path, leaf in leaves}


def nest(flat: Mapping[str, Any]) -> Params:
    """Flat names to a nested dict, the inverse of `flatten`.

    Example:
        >>> nest({"a/b": 1, "a/c": 2, "d": 3})
        {'a': {'b': 1, 'c': 2}, 'd': 3}
    """
    params: dict = {}
    for name, value in flat.items():
        *folders, last = name.split("/")
        place = params
        for folder in folders:
            place = place.setdefault(folder, {})
        place[last] = value
    return params


def _load_safetensors(path):
    with needs("app"):
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    try:
        return load_file(path)
    except SafetensorError as error:  # an Exception only
        raise ValueError(error) from error


def _load_npz(path):
    with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise ValueError("a single array without a name")
        return {name: file[name] for name in file.files}


def _widen(array):
    # Files in half precision save space; the models compute in float32 unless the caller casts
    return array.astype(np.float32) if array.dtype == np.float16 else array


def _check_suffix(path):
    if path.suffix not in SUFFIXES:
        raise ValueError(
            f"weights are read from and written to {' or '.join(SUFFIXES)} files, not {path.name!r}; "
            "convert other formats first (pickled checkpoints are never opened, they can run code)"
        )


def _finite(array) -> bool:
    # Integers and booleans (counters, position ids) are always finite
    return array.dtype.kind in "iub" or bool(np.isfinite(array).all())
