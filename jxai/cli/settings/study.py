"""The settings of `jxai study`."""

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

import tyro

from jxai.cli.settings.run_images import RunImages
from jxai.pipelines.insecurity_options import InsecurityOptions

__all__ = ["Study"]


@dataclasses.dataclass(frozen=True)
class Study:
    """Make a questionnaire from a network's insecurities, or compare its answers with them.

    Writes study.html for the participants, and key.json, which says what the network found and which regions are
    random crops: participants must not see it. With --answers it reads what they sent back.

    Attributes:
        photos: Photographs whose insecurities are asked about; or test images of a run (--hardest, --test).
        weights: Weight file, npz or safetensors, or the folder of a `jxai train` run.
        model: Architecture (see `jxai list`); by default that of the run in the folder.
        labels: Text file with the names of the classes, one a line.
        hardest: Ask about so many test images of the run: those that are most difficult.
        out: Folder to write to; must not exist unless overwrite is given.
        overwrite: Replace the folder if it exists.
        each: Insecurities of each picture that are asked about, the strongest; and as many random crops.
        choices: Classes to choose from: the two of the insecurity and others.
        others: Which others: the likeliest (of the picture's other classes), or random ones.
        surround: What participants see of the rest of the picture: hidden, or dimmed.
        answers: Files of answers, to compare with the key; nothing else is done.
        key: The study's key.json; by default that in the folder --out.
        level: Confidence of the intervals.
        samples: Replicates of the bootstrap.
        seed: Decides the crops, the examples, and the order of questions and classes.
        at: Layer (tap) of the attributions; by default the model's last feature map.
        crop: Share of a photograph's short side that the centre crop keeps; by default the model's own.
        devices: CPU devices; by default one per core.
    """

    photos: tyro.conf.Positional[tuple[Path, ...]] = ()
    weights: Path | None = None
    model: str | None = None
    labels: Path | None = None
    hardest: int = 0
    out: Path = Path("jxai-study")
    overwrite: bool = False
    each: int = 2
    choices: int = 5
    others: Literal["likeliest", "random"] = "likeliest"
    surround: Literal["hidden", "dimmed"] = "hidden"
    answers: tuple[Path, ...] = ()
    key: Path | None = None
    level: float = 0.95
    samples: int = 2000
    seed: int = 0
    at: str | None = None
    crop: float | None = None
    devices: int | None = None
    deliberation: Annotated[InsecurityOptions, tyro.conf.arg(name="")] = InsecurityOptions()
    run_images: Annotated[RunImages, tyro.conf.arg(name="")] = RunImages()
