"""Pieces of Markdown pages."""

from collections.abc import Iterable, Sequence

__all__ = ["bullets", "table"]


def table(titles: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table.

    Example:
        >>> print(table(("method", "ms"), [("gradient", 3)]), end="")
        | method | ms |
        | --- | --- |
        | gradient | 3 |
    """
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def bullets(lines: Iterable[str]) -> str:
    r"""A list, one line each.

    Example:
        >>> bullets(["one", "two"])
        '* one\n* two\n'
    """
    return "".join(f"* {line}\n" for line in lines)
