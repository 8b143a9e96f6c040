"""Text files of a data set: in a folder, or in an archive of it."""

import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

__all__ = ["Malformed", "read_lines", "read_texts"]


class Malformed(ValueError):
    """Files of a data set that are not what they should be."""


def read_lines(file: Path) -> list[str]:
    """The lines of a text file.

    Raises:
        Malformed: it is not in UTF-8; the line is named.
    """
    data = file.read_bytes()
    try:
        return data.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(f"{file.name}, line {line}: expected text in UTF-8 ({error.reason}); copy it again") from None


def read_texts(source: Path, wanted: Callable[[str], bool]) -> dict[str, str]:
    """The text files that are wanted, by their path below the folder of the data set.

    A folder that an archive packs as a whole (`movies/...`) is left out of the paths, and so is one that a folder holds
    alone.

    Args:
        source: folder, or `.tar`, `.tar.gz`, `.tgz` or `.zip` file.
        wanted: says of a path (`docs/one.txt`) whether it is wanted.

    Raises:
        FileNotFoundError: there is no such folder or file.
        Malformed: an archive that cannot be read, or a text that is not UTF-8.
    """
    if not source.exists():
        raise FileNotFoundError(f"no folder or archive at {source}")
    try:
        files = _folder(source, wanted) if source.is_dir() else _archive(source, wanted)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise Malformed(
            f"{source.name} is no archive that can be read ({error}); expected a folder, .tar.gz or .zip: copy it again"
        ) from error
    try:
        return {name: text.decode("utf-8") for name, text in files.items()}
    except UnicodeDecodeError as error:
        raise Malformed(f"a text in {source.name} is not UTF-8 ({error}); copy it again") from error


def _inside(names: list[str]) -> dict[str, str]:
    """Paths of files by their paths below the one folder that all lie in, where there is one."""
    tops = {PurePosixPath(name).parts[0] for name in names}
    deep = all(len(PurePosixPath(name).parts) > 1 for name in names)
    cut = 1 if len(tops) == 1 and deep else 0
    return {"/".join(PurePosixPath(name).parts[cut:]): name for name in names}


def _folder(source: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    names = _inside([path.relative_to(source).as_posix() for path in sorted(source.rglob("*")) if path.is_file()])
    return {short: (source / name).read_bytes() for short, name in names.items() if wanted(short)}


def _archive(source: Path, wanted: Callable[[str], bool]) -> dict[str, bytes]:
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            names = _inside([name for name in archive.namelist() if not name.endswith("/")])
            return {short: archive.read(name) for short, name in names.items() if wanted(short)}
    with tarfile.open(source) as archive:
        members = {member.name.removeprefix("./"): member for member in archive if member.isfile()}
        names = _inside(list(members))
        files = {short: archive.extractfile(members[name]) for short, name in names.items() if wanted(short)}
        return {short: file.read() for short, file in files.items() if file is not None}
