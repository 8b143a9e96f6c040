"""The pictures of the documentation's gallery: every method on the same three birds.

    python -m experiments.gallery_birds                                  # all
    python -m experiments.gallery_birds --method lrp marc                # some

Trains two small networks on the embedded birds, unless their folders hold them: a convolutional one, which most methods
explain, and a transformer, for the methods that need attention. Writes `<method>.webp` for every method, the birds
themselves as `birds.webp`, and `birds.json` with what the networks say of them.
"""

import dataclasses
import json
import pathlib
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import tyro
from PIL import Image

from jxai.cli.progress import progress_bars
from jxai.data import birds
from jxai.models import Model, small_cnn, vit
from jxai.pipelines.devices import prepare
from jxai.pipelines.images import Cases, explain_cases
from jxai.pipelines.methods import methods
from jxai.pipelines.options import Options
from jxai.pipelines.progress import ProgressCallback
from jxai.pipelines.targets import runner_up
from jxai.report.pictures import enlarge, overlay
from jxai.train.config import TrainConfig
from jxai.train.images import train

__all__ = ["ATTENTION", "Config", "main", "strip"]

SIZE, SPECIES, SHOWN, PIXELS = 64, 20, 3, 192
ATTENTION = ("attention_relevance", "attention_rollout", "raw_attention", "transition_attention_maps")
SETTINGS = {  # where the settings of all do not suit
    "internal_influence": {"at": "block3"},  # at the last layer, before a mean, it is constant
    "shapley_exact": {"count": 9},
    "lime": {"samples": 400},
    "kernel_shap": {"samples": 400},
    "meaningful_perturbation": {"score": "probability", "steps": 300, "baseline": None},
    "extremal_perturbation": {"score": "log_probability", "steps": 200, "baseline": None},
    "regional_multiscale": {"samples": 4},
    "rise": {"score": "probability", "samples": None},
    "marc": {"steps": None, "baseline": None},
}
NETWORKS: dict[str, tuple[Callable[[], Model], TrainConfig]] = {
    "small_cnn": (lambda: small_cnn(classes=SPECIES, size=SIZE), TrainConfig(epochs=9, batch=32)),
    "vit": (
        lambda: vit(depth=4, width=96, heads=4, patch=8, size=SIZE, classes=SPECIES),
        TrainConfig(epochs=15, batch=32, learning_rate=1e-3),
    ),
}


@dataclasses.dataclass(frozen=True)
class Config:
    """What is drawn.

    Attributes:
        method: only these; none: all.
        weights: folder of the two trained networks.
        out: folder for the pictures.
    """

    method: tuple[str, ...] = ()
    weights: pathlib.Path = pathlib.Path("jxai-gallery")
    out: pathlib.Path = pathlib.Path("jxai/docs/pages/gallery")


def main(config: Config) -> None:
    """Trains what is missing, explains, and writes the pictures."""
    prepare()
    config.out.mkdir(parents=True, exist_ok=True)
    names = config.method or tuple(methods())
    told = {}
    with progress_bars() as progress:
        for network in NETWORKS:
            chosen = [name for name in names if (name in ATTENTION) == (network == "vit")]
            model, params = trained(network, config.weights / network, progress)
            cases, told[network] = three_birds(model, params)
            for name in chosen:
                options = dataclasses.replace(Options(samples=32, baseline="blur"), **SETTINGS.get(name, {}))
                maps = explain_cases(model, params, cases, [name], options=options, progress=progress)[name].maps
                save(config.out / f"{name}.webp", strip(cases.images, maps))
    save(config.out / "birds.webp", strip(cases.images))
    (config.out / "birds.json").write_text(json.dumps(told, indent=1) + "\n")
    print(config.out)


def trained(network: str, folder: pathlib.Path, progress: ProgressCallback) -> tuple[Model, Any]:
    """The network, trained as its settings say, or as the folder holds it."""
    make, settings = NETWORKS[network]
    model = make()
    data, validation = (birds(split, species=SPECIES, size=SIZE) for split in ("train", "val"))
    done = train(
        model.init,
        model.apply,
        data,
        validation=validation,
        folder=folder,
        config=settings,
        preprocess=model.preprocess,
        progress=lambda now: progress(f"training {network}", now.step, now.steps),
    )
    return model, done.params


def three_birds(model: Model, params: Any) -> tuple[Cases, dict[str, Any]]:
    """The first test images of three families, and what the network says of them."""
    source = birds("test", species=SPECIES, size=SIZE)
    places = [0, 9, 18][:SHOWN]
    images = np.stack([source[k]["image"] for k in places]).astype(np.float32) / 255
    logits = np.asarray(jax.vmap(lambda x: model.apply(params, model.preprocess(x)))(images))
    labels = logits.argmax(-1).astype(np.int32)
    against = np.array([runner_up(row, int(label)) for row, label in zip(logits, labels, strict=True)], np.int32)
    classes = source.meta.classes
    said = {
        "true": [classes[source[k]["label"]] for k in places],
        "predicted": [classes[k] for k in labels],
        "probability": [round(float(p), 2) for p in np.asarray(jax.nn.softmax(logits)).max(-1)],
        "against": [classes[k] for k in against],
    }
    return Cases(images, labels, against, np.array(places, np.uint32)), said


def strip(images: np.ndarray, maps: np.ndarray | None = None) -> np.ndarray:
    """The pictures side by side, each with its map over it."""
    shown = [enlarge(image, side=PIXELS) for image in images]
    if maps is not None:
        shown = [overlay(picture, map) for picture, map in zip(shown, maps, strict=True)]
    return np.concatenate(shown, axis=1)


def save(path: pathlib.Path, picture: np.ndarray) -> None:
    """A compact picture: the page holds some fifty."""
    Image.fromarray(picture).save(path, quality=80, method=6)


if __name__ == "__main__":
    main(tyro.cli(Config, description=__doc__))
