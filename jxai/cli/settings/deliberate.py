"""The settings of `jxai deliberate`."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from jxai.cli.settings.run_images import RunImages
from jxai.pipelines.insecurity_options import InsecurityOptions

__all__ = ["Deliberate"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Deliberate:
    """Show a network's insecurities: regions that could belong to two classes.

    Of photographs, or of test images of a run (--hardest, --test). Writes figures (PNG), raw maps (npz) and a report
    (HTML) into a new folder.

    Attributes:
        photos: The photographs; or test images of a run.
        weights: Weight file, npz or safetensors, or the folder of a `jxai train` run.
        model: Architecture (see `jxai list`); by default vit_tiny, or that of the run in the folder.
        labels: Text file with the names of the classes, one a line.
        hardest: Explain so many test images of the run: those that are most difficult.
        most: Insecurities of a picture that are shown, at most; npz files have all.
        out: Folder to write to; must not exist unless overwrite is given.
        overwrite: Replace the folder if it exists.
        at: Layer (tap) of the attributions; by default the model's last feature map.
        chunk: Evaluations side by side (memory); by default the method's own.
        crop: Share of the short side that the centre crop keeps; by default the model's own.
        seed: Decides which examples of the classes are shown.
        per_device: Images that a device explains at once.
        devices: CPU devices; by default one per core.
    """

    photos: tyro.conf.Positional[tuple[Path, ...]] = ()
    weights: Path
    model: str | None = None
    labels: Path | None = None
    hardest: int = 0
    most: int = 5
    out: Path = Path("jxai-explained")
    overwrite: bool = False
    at: str | None = None
    chunk: int | None = None
    crop: float | None = None
    seed: int = 0
    per_device: int = 1
    devices: int | None = None
    run_images: Annotated[RunImages, tyro.conf.arg(name="")] = RunImages()
    deliberation: Annotated[InsecurityOptions, tyro.conf.arg(name="")] = InsecurityOptions()
