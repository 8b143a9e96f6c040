"""Parameters in a folder: an Orbax checkpoint with a sha256 per leaf, verified when it is loaded.

Orbax (0.12) returns wrong numbers for most flipped bytes without an error, turns whole-number keys into text and tuples
into lists, and with `overwrite=True` deletes the earlier checkpoint before it writes. So `save` keeps the structure
of the tree and a digest of every leaf in the checkpoint's `custom_metadata` and writes beside the target, and `load`
verifies. The folder remains one that Orbax alone can read.
"""

import contextlib
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np
from orbax.checkpoint import v1 as ocp

from jxai.run.atomic import new_folder, recover

__all__ = ["CheckpointError", "exists", "load", "save"]

_FORMAT = 1
_CHECKPOINT = "checkpoint"


class CheckpointError(ValueError):
    """A checkpoint that is absent, damaged, or not of jxai."""


def save(folder: str | Path, params: Any, metadata: Mapping[str, Any] | None = None) -> None:
    """Writes a checkpoint; the one that it replaces stays usable until the new one is complete.

    Args:
        folder: where; an existing checkpoint there is replaced.
        params: nested dicts (keys: text or whole numbers), lists, tuples and None, with arrays at the leaves.
        metadata: what else belongs to it; anything that JSON can say.

    Raises:
        TypeError: for another container, key or leaf.
        ValueError: for an empty tree or an empty array, which Orbax cannot store, or metadata that JSON cannot say.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp()) / "model"
        >>> save(folder, {"w": np.arange(3.0)}, {"epoch": 7})
        >>> params, metadata = load(folder)
        >>> params["w"].tolist(), metadata["epoch"]
        ([0.0, 1.0, 2.0], 7)
    """
    structure = _describe(params, "params")
    if not jax.tree.leaves(params):
        raise ValueError("expected params with at least one array, got an empty tree")
    about = {"format": _FORMAT, "structure": structure, "metadata": _json(metadata)}
    sealed = {"jxai": about, "sha256": _seal(about)}
    with new_folder(folder, overwrite=True) as temporary, _quiet():
        ocp.save(temporary / _CHECKPOINT, jax.tree.map(np.asarray, params), custom_metadata=sealed)


def exists(folder: str | Path) -> bool:
    """Whether there is a checkpoint in the folder (whole or damaged).

    Args:
        folder: as given to `save`.
    """
    recover(folder)
    return (Path(folder) / _CHECKPOINT).is_dir()


def load(folder: str | Path) -> tuple[Any, dict[str, Any]]:
    """Reads a checkpoint and verifies every leaf.

    Args:
        folder: as given to `save`.

    Returns:
        The params as they were saved, with NumPy arrays at the leaves; and the metadata.

    Raises:
        CheckpointError: if there is none, if it is damaged (the message names the leaf), or if `save` did not write it.
    """
    if not exists(folder):
        raise CheckpointError(f"expected a checkpoint in {folder}, but there is none; check the path")
    path = Path(folder).absolute() / _CHECKPOINT
    try:
        with _quiet():
            sealed = ocp.metadata(path).custom_metadata
            params = ocp.load(path)
    except Exception as error:  # Orbax raises ValueError, KeyError, JSON errors, OSError, ... for damaged files
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"the checkpoint in {folder} is damaged: {reason}; {_REMEDY}") from error
    about = _opened(sealed, folder)
    return _verified(about["structure"], params, "params", folder), about["metadata"]


_REMEDY = "restore it from a copy, or delete the folder and make it anew"


def _opened(sealed: Any, folder: str | Path) -> dict[str, Any]:
    if not isinstance(sealed, dict) or "jxai" not in sealed:
        raise CheckpointError(f"expected a checkpoint written by jxai in {folder}, got one without digests")
    about = sealed["jxai"]
    if sealed.get("sha256") != _seal(about):
        raise CheckpointError(f"the checkpoint in {folder} is damaged: its metadata has changed; {_REMEDY}")
    if about["format"] != _FORMAT:
        raise CheckpointError(f"expected checkpoint format {_FORMAT} in {folder}, got {about['format']}")
    return about


def _seal(about: Any) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _json(metadata: Mapping[str, Any] | None) -> Any:
    try:
        return json.loads(json.dumps(dict(metadata or {})))
    except TypeError as error:
        raise ValueError(f"expected metadata that JSON can say: {error}; convert it to numbers or text") from error


def _digest(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def _describe(tree: Any, name: str) -> Any:
    """The structure as JSON, with type, shape and digest of every leaf."""
    if tree is None:
        return None
    if type(tree) is dict:
        if not all(type(key) in (str, int) for key in tree) or len({str(key) for key in tree}) < len(tree):
            raise TypeError(f"expected distinct keys of text or whole numbers in {name}, got {list(tree)}")
        return {"dict": [[key, _describe(tree[key], f"{name}[{key!r}]")] for key in tree]}
    if type(tree) in (list, tuple):
        return {type(tree).__name__: [_describe(item, f"{name}[{i}]") for i, item in enumerate(tree)]}
    return {"leaf": _leaf(tree, name)}


def _leaf(leaf: Any, name: str) -> list[Any]:
    if not isinstance(leaf, (np.ndarray, np.generic, jax.Array)) or jax.dtypes.issubdtype(
        leaf.dtype, jax.dtypes.prng_key
    ):
        raise TypeError(
            f"expected dicts, lists, tuples and arrays in params, got {type(leaf).__name__} at {name}; "
            "use jax.tree.leaves for other containers, jax.random.key_data for keys"
        )
    if leaf.size == 0:
        raise ValueError(f"expected arrays with at least one element, got shape {list(leaf.shape)} at {name}")
    array = np.asarray(leaf)
    return [array.dtype.name, list(array.shape), _digest(array)]


def _verified(structure: Any, tree: Any, name: str, folder: str | Path) -> Any:
    """The loaded tree in the structure that was saved; every leaf is checked."""
    if structure is None:
        return None
    ((kind, items),) = structure.items()
    if kind == "leaf":
        return _checked(items, tree, name, folder)
    try:
        if kind == "dict":
            children = [(key, item, tree[str(key)]) for key, item in items]
        else:
            children = [(i, item, tree[i]) for i, item in enumerate(items)]
    except (KeyError, IndexError, TypeError) as error:
        raise CheckpointError(f"the checkpoint in {folder} is damaged: {name} is incomplete; {_REMEDY}") from error
    rebuilt = {key: _verified(item, child, f"{name}[{key!r}]", folder) for key, item, child in children}
    return {"dict": dict, "list": lambda d: list(d.values()), "tuple": lambda d: tuple(d.values())}[kind](rebuilt)


def _checked(expected: list[Any], leaf: Any, name: str, folder: str | Path) -> np.ndarray:
    array = np.asarray(leaf)
    if [array.dtype.name, list(array.shape), _digest(array)] != expected:
        raise CheckpointError(
            f"the checkpoint in {folder} is damaged: leaf {name} is not what was saved (its sha256 differs); {_REMEDY}"
        )
    return array


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Orbax logs every step, and asyncio the tracebacks of reads that failed, which `load` reports itself."""
    loggers = [logging.getLogger(name) for name in ("absl", "asyncio")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
