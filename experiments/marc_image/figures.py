"""MaRC's figures 2 and 3: the maps of all methods side by side, and the masks of two scores for two classes."""

import pathlib
from typing import Any

import numpy as np

from experiments.experiment.paths import data_folder
from experiments.marc_image.methods import Effort, Settings
from experiments.marc_image.pictures import Pictures, of_arrays, probabilities
from jxai.data.photos import fit, read_photo
from jxai.pipelines.images import explain_cases
from jxai.pipelines.rationales import evaluate_masks
from jxai.pipelines.targets import target_class
from jxai.report.pages import write_page
from jxai.report.pictures import enlarge, overlay, save_png
from jxai.report.sections import Gallery, Group, Item, Page, Photograph, Picture, Prediction
from jxai.report.sheets import grid

__all__ = ["compare_methods", "compare_scores"]

SHOWN = 4
PHOTO, CLASSES = "gradcam_dog_cat.jfif", ("golden retriever", "tiger cat")
SCORES = {"log_probability": "discriminative", "log_sigmoid": "indicative"}


def compare_methods(name: str, pictures: Pictures, maps: dict[str, np.ndarray], out: pathlib.Path) -> None:
    """Figure 2: a row for each of a few images, a column for each method.

    Args:
        name: of the network.
        pictures: what was explained.
        maps: by method, `[n, h, w]`.
        out: folder of `figure2_NAME.png` and `figure2_NAME.html`.
    """
    cases, shown = pictures.cases, range(min(SHOWN, len(pictures.cases.labels)))
    sheet, items = [], []
    for k in shown:
        image = enlarge(cases.images[k])
        overlays = {label: overlay(image, values[k]) for label, values in maps.items()}
        sheet.append([image, *overlays.values()])
        label = _short(pictures.names[int(cases.labels[k])])
        methods = tuple(Picture(picture, method) for method, picture in overlays.items())
        prediction = Prediction(label, float(pictures.likely[k]))
        items.append(Item(Picture(image, f"picture {k}", alt=label), label, prediction, methods))
    labels = [_short(pictures.names[int(cases.labels[k])]) for k in shown]
    save_png(out / f"figure2_{name}.png", grid(sheet, columns=["picture", *maps], labels=labels))
    text = "All maps explain the true class; its probability is shown with each picture."
    page = Page(f"The methods of MaRC's Table 2, {name}", (Gallery("Maps", tuple(items), text),))
    write_page(out / f"figure2_{name}.html", page)


def compare_scores(name: str, pictures: Pictures, effort: Effort, out: pathlib.Path, progress: Any) -> None:
    """Figure 3: what distinguishes each of two classes from the others, and all evidence for it.

    Args:
        name: of the network.
        pictures: of the network; their images are not used.
        effort: steps of MaRC.
        out: folder of `figure3_NAME.png` and `figure3_NAME.html`.
        progress: called with what is done, how many steps of it, and how many there are.
    """
    model, params, names = pictures.model, pictures.params, pictures.names
    photo = read_photo(data_folder() / "images" / "demo" / PHOTO)
    image = fit(photo, model.size, crop=1.0, resample=model.resample)
    likely = probabilities(model, params, image[None])[0]
    labels = np.array([target_class(word, names, likely, model.label_offset) for word in CLASSES], np.int32)
    two = of_arrays(name, model, params, np.stack([image] * len(labels)), labels, names)
    columns, groups = {}, [[] for _ in labels]
    for score, kind in SCORES.items():
        options = Settings(score=score, steps=effort.updates(model), learning_rate=effort.rate)
        masks = explain_cases(model, params, two.cases, ["marc"], options=options, progress=progress)["marc"].maps
        evaluated = evaluate_masks(model, params, two.cases, masks, options=options)
        columns[f"class-{kind}"] = [overlay(enlarge(image), mask, limit=1.0) for mask in masks]
        columns[f"{kind}: rationale"] = [evaluated.pictures(k)["rationale"].image for k in range(len(labels))]
        for k, group in enumerate(groups):
            group += [Picture(columns[f"class-{kind}"][k], f"class-{kind} ({score})"), *evaluated.pictures(k).values()]
    titles = [_short(names[int(label)]) for label in labels]
    sheet = [[enlarge(image), *(column[k] for column in columns.values())] for k in range(len(labels))]
    save_png(out / f"figure3_{name}.png", grid(sheet, columns=["photograph", *columns], labels=titles, side=2.4))
    predictions = tuple(Prediction(title, float(likely[label])) for title, label in zip(titles, labels, strict=True))
    sections = tuple(Group(title, tuple(group)) for title, group in zip(titles, groups, strict=True))
    section = Photograph(PHOTO, Picture(enlarge(image), PHOTO, alt="the photograph"), predictions, sections)
    write_page(out / f"figure3_{name}.html", Page(f"Two kinds of evidence, {name}", (section,)))


def _short(name: str) -> str:
    return name.split(",")[0]
