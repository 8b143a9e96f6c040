"""All methods side by side on photographs, as in MaRC's figures 2 and 3.

    python -m experiments.gallery                                   # dog and cat, MobileNetV2
    python -m experiments.gallery --networks mobilenet_v2 vit_tiny  # twice as long
    python -m experiments.gallery --photos A.jpg --targets top      # your own

The folder `out` gets a page (HTML), and for every network and class a sheet (PNG). `experiments/results` gets the time
of every method, or the reason why it does not explain a network. Photographs and weights come from `$JXAI_DATA` unless
they are named.
"""

import dataclasses
import pathlib
import time
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import tyro

from experiments.experiment.markdown import table
from experiments.experiment.paths import RESULTS, WEIGHTS, data_folder
from experiments.experiment.record import machine, machine_line
from experiments.experiment.results import Report
from jxai.cli.progress import progress_bars
from jxai.data.photos import fit, read_photo
from jxai.models import Model, load
from jxai.pipelines.devices import prepare
from jxai.pipelines.images import Cases, Explained, explain_cases
from jxai.pipelines.methods import methods
from jxai.pipelines.options import Options
from jxai.pipelines.targets import class_names, runner_up, target_class
from jxai.report.pages import write_page
from jxai.report.pictures import enlarge, overlay, save_png
from jxai.report.sections import Group, Page, Photograph, Picture, Prediction
from jxai.report.sheets import grid

__all__ = ["REPORT", "Config", "main"]

SETTINGS = {  # of methods that need others than the rest
    "shapley_exact": {"count": 9},
    "lime": {"samples": 400},
    "kernel_shap": {"samples": 400},
    "meaningful_perturbation": {"score": "probability", "steps": 300, "baseline": None},
    "extremal_perturbation": {"score": "log_probability", "steps": 200, "baseline": None},
    "regional_multiscale": {"samples": 4},
    "rise": {"score": "probability"},
    "marc": {"steps": None, "baseline": None},
}
COLUMNS = 9


@dataclasses.dataclass(frozen=True)
class GalleryOptions(Options):
    """The settings of the methods on the command line, and two more that decide how long the gallery takes.

    Attributes:
        masks: of RISE.
        stride: of occlusion, in pixels.
    """

    steps: int | None = 16
    samples: int | None = 32
    baseline: str | None = "blur"
    masks: int = 1000
    stride: int = 8


@dataclasses.dataclass(frozen=True)
class Config:
    """What is explained.

    Attributes:
        networks: of mobilenet_v2 and vit_tiny.
        photos: by default dog and cat of the demonstration folder.
        targets: classes: names, numbers, or top.
        method: only these methods; none: all.
        out: folder for page and sheets.
        table: folder for the times.
        keep: keep the times of an earlier run in `table` that this one does not measure.
        options: settings of the methods.
    """

    networks: tuple[str, ...] = ("mobilenet_v2",)
    photos: tuple[pathlib.Path, ...] = ()
    targets: tuple[str, ...] = ("golden retriever", "tiger cat")
    method: tuple[str, ...] = ()
    out: pathlib.Path = pathlib.Path("jxai-gallery")
    table: pathlib.Path = RESULTS
    keep: bool = False
    options: GalleryOptions = GalleryOptions()


def main(config: Config) -> None:
    """Explains, and writes page, sheets and table."""
    prepare()
    photos = config.photos or (data_folder() / "images" / "demo" / "gradcam_dog_cat.jfif",)
    config.out.mkdir(parents=True, exist_ok=True)
    sections, seconds = [], {}
    for network in config.networks:
        explained = _explained(config, network, [read_photo(path) for path in photos])
        seconds[network] = {name: outcome.summary for name, outcome in explained.outcomes.items()}
        for k, photo in enumerate(photos):
            sections.append(_section(explained, k, f"{network}: {photo.name}"))
            for label, sheet in _sheets(explained, k):
                save_png(config.out / f"{network}_{photo.stem}_{label}.png", sheet)
    text = "Blue is evidence against the class, vermilion evidence for it. Unsigned maps are bright where it matters."
    write_page(config.out / "gallery.html", Page("All methods side by side", tuple(sections), text))
    earlier = REPORT.read(config.table).get("seconds", {}) if config.keep else {}
    results = {"machine": machine("jax", "flax"), "classes": len(config.targets)}
    results |= {"options": dataclasses.asdict(config.options), "seconds": _joined(earlier, seconds)}
    REPORT.write(config.table, results)
    print(config.out / "gallery.html")


@dataclasses.dataclass(frozen=True)
class Outcome:
    """A method on a network.

    Attributes:
        explained: its explanations; None where it does not explain the network.
        seconds: with compilation.
        reason: why it does not explain the network.
    """

    explained: Explained | None
    seconds: float = 0.0
    reason: str = ""

    @property
    def summary(self) -> float | str:
        """Seconds, or the reason why there are none."""
        return round(self.seconds, 1) if self.explained else self.reason


@dataclasses.dataclass
class Gallery:
    """The explanations of all photographs by one network."""

    images: np.ndarray
    probabilities: np.ndarray
    cases: Cases
    photo_of: np.ndarray
    names: list[str]
    model: Model
    outcomes: dict[str, Outcome]


def _explained(config: Config, network: str, photos: list[np.ndarray]) -> Gallery:
    folder = data_folder() / "models"
    model, params = load(network, folder / WEIGHTS[network])
    names = class_names(folder / "imagenet_labels.txt", model)
    images = np.stack([fit(photo, model.size, crop=1.0, resample=model.resample) for photo in photos])
    logits = np.asarray(jax.jit(jax.vmap(lambda x: model.apply(params, model.preprocess(x))))(images))
    pairs = [
        (k, target_class(target, names, logits[k], model.label_offset))
        for k in range(len(images))
        for target in config.targets
    ]
    photo_of, labels = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    against = np.array([runner_up(logits[k], label) for k, label in pairs], np.int32)
    cases = Cases(images[photo_of], labels, against, photo_of.astype(np.uint32))
    with progress_bars() as progress:
        outcomes = {name: _outcome(config, model, params, cases, name, progress) for name in config.method or methods()}
    return Gallery(images, np.asarray(jax.nn.softmax(logits)), cases, photo_of, names, model, outcomes)


def _outcome(config: Config, model: Model, params: Any, cases: Cases, name: str, progress: Any) -> Outcome:
    options = dataclasses.replace(config.options, **SETTINGS.get(name, {}))
    started = time.perf_counter()
    try:
        explained = explain_cases(model, params, cases, [name], options=options, progress=progress)[name]
    except (ValueError, TypeError, NotImplementedError) as error:  # the method is not for this network
        return Outcome(None, reason=str(error).partition(";")[0].partition(". ")[0])
    return Outcome(explained, time.perf_counter() - started)


def _maps(gallery: Gallery, case: int) -> dict[str, np.ndarray]:
    image = enlarge(gallery.cases.images[case])
    explained = {name: outcome.explained for name, outcome in gallery.outcomes.items()}
    return {name: overlay(image, each.maps[case]) for name, each in explained.items() if each}


def _section(gallery: Gallery, photo: int, title: str) -> Photograph:
    top = np.argsort(-gallery.probabilities[photo])[:5]
    names, likely = gallery.names, gallery.probabilities[photo]
    predictions = tuple(Prediction(names[k].split(",")[0], float(likely[k])) for k in top)
    groups = []
    for case in map(int, np.flatnonzero(gallery.photo_of == photo)):
        maps = tuple(Picture(picture, name) for name, picture in _maps(gallery, case).items())
        groups.append(Group(gallery.names[int(gallery.cases.labels[case])], maps))
    return Photograph(
        title, Picture(enlarge(gallery.images[photo]), title, alt="the photograph"), predictions, tuple(groups)
    )


def _sheets(gallery: Gallery, photo: int) -> Iterator[tuple[int, np.ndarray]]:
    for case in map(int, np.flatnonzero(gallery.photo_of == photo)):
        cells = {"": enlarge(gallery.images[photo])} | _maps(gallery, case)
        names = list(cells)
        rows = [names[k : k + COLUMNS] for k in range(0, len(names), COLUMNS)]
        titles = [[name.replace("_", " ") for name in row] for row in rows]
        label = int(gallery.cases.labels[case]) - gallery.model.label_offset
        yield label, grid([[cells[name] for name in row] for row in rows], titles=titles)


def _joined(earlier: dict[str, dict[str, Any]], seconds: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The times of this run in addition to earlier ones, by network and method."""
    return earlier | {network: earlier.get(network, {}) | column for network, column in seconds.items()}


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `gallery.json` holds.
    """
    seconds = results["seconds"]
    names = dict.fromkeys(name for column in seconds.values() for name in column)
    lines = [(name, *(column.get(name, "-") for column in seconds.values())) for name in names]
    return (
        f"# All methods on one photograph\n\n{machine_line(results['machine'], load='at the end')}. Seconds for "
        f"{results['classes']} classes with compilation, or the reason why the method does not explain the network.\n\n"
        f"{table(('method', *seconds), lines)}"
    )


REPORT = Report("gallery", markdown)

if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
