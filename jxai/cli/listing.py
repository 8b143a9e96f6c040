"""`jxai list`: what can be named."""

from rich.console import Console
from rich.table import Table

from jxai.cli.settings.commands import Listing
from jxai.data.table import DATA as SETS
from jxai.models import MODELS, TEXT_MODELS
from jxai.pipelines.methods import BASELINES, SCORES, methods
from jxai.pipelines.words.settings import METHODS

__all__ = ["DATA", "run"]

DATA = {row.name: f"{row.about} ({'made here' if row.made_here else '--source'})" for row in SETS.values()}


def run(command: Listing) -> None:
    """Print the methods, models, data sets, scores and baselines."""
    del command
    console = Console(highlight=False)
    _table(console, "Methods", methods())
    for title, models in (("Models of images", MODELS), ("Models of texts", TEXT_MODELS)):
        _table(console, title, {name: (make.__doc__ or "").partition("\n")[0] for name, make in models.items()})
    _table(console, "Explainers in words (jxai train words)", METHODS)
    _table(console, "Data", DATA)
    console.print(f"Scores: {', '.join(SCORES)}\nBaselines: {', '.join(BASELINES)}")


def _table(console: Console, title: str, rows: dict[str, str]) -> None:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    for name, what in rows.items():
        table.add_row(name, what.replace("`", ""))
    console.print(table)
