"""`jxai list`: what can be named."""

from rich.console import Console
from rich.table import Table

from jxai.cli.settings.listing import Listing
from jxai.data.table import DATA
from jxai.models.table import ROWS as MODELS
from jxai.pipelines.measures import measures
from jxai.pipelines.methods import BASELINES, SCORES, methods
from jxai.pipelines.words.settings import METHODS

__all__ = ["run"]


def run(command: Listing) -> None:
    """Print the methods, measures, models, data sets, scores and baselines."""
    del command
    console = Console(highlight=False)
    _table(console, "Methods", methods())
    _table(console, "Measures", measures())
    for kind in ("images", "texts"):
        _table(console, f"Models of {kind}", {row.name: row.description for row in MODELS if row.explains == kind})
    _table(console, "Explainers in words (jxai train words)", METHODS)
    sets = {row.name: f"{row.about} ({'made here' if row.made_here else '--source'})" for row in DATA.values()}
    _table(console, "Data", sets)
    console.print(f"Scores: {', '.join(SCORES)}\nBaselines: {', '.join(BASELINES)}")


def _table(console: Console, title: str, rows: dict[str, str]) -> None:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    for name, what in rows.items():
        table.add_row(name, what.replace("`", ""))
    console.print(table)
