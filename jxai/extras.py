"""Optional libraries: which extra of jxai brings one that is missing.

`pip install jxai` brings what composing explainers needs. Everything else is imported where it is used, within
`needs(extra)`, so that whoever lacks a library reads which command installs it.
"""

import contextlib
from collections.abc import Iterator

__all__ = ["MissingExtra", "needs"]


class MissingExtra(ModuleNotFoundError):
    """A library is not installed that belongs to an extra of jxai."""


@contextlib.contextmanager
def needs(extra: str) -> Iterator[None]:
    """Imports within the block belong to an extra; a missing library is reported with the command that installs it.

    Args:
        extra: The name of the extra: `app`, `data`, `words` or `text`.

    Raises:
        MissingExtra: A library that is imported within the block is not installed.

    Example:
        >>> with needs("words"):
        ...     import no_such_library
        Traceback (most recent call last):
        ...
        jxai.extras.MissingExtra: no_such_library is not installed: pip install 'jxai[words]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").split(".")[0]
        if isinstance(error, MissingExtra) or library in ("", "jxai"):
            raise
        raise MissingExtra(f"{library} is not installed: pip install 'jxai[{extra}]'", name=error.name) from error
