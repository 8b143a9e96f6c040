"""Texts that a user names: as they are, or files."""

from pathlib import Path

__all__ = ["read_text"]

_SUFFIXES = (".txt", ".text", ".md")


def read_text(text: str) -> str:
    """A text as it is; of `@FILE`, or of a path to a file, what the file holds.

    Raises:
        ValueError: there is no such file, it is not UTF-8, or it holds no words.
    """
    path = Path(text.removeprefix("@"))
    if not text.startswith("@") and not _is_path(text, path):
        return text
    try:
        content = path.expanduser().read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(
            f"the text file {path} cannot be read: {error.strerror or error}; name another one."
        ) from error
    except UnicodeDecodeError as error:
        raise ValueError(
            f"the text file {path} is not UTF-8 (byte {error.start}); convert it, or name another."
        ) from error
    if not content.strip():
        raise ValueError(f"the text file {path} holds no words; name another one.")
    return content


def _is_path(text: str, path: Path) -> bool:
    if any(letter.isspace() for letter in text.strip()) and len(text) > 255:
        return False
    try:
        return path.is_file() or (len(text.split()) == 1 and path.suffix in _SUFFIXES)
    except (OSError, ValueError):  # too long, or no possible name
        return False
