"""Results of a run: raw maps, provenance, JSON lines.

`jxai.run.atomic.new_folder` makes their folders, so that a half-written result never appears.
"""

import dataclasses
import hashlib
import importlib.metadata
import io
import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np

from jxai.run.atomic import write_bytes

__all__ = [
    "append_line",
    "fingerprint",
    "keep_lines",
    "load_maps",
    "provenance",
    "read_lines",
    "save_maps",
    "write_json",
]

_METADATA = "metadata_json"


def fingerprint(tree: Any) -> str:
    """The sha256 of a pytree of arrays: of the names, types, shapes and bytes of its leaves.

    Args:
        tree: a pytree of arrays, of any nesting; on any device.

    Returns:
        64 hexadecimal digits; equal for equal trees of NumPy and of JAX arrays.

    Example:
        >>> fingerprint({"w": np.zeros(3)}) == fingerprint({"v": np.zeros(3)})
        False
    """
    digest = hashlib.sha256()
    # names, types and shapes, too: equal bytes of another tree are not the same
    for path, leaf in jax.tree_util.tree_leaves_with_path(tree):
        array = np.asarray(leaf)
        digest.update(f"{jax.tree_util.keystr(path)} {array.dtype} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def provenance(
    *,
    method: str,
    arguments: Mapping[str, Any],
    params: Any = None,
    data: Any = None,
    seed: int | None = None,
    baseline: str | None = None,
    seconds: float | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Where a result comes from: enough to make it again.

    Args:
        method: name of what was computed.
        arguments: its options.
        params: parameters of the model; their fingerprint is recorded.
        data: arrays that were explained; their fingerprint is recorded.
        seed: of the random key.
        baseline: name of the baseline.
        seconds: wall time.
        **more: anything else that JSON can say.

    Returns:
        A dict that `write_json` writes: the arguments, `params_sha256`, `data_sha256` (None where not given),
        `versions`, `python`, `devices`.
    """
    return {
        "method": method,
        "arguments": dict(arguments),
        "seed": seed,
        "baseline": baseline,
        "seconds": seconds,
        "params_sha256": None if params is None else fingerprint(params),
        "data_sha256": None if data is None else fingerprint(data),
        "versions": {name: _version(name) for name in ("jxai", "jax", "jaxlib", "flax", "numpy")},
        "python": platform.python_version(),
        "devices": [f"{device.platform}:{device.id} {device.device_kind}" for device in jax.devices()],
        **more,
    }


def _plain(value: Any) -> Any:
    """JSON for NumPy and JAX numbers and arrays, paths, settings and functions."""
    if isinstance(value, (np.ndarray, np.generic, jax.Array)):
        return np.asarray(value).tolist()
    if isinstance(value, Path):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return vars(value)
    if callable(value):
        return getattr(value, "__qualname__", type(value).__qualname__)
    raise TypeError(f"expected values that JSON can say, got {type(value).__name__}; convert it to numbers or text")


def _dumps(value: Any, **options: Any) -> str:
    return json.dumps(value, default=_plain, allow_nan=True, **options)


def write_json(path: str | Path, value: Any) -> None:
    """Writes JSON atomically; NumPy and JAX arrays become lists, dataclasses objects, functions their names.

    Args:
        path: the file; an existing one is replaced.
        value: anything that JSON can say.

    Raises:
        TypeError: for a value that JSON cannot say.
    """
    write_bytes(path, (_dumps(value, indent=2) + "\n").encode())


def save_maps(path: str | Path, maps: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
    """Writes raw maps and their metadata as one `.npz` file, atomically.

    Args:
        path: the file; the name ends in `.npz`.
        maps: arrays by name. bfloat16, which the format does not know, is widened to float32.
        metadata: kept in the file as JSON, usually what `provenance` returns.

    Raises:
        ValueError: for another ending, a reserved name, or a map of Python objects.
    """
    if Path(path).suffix != ".npz":
        raise ValueError(f"expected a file name that ends in .npz, got {path}; rename it")
    if reserved := {_METADATA, "file", "allow_pickle"} & set(maps):
        raise ValueError(f"the name {sorted(reserved)[0]!r} is reserved; rename that map")
    buffer = io.BytesIO()
    arrays = {name: _storable(name, value) for name, value in maps.items()}
    arrays[_METADATA] = np.array(_dumps(dict(metadata)))
    # into memory first: the file is then written at once
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    write_bytes(path, buffer.getvalue())


def _storable(name: str, value: Any) -> np.ndarray:
    array = np.asarray(value)
    if array.dtype.name == "bfloat16":
        return array.astype(np.float32)
    if array.dtype.hasobject or array.dtype.kind == "V":
        raise ValueError(f"expected an array of numbers as map {name!r}, got dtype {array.dtype}; convert it")
    return array


def load_maps(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Reads what `save_maps` wrote.

    Args:
        path: the `.npz` file.

    Returns:
        The arrays by name, and the metadata.
    """
    with np.load(path, allow_pickle=False) as file:
        maps = {name: file[name] for name in file.files}
    return maps, json.loads(str(maps.pop(_METADATA)))


def append_line(path: str | Path, record: Mapping[str, Any]) -> None:
    """Appends one JSON object as a line, in a single write.

    Args:
        path: the `.jsonl` file; made where absent.
        record: the object.
    """
    with open(path, "a", encoding="utf-8") as file:
        file.write(_dumps(dict(record)) + "\n")


def read_lines(path: str | Path) -> list[dict[str, Any]]:
    """Reads a file of JSON lines; a last line cut off by a kill is left out.

    Args:
        path: the `.jsonl` file; an absent one has no lines.

    Returns:
        The objects, in order.

    Raises:
        ValueError: if a complete line is not JSON.
    """
    if not Path(path).exists():
        return []
    text = Path(path).read_text(encoding="utf-8")  # up to the last line break: a kill may cut a line
    complete = text[: text.rfind("\n") + 1].splitlines()
    try:
        return [json.loads(line) for line in complete]
    except json.JSONDecodeError as error:
        raise ValueError(f"expected a JSON object on every line of {path}, got {error.doc[:60]!r}") from error


def keep_lines(path: str | Path, records: Iterable[Mapping[str, Any]]) -> None:
    """Replaces a file of JSON lines by these records, atomically.

    Args:
        path: the `.jsonl` file.
        records: the objects, one a line.
    """
    write_bytes(path, "".join(_dumps(dict(record)) + "\n" for record in records).encode())
