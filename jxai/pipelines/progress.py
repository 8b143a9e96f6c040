"""How long work reports how far it is."""

from collections.abc import Callable

__all__ = ["ProgressCallback", "no_progress"]

ProgressCallback = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""


def no_progress(what: str, done: int, total: int) -> None:
    """Report nothing."""
    del what, done, total
