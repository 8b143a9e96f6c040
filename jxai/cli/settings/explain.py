"""The settings of `jxai explain`."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from jxai.pipelines.options import Options

__all__ = ["Explain"]


@dataclasses.dataclass(frozen=True)
class Explain:
    """Explain a network's predictions on your own photographs by maps.

    Writes overlays (PNG), raw maps (npz) and a report (HTML) into a new folder.

    Attributes:
        photos: The photographs.
        weights: Weight file, npz or safetensors, or the folder of a `jxai train` run.
        model: Architecture (see `jxai list`); by default vit_tiny, or that of the run in the folder.
        method: One or more methods (see `jxai list`).
        target: Classes to explain: numbers, names, or top for the prediction.
        against: Class that contrast compares with: number or name; by default the runner-up.
        labels: Text file with the names of the classes, one a line.
        out: Folder to write to; must not exist unless overwrite is given.
        overwrite: Replace the folder if it exists.
        measure: Measure the maps too: by deletion and insertion, or by the measures named (see `jxai list`).
        crop: Share of the short side that the centre crop keeps; by default the model's own.
        per_device: Images that a device explains at once.
        devices: CPU devices; by default one per core.
    """

    photos: tyro.conf.Positional[tuple[Path, ...]]
    weights: Path
    model: str | None = None
    method: tuple[str, ...] = ("integrated_gradients", "grad_cam")
    target: tuple[str, ...] = ("top",)
    against: str | None = None
    labels: Path | None = None
    out: Path = Path("jxai-explained")
    overwrite: bool = False
    measure: tuple[str, ...] | None = None
    crop: float | None = None
    per_device: int = 1
    devices: int | None = None
    options: Annotated[Options, tyro.conf.arg(name="")] = Options()
