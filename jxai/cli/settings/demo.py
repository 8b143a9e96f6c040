"""The settings of `jxai demo`."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from jxai.pipelines.options import Options

__all__ = ["Demo"]


@dataclasses.dataclass(frozen=True)
class Demo:
    """Make the birds, train a small network, explain it by all methods, measure them, write a report.

    A second run reuses the data and the weights.

    Attributes:
        out: Folder of the demo: weights, maps and report.html.
        species: Species of birds.
        size: Side of the pictures in pixels.
        images: Test pictures shown in the report.
        measured: Test pictures over which deletion, insertion and localisation are averaged.
        method: Methods (see `jxai list`); by default fourteen of all kinds.
        epochs: Passes of the training.
        devices: CPU devices; by default one per core.
    """

    out: Path = Path("jxai-demo")
    species: int = 20
    size: int = 64
    images: int = 8
    measured: int = 24
    method: tuple[str, ...] = ()
    epochs: int = 9
    devices: int | None = None
    options: Annotated[Options, tyro.conf.arg(name="")] = Options()
