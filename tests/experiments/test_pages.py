"""The committed pages are what the committed results make, and the table of the README can be read."""

import json
import re

import pytest

from experiments import gallery
from experiments.benchmarks import (
    coalitions,
    deliberative_page,
    flex_page,
    marc,
    memory,
    methods_page,
    pooling,
    start,
    versions,
)
from experiments.benchmarks.timing import RESULTS as BENCHMARKS
from experiments.deliberative import page as deliberative
from experiments.experiment.paths import RESULTS
from experiments.flex import page as flex
from experiments.flex.texts import HEADINGS, PAPER
from experiments.marc_image import page as marc_image
from experiments.marc_text import page as marc_text
from tests.paths import ROOT

MODULES = (coalitions, deliberative_page, flex_page, marc, memory, methods_page, pooling, start, versions)
REPORTS = [(BENCHMARKS, module.REPORT) for module in MODULES]
REPORTS += [(RESULTS, module.REPORT) for module in (gallery, deliberative, flex, marc_image)]
REPORTS += [(RESULTS, marc_text.report(data)) for data in ("reviews", "movies")]
LONGEST = 200  # characters of a cell
README = (ROOT / "experiments" / "README.md").read_text()


@pytest.mark.parametrize(("folder", "report"), REPORTS, ids=lambda value: getattr(value, "name", "results"))
def test_a_committed_page_is_what_its_results_make(folder, report):
    assert report.markdown(report.read(folder)) == (folder / f"{report.name}.md").read_text()


def test_every_committed_file_of_results_has_a_page():
    names = {folder: {report.name for at, report in REPORTS if at == folder} for folder in (RESULTS, BENCHMARKS)}
    for folder, tested in names.items():
        assert {file.stem for file in folder.glob("*.json")} == tested


def test_figures_are_made_from_committed_results():
    for folder, report in REPORTS:
        if report.figure:
            figure = report.figure(report.read(folder))
            assert figure.axes and (folder / f"{report.name}.png").is_file()


def test_the_papers_tables_have_headings():
    assert {title for _, title, _ in PAPER} <= set(HEADINGS)


def cells(text):
    rows = [line.strip().strip("|") for line in text.splitlines() if line.startswith("|")]
    return [cell.strip() for row in rows for cell in row.split("|")]


def test_cells_of_the_readme_are_short():
    assert len(cells(README)) > 40
    assert [cell for cell in cells(README) if len(cell) >= LONGEST] == []


def test_commands_of_the_readme_exist():
    modules = set(re.findall(r"python -m (experiments[.\w]*)", README))
    assert len(modules) > 10
    for module in modules:
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


def test_results_hold_no_paths():
    def strings(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return [text for each in value for text in strings(each)]
        return [value] if isinstance(value, str) else []

    for folder, report in REPORTS:
        found = strings(json.loads((folder / f"{report.name}.json").read_text()))
        assert not [text for text in found if re.match(r"(/|~|\.\./)", text)]
