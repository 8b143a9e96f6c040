"""All methods side by side on photographs: MaRC's figures 2 and 3, without MaRC.

    python -m experiments.gallery                                   # dog and cat, MobileNetV2
    python -m experiments.gallery --networks mobilenet_v2 vit_tiny  # twice as long
    python -m experiments.gallery --photos A.jpg --targets top      # your own

Writes into the folder `out` a page (HTML), and for every network and class a sheet (PNG); and into
`experiments/results` the time of every method, or why it does not explain that network. Photographs and weights come
from `$JXAI_DATA` unless they are named.
"""

import dataclasses
import json
import pathlib
import time
from typing import Any

import jax
import numpy as np
import tyro

from experiments.benchmarks.networks import FILES, data_folder
from experiments.benchmarks.timing import machine, table
from jxai.cli.progress import telling
from jxai.data.photos import fit, read_photo
from jxai.models import Model, load
from jxai.pipelines.devices import prepare
from jxai.pipelines.images import Cases, Explained, explain_cases
from jxai.pipelines.methods import methods
from jxai.pipelines.options import Options
from jxai.pipelines.targets import class_names, runner_up, target_class
from jxai.report.pages import write_page
from jxai.report.pictures import enlarged, overlay, save_png
from jxai.report.sections import Group, Page, Photograph, Picture, Prediction
from jxai.report.sheets import grid

__all__ = ["Config", "main"]

SETTINGS = {  # where the settings of all do not suit
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
    """The command line's settings, and two more that decide how long the gallery takes.

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
    """What is shown.

    Attributes:
        networks: of mobilenet_v2 and vit_tiny.
        photos: by default dog and cat of the demonstration folder.
        targets: classes: names, numbers, or top.
        method: only these; none: all.
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
    table: pathlib.Path = pathlib.Path(__file__).parent / "results"
    keep: bool = False
    options: GalleryOptions = GalleryOptions()


def main(config: Config) -> None:
    """Explains, and writes page, sheets and table."""
    prepare()
    photos = config.photos or (data_folder() / "images" / "demo" / "gradcam_dog_cat.jfif",)
    config.out.mkdir(parents=True, exist_ok=True)
    sections, times = [], {}
    for network in config.networks:
        made = _explained(config, network, [read_photo(path) for path in photos])
        times[network] = {name: round(took, 1) if found else why for name, (found, took, why) in made.results.items()}
        for k, photo in enumerate(photos):
            sections.append(_section(made, k, f"{network}: {photo.name}"))
            for label, sheet in _sheets(made, k):
                save_png(config.out / f"{network}_{photo.stem}_{label}.png", sheet)
    text = "Blue speaks against the class, vermilion for it; unsigned maps light up what matters."
    write_page(config.out / "gallery.html", Page("All methods side by side", tuple(sections), text))
    _write_table(config, times)
    print(config.out / "gallery.html")


@dataclasses.dataclass
class Made:
    """One network's explanations of all photographs."""

    images: np.ndarray
    probabilities: np.ndarray
    cases: Cases
    photo_of: np.ndarray
    names: list[str]
    model: Model
    results: dict[str, tuple[Explained | None, float, str]]  # method -> result, seconds with compilation, or why not


def _explained(config: Config, network: str, pictures: list[np.ndarray]) -> Made:
    folder = data_folder() / "models"
    model, params = load(network, folder / FILES[network])
    names = class_names(folder / "imagenet_labels.txt", model)
    images = np.stack([fit(picture, model.size, crop=1.0, resample=model.resample) for picture in pictures])
    logits = np.asarray(jax.jit(jax.vmap(lambda x: model.apply(params, model.preprocess(x))))(images))
    pairs = [
        (k, target_class(target, names, logits[k], model.label_offset))
        for k in range(len(images))
        for target in config.targets
    ]
    photos, labels = (np.array(column, np.int32) for column in zip(*pairs, strict=True))
    against = np.array([runner_up(logits[k], label) for k, label in pairs], np.int32)
    cases = Cases(images[photos], labels, against, photos.astype(np.uint32))
    results = {}
    with telling() as tell:
        for name in config.method or methods():
            options = dataclasses.replace(config.options, **SETTINGS.get(name, {}))
            began = time.perf_counter()
            try:
                found = explain_cases(model, params, cases, [name], options=options, progress=tell)[name]
                results[name] = found, time.perf_counter() - began, ""
            except (ValueError, TypeError, NotImplementedError) as error:  # the method is not for this network
                results[name] = None, 0.0, str(error).partition(";")[0].partition(". ")[0]
    return Made(images, np.asarray(jax.nn.softmax(logits)), cases, photos, names, model, results)


def _maps(made: Made, case: int) -> dict[str, np.ndarray]:
    shown = enlarged(made.cases.images[case])
    return {name: overlay(shown, found.maps[case]) for name, (found, _, _) in made.results.items() if found}


def _section(made: Made, photo: int, title: str) -> Photograph:
    top = np.argsort(-made.probabilities[photo])[:5]
    said = tuple(Prediction(made.names[k].split(",")[0], float(made.probabilities[photo][k])) for k in top)
    groups = []
    for case in map(int, np.flatnonzero(made.photo_of == photo)):
        maps = tuple(Picture(picture, name) for name, picture in _maps(made, case).items())
        groups.append(Group(made.names[int(made.cases.labels[case])], maps))
    return Photograph(title, Picture(enlarged(made.images[photo]), title, alt="the photograph"), said, tuple(groups))


def _sheets(made: Made, photo: int) -> Any:
    for case in map(int, np.flatnonzero(made.photo_of == photo)):
        cells = {"": enlarged(made.images[photo])} | _maps(made, case)
        names = list(cells)
        rows = [names[k : k + COLUMNS] for k in range(0, len(names), COLUMNS)]
        titles = [[name.replace("_", " ") for name in row] for row in rows]
        label = int(made.cases.labels[case]) - made.model.label_offset
        yield label, grid([[cells[name] for name in row] for row in rows], titles=titles)


def _write_table(config: Config, times: dict[str, dict[str, Any]]) -> None:
    about, file = machine("jax", "flax"), config.table / "gallery.json"
    if config.keep and file.is_file():
        earlier = json.loads(file.read_text())["seconds"]
        times = earlier | {network: earlier.get(network, {}) | column for network, column in times.items()}
    whole = {"machine": about, "options": dataclasses.asdict(config.options), "seconds": times}
    names = dict.fromkeys(name for column in times.values() for name in column)
    lines = [(name, *(column.get(name, "-") for column in times.values())) for name in names]
    page = (
        f"# All methods on one photograph\n\n{about['date']}, {about['processor']}, {about['cores']} cores, jax "
        f"{about['versions']['jax']}. Seconds for {len(config.targets)} classes with compilation, or why the method "
        f"does not explain the network.\n\n{table(('method', *times), lines)}"
    )
    config.table.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(whole, indent=1) + "\n")
    (config.table / "gallery.md").write_text(page)


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
