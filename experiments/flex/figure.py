"""The figure of `experiments.flex`: decision relevance and masking, for every set."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.experiment.claims import Estimate, total_error

__all__ = ["draw"]

DREL = ("drel", "drel by chance", "drel sampled")
MASKING = ("drop", "random")
PANELS = {"methods": "DREL, %", "lambda": "DREL over lambda, %", "masking": "fall of the probability, %"}
ABSENT = Estimate(0.0, 0.0, 0.0, 0)._asdict()


def draw(results: dict[str, Any]) -> Figure:
    """A row of panels for each set: DREL of the methods, DREL over lambda, and the effect of masking.

    Args:
        results: what `flex.json` holds.
    """
    sets = results["results"]
    figure = Figure(figsize=(11, 3.8 * len(sets)), layout="constrained")
    rows = figure.subfigures(len(sets), squeeze=False)[:, 0]  # the number of panels differs from set to set
    for row, (name, result) in zip(rows, sets.items(), strict=True):
        titles = [title for title in PANELS if title in result["tables"]]
        for number, title in enumerate(titles, 1):
            axes = row.add_subplot(1, len(titles), number)
            _panel(axes, title, result["tables"][title])
            axes.set_title(f"{name}: {PANELS[title]}")
    return figure


def _panel(axes: Axes, title: str, rows: dict[str, Any]) -> None:
    if title == "masking":
        return _bars(axes, rows, MASKING)
    # results of earlier versions lack sampled sentences
    qualities = tuple(name for name in DREL if any(name in of for of in rows.values()))
    return _line(axes, rows, qualities) if title == "lambda" else _bars(axes, rows, qualities)


def _line(axes: Axes, rows: dict[str, Any], qualities: tuple[str, ...]) -> None:
    for quality in qualities:
        means, errors = _percent([of[quality] for of in rows.values()])
        axes.errorbar(range(len(rows)), means, yerr=errors, marker="o", label=quality)
    axes.set_xticks(range(len(rows)), list(rows))
    axes.legend(fontsize=7)


def _bars(axes: Axes, rows: dict[str, Any], qualities: tuple[str, ...]) -> None:
    width = 0.8 / len(qualities)
    for number, quality in enumerate(qualities):
        means, errors = _percent([of.get(quality, ABSENT) for of in rows.values()])
        axes.bar(np.arange(len(rows)) + number * width, means, width, yerr=errors, label=quality)
    axes.set_xticks(range(len(rows)), list(rows), rotation=25, ha="right", fontsize=7)
    axes.margins(y=0.35)
    axes.legend(fontsize=7)


def _percent(cells: list[dict[str, float]]) -> tuple[list[float], list[float]]:
    """Means, and errors over images and seeds together."""
    errors = [100 * total_error(cell["error"], cell["over_seeds"]) for cell in cells]
    return [100 * cell["mean"] for cell in cells], errors
