"""The table of measures, method by method."""

import numpy as np

from jxai.pipelines.images import Explained
from jxai.report.sections import Column, Table, Value

__all__ = ["measures_table"]

_COLUMNS = {
    "deletion": Column(
        "deletion", "lower", "Mean probability while the most important places are replaced by the mean colour."
    ),
    "insertion": Column(
        "insertion", "higher", "Mean probability while the most important places are put back into a blurred picture."
    ),
    "relevance mass": Column("relevance mass", "higher", "Share of the positive attribution that lies on the bird."),
    "pointing game": Column("pointing game", "higher", "How often the largest value lies on the bird."),
}
_TIME = Column("time", "lower", "Wall time for one picture and class, compilation left out.", unit="s")


def measures_table(found: dict[str, Explained], measured: dict[str, dict[str, np.ndarray]], count: int) -> Table:
    """Mean and standard error of every measure, and the time, by method.

    Args:
        found: the results, by method.
        measured: method -> measure -> values `[n]`.
        count: how many pictures were measured.
    """
    rows = {
        name: (*(_value(values) for values in measured[name].values()), result.seconds)
        for name, result in found.items()
    }
    columns = tuple(_COLUMNS[kind] for kind in next(iter(measured.values())))
    return Table("Measures", (*columns, _TIME), rows, text=f"Mean ± standard error over {count} pictures.")


def _value(values: np.ndarray) -> Value:
    error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return Value(float(np.mean(values)), error)
