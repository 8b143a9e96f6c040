"""Measures by name, from the table of measures: of the maps of pictures, and as a table for a page."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

import numpy as np
from jax import Array

import jxai
from jxai.measures import MEASURES, Measure
from jxai.methods import METHODS
from jxai.models import Model
from jxai.pipelines.images import Cases, Explained, placed
from jxai.pipelines.methods import BASELINES, require_known, score_name
from jxai.pipelines.options import Options
from jxai.pipelines.progress import ProgressCallback, no_progress
from jxai.report.sections import Column, Table, Value
from jxai.run.map import map_examples

__all__ = ["USUAL", "columns_and_rows", "measure_cases", "measures", "measures_table", "require_measures"]

USUAL = ("deletion", "insertion")
"""What is measured where nothing is named."""

_SETTINGS: dict[str, dict[str, Any]] = {"deletion": {"steps": 16}, "insertion": {"steps": 16}}
_ABSENT = {"mean": "the mean colour", "blur": "a blurred picture", "explained": "the baseline"}
_TIME = Column("time", "lower", "Wall time for one picture and class, compilation left out.", unit="s")


def measures() -> dict[str, str]:
    """Name -> one line of description, of every measure that needs no ground truth."""
    return {name: row.description for name, row in MEASURES.items() if row.by_name}


def require_measures(names: Sequence[str], methods: Sequence[str]) -> None:
    """Raise `ValueError` for an unknown measure, or one that fits none of the methods."""
    if truth := [name for name in names if name in MEASURES and not MEASURES[name].by_name]:
        needs = " and ".join(MEASURES[truth[0]].needs) or MEASURES[truth[0]].of
        raise ValueError(
            f"{truth[0]} needs {needs}, which photographs do not bring: call jxai.metrics.{truth[0]}; "
            f"by name there are {', '.join(measures())}."
        )
    require_known(names, measures(), "measure")
    for name in names:
        if not any(_fits(MEASURES[name], method) for method in methods):
            masks = [method for method, row in METHODS.items() if row.mask]
            raise ValueError(f"{name} measures a mask in 0..1; name a method that makes one: {', '.join(masks)}.")


def measure_cases(
    model: Model,
    params: Any,
    cases: Cases,
    explained: dict[str, Explained],
    *,
    names: Sequence[str] = USUAL,
    options: Options | None = None,
    per_device: int = 1,
    progress: ProgressCallback = no_progress,
) -> dict[str, dict[str, np.ndarray]]:
    """Every case by every measure that fits the method: of the probability, completeness of the explained score.

    Args:
        model: what is explained.
        params: its parameters.
        cases: what was explained.
        explained: the maps, by method.
        names: measures, of `measures()`.
        options: settings of the explanations, for the measures that need score and baseline.
        per_device: cases that a device measures at once.
        progress: called as in `explain_cases`.

    Returns:
        Method -> measure -> values `[n]`.

    Raises:
        ValueError: as `require_measures`.
    """
    require_measures(names, tuple(explained))
    options = options or Options()
    place = placed(cases, per_device, lambda: True)

    @cache  # methods with the same measures share a program
    def mapped(fitting: tuple[str, ...], score: str) -> Callable[..., dict[str, np.ndarray]]:
        measure = _measuring(model, fitting, score, options.baseline or "black")
        return map_examples(measure, in_axes=(0, 0, 0, None), per_device=per_device, **place)

    results = {}
    for name, result in explained.items():
        fitting = [measure for measure in names if _fits(MEASURES[measure], name)]
        whole = tuple(measure for measure in fitting if MEASURES[measure].of == "attribution")
        of_map = tuple(measure for measure in fitting if measure not in whole)
        explained_score = score_name(name, model, options) if whole else ""
        values: dict[str, np.ndarray] = {}
        for some, score, measured in (
            (of_map, "probability", result.maps),
            (whole, explained_score, result.attributions),
        ):
            if some:
                rows = measured, cases.images, cases.labels, params
                values |= mapped(some, score)(*rows, progress=partial(progress, f"measuring {name}"))
        results[name] = {measure: values[measure] for measure in fitting}  # JAX sorts the names of a dict
    return results


def _fits(measure: Measure, method: str) -> bool:
    return measure.of != "mask" or METHODS[method].mask


def _measuring(model: Model, names: tuple[str, ...], score: str, baseline: str) -> Callable[..., dict[str, Array]]:
    """The measures as one function `(attribution, image, label, params) -> values`."""
    function = getattr(jxai.scores, score)(model.apply)
    by_name = {name: MEASURES[name].function(function, **_SETTINGS.get(name, {})) for name in names}
    absent = {name: baseline if MEASURES[name].absent == "explained" else MEASURES[name].absent for name in names}

    def measure(attribution: Array, image: Array, label: Array, params: Any) -> dict[str, Array]:
        x = model.preprocess(image)
        baselines = {kind: model.preprocess(BASELINES[kind](image)) for kind in dict.fromkeys(absent.values())}
        return {
            name: one(attribution, x, label, params, baseline=baselines[absent[name]]) for name, one in by_name.items()
        }

    return measure


def measures_table(
    results: dict[str, Explained],
    measured: dict[str, dict[str, np.ndarray]],
    count: int,
    *,
    shown: str = "object",
) -> Table:
    """Mean and standard error of every measure, and the time, by method.

    Args:
        results: explanations, by method.
        measured: method -> measure -> values `[n]`, without measures that do not fit the method.
        count: how many pictures were measured.
        shown: what the pictures show, for measures of a region.
    """
    columns, rows = columns_and_rows(measured, _ABSENT, shown)
    timed = {method: (*rows[method], result.seconds) for method, result in results.items()}
    return Table("Measures", (*columns, _TIME), timed, text=f"Mean ± standard error over {count} pictures.")


def columns_and_rows(
    measured: Mapping[str, Mapping[str, np.ndarray]], absent: Mapping[str, str], shown: str
) -> tuple[tuple[Column, ...], dict[str, tuple]]:
    """A column for each measure, and by method its mean and standard error, None where it does not fit.

    Args:
        measured: method -> measure -> values `[n]`.
        absent: what stands for absent places, in words, by the kinds of `Measure.absent`.
        shown: what the examples show, for measures of a region.
    """
    names = list(dict.fromkeys(name for values in measured.values() for name in values))
    columns = [
        Column(row.title, row.better, row.reading.format(absent=absent.get(row.absent, ""), object=shown))
        for row in (MEASURES[name] for name in names)
    ]
    return tuple(columns), {
        method: tuple(_value(values.get(name)) for name in names) for method, values in measured.items()
    }


def _value(values: np.ndarray | None) -> Value | None:
    if values is None:
        return None
    error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return Value(float(np.mean(values)), error)
