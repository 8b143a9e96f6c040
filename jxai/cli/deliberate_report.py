"""What `jxai deliberate` prints and writes of each picture: figures, raw maps, and a section of the report."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jxai.cli.insecurities import InsecurePictures
from jxai.pipelines.shared_parts import shared
from jxai.report.insecurities import Candidate, Deliberation, Insecurity
from jxai.report.insecurity_figures import figure
from jxai.report.pictures import enlarge, save_png
from jxai.report.sections import Picture, Prediction
from jxai.run.outputs import save_maps

__all__ = ["DeliberationReport", "summary", "write_image"]

EXAMPLES = 3  # images of each class in the report


class DeliberationReport(NamedTuple):
    """What the files of a report are made from.

    Attributes:
        pictures: with their insecurities.
        names: of the model's outputs.
        offset: outputs before the first class.
        most: insecurities of a picture that are shown, at most.
        compete: classes that competed.
        coverage: share of the picture that each region covers.
        score: name of the difficulty score.
    """

    pictures: InsecurePictures
    names: list[str]
    offset: int
    most: int
    compete: int
    coverage: float
    score: str

    def short(self, label: int) -> str:
        """The first name of a class."""
        return self.names[label].split(",")[0]


def summary(report: DeliberationReport, k: int) -> str:
    """The insecurities of a picture in order, a line each; those without a region are left out."""
    results, regions = report.pictures.results, report.pictures.results.insecurities
    best = int(np.argmax(results.probabilities[k]))
    likely = f"{report.short(best)} {float(results.probabilities[k, best]):.1%}"
    difficulty = f"{report.pictures.difficulty.name} {float(results.score[k]):.3f}"
    lines = [f"{report.pictures.subjects.names[k]}: {likely}, {difficulty}"]
    for rank, i in enumerate(results.with_region(k, regions.a.shape[1]), 1):
        a, b = (report.short(int(labels[k, i])) for labels in (regions.a, regions.b))
        lines.append(f"  {rank:2d}. {a} / {b}  strength {float(regions.strength[k, i]):.3g}")
    return "\n".join(lines)


def write_image(folder: Path, report: DeliberationReport, k: int) -> Deliberation:
    """Write the figures and raw maps of a picture; and return its section of the report."""
    subjects, results = report.pictures.subjects, report.pictures.results
    name = subjects.names[k]
    insecurities = tuple(_insecurity(report, k, i) for i in results.with_region(k, report.most))
    for rank, insecurity in enumerate(insecurities, 1):
        kind = "_or_".join(_file_name(side.name) for side in (insecurity.a, insecurity.b))
        save_png(folder / f"{name}_{rank}_{kind}.png", figure(subjects.images[k], insecurity))
    raw = {f"insecurities/{part}": values[k] for part, values in results.insecurities._asdict().items()}
    raw |= {part: np.asarray(values[k]) for part, values in results._asdict().items() if part != "insecurities"}
    about = {"image": name, "classes": [report.names[int(label)] for label in results.labels[k]]}
    save_maps(folder / f"{name}.npz", raw, about)
    return _section(report, k, insecurities)


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name)


def _insecurity(report: DeliberationReport, k: int, i: int) -> Insecurity:
    pictures, regions = report.pictures, report.pictures.results.insecurities
    a, b = (int(labels[k, i]) for labels in (regions.a, regions.b))
    parts = ()
    if pictures.data is not None:
        parts = shared(pictures.data.meta, a - report.offset, b - report.offset, pictures.subjects.examples[k])
    a_side, b_side = (
        Candidate(report.short(c), float(pictures.results.probabilities[k, c]), pictures.examples(c, EXAMPLES))
        for c in (a, b)
    )
    map, mask = (np.asarray(values[k, i]) for values in (regions.map, regions.mask))
    return Insecurity(map, mask, a_side, b_side, float(regions.strength[k, i]), parts)


def _section(report: DeliberationReport, k: int, insecurities: tuple[Insecurity, ...]) -> Deliberation:
    subjects, results = report.pictures.subjects, report.pictures.results
    probabilities, truth = np.asarray(results.probabilities[k]), subjects.labels[k]
    top = tuple(
        Prediction(report.short(c), float(probabilities[c]), None if truth is None else c == truth)
        for c in map(int, np.argsort(-probabilities)[:5])
    )
    title = subjects.names[k].replace("test_", "Test image ")
    caption = "as the model sees it" if truth is None else f"true label: {report.short(truth)}"
    picture = Picture(enlarge(subjects.images[k]), caption, alt="the picture as the model sees it")
    difficulty = f"{report.score} {float(results.score[k]):.2f}"
    text = _remark(len(insecurities), results.insecurities.a.shape[1], report.compete)
    return Deliberation(title, picture, top, insecurities, difficulty, report.coverage, text)


def _remark(visible: int, count: int, compete: int) -> str:
    if not visible:
        return "No two of the likeliest classes are candidates at the same place: no insecurity."
    return f"The {visible} strongest of {count} pairs of the {compete} likeliest classes." if visible < count else ""
