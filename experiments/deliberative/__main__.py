"""Figure 2 and Table 1 of deliberative explanations: do insecurities lie where the classes are ambiguous?

    python -m experiments.deliberative                      # birds, one seed, short training
    python -m experiments.deliberative --sets birds scenes cub --epochs 12        # CUB from $JXAI_DATA or --source
    python -m experiments.deliberative --sets birds --architectures "small CNN" ResNet-like --keep
    python -m experiments.deliberative --classifier-rate 0 --called "classifier held still" --keep      # in addition
    python -m experiments.deliberative --full               # three seeds, all architectures and sets

The most difficult test images are explained with every difficulty score (hesitancy, entropy, hardness) and attribution
function (gradient, without the difficulty map, integrated gradients, gradient-Hessian). The insecurities cover 1 to
90 % of the image. They are compared with parts that the classes share: points on birds and CUB (precision and recall),
masks on scenes (IoU). Networks are trained once, into the cache folder.
"""

import dataclasses
import pathlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
import tyro

import jxai
from experiments.deliberative.data import SETS, Set, load_set
from experiments.deliberative.networks import ARCHITECTURES, Networks, networks
from experiments.deliberative.page import REPORT
from experiments.deliberative.rows import ROWS, Row
from experiments.deliberative.summary import MARGIN, RELEASED, summary
from experiments.experiment.paths import data_folder
from experiments.experiment.results import run
from experiments.experiment.settings import Settings, require_known
from jxai import metrics
from jxai.cli.progress import progress_bars
from jxai.data.cache import cache_folder
from jxai.pipelines.devices import prepare
from jxai.run.map import map_examples
from jxai.train.config import HardnessConfig
from jxai.train.evaluate import classifier, from_uint8

__all__ = ["Config", "main", "measure"]


@dataclasses.dataclass(frozen=True)
class Config(Settings):
    """What is compared.

    Attributes:
        sets: of birds, scenes and cub.
        source: CUB's folder, or its packed crops; by default those of `$JXAI_DATA`, left out where there are none.
        architectures: of "small CNN", AlexNet-like, VGG-like and ResNet-like; CUB has a network of its own.
        images: most difficult test images, by the hardness score.
        seeds: of training; mean and standard deviation over them.
        epochs: of a classifier.
        beside: epochs of its hardness predictor, which is trained together with it.
        classifier_rate: the classifier's learning rate in the training of its predictor; 0 leaves it unchanged.
        loss: of the predictor, as in `HardnessConfig`.
        variant: of ground truth and masks: paper, or released (its geometry does not matter: no image is cropped).
        per_device: images that a device works on at once.
        devices: CPU devices; by default one per core.
        runs: folder of the networks.
    """

    FULL: ClassVar[dict[str, Any]] = {
        "sets": SETS, "seeds": 3, "architectures": tuple(ARCHITECTURES), "epochs": 30, "beside": 15,
    }  # fmt: skip

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
    runs: pathlib.Path | None = None


def main(config: Config) -> dict[str, Any]:
    """Trains the networks that do not exist, measures every row, writes; returns what the JSON file holds."""
    require_known("sets", config.sets, SETS)
    require_known("architectures", config.architectures, ARCHITECTURES)
    prepare(config.devices)
    config = config.resolved()
    with progress_bars() as progress:
        return run(REPORT, config, _measurements(config, progress))


def _measurements(config: Config, progress: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The results of each set and architecture, by name."""
    folder = config.runs or cache_folder() / "runs" / "deliberative"
    predictor = {"epochs": config.beside, "loss": config.loss, "classifier_rate": config.classifier_rate}
    for name in config.sets:
        source = config.source or data_folder() / "cub" / "cub100_crops128_jpeg.npz"
        if name == "cub" and not source.exists():
            print(f"cub: left out, there is no {source}; name it by --source, or set JXAI_DATA")
            continue
        data = load_set(name, source, progress, variant=config.variant)
        for architecture in config.architectures[: 1 if name == "cub" else None]:
            shown = "MobileNetV2" if name == "cub" else architecture
            options = {"epochs": config.epochs, "predictor": predictor, "progress": progress}
            trained, seeds = networks(architecture, data, folder, **options), []
            for seed in range(config.seeds):
                net = trained(seed)
                progress(f"explaining, {name}, {shown}", seed, config.seeds)
                seeds.append(measure(net, data, config))
            yield f"{name}, {shown}", summary(seeds)


def measure(net: Networks, data: Set, config: Config, rows: tuple[str, ...] = tuple(ROWS)) -> dict[str, Any]:
    """All rows on the most difficult test images.

    Args:
        net: the networks.
        data: the set.
        config: what is measured.
        rows: of `ROWS`.

    Returns:
        `accuracy`; `risk`: for each difficulty score the area under the risk-coverage curve, and the lowest there can
        be; `positive`: the share of positions where its map is above 0; `rows`: by name and quality
        `[images, coverages]`, with its margin over random masks of the same pairs, and the values of random masks
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
        qualities = mapped(data.test.images[chosen], data.places[chosen], truth, net.params)
        of_random = [quality for quality in qualities if quality.startswith("random ")]
        random = {quality.removeprefix("random "): np.asarray(qualities.pop(quality)) for quality in of_random}
        results[name] = {quality: np.asarray(values) for quality, values in qualities.items()}
        results[name] |= {quality + MARGIN: results[name][quality] - random[quality] for quality in random}
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
    """The share of positions where the map of each difficulty score is above 0."""
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
    """One image's means over its insecurities, and those of random masks; pairs with an empty map do not count."""
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
    insecurities = explain(net.preprocess(from_uint8(image)), params)
    shared = truth[insecurities.a, insecurities.b]
    somewhere = (insecurities.map != 0).any((1, 2))
    if kind == "masks":
        measured = {"iou": metrics.mask_iou(insecurities.map, shared, places, variant=variant)}
        measured["random iou"] = metrics.random_mask_iou(shared, places, variant=variant)
    else:
        quality = metrics.point_precision_recall(insecurities.map, shared, places, variant=variant)
        random = metrics.random_point_precision_recall(shared, places, size, variant=variant)
        measured = {"precision": quality.precision, "recall": quality.recall}
        measured |= {"random precision": random.precision, "random recall": random.recall}
    return {name: jnp.nanmean(jnp.where(somewhere[:, None], each, jnp.nan), 0) for name, each in measured.items()}


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
