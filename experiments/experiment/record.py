"""The record of a run: machine, versions, date, load, settings and duration; in JSON and as a line of a page."""

import datetime
import importlib.metadata
import os
import pathlib
import platform
import time
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["machine", "machine_line", "requested", "run_line", "run_record"]


def machine(*packages: str) -> dict[str, Any]:
    """The machine, the date, the load and the versions of `packages`."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="minutes"),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in packages},
    }


def _processor() -> str:
    lines = pathlib.Path("/proc/cpuinfo")
    if lines.is_file():
        names = [line.split(":")[1].strip() for line in lines.read_text().splitlines() if line.startswith("model name")]
        return names[0] if names else platform.processor()
    return platform.processor()


def requested(config: Any, *, without: Iterable[str] = ()) -> dict[str, Any]:
    """The settings of a run as its results record them.

    Paths are left out: they say where somebody's files are, not what was measured.

    Args:
        config: a dataclass.
        without: further settings that do not decide what is measured.
    """
    left_out = set(without)
    settings = {name: value for name, value in vars(config).items() if name not in left_out}
    return {name: value for name, value in settings.items() if not isinstance(value, pathlib.Path)}


def run_record(config: Mapping[str, Any], about: Mapping[str, Any], started: float) -> dict[str, Any]:
    """The record that is stored with the results of a run.

    Args:
        config: its settings, from `requested`.
        about: from `machine`.
        started: `time.perf_counter()` at its start.
    """
    return {"machine": dict(about), "config": dict(config), "seconds": round(time.perf_counter() - started)}


def run_line(run: Mapping[str, Any], settings: Mapping[str, str] | None = None) -> str:
    """The record of a run as one line of a page.

    Args:
        run: from `run_record`.
        settings: the settings to show: for each its name on the page. Runs of earlier versions may lack some.

    Example:
        >>> about = {"date": "today", "processor": "CPU", "cores": 2, "load_average": [0.5], "versions": {"jax": "1"}}
        >>> run_line({"machine": about, "config": {"epochs": 3}, "seconds": 7}, {"epochs": "epochs"})
        'today, CPU, 2 cores (load 0.5 at the end), jax 1; 7 s in all; epochs 3.'
    """
    about, config = run["machine"], run["config"]
    place = f"{about['date']}, {about['processor']}, {about['cores']} cores"
    parts = [f"{place} (load {about['load_average'][0]} at the end), {_versions(about)}", f"{run['seconds']} s in all"]
    shown = [f"{text} {config[name]}" for name, text in (settings or {}).items() if name in config]
    return "; ".join([*parts, ", ".join(shown)] if shown else parts) + "."


def machine_line(about: Mapping[str, Any], *, note: str = "", load: str = "at the start") -> str:
    """The machine of a run as one line of a page, without a stop at its end.

    Args:
        about: from `machine`.
        note: follows the number of cores.
        load: when the load average was read.

    Example:
        >>> about = {"date": "today", "processor": "CPU", "cores": 2, "load_average": [0.5], "python": "3.11"}
        >>> machine_line(about | {"versions": {"jax": "1"}}, note=" (one device)")
        'today, CPU, 2 cores (one device), load average [0.5] at the start, Python 3.11, jax 1'
    """
    place = f"{about['date']}, {about['processor']}, {about['cores']} cores{note}"
    return f"{place}, load average {about['load_average']} {load}, Python {about['python']}, {_versions(about)}"


def _versions(about: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {version}" for name, version in about["versions"].items())
