"""MaRC's Table 2: how sufficient and comprehensive the maps of all methods are, and its figures 2 and 3.

    python -m experiments.marc_image                         # a few images of each kind
    python -m experiments.marc_image --networks small_cnn    # drawn birds only: needs no data
    python -m experiments.marc_image --networks vit_tiny --figure vit_tiny --keep      # in addition to the others
    python -m experiments.marc_image --full                  # 500 birds, 511 photographs, the paper's steps: for a GPU

Birds are classified by the small network of `jxai demo`, which is trained here if its folder does not exist.
Photographs and their networks come from `$JXAI_DATA`, and are left out if there is no such folder. The table is written
to `experiments/results`, figures and pages to the folder `out`.
"""

import dataclasses
import pathlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
import tyro
from jax import Array

import jxai
from experiments.experiment.paths import data_folder
from experiments.experiment.results import run
from experiments.experiment.settings import Settings as Shared
from experiments.marc_image.figures import compare_methods, compare_scores
from experiments.marc_image.methods import Effort, Settings, map_of, rows
from experiments.marc_image.page import REPORT
from experiments.marc_image.pictures import Pictures, bird_pictures, photographs
from experiments.marc_image.summary import Measured, summary
from jxai.cli.progress import progress_bars
from jxai.core.types import Explain
from jxai.pipelines.devices import prepare
from jxai.pipelines.images import Cases, explain_cases
from jxai.pipelines.methods import BASELINES
from jxai.pipelines.rationales import evaluate_masks
from jxai.run.map import map_examples
from jxai.signal.baselines import blurred

__all__ = ["Config", "evaluate", "main"]

LONGER = "MaRC, longer"  # three times the updates: does their number matter?
FORMULA = "MaRC, eq. 1"  # the loss as the paper prints it, not as its program computes it


@dataclasses.dataclass(frozen=True)
class Config(Shared):
    """What is measured.

    Attributes:
        networks: of small_cnn (birds), mobilenet_v2, squeezenet and vit_tiny (photographs).
        birds: how many drawn birds.
        photos: how many photographs, evenly chosen.
        weights: folder of the birds' network; trained if it does not exist.
        longer: networks on which MaRC also runs with three times the updates, and with the printed formula.
        figure: networks of figure 3.
        effort: how much is computed for an image.
        per_device: images that a device works on at once.
        out: folder for figures.
    """

    FULL: ClassVar[dict[str, Any]] = {
        "networks": ("small_cnn", "mobilenet_v2", "squeezenet", "vit_tiny"),
        "birds": 500,
        "photos": 511,
        "per_device": 16,
        "effort": Effort(7500, 7500, 0.03, 300, 100, 56, 19),
    }

    networks: tuple[str, ...] = ("small_cnn", "mobilenet_v2")
    birds: int = 8
    photos: int = 2
    weights: pathlib.Path = pathlib.Path("jxai-demo/weights")
    longer: tuple[str, ...] = ()
    figure: tuple[str, ...] = ("mobilenet_v2",)
    effort: Effort = Effort()
    per_device: int = 1
    out: pathlib.Path = pathlib.Path("jxai-marc-image")


def main(config: Config) -> None:
    """Explains, measures, and writes table and figures."""
    prepare()
    config = config.resolved()
    config.out.mkdir(parents=True, exist_ok=True)
    recorded = {"effort": dataclasses.asdict(config.effort), "full": config.full}
    packages = ("jax", "jaxlib", "flax", "numpy")
    with progress_bars() as progress:
        run(REPORT, config, _measurements(config, progress), packages=packages, config=recorded)
    print(config.out)


def _measurements(config: Config, progress: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The results of each network, by name; its figures are written on the way."""
    for name in config.networks:
        pictures = _pictures(name, config, progress)
        if pictures is None:
            print(f"{name}: left out, there is no folder {data_folder()}; set JXAI_DATA")
            continue
        measured = evaluate(pictures, config, progress)
        compare_methods(name, pictures, {label: row.maps for label, row in measured.items()}, config.out)
        yield name, summary(pictures, measured, config.effort)
        if name in config.figure and name != "small_cnn":
            compare_scores(name, pictures, config.effort, config.out, progress)


def evaluate(pictures: Pictures, config: Config, progress: Any = lambda what, done, total: None) -> dict[str, Measured]:
    """Every method on every image, explained for its true class.

    Args:
        pictures: network, images and classes.
        config: what is measured.
        progress: called with what is done, how many steps of it, and how many there are.

    Returns:
        By the paper's name of the method.
    """
    table = {label: (method, config.effort) for label, method in rows(pictures.model).items()}
    if pictures.name in config.longer:
        marc = table.pop("MaRC")[0]
        longer = dataclasses.replace(config.effort, steps=3 * config.effort.steps, large=3 * config.effort.large)
        formula = marc._replace(settings=lambda model, effort: {**marc.settings(model, effort), "variant": "paper"})
        more = {LONGER: (marc, longer), FORMULA: (formula, config.effort)}
        table = {"MaRC": (marc, config.effort), **more, **table}
    shared: dict[str, Any] = {"per_device": config.per_device, "progress": progress}
    measured, results = _measures(pictures, config), {}
    for label, (method, effort) in table.items():
        options = Settings(**method.settings(pictures.model, effort))
        network = pictures.model, pictures.params, pictures.cases
        explained = explain_cases(*network, [method.name], options=options, **shared)[method.name]
        maps = map_of(method, explained)
        values = measured(maps, partial(progress, f"measuring {label}"))
        masks = {}
        if method.name == "marc":
            evaluated = evaluate_masks(*network, explained.maps, options=options, per_device=config.per_device)
            means = evaluated.probabilities.mean(0)
            masks = {"area": explained.maps.mean(), "picture": means[0], "rationale": means[1], "complement": means[2]}
        masks = {name: float(value) for name, value in masks.items()}
        results[label] = Measured(maps, values["sufficiency"], values["comprehensiveness"], explained.seconds, masks)
    return results


def _measures(pictures: Pictures, config: Config) -> Callable[..., dict[str, np.ndarray]]:
    """Equations 10 and 11 as the paper's program has them: four backgrounds, k + 1 pixels, ties broken at random.

    Returns:
        A function of maps and progress; compiled once for the maps of all methods.
    """
    model, count = pictures.model, config.effort.fractions + 1
    fractions = tuple(k / count for k in range(1, count))
    probability = jxai.scores.probability(model.apply)
    same: dict[str, Any] = {"fractions": fractions, "select": "at_least", "noise": 1e-5, "chunk": 4}
    measures: dict[str, Explain] = {
        "sufficiency": jxai.metrics.sufficiency(probability, **same),
        "comprehensiveness": jxai.metrics.comprehensiveness(probability, **same),
    }

    def one(map: Array, image: Array, label: Array, params: Any, *, key: Array) -> dict[str, Array]:
        colours = [BASELINES[name](image) for name in ("black", "mean", "white")]
        images = [blurred(image, 10 * model.size / 224), *colours]
        backgrounds = jnp.stack([model.preprocess(background) for background in images])
        x = model.preprocess(image)
        return {name: f(map, x, label, params, key=key, baselines=backgrounds) for name, f in measures.items()}

    cases: Cases = pictures.cases
    devices = jax.local_devices()[: len(cases.labels)]
    mapped = map_examples(one, in_axes=(0, 0, 0, None), per_device=config.per_device, devices=devices)

    def measured(maps: np.ndarray, progress: Any) -> dict[str, np.ndarray]:
        rows = maps.astype(np.float32), cases.images, cases.labels
        return mapped(*rows, pictures.params, key=jax.random.key(0), ids=cases.ids, progress=progress)

    return measured


def _pictures(name: str, config: Config, progress: Any) -> Pictures | None:
    if name == "small_cnn":
        return bird_pictures(config.birds, config.weights, progress)
    return photographs(name, config.photos, data_folder()) if data_folder().is_dir() else None


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
