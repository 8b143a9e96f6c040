"""What `jxai explain` writes of each photograph: overlays, raw maps, and a section of the report."""

from pathlib import Path
from typing import NamedTuple

import jax
import numpy as np

from jxai.pipelines.images import Cases, Explained
from jxai.pipelines.rationales import Rationales
from jxai.report.pictures import enlarge, overlay, save_png
from jxai.report.sections import Group, Photograph, Picture, Prediction
from jxai.run.outputs import save_maps

__all__ = ["ExplainedPhotos", "photograph", "write_photo"]


class ExplainedPhotos(NamedTuple):
    """Photographs and what the methods found.

    Attributes:
        photos: their files.
        stems: what files of a photograph are called after.
        images: `[p, size, size, 3]` in 0..1.
        logits: `[p, k]`.
        cases: the explained pairs of a photograph and a class.
        photo_of: `[n]`, the photograph of each case.
        results: by method.
        masks: what marc's masks show and leave; None without marc.
        names: of the model's outputs.
        offset: outputs before the first class.
        score: what was explained.
    """

    photos: tuple[Path, ...]
    stems: list[str]
    images: np.ndarray
    logits: np.ndarray
    cases: Cases
    photo_of: np.ndarray
    results: dict[str, Explained]
    masks: Rationales | None
    names: list[str]
    offset: int
    score: str

    def cases_of(self, photo: int) -> list[tuple[int, int]]:
        """The cases of a photograph, each with its output."""
        return [(case, int(self.cases.labels[case])) for case in map(int, np.flatnonzero(self.photo_of == photo))]

    def short(self, label: int) -> str:
        """The first name of a class."""
        return self.names[label].split(",")[0]


def write_photo(folder: Path, explained: ExplainedPhotos, photo: int) -> None:
    """The overlays of a photograph, one file each, and its raw attributions, one file."""
    stem, raw = explained.stems[photo], {}
    for case, label in explained.cases_of(photo):
        number = label - explained.offset
        kind = f"{number}_{explained.short(label).replace(' ', '_').replace('/', '_')}"
        for method, result in explained.results.items():
            raw[f"{number}/{method}"] = result.attributions[case]
            picture = overlay(enlarge(explained.images[photo]), result.maps[case])
            save_png(folder / f"{stem}_{kind}_{method}.png", picture)
        if explained.masks:
            raw[f"{number}/marc/probabilities"] = explained.masks.probabilities[case]
            for part, picture in explained.masks.pictures(case).items():
                save_png(folder / f"{stem}_{kind}_marc_{part}.png", picture.image)
    about = {"photo": str(explained.photos[photo]), "keys": "class/method", "score": explained.score}
    save_maps(folder / f"{stem}.npz", raw, about)


def photograph(explained: ExplainedPhotos, photo: int) -> Photograph:
    """The section of a photograph: its likeliest classes, and the maps of each class that was explained."""
    probabilities = np.asarray(jax.nn.softmax(explained.logits[photo]))
    likeliest = map(int, np.argsort(-probabilities)[:5])
    top = tuple(Prediction(explained.short(k), float(probabilities[k])) for k in likeliest)
    groups = tuple(
        _group(explained, photo, case, label, float(probabilities[label])) for case, label in explained.cases_of(photo)
    )
    name = explained.photos[photo].name
    picture = Picture(enlarge(explained.images[photo]), name, alt="the photograph as the model sees it")
    return Photograph(name, picture, top, groups)


def _group(explained: ExplainedPhotos, photo: int, case: int, label: int, probability: float) -> Group:
    """All maps of one class."""
    image = enlarge(explained.images[photo])
    maps = tuple(
        Picture(overlay(image, result.maps[case]), method, detail=f"{result.seconds:.2f} s")
        for method, result in explained.results.items()
    )
    text = f"Probability {probability:.1%}."
    if explained.masks:
        maps += tuple(explained.masks.pictures(case).values())
        text += f" {explained.masks.text(case)}"
    if "contrast" in explained.results:
        text += f" Contrast: against {explained.short(int(explained.cases.against[case]))}."
    return Group(f"Class {label - explained.offset}: {explained.short(label)}", maps, text)
