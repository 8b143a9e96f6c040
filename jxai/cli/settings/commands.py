"""The commands' settings: frozen dataclasses, from which the command line is made."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from jxai.cli.settings.describe import InWords
from jxai.cli.settings.study import Study
from jxai.cli.settings.text import Text
from jxai.cli.settings.train import Train
from jxai.pipelines.insecurity_options import Deliberation
from jxai.pipelines.options import Options

__all__ = ["Command", "Demo", "Explain", "Listing", "Study", "Train"]


@dataclasses.dataclass(frozen=True)
class Explain:
    """Explain a model's predictions on your own photographs, or on texts.

    Writes overlays (PNG), raw maps (npz) and a report (HTML) into a new folder.

    Attributes:
        photos: The photographs.
        text: Texts in place of photographs, or files with them (@FILE, or its path): as `jxai text`, which has more
            settings.
        model: Architecture (see `jxai list`); by default vit_tiny, or that of the run in the folder.
        weights: Weight file, npz or safetensors, or the folder of a `jxai train` run; only --flex does without.
        method: One or more methods (see `jxai list`); for texts integrated_gradients by default.
        target: Classes to explain: numbers, names, or top for the prediction.
        against: Class that contrast compares with: number or name; by default the runner-up.
        labels: Text file with the names of the classes, one a line.
        out: Folder to write to; must not exist unless overwrite is given.
        overwrite: Replace the folder if it exists.
        measure: Measure the maps too: by deletion and insertion, or by the measures named (see `jxai list`).
        deliberate: Show the network's insecurities instead of a method's maps: regions that could belong to two
            classes; of the photographs, or of test images of a run (--hardest, --test).
        crop: Share of the short side that the centre crop keeps; by default the model's own.
        per_device: Images that a device explains at once.
        devices: CPU devices; by default one per core.
    """

    photos: tyro.conf.Positional[tuple[Path, ...]]
    weights: Path | None = None
    text: tuple[str, ...] = ()
    model: str | None = None
    method: tuple[str, ...] = ("integrated_gradients", "grad_cam")
    target: tuple[str, ...] = ("top",)
    against: str | None = None
    labels: Path | None = None
    out: Path = Path("jxai-explained")
    overwrite: bool = False
    measure: tuple[str, ...] | None = None
    deliberate: bool = False
    crop: float | None = None
    per_device: int = 1
    devices: int | None = None
    options: Annotated[Options, tyro.conf.arg(name="")] = Options()
    deliberation: Annotated[Deliberation, tyro.conf.arg(name="")] = Deliberation()
    in_words: Annotated[InWords, tyro.conf.arg(name="")] = InWords()

    @property
    def own_weights(self) -> Path:
        """The weights that the command names.

        Raises:
            ValueError: it names none.
        """
        if self.weights is None:
            raise ValueError("name the network's weights: jxai explain PHOTO... --weights FILE_OR_RUN.")
        return self.weights


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


@dataclasses.dataclass(frozen=True)
class Listing:
    """List the methods, models and data sets that can be named."""


Command = (
    Annotated[Demo, tyro.conf.subcommand("demo")]
    | Annotated[Explain, tyro.conf.subcommand("explain")]
    | Annotated[Text, tyro.conf.subcommand("text")]
    | Annotated[Study, tyro.conf.subcommand("study")]
    | Annotated[Train, tyro.conf.subcommand("train")]
    | Annotated[Listing, tyro.conf.subcommand("list")]
)
