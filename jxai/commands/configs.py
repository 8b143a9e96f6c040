"""The commands' settings: frozen dataclasses, from which the command line is made."""

import dataclasses
from pathlib import Path
from typing import Annotated

import tyro

from jxai.commands.deliberate_config import Deliberation
from jxai.commands.explain_flex_config import InWords
from jxai.commands.study_config import Study
from jxai.commands.text_config import Text
from jxai.commands.train_config import Train

__all__ = ["Command", "Demo", "Explain", "Listing", "Options", "Study", "Train"]


@dataclasses.dataclass(frozen=True)
class Options:
    """Settings of the methods; each goes to the methods that have it.

    Attributes:
        score: What is explained: logit, log_probability, probability, log_sigmoid, mixture or log_mixture; by default
            logit, for marc log_mixture (CNNs) or log_probability (transformers).
        baseline: What stands for absence: black, white, mean (the picture's mean colour) or blur; by default black, for
            the methods that optimise a mask a blur of their own, for marc also black, white and mean (CNNs).
        at: Layer (tap) of the class activation maps and layer methods; by default the model's last feature map.
        over: Explainer that smoothgrad, smoothgrad_squared, vargrad, times_input, contrast and xrai build on; by
            default the gradient, for xrai integrated gradients.
        path: Path method that idgi builds on.
        groups: What perturbation, surrogate and Shapley methods switch on and off: grid (squares) or slic (segments).
        count: How many groups, at most.
        variant: Of marc: released (bounded evidence against the complement) or paper.
        steps: Steps of path and optimisation methods; by default the method's own, for marc 900.
        samples: Samples of stochastic methods; by default the method's own.
        chunk: Evaluations side by side (memory); by default the method's own, on a CPU two of pictures from 128 px.
        seed: Seed of the random numbers.
    """

    score: str | None = None
    baseline: str | None = None
    at: str | None = None
    over: str | None = None
    path: str = "integrated_gradients"
    groups: str = "grid"
    count: int = 49
    variant: str = "released"
    steps: int | None = None
    samples: int | None = None
    chunk: int | None = None
    seed: int = 0


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
        measure: Measure deletion and insertion too.
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
    measure: bool = False
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
