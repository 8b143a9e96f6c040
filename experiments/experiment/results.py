"""The files of an experiment: results as JSON, a Markdown page and, for some, a figure."""

import json
import pathlib
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from experiments.experiment.record import machine, requested, run_record
from experiments.experiment.settings import Settings

__all__ = ["Report", "joined", "run"]


class Report(NamedTuple):
    """How the results of an experiment are written.

    Page and figure are functions of what the JSON file holds, so they can be made again from it.

    Attributes:
        name: of the files.
        markdown: from the results to the page.
        figure: from the results to the figure; None for no figure.
    """

    name: str
    markdown: Callable[[dict[str, Any]], str]
    figure: Callable[[dict[str, Any]], Figure] | None = None

    def read(self, folder: pathlib.Path) -> dict[str, Any]:
        """The results that the folder holds; empty where it holds none."""
        file = folder / f"{self.name}.json"
        return json.loads(file.read_text()) if file.is_file() else {}

    def write(self, folder: pathlib.Path, results: Mapping[str, Any]) -> str:
        """Writes NAME.json, NAME.md and, if there is a figure, NAME.png; returns the page."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(results, indent=1, ensure_ascii=False, default=_plain)
        (folder / f"{self.name}.json").write_text(text + "\n")
        written = json.loads(text)  # keys are strings and tuples are lists, as they are for whoever reads the file
        page = self.markdown(written)
        (folder / f"{self.name}.md").write_text(page)
        if self.figure:
            self.figure(written).savefig(folder / f"{self.name}.png", dpi=100)
        return page


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else list(value)


def run(
    report: Report,
    settings: Settings,
    measurements: Iterable[tuple[str, Mapping[str, Any]]],
    *,
    packages: Iterable[str] = ("jax", "flax"),
    config: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Measures, and writes the results after each measurement, so an interrupted experiment leaves its results.

    Args:
        report: how the results are written.
        settings: of the experiment.
        measurements: names and results, measured one after the other; the last result of a name counts.
        packages: whose versions are recorded.
        config: what is recorded of the settings; None: all but paths.

    Returns:
        What the JSON file holds: `{"results": ...}`, each result with its own "run".

    Raises:
        SystemExit: nothing was measured.
    """
    started, results, whole = time.perf_counter(), {}, {}
    earlier = report.read(settings.table) if settings.keep else {}
    for name, result in measurements:
        results[settings.name(name)] = result
        record = run_record(requested(settings) if config is None else config, machine(*packages), started)
        whole = joined(earlier, results, record)
        report.write(settings.table, whole)
    if not results:
        raise SystemExit("nothing was measured")
    print(settings.table / f"{report.name}.md")
    return whole


def joined(earlier: Mapping[str, Any], results: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The results of this run after those of earlier ones.

    Args:
        earlier: what the file held.
        results: of this run, by name; each gets the record.
        record: from `run_record`.

    Returns:
        What the file is to hold.

    Example:
        >>> joined({"results": {"scenes": {}}}, {"birds": {"accuracy": 0.9}}, {"seconds": 3})
        {'results': {'scenes': {}, 'birds': {'run': {'seconds': 3}, 'accuracy': 0.9}}}
    """
    own = {name: {"run": record, **result} for name, result in results.items()}
    return {"results": earlier.get("results", {}) | own}
