"""The settings of `jxai train classifier | text | hardness`, and of what is trained by `jxai train`."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import tyro

from jxai.cli.settings.data_sets import ImageSet, TextSet
from jxai.cli.settings.train_words import TrainWords
from jxai.train.config import FINE_TUNING, HardnessConfig, TextConfig, TrainConfig

__all__ = ["Train", "TrainClassifier", "TrainHardness", "TrainText"]


@tyro.conf.configure(tyro.conf.OmitArgPrefixes)
@dataclasses.dataclass(frozen=True)
class TrainClassifier:
    """Train a classifier of images; an interrupted run in the same folder is continued.

    Attributes:
        out: Folder of the run: metrics.jsonl, latest and best checkpoints.
        data: Data set (see `jxai list`).
        source: Folder of a data set that is not made here.
        species: Species of birds; 20 by default.
        model: Architecture (see `jxai list`).
        size: Side of the pictures in pixels.
        devices: CPU devices; by default one per core.
    """

    out: Path = Path("jxai-trained")
    data: ImageSet = "birds"
    source: Path | None = None
    species: int | None = None
    model: str = "small_cnn"
    size: int = 64
    devices: int | None = None
    config: TrainConfig = dataclasses.field(default_factory=TrainConfig)


def _unset(config: type[Any], scratch: Any, tuned: Any) -> Any:
    """The class of a configuration in which nothing is set yet, for settings whose default depends on another one."""

    def hint(name: str) -> str:
        first, second = getattr(scratch, name), getattr(tuned, name)
        return f"(default: {first})" if first == second else f"(default: {first}, with --weights {second})"

    fields = [
        (field.name, Annotated[field.type | None, tyro.conf.arg(help_behavior_hint=hint(field.name))], None)
        for field in dataclasses.fields(config)
    ]
    unchecked = {"__post_init__": lambda self: None}
    return dataclasses.make_dataclass(
        f"Unset{config.__name__}", fields, bases=(config,), namespace=unchecked, frozen=True
    )


if TYPE_CHECKING:
    _UnsetText = TextConfig
else:
    _UnsetText = _unset(TextConfig, TextConfig(), FINE_TUNING)


@tyro.conf.configure(tyro.conf.OmitArgPrefixes)
@dataclasses.dataclass(frozen=True)
class TrainText:
    """Train a classifier of texts from scratch, or fine-tune one; an interrupted run in the same folder is continued.

    Attributes:
        out: Folder of the run: metrics.jsonl, latest and best checkpoints, the vocabulary.
        data: Data set (see `jxai list`).
        source: Archive or folder of a data set that is not made here.
        examples: Training examples, taken evenly from the set; by default all.
        fine: Five classes instead of two, for trees of sst.
        model: Architecture (see `jxai list`); by default text_transformer, or bert where there are weights.
        weights: Pretrained text encoder to fine-tune with a fresh head: weight file, or a folder with it (Hugging
            Face's `config.json` and the vocabulary are read beside it).
        heads: Attention heads of the pretrained encoder, where no `config.json` says how many.
        cased: The vocabulary of a vocab.txt beside the weights tells capitals from small letters.
        vocabulary: Words that a text model from scratch knows, at most: the most frequent ones.
        devices: CPU devices; by default one per core.
    """

    out: Path = Path("jxai-trained")
    data: TextSet = "reviews"
    source: Path | None = None
    examples: int | None = None
    fine: bool = False
    model: str | None = None
    weights: Path | None = None
    heads: int | None = None
    cased: bool = False
    vocabulary: int = 8192
    devices: int | None = None
    settings: _UnsetText = dataclasses.field(default_factory=_UnsetText)

    @property
    def config(self) -> TextConfig:
        """The settings that were given, and for the others what suits the model.

        Raises:
            ValueError: one is out of range.
        """
        own = {name: value for name, value in vars(self.settings).items() if value is not None}
        return dataclasses.replace(FINE_TUNING if self.weights else TextConfig(), **own)


@tyro.conf.configure(tyro.conf.OmitArgPrefixes)
@dataclasses.dataclass(frozen=True)
class TrainHardness:
    """Train the hardness predictor of a trained classifier, and go on training that beside it.

    An interrupted run in the same folder is continued. Architecture, size, classes and data are those of the
    classifier's run.

    Attributes:
        weights: Folder of the classifier's run.
        out: Folder of the run: metrics.jsonl, latest and best checkpoints.
        data: Data set, where the classifier's run does not say it.
        source: Folder of a data set that is not made here, where it has moved.
        hidden: Widths of the predictor's hidden layers, with the trunk's outputs first; by default 5 times the
            classes, as many again, and 100, as in the released code (1000, 1000, 100 for 200 classes).
        devices: CPU devices; by default one per core.
    """

    weights: Path
    out: Path = Path("jxai-trained")
    data: ImageSet | None = None
    source: Path | None = None
    hidden: tuple[int, ...] | None = None
    devices: int | None = None
    config: HardnessConfig = dataclasses.field(
        default_factory=HardnessConfig
    )  # of a default value tyro would offer label_smoothing


@dataclasses.dataclass(frozen=True)
class Train:
    """Train a classifier of images or texts, a hardness predictor, or an explainer in words."""

    subcommand: Annotated[
        Annotated[TrainClassifier, tyro.conf.subcommand("classifier", prefix_name=False)]
        | Annotated[TrainText, tyro.conf.subcommand("text", prefix_name=False)]
        | Annotated[TrainHardness, tyro.conf.subcommand("hardness", prefix_name=False)]
        | Annotated[TrainWords, tyro.conf.subcommand("words", prefix_name=False)],
        tyro.conf.arg(name=""),
    ]
