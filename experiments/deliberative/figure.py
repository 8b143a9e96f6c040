"""The figure of `experiments.deliberative`: the curves of every set and architecture."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.deliberative.summary import RELEASED
from jxai.metrics.ambiguity.coverage_curves import COVERAGES

__all__ = ["draw"]

ACROSS = 3  # panels in a row
COLOURED = (
    "Hesitancy", "Entropy", "Gradient", "Gradient without m^s", "Integrated gradients", "Gradient-Hessian",
)  # fmt: skip


def draw(results: dict[str, Any]) -> Figure:
    """Precision over recall, or IoU over coverage; dotted: as released.

    Args:
        results: what `deliberative.json` holds.
    """
    panels = results["results"]
    across = min(ACROSS, len(panels))
    down = -(-len(panels) // across)
    figure = Figure(figsize=(4.4 * across + 2.2, 3.8 * down), layout="constrained")
    lines: dict[str, Any] = {}
    for number, (name, result) in enumerate(panels.items(), 1):
        lines |= _panel(figure.add_subplot(down, across, number), name, result["rows"])
    figure.legend(lines.values(), lines.keys(), loc="outside right upper", fontsize=7)
    return figure


def _panel(axes: Axes, name: str, rows: dict[str, Any]) -> dict[str, Any]:
    masks = "iou" in next(iter(rows.values()))
    lines = {}
    for row, of in rows.items():
        x = COVERAGES if masks else of["recall"]["curve"]
        y = of["iou" if masks else "precision"]["curve"]
        lines[row] = axes.plot([100 * value for value in x], [100 * value for value in y], **_style(row))[0]
    labels = ("coverage, %", "IoU, %") if masks else ("recall, %", "precision, %")
    axes.set(title=name, xlabel=labels[0], ylabel=labels[1])
    return lines


def _style(row: str) -> dict[str, Any]:
    """A colour for each way to explain, a line style for each variant."""
    plain = row.removesuffix(RELEASED)
    colour = "black" if plain == "random" else f"C{[*COLOURED, plain].index(plain)}"
    return {"color": colour, "linewidth": 1.2, "linestyle": ":" if plain != row else "-"}
