"""The tables of methods, measures, models and data sets as Markdown, and the pages that show them.

A page shows a table between two comments, which `python -m jxai.tables PAGE.md...` fills in:

    <!-- table: methods -->
    <!-- end -->
"""

import argparse
import html
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from jxai import measures, methods
from jxai.data.table import DATA
from jxai.models import table as models
from jxai.pipelines.words.settings import METHODS as WORDS

__all__ = [
    "TABLES",
    "data_markdown",
    "main",
    "measures_markdown",
    "methods_markdown",
    "models_markdown",
    "rewritten",
    "words_markdown",
]

SHAPES = {
    "x": "like x",
    "places": "over places",
    "layer": "like the layer",
    "space": "over the layer's places",
    "tokens": "over tokens or patches",
    "classes": "like x, for each class",
    "estimate": "over places, with errors",
    "insecurities": "regions, each with two classes",
    "score": "another score",
}
Cells = tuple[str, ...]


def methods_markdown() -> str:
    """All methods by family: what they compute, the result, what they need."""
    rows = (
        (methods.FAMILIES[row.family], (_code(row.name), row.description, SHAPES[row.shape], _takes(row), row.paper))
        for row in methods.METHODS.values()
    )
    return _table(("method", "what it computes", "result", "takes", "paper"), rows)


def measures_markdown() -> str:
    """All measures by family: what they compute, which values are better, what they need."""
    rows = (
        (
            measures.FAMILIES[row.family],
            (_code(row.name), row.description, row.better, _range(row), _needs(row), row.paper),
        )
        for row in measures.MEASURES.values()
    )
    return _table(("measure", "what it computes", "better", "range", "needs", "paper"), rows)


def models_markdown() -> str:
    """All models by family: names, whose weights are read, paper."""
    families = dict.fromkeys((f"Models of {row.explains}", row.family, row.paper) for row in models.ROWS)
    rows = []
    for kind, family, paper in families:
        same = [row for row in models.ROWS if (row.family, row.paper) == (family, paper)]
        weights = dict.fromkeys(name for row in same for name in row.weights)
        rows.append((kind, (", ".join(_code(row.name) for row in same), family, ", ".join(weights), paper)))
    return _table(("models", "family", "weights of", "paper"), rows)


def data_markdown() -> str:
    """All data sets by kind: what they hold, where from, and the paper that describes the set or its schema."""
    rows = (
        (
            f"Sets of {row.kind}s",
            (_code(row.name), row.about, "made here" if row.made_here else f"your {row.source}", row.paper),
        )
        for row in sorted(DATA.values(), key=lambda row: row.kind)
    )
    return _table(("set", "what", "where from", "paper"), rows)


def words_markdown() -> str:
    """The explainers in words."""
    return _table(("explainer", "what it says"), (("", (_code(name), about)) for name, about in WORDS.items()))


TABLES: dict[str, Callable[[], str]] = {
    "methods": methods_markdown,
    "measures": measures_markdown,
    "models": models_markdown,
    "data": data_markdown,
    "words": words_markdown,
}
_PIPES = re.compile(r"`([^`]*\|[^`]*)`")
_SHOWN = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->|\Z)", re.DOTALL)


def rewritten(page: str) -> str:
    r"""The page with its tables as they are now.

    Args:
        page: Markdown.

    Raises:
        ValueError: a table of another name, or one without its end.

    Example:
        >>> rewritten("# Words\n<!-- table: words -->\n<!-- end -->").splitlines()[2]
        '| explainer | what it says |'
    """

    def fill(shown: re.Match) -> str:
        start, name, end = shown.groups()
        if name not in TABLES or not end:
            raise ValueError(
                f"expected one of the tables {', '.join(TABLES)}, then <!-- end -->; "
                f"{'table ' + name if name not in TABLES else 'no <!-- end --> after table ' + name} came."
            )
        return f"{start}{TABLES[name]()}{end}"

    return _SHOWN.sub(fill, page)


def main(arguments: list[str] | None = None) -> None:
    """Fill in the tables of the pages that are named."""
    parser = argparse.ArgumentParser(prog="python -m jxai.tables", description="Fill in the tables of Markdown pages.")
    parser.add_argument("pages", nargs="+", type=Path)
    for path in parser.parse_args(arguments).pages:
        path.write_text(rewritten(path.read_text()))


def _table(titles: Cells, rows: Iterable[tuple[str, Cells]]) -> str:
    """A Markdown table; the rows of a group follow a row with its title."""
    lines, group = [titles, ("---",) * len(titles)], ""
    for title, cells in rows:
        if title != group:
            lines.append((f"**{title}**", *("",) * (len(titles) - 1)))
            group = title
        lines.append(tuple(_PIPES.sub(_escaped, cell) for cell in cells))
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _escaped(code: re.Match) -> str:
    """Code with a pipe, which would end the cell: Markdown's dialects do not agree on how to escape it."""
    return f"<code>{html.escape(code[1]).replace('|', '&#124;')}</code>"


def _code(name: str) -> str:
    return f"`{name}`"


def _takes(row: methods.Method) -> str:
    """What the method takes besides a score and an example."""
    layer = {"required": "a layer", "preferred": "a layer, if named", "optional": "a layer, if named", "": ""}[row.at]
    first = {"explainer": "an explainer", "function": "a function of any outputs", "score": ""}[row.takes]
    arrays = [*row.needs, *(f"{name} (optional)" for name in row.inputs)]
    return ", ".join(filter(None, (first, layer, *row.requires, "key" if row.draws else "", *arrays)))


def _range(row: measures.Measure) -> str:
    low, high = row.range
    if low is None and high is None:
        return "units of the score" if "score" in row.needs else ""
    return f"{low} to {high}" if high is not None else f"from {low}"


def _needs(row: measures.Measure) -> str:
    single = {
        "map": "a map",
        "attribution": "an attribution",
        "mask": "a mask",
        "rationale": "a rationale",
        "slope": "a slope",
    }
    return ", ".join((single.get(row.of, row.of), *row.needs))


if __name__ == "__main__":
    main()
