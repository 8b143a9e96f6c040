"""`jxai list`: what can be named."""

from rich.console import Console
from rich.table import Table

from jxai.cli.settings.commands import Listing
from jxai.models.table import ROWS as MODELS
from jxai.pipelines.measures import measures
from jxai.pipelines.methods import BASELINES, SCORES, methods
from jxai.pipelines.words.settings import METHODS

__all__ = ["DATA", "run"]

DATA = {
    "birds": "drawn birds in the schema of CUB-200-2011: parts, masks, attributes, captions (made here)",
    "scenes": "drawn rooms, streets and landscapes in the schema of ADE20K: masks, boxes, captions (made here)",
    "activities": "the scenes in which people do something, by what they do, as MPII Human Pose (made here)",
    "cub": "CUB-200-2011: photographs of birds, parts, attributes, captions (--source)",
    "mpii": "MPII Human Pose with the explanations of ACT-X: photographs of what people do, captions (--source)",
    "ade20k": "ADE20K scene parsing: photographs of scenes with object masks (--source)",
    "reviews": "written film reviews, two classes, with the passages that decide (made here)",
    "movies": "film reviews of the ERASER benchmark, two classes, with marked evidence (--source)",
    "sst": "sentences of film reviews, Stanford Sentiment Treebank or SST-2 (--source)",
}


def run(command: Listing) -> None:
    """Print the methods, measures, models, data sets, scores and baselines."""
    del command
    console = Console(highlight=False)
    _table(console, "Methods", methods())
    _table(console, "Measures", measures())
    for kind in ("images", "texts"):
        _table(console, f"Models of {kind}", {row.name: row.description for row in MODELS if row.explains == kind})
    _table(console, "Explainers in words (jxai train flex)", METHODS)
    _table(console, "Data", DATA)
    console.print(f"Scores: {', '.join(SCORES)}\nBaselines: {', '.join(BASELINES)}")


def _table(console: Console, title: str, rows: dict[str, str]) -> None:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    for name, what in rows.items():
        table.add_row(name, what.replace("`", ""))
    console.print(table)
