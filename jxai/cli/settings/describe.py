"""The settings of `jxai describe`."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from jxai.cli.settings.run_images import RunImages
from jxai.pipelines.words.settings import BEAM, LENGTH_PENALTY

__all__ = ["Describe"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Describe:
    """Say in sentences why a network decided, by an explainer that `jxai train words` trained.

    Of photographs, or of test images of the classifier's data (--test, --wrong). Writes figures (PNG), sentences
    (JSON), raw maps (npz) and a report (HTML) into a new folder.

    Attributes:
        photos: The photographs; or test images of the classifier's data.
        explainer: Folder of a `jxai train words` run. Without --weights its own classifier is explained.
        beside: Folders of other explainers of the same classifier, whose sentences stand beside.
        weights: The classifier, where it is not where it was in training: weight file, or folder of a `jxai train` run.
        model: Architecture of a weight file.
        target: Classes to explain: numbers, names, or top for the prediction.
        labels: Text file with the names of the classes, one a line.
        wrong: Explain so many test images that the classifier is wrong about.
        beam: Sentences that the beam follows in its search; 1: the likeliest word each time.
        length_penalty: Of the beam: log-likelihoods are divided by the number of words to this power. 0: the likeliest
            sentence, which is often a short one; 1: the likeliest words on average.
        samples: Sentences that are drawn besides.
        least: Share of a feature map's maximum below which it is not shown.
        out: Folder to write to; must not exist unless overwrite is given.
        overwrite: Replace the folder if it exists.
        chunk: Backward passes side by side (memory).
        crop: Share of the short side that the centre crop keeps; by default the model's own.
        seed: Decides which sentences are drawn, and which examples of the classes are shown.
        per_device: Images that a device explains at once.
        devices: CPU devices; by default one per core.
    """

    photos: tyro.conf.Positional[tuple[Path, ...]] = ()
    explainer: Path
    beside: tuple[Path, ...] = ()
    weights: Path | None = None
    model: str | None = None
    target: tuple[str, ...] = ("top",)
    labels: Path | None = None
    wrong: int = 0
    beam: int = BEAM
    length_penalty: float = LENGTH_PENALTY
    samples: int = 0
    least: float = 0.5
    out: Path = Path("jxai-explained")
    overwrite: bool = False
    chunk: int = 4
    crop: float | None = None
    seed: int = 0
    per_device: int = 1
    devices: int | None = None
    run_images: Annotated[RunImages, tyro.conf.arg(name="")] = RunImages()
