"""Folders and files that appear complete or not at all.

A folder is written under a temporary name beside its target and renamed when it is complete; a folder that it replaces
is first moved aside. A process that is killed leaves the target as it was, or, between the two renames, moved aside:
`recover` moves it back. The renames are atomic on a local file system; nothing is flushed to the disk, so this protects
against a killed process, not against a power cut.
"""

import contextlib
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

__all__ = ["new_folder", "recover", "write_bytes"]


def _temporary(path: Path) -> Path:
    # beside the target, as a rename is atomic within one file system; the host's name, as processes of other machines
    # on a shared disk cannot be looked up
    return path.parent / f".{path.name}.{socket.gethostname()}.{os.getpid()}.partial"


def _aside(path: Path) -> Path:
    return path.parent / f".{path.name}.replaced"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # signal 0 only asks whether the process exists
    except ProcessLookupError:
        return False
    except PermissionError:  # it exists, and belongs to somebody else
        pass
    return True


def _sweep(path: Path) -> None:
    """Removes temporary folders and files of `path` that killed processes of this machine left behind."""
    prefix = f".{path.name}.{socket.gethostname()}."
    for entry in path.parent.iterdir():
        name = entry.name
        if not (name.startswith(prefix) and name.endswith(".partial")):
            continue
        pid = name[len(prefix) : -len(".partial")]
        if pid.isdigit() and (int(pid) == os.getpid() or not _alive(int(pid))):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def recover(path: str | Path) -> None:
    """Completes a replacement that was cut off between its two renames.

    Args:
        path: the target of an earlier `new_folder(path, overwrite=True)`.
    """
    path = Path(path).absolute()
    aside = _aside(path)
    if aside.exists() and not path.exists():
        aside.rename(path)
    elif aside.exists():  # killed after the second rename: only the clearing is missing
        shutil.rmtree(aside)


@contextlib.contextmanager
def new_folder(path: str | Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A new folder that gets its name only when the `with` block ends without an exception.

    Args:
        path: of the folder; missing parents are made.
        overwrite: replace what is there already; the earlier folder is kept until the new one is complete.

    Yields:
        The folder to write into, under a temporary name in the same parent.

    Raises:
        ValueError: if `path` exists and `overwrite` is false, or is a file.

    Example:
        >>> import tempfile
        >>> target = Path(tempfile.mkdtemp()) / "maps"
        >>> with new_folder(target) as folder:
        ...     _ = (folder / "note.txt").write_text("done")
        ...     target.exists()
        False
        >>> (target / "note.txt").read_text()
        'done'
    """
    path = Path(path).absolute()
    recover(path)
    _refuse(path, overwrite)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    temporary = _temporary(path)
    temporary.mkdir()
    try:
        yield temporary
        _refuse(path, overwrite)  # somebody else may have made it meanwhile
        _rename(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _refuse(path: Path, overwrite: bool) -> None:
    if path.exists() and not path.is_dir():
        raise ValueError(f"expected a folder to write to, got the file {path}; name another folder")
    if path.exists() and not overwrite:
        raise ValueError(f"expected a new folder, but {path} exists; name another one, or ask to overwrite it")


def _rename(temporary: Path, path: Path) -> None:
    aside = _aside(path)
    if path.exists():
        path.rename(aside)
    temporary.rename(path)
    if aside.exists():
        shutil.rmtree(aside)


def write_bytes(path: str | Path, data: bytes) -> None:
    """Writes a file so that a reader sees the earlier content or the new one, never a part.

    Args:
        path: the file; an existing one is replaced.
        data: its content.
    """
    path = Path(path).absolute()
    temporary = _temporary(path)
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
