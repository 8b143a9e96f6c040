"""Contact sheets: many pictures with their names in one picture."""

from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from jxai.report.pictures import rgb

__all__ = ["grid"]


def grid(
    rows: Sequence[Sequence[np.ndarray]],
    *,
    columns: Sequence[str] = (),
    labels: Sequence[str] = (),
    titles: Sequence[Sequence[str]] = (),
    side: float | int = 1.6,
    dpi: int = 150,
) -> np.ndarray:
    """A contact sheet: rows of pictures, with names over the columns and labels beside the rows.

    Args:
        rows: pictures, as `rgb` takes them; rows may have different lengths.
        columns: a name for each column, or empty.
        labels: a label for each row, or empty.
        titles: a name for each picture, row by row, or empty.
        side: of one picture, in inches.
        dpi: pixels per inch.

    Returns:
        uint8 RGB.

    Raises:
        ValueError: no picture, or the numbers of names and of pictures differ.

    Example:
        >>> import numpy as np
        >>> sheet = grid([[np.zeros((8, 8, 3), np.uint8)] * 2], columns=["image", "map"])
        >>> sheet.dtype.name, sheet.shape[-1]
        ('uint8', 3)
    """
    width, height = max((len(row) for row in rows), default=0), len(rows)
    if not width or len(columns) not in (0, width) or len(labels) not in (0, height):
        raise ValueError(
            f"grid: expected pictures, and a name for each of {width} columns and {height} rows or none, "
            f"got {len(columns)} and {len(labels)}."
        )
    if titles and [len(row) for row in titles] != [len(row) for row in rows]:
        raise ValueError("grid: expected a title for each picture, row by row, or none at all.")
    figure = Figure((side * width, side * height), dpi=dpi, layout="constrained", facecolor="white")
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02)  # pyright: ignore
    axes = figure.subplots(height, width, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for i, row in enumerate(rows):
        for axis, picture in zip(axes[i], row, strict=False):
            axis.imshow(rgb(picture), interpolation="lanczos")
    for names, row in zip((columns, *titles), (axes[0], *axes), strict=False):
        for axis, name in zip(row, names, strict=False):
            axis.set_title(name, fontsize=8)
    for axis, label in zip(axes[:, 0], labels, strict=False):
        # Not set_ylabel: the axes are off, which hides their labels too
        axis.text(-0.06, 0.5, label, fontsize=8, rotation=90, ha="right", va="center", transform=axis.transAxes)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
