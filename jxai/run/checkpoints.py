"""Parameters in a folder: an Orbax checkpoint with a sha256 per leaf, verified when it is loaded.

Orbax (0.12) returns wrong numbers for most flipped bytes without an error. It turns whole-number keys into text and
tuples into lists. With `overwrite=True` it deletes the earlier checkpoint before it writes. So `save` stores the
structure of the tree and a digest of every leaf in the checkpoint's `custom_metadata`, writes beside the target and
renames, and `load` verifies. Orbax alone can read the folder, too:

    checkpoint/   as Orbax writes it
    jxai.json     the same as `custom_metadata`, and the sha256 of every file in `checkpoint`
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
from jxai.run.structure import Leaf, describe, leaf_tree

__all__ = ["CheckpointError", "exists", "load", "save"]

_FORMAT = 1
_CHECKPOINT = "checkpoint"
_SEAL = "jxai.json"
_REMEDY = "restore it from a copy, or delete the folder and make it anew"


class CheckpointError(ValueError):
    """A checkpoint that is absent, damaged, or not of jxai."""


def save(folder: str | Path, params: Any, metadata: Mapping[str, Any] | None = None) -> None:
    """Writes a checkpoint; the one that it replaces stays usable until the new one is complete.

    Args:
        folder: where; an existing checkpoint there is replaced.
        params: nested dicts (keys: all text or all whole numbers), lists, tuples and None, with arrays at the leaves.
        metadata: anything else that belongs to it, as JSON.

    Raises:
        TypeError: for another container, key or leaf.
        ValueError: for an empty tree or an empty array, which Orbax cannot store, metadata that JSON cannot say, or a
            folder that holds something else.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp()) / "model"
        >>> save(folder, {"w": np.arange(3.0)}, {"epoch": 7})
        >>> params, metadata = load(folder)
        >>> params["w"].tolist(), metadata["epoch"]
        ([0.0, 1.0, 2.0], 7)
    """
    structure = describe(params, "params")
    if not jax.tree.leaves(params):
        raise ValueError("expected params with at least one array, got an empty tree")
    about = {"jxai": _FORMAT, "structure": structure, "metadata": _json(metadata)}
    recover(folder)
    if Path(folder).is_dir() and any(Path(folder).iterdir()) and not exists(folder):
        raise ValueError(
            f"expected a new folder or one with a checkpoint, but {folder} holds something else; name another"
        )
    with new_folder(folder, overwrite=True) as temporary, _quiet():
        ocp.save(str(temporary / _CHECKPOINT), jax.tree.map(np.asarray, params), custom_metadata=about)
        _write_seal(temporary, about)


def exists(folder: str | Path) -> bool:
    """Whether there is a checkpoint in the folder (whole or damaged).

    Args:
        folder: as given to `save`.
    """
    recover(folder)
    return (Path(folder) / _CHECKPOINT).is_dir()


def load(folder: str | Path) -> tuple[Any, dict[str, Any]]:
    """Reads a checkpoint and verifies every file and every leaf.

    Args:
        folder: as given to `save`.

    Returns:
        The params as they were saved, with NumPy arrays at the leaves; and the metadata.

    Raises:
        CheckpointError: if there is none, if it is damaged (the message names the leaves), or not of `save`.
    """
    if not exists(folder):
        raise CheckpointError(f"expected a checkpoint in {folder}, but there is none; check the path")
    about, files = _read_seal(Path(folder).absolute())
    template = leaf_tree(about["structure"])
    changed = _first_changed_file(Path(folder).absolute(), files)
    if changed:
        leaves = ", ".join(_damaged_leaves(folder, template)) or "no leaf"
        raise CheckpointError(
            f"the checkpoint in {folder} is damaged: the file {changed} is not what was saved, "
            f"this concerns {leaves}; {_REMEDY}"
        )
    arrays = _load(folder, jax.tree.map(Leaf.empty, template))
    # once more, by leaf: the files were those of `save`, but what Orbax made of them is not known
    wrong = [name for name, leaf, array in _with_names(template, arrays) if leaf != Leaf.of(array)]
    if wrong:
        raise CheckpointError(f"the checkpoint in {folder} is damaged: other sha256 of {', '.join(wrong)}; {_REMEDY}")
    return arrays, about["metadata"]


def _json(metadata: Mapping[str, Any] | None) -> Any:
    try:
        return json.loads(json.dumps(dict(metadata or {})))
    except TypeError as error:
        raise ValueError(f"expected metadata that JSON can say: {error}; convert it to numbers or text") from error


def _with_names(template: Any, arrays: Any) -> Iterator[tuple[str, Leaf, Any]]:
    leaves = jax.tree_util.tree_leaves_with_path(template)
    for (path, leaf), array in zip(leaves, jax.tree.leaves(arrays), strict=True):
        yield f"params{jax.tree_util.keystr(path)}", leaf, array


def _load(folder: str | Path, abstract: Any) -> Any:
    try:
        with _quiet():
            return ocp.load(str(Path(folder).absolute() / _CHECKPOINT), abstract)
    except Exception as error:  # Orbax raises ValueError, KeyError, JSON errors, OSError, ... for damaged files
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"the checkpoint in {folder} is damaged: {reason}; {_REMEDY}") from error


def _digests(path: Path) -> dict[str, str]:
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return {file.relative_to(path).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _write_seal(folder: Path, about: dict[str, Any]) -> None:
    # as text within JSON: the digest is of these very bytes, whoever formats the outer file
    content = json.dumps({"about": about, "files": _digests(folder / _CHECKPOINT)})
    digest = hashlib.sha256(content.encode()).hexdigest()
    (folder / _SEAL).write_text(json.dumps({"sha256": digest, "sealed": content}))


def _read_seal(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    if not (folder / _SEAL).exists():
        raise CheckpointError(f"expected a checkpoint written by jxai in {folder}, got one without {_SEAL}")
    try:
        seal = json.loads((folder / _SEAL).read_bytes())
        if hashlib.sha256(seal["sealed"].encode()).hexdigest() != seal["sha256"]:
            raise ValueError("its sha256 differs")
        about, files = json.loads(seal["sealed"]).values()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"the checkpoint in {folder} is damaged: its {_SEAL} has changed; {_REMEDY}") from error
    if about["jxai"] != _FORMAT:
        raise CheckpointError(f"expected checkpoint format {_FORMAT} in {folder}, got {about['jxai']}; update jxai")
    return about, files


def _first_changed_file(folder: Path, files: dict[str, str]) -> str | None:
    """The first file that differs from the one saved.

    Compared before Orbax reads: when one of its parallel reads fails, the others print errors of their own.
    """
    now = _digests(folder / _CHECKPOINT)
    return next((name for name, digest in files.items() if now.get(name) != digest), None)


def _damaged_leaves(folder: str | Path, template: Any) -> list[str]:
    """The leaves that cannot be read or have another digest, each read alone."""
    leaves, tree = jax.tree.flatten(template)
    names = [name for name, _, _ in _with_names(template, template)]
    return [name for i, name in enumerate(names) if not _sound(folder, tree, leaves, i)]


def _sound(folder: str | Path, tree: Any, leaves: list[Leaf], i: int) -> bool:
    # a placeholder is not read, so that one damaged leaf does not hide the others
    request = [leaf.empty() if j == i else ocp.PLACEHOLDER for j, leaf in enumerate(leaves)]
    try:
        arrays = _load(folder, jax.tree.unflatten(tree, request))
    except CheckpointError:
        return False
    return Leaf.of(jax.tree.leaves(arrays)[i]) == leaves[i]


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
