"""The report of `jxai demo`: a gallery, the mistakes that are made most often, and one picture of everything."""

import jax
import numpy as np

from jxai.data.images import ImageSource
from jxai.pipelines.images import Cases, Explained
from jxai.report.pictures import enlarge, overlay
from jxai.report.sections import Column, Gallery, Item, Picture, Prediction, Table
from jxai.report.sheets import grid
from jxai.train.evaluate import Evaluation

__all__ = ["confusions", "gallery", "overview"]

SHOWN = (
    "gradient",
    "integrated_gradients",
    "guided_integrated_gradients",
    "idgi",
    "smoothgrad",
    "vargrad",
    "contrast",
    "grad_cam",
    "layer_cam",
    "score_cam",
)


def gallery(
    count: int, test: ImageSource, evaluation: Evaluation, cases: Cases, results: dict[str, Explained]
) -> Gallery:
    """The first test images with the maps of all methods."""
    names = test.meta.classes
    items = []
    for k in range(min(count, len(cases.labels))):
        example, label = test[k], int(cases.labels[k])
        probability = float(np.asarray(jax.nn.softmax(evaluation.logits[k]))[label])
        image = enlarge(cases.images[k])
        maps = tuple(Picture(overlay(image, result.maps[k]), name) for name, result in results.items())
        picture = Picture(image, f"test image {k}", alt="; ".join(example.get("captions", [])[:1]))
        items.append(Item(picture, names[example["label"]], Prediction(names[label], probability), maps))
    text = "Each map explains the logit of the predicted class; contrast explains it against the runner-up."
    return Gallery("Test images", tuple(items), text)


def overview(images: int, cases: Cases, results: dict[str, Explained]) -> np.ndarray:
    """One picture of a few images and the most different methods."""
    chosen = [name for name in SHOWN if name in results] or list(results)[: len(SHOWN)]
    rows = []
    for k in range(min(images, 4, len(cases.labels))):
        image = enlarge(cases.images[k])
        rows.append([image, *(overlay(image, results[name].maps[k]) for name in chosen)])
    return grid(rows, columns=["image", *(name.replace("_", " ") for name in chosen)])


def confusions(test: ImageSource, evaluation: Evaluation) -> Table:
    """The pairs of species that are confused most."""
    names = test.meta.classes
    true = np.array([test[k]["label"] for k in range(len(test))])
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (true, evaluation.predictions), 1)
    np.fill_diagonal(counts, 0)
    order = [divmod(int(i), len(names)) for i in np.argsort(-counts, axis=None, kind="stable")[:10]]
    rows = {
        f"{names[a]}, taken for {names[b]}": (int(counts[a, b]), int((true == a).sum()))
        for a, b in order
        if counts[a, b]
    }
    columns = (Column("images", digits=0), Column("of", digits=0, text="Test images of the species."))
    return Table("Confusions", columns, rows, text="The mistakes that are made most often.", heading="Species")
