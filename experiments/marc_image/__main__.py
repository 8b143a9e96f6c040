"""MaRC's Table 2: how sufficient and comprehensive the maps of all methods are, and its figures 2 and 3.

    python -m experiments.marc_image                         # a few pictures of each kind
    python -m experiments.marc_image --networks small_cnn    # drawn birds only: needs no data
    python -m experiments.marc_image --networks vit_tiny --figure vit_tiny --keep      # beside the others' results
    python -m experiments.marc_image --full                  # 500 birds, 511 photographs, the paper's steps: for a GPU

Birds are classified by the small network of `jxai demo` (trained here where its folder is absent); photographs and
their networks come from `$JXAI_DATA`, and are left out where there is no such folder. The table goes to
`experiments/results`, figures and pages to the folder `out`.
"""

import dataclasses
import pathlib
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import tyro
from jax import Array

import jxai
from experiments.benchmarks.networks import data_folder
from experiments.benchmarks.timing import machine
from experiments.marc_image.figures import compare_methods, compare_scores
from experiments.marc_image.methods import Effort, Settings, map_of, rows
from experiments.marc_image.page import write_results
from experiments.marc_image.pictures import Pictures, bird_pictures, photographs
from jxai.cli.progress import telling
from jxai.core.types import Explain
from jxai.pipelines.devices import prepare
from jxai.pipelines.images import Cases, explain_cases
from jxai.pipelines.methods import BASELINES
from jxai.pipelines.rationales import evaluate_masks
from jxai.run.map import map_examples
from jxai.signal.baselines import blurred

__all__ = ["Config", "Measured", "evaluate", "main"]

FULL = {
    "networks": ("small_cnn", "mobilenet_v2", "squeezenet", "vit_tiny"),
    "birds": 500,
    "photos": 511,
    "per_device": 16,
    "effort": Effort(7500, 7500, 0.03, 300, 100, 56, 19),
}
LONGER = "MaRC, longer"  # three times the updates: do the steps decide?
FORMULA = "MaRC, eq. 1"  # the loss as the paper prints it, not as its program computes it


@dataclasses.dataclass(frozen=True)
class Config:
    """What is measured.

    Attributes:
        networks: of small_cnn (birds), mobilenet_v2, squeezenet and vit_tiny (photographs).
        birds: how many drawn birds.
        photos: how many photographs, evenly chosen.
        weights: folder of the birds' network; trained where it is absent.
        longer: networks on which MaRC also runs with three times the updates, and with the printed formula.
        figure: networks of figure 3.
        effort: how much is computed for a picture.
        per_device: pictures that a device works on at once.
        keep: leave the other networks in the results as they are.
        full: all of it, as in the paper.
        out: folder for figures.
        table: folder for the numbers.
    """

    networks: tuple[str, ...] = ("small_cnn", "mobilenet_v2")
    birds: int = 8
    photos: int = 2
    weights: pathlib.Path = pathlib.Path("jxai-demo/weights")
    longer: tuple[str, ...] = ()
    figure: tuple[str, ...] = ("mobilenet_v2",)
    effort: Effort = Effort()
    per_device: int = 1
    keep: bool = False
    full: bool = False
    out: pathlib.Path = pathlib.Path("jxai-marc-image")
    table: pathlib.Path = pathlib.Path(__file__).parents[1] / "results"


class Measured(NamedTuple):
    """A method on a set of pictures.

    Attributes:
        maps: `[n, h, w]`, largest magnitude 1.
        sufficiency: `[n]`, low is good.
        comprehensiveness: `[n]`, high is good.
        seconds: per picture, without compilation.
        masks: what masks alone have: mean area, and probability of picture, rationale and complement.
    """

    maps: np.ndarray
    sufficiency: np.ndarray
    comprehensiveness: np.ndarray
    seconds: float
    masks: dict[str, float]


def main(config: Config) -> None:
    """Explains, measures, and writes table and figures."""
    prepare()
    config = dataclasses.replace(config, **FULL) if config.full else config
    began, results = time.perf_counter(), {}
    config.out.mkdir(parents=True, exist_ok=True)
    with telling() as tell:
        for name in config.networks:
            pictures = _pictures(name, config, tell)
            if pictures is None:
                print(f"{name}: left out, there is no folder {data_folder()}; set JXAI_DATA")
                continue
            results[name] = pictures, evaluate(pictures, config, tell)
            compare_methods(name, pictures, {k: v.maps for k, v in results[name][1].items()}, config.out)
            write_results(config, machine("jax", "jaxlib", "flax", "numpy"), results, time.perf_counter() - began)
            if name in config.figure and name != "small_cnn":
                compare_scores(name, pictures, config.effort, config.out, tell)
    if not results:
        raise SystemExit("nothing was measured")
    print(config.table / "marc_image.md", config.out)


def evaluate(pictures: Pictures, config: Config, tell: Any = lambda what, done, total: None) -> dict[str, Measured]:
    """Every method on every picture, explained for its true class.

    Args:
        pictures: network, pictures and classes.
        config: what is measured.
        tell: told of progress.

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
    shared: dict[str, Any] = {"per_device": config.per_device, "progress": tell}
    measured, results = _measures(pictures, config), {}
    for label, (method, effort) in table.items():
        options = Settings(**method.settings(pictures.model, effort))
        given = pictures.model, pictures.params, pictures.cases
        found = explain_cases(*given, [method.name], options=options, **shared)[method.name]
        maps = map_of(method, found)
        values = measured(maps, partial(tell, f"measuring {label}"))
        masks = {}
        if method.name == "marc":
            judged = evaluate_masks(*given, found.maps, options=options, per_device=config.per_device)
            means = judged.probabilities.mean(0)
            masks = {"area": found.maps.mean(), "picture": means[0], "rationale": means[1], "complement": means[2]}
        masks = {name: float(value) for name, value in masks.items()}
        results[label] = Measured(maps, values["sufficiency"], values["comprehensiveness"], found.seconds, masks)
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
        shown = [blurred(image, 10 * model.size / 224), *colours]
        backgrounds = jnp.stack([model.preprocess(background) for background in shown])
        x = model.preprocess(image)
        return {name: f(map, x, label, params, key=key, baselines=backgrounds) for name, f in measures.items()}

    cases: Cases = pictures.cases
    devices = jax.local_devices()[: len(cases.labels)]
    mapped = map_examples(one, in_axes=(0, 0, 0, None), per_device=config.per_device, devices=devices)

    def measured(maps: np.ndarray, progress: Any) -> dict[str, np.ndarray]:
        rows = maps.astype(np.float32), cases.images, cases.labels
        return mapped(*rows, pictures.params, key=jax.random.key(0), ids=cases.ids, progress=progress)

    return measured


def _pictures(name: str, config: Config, tell: Any) -> Pictures | None:
    if name == "small_cnn":
        return bird_pictures(config.birds, config.weights, tell)
    return photographs(name, config.photos, data_folder()) if data_folder().is_dir() else None


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
