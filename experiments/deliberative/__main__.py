"""Figure 2 and Table 1 of deliberative explanations: do insecurities lie where the classes are ambiguous?

    python -m experiments.deliberative                      # birds, one seed, short training
    python -m experiments.deliberative --sets birds scenes cub --epochs 12        # CUB from $JXAI_DATA or --source
    python -m experiments.deliberative --sets birds --architectures "small CNN" ResNet-like --keep
    python -m experiments.deliberative --classifier-rate 0 --called "classifier held still" --keep      # beside those
    python -m experiments.deliberative --full               # three seeds, all architectures and sets

For the most difficult test images: difficulty scores (hesitancy, entropy, hardness) and attribution functions
(gradient, without the difficulty map, integrated gradients, gradient-Hessian), against parts that the classes share:
points on birds and CUB (precision and recall), masks on scenes (IoU), over masks of 1 to 90 % of the picture. Networks
are trained into the cache folder, once.
"""

import dataclasses
import pathlib
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
import tyro

import jxai
from experiments.benchmarks.networks import data_folder
from experiments.benchmarks.timing import asked, machine
from experiments.deliberative.data import SETS, Set, load_set
from experiments.deliberative.networks import ARCHITECTURES, Networks, networks
from experiments.deliberative.page import AHEAD, RELEASED, write_results
from experiments.deliberative.rows import ROWS, Row
from experiments.runs import require_known, run_of
from jxai import metrics
from jxai.cli.progress import telling
from jxai.data.cache import cache_folder
from jxai.pipelines.devices import prepare
from jxai.run.map import map_examples
from jxai.train.config import HardnessConfig
from jxai.train.evaluate import classifier, from_uint8

__all__ = ["Config", "main", "measure"]

FULL: dict[str, Any] = {"sets": SETS, "seeds": 3, "architectures": tuple(ARCHITECTURES), "epochs": 30, "beside": 15}


@dataclasses.dataclass(frozen=True)
class Config:
    """What is compared.

    Attributes:
        sets: of birds, scenes and cub.
        source: CUB's folder, or its packed crops; by default those of `$JXAI_DATA`, left out where there are none.
        architectures: of "small CNN", AlexNet-like, VGG-like and ResNet-like; CUB has a network of its own.
        images: most difficult test images, by the hardness score.
        seeds: of training; mean and standard deviation over them.
        epochs: of a classifier.
        beside: epochs of its hardness predictor.
        classifier_rate: the classifier's learning rate beside its predictor; 0 leaves it as it is.
        loss: of the predictor, as in `HardnessConfig`.
        variant: of ground truth and masks: paper, or released (its geometry does not matter: no picture is cut).
        per_device: images that a device works on at once.
        devices: CPU devices; by default one per core.
        called: written after the name of each architecture, beside the results of a run with other settings.
        keep: leave what stands in the results under other names as it is.
        full: as the paper: three seeds, all architectures.
        runs: folder of the networks.
        table: folder for the results.
    """

    sets: tuple[str, ...] = ("birds",)
    source: pathlib.Path | None = None
    architectures: tuple[str, ...] = ("small CNN",)
    images: int = 100
    seeds: int = 1
    epochs: int = 8
    beside: int = 4
    classifier_rate: float = HardnessConfig.classifier_rate
    loss: str = HardnessConfig.loss
    variant: str = "paper"
    per_device: int = 4
    devices: int | None = None
    called: str = ""
    keep: bool = False
    full: bool = False
    runs: pathlib.Path | None = None
    table: pathlib.Path = pathlib.Path(__file__).parents[1] / "results"


def main(config: Config) -> dict[str, Any]:
    """Trains what is not there, measures every row, writes; returns what the JSON file holds."""
    require_known("sets", config.sets, SETS)
    require_known("architectures", config.architectures, ARCHITECTURES)
    prepare(config.devices)
    config = dataclasses.replace(config, **FULL) if config.full else config
    began, results = time.perf_counter(), {}
    folder = config.runs or cache_folder() / "runs" / "deliberative"
    settings = {"epochs": config.beside, "loss": config.loss, "classifier_rate": config.classifier_rate}
    with telling() as tell:
        for name in config.sets:
            source = config.source or data_folder() / "cub" / "cub100_crops128_jpeg.npz"
            if name == "cub" and not source.exists():
                print(f"cub: left out, there is no {source}; name it by --source, or set JXAI_DATA")
                continue
            data = load_set(name, source, tell, variant=config.variant)
            for architecture in config.architectures[: 1 if name == "cub" else None]:
                shown = "MobileNetV2" if name == "cub" else architecture
                given = {"epochs": config.epochs, "beside": settings, "tell": tell}
                found = results[name, f"{shown}, {config.called}" if config.called else shown] = []
                for seed in range(config.seeds):
                    net = networks(architecture, data, folder, seed=seed, **given)
                    tell(f"explaining, {name}, {shown}", seed, config.seeds)
                    found.append(measure(net, data, config))
                run = run_of(asked(config), machine("jax", "flax"), time.perf_counter() - began)
                write_results(config.table, run, results, keep=config.keep)
    if not results:
        raise SystemExit("nothing was measured")
    print(config.table / "deliberative.md")
    return results


def measure(net: Networks, data: Set, config: Config, rows: tuple[str, ...] = tuple(ROWS)) -> dict[str, Any]:
    """All rows on the most difficult test images.

    Args:
        net: the networks.
        data: the set.
        config: what is measured.
        rows: of `ROWS`.

    Returns:
        `accuracy`; `risk`: for each difficulty score the area under the risk-coverage curve, and the lowest there can
        be; `positive`: at which share of the places its map is above 0; `rows`: by name and quality
        `[images, coverages]`, with how far it is ahead of random masks of the same pairs, and those of random masks
        under "random" (of the pairs of the first row of each variant).
    """
    *values, predicted = np.asarray(classifier(_scores(net), preprocess=net.preprocess)(data.test.images, net.params)).T
    scored, right = dict(zip(_difficulties(net), values, strict=True)), predicted == data.test.labels
    curves = {name: metrics.risk_coverage(jnp.asarray(score), jnp.asarray(~right)) for name, score in scored.items()}
    risk = {name: float(curve.area) for name, curve in curves.items()} | {"oracle": float(curves["entropy"].oracle)}
    chosen = np.argsort(-scored["hardness"], kind="stable")[: config.images]
    truth, results = jnp.asarray(data.truth), {}
    for name in rows:
        explain = partial(_qualities, net, data.kind, ROWS[name], config.variant)
        mapped = map_examples(explain, in_axes=(0, 0, None, None), per_device=config.per_device)
        found = mapped(data.test.images[chosen], data.places[chosen], truth, net.params)
        random = {quality[7:]: np.asarray(found.pop(quality)) for quality in list(found) if quality[:6] == "random"}
        results[name] = {quality: np.asarray(values) for quality, values in found.items()}
        results[name] |= {quality + AHEAD: results[name][quality] - random[quality] for quality in random}
        results.setdefault("random" + RELEASED * name.endswith(RELEASED), random)
    signs = map_examples(partial(_positive_shares, net), in_axes=(0, None), per_device=config.per_device)
    shares = {name: float(np.mean(each)) for name, each in signs(data.test.images[chosen], net.params).items()}
    about = {"accuracy": net.accuracy, "wrong": float(1 - right[chosen].mean()), "risk": risk, "positive": shares}
    return about | {"rows": results}


def _scores(net: Networks) -> Callable[[Any, Any], Any]:
    """Hesitancy, entropy, hardness, and the predicted class."""

    def scores(params: Any, x: Any) -> Any:
        values = [score(x, params) for score in _difficulties(net).values()]
        return jnp.stack([*values, net.apply(params, x).argmax().astype(values[0].dtype)])

    return scores


def _difficulties(net: Networks) -> dict[str, Callable[..., Any]]:
    entropy = jxai.scores.entropy(net.apply)
    return {"hesitancy": jxai.scores.hesitancy(net.apply), "entropy": entropy, "hardness": net.hardness}


def _positive_shares(net: Networks, image: Any, params: Any, *, key: Any = None) -> dict[str, Any]:
    """At which share of the places the map of a difficulty score is above 0."""
    del key
    x = net.preprocess(from_uint8(image))
    maps = {name: jxai.first_order(score, at=net.at)(x, params) for name, score in _difficulties(net).items()}
    return {name: (values > 0).mean(dtype=values.dtype) for name, values in maps.items()}


def _qualities(
    net: Networks,
    kind: str,
    row: Row,
    variant: str,
    image: Any,
    places: Any,
    truth: Any,
    params: Any,
    *,
    key: Any = None,
) -> dict[str, Any]:
    """Of one image: the means over its insecurities, and those of random masks; pairs that are nowhere do not count."""
    del key
    difficulty = _difficulties(net)[row.difficulty] if row.difficulty else None
    size = image.shape[:2]
    maps = "released_scenes" if kind == "masks" and row.variant == "released" else row.variant
    explain = jxai.deliberative(
        net.apply,
        difficulty,
        at=net.at,
        attribution=row.attribution,
        size=size,
        variant=maps,
        combine=row.combine,
    )
    found = explain(net.preprocess(from_uint8(image)), params)
    common = truth[found.a, found.b]
    there = (found.map != 0).any((1, 2))
    if kind == "masks":
        measured = {"iou": metrics.mask_iou(found.map, common, places, variant=variant)}
        measured["random iou"] = metrics.random_mask_iou(common, places, variant=variant)
    else:
        quality = metrics.point_precision_recall(found.map, common, places, variant=variant)
        random = metrics.random_point_precision_recall(common, places, size, variant=variant)
        measured = {"precision": quality.precision, "recall": quality.recall}
        measured |= {"random precision": random.precision, "random recall": random.recall}
    return {name: jnp.nanmean(jnp.where(there[:, None], each, jnp.nan), 0) for name, each in measured.items()}


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
