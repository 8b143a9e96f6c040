"""Results of several runs of an experiment in one file: each with what it was asked for, where, when, how long."""

import json
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

__all__ = ["require_known", "run_of", "run_text", "standard_error", "together", "total_error", "verdict"]


def require_known(setting: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Ends the experiment where a setting names what there is not.

    Args:
        setting: its name.
        given: what it names.
        known: what there is.

    Raises:
        SystemExit: the first such name.

    Example:
        >>> require_known("sets", ("birds",), ("birds", "scenes"))
    """
    known = tuple(known)
    for name in given:
        if name not in known:
            raise SystemExit(f"--{setting}: expected some of {', '.join(map(repr, known))}, got {name!r}")


def run_of(config: dict[str, Any], about: dict[str, Any], seconds: float) -> dict[str, Any]:
    """What stands beside the results of a run.

    Args:
        config: of the experiment, as `asked` gives it.
        about: machine and versions, as `machine` gives them.
        seconds: it took so far.
    """
    return {"machine": about, "config": config, "seconds": round(seconds)}


def together(file: pathlib.Path, found: Mapping[str, Any], run: dict[str, Any], *, keep: bool) -> dict[str, Any]:
    """The results of this run, after what `file` has of others.

    Args:
        file: JSON, with the results of earlier runs under "results"; it may be absent.
        found: the results of this run by name.
        run: of `run_of`; it goes into each of them.
        keep: what `file` has under other names stays; else only `found` is returned.

    Returns:
        `{"results": ...}` by name, as `file` is to hold it.

    Example:
        >>> whole = together(pathlib.Path("absent.json"), {"birds": {"accuracy": 0.9}}, {"seconds": 3}, keep=True)
        >>> whole["results"]["birds"]
        {'run': {'seconds': 3}, 'accuracy': 0.9}
    """
    earlier = json.loads(file.read_text())["results"] if keep and file.is_file() else {}
    return {"results": earlier | {name: {"run": run, **result} for name, result in found.items()}}


def run_text(run: dict[str, Any], *shown: str) -> str:
    """A line for the page: when, where, how long, and the settings that are `shown`.

    Example:
        >>> about = {"date": "today", "processor": "CPU", "cores": 2, "load_average": [0.5], "versions": {"jax": "1"}}
        >>> run_text(run_of({"epochs": 3}, about, 7.1), "epochs")
        'today, CPU, 2 cores (load 0.5 at the end), jax 1; 7 s in all; epochs 3.'
    """
    about = run["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    where = f"{about['date']}, {about['processor']}, {about['cores']} cores"
    parts = [f"{where} (load {about['load_average'][0]} at the end), {versions}", f"{run['seconds']} s in all"]
    asked = ", ".join(f"{name} {run['config'][name]}" for name in shown if name in run["config"])
    return "; ".join([*parts, asked] if asked else parts) + "."


def standard_error(values: np.ndarray) -> float:
    """Of the mean of what is no NaN; NaN of fewer than two.

    Example:
        >>> standard_error(np.array([0.0, 1.0, np.nan]))
        0.5
    """
    known = values[np.isfinite(values)]
    return float(known.std(ddof=1) / len(known) ** 0.5) if len(known) > 1 else float("nan")


def total_error(*errors: float) -> float:
    """Of independent causes together: over pictures, over seeds; NaN, where one is not known, does not count.

    Example:
        >>> total_error(3.0, 4.0), total_error(3.0, float("nan"))
        (5.0, 3.0)
    """
    return float(np.sqrt(np.nansum(np.square(errors))))


def verdict(ahead: float, *errors: float) -> str:
    """Whether a difference is beyond two standard errors, all of them together: over pictures, over seeds.

    Args:
        ahead: the difference.
        *errors: standard errors of independent causes; NaN where one is not known, as over a single seed.

    Example:
        >>> verdict(0.05, 0.02, float("nan")), verdict(0.05, 0.02, 0.03), verdict(-0.05, 0.02)
        ('yes', 'undecided', 'no')
    """
    error = total_error(*errors)
    return "yes" if ahead > 2 * error else "no" if ahead < -2 * error else "undecided"
