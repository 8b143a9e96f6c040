"""The settings of `jxai train`."""

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

import tyro

from jxai.cli.settings.train_words import TrainFlex
from jxai.train.config import BaseConfig

__all__ = ["Settings", "Train", "settled"]

_FLEX = tyro.conf.subcommand("flex", prefix_name=False)
_CLASSIFIER = tyro.conf.subcommand("classifier", prefix_name=False)


@dataclasses.dataclass(frozen=True)
class Settings:
    """Settings of the training; what is not given is what suits the data and the model.

    Attributes:
        epochs: Passes over the training examples.
        batch: Examples in one step, on all devices together.
        optimiser: AdamW, or stochastic gradient descent with Nesterov momentum.
        learning_rate: The highest learning rate, reached after the warm-up.
        warmup: Fraction of all steps in which the learning rate rises; then it falls along a cosine to 0.
        momentum: Momentum of SGD.
        weight_decay: Decay of weights (not of biases and scales), times the learning rate.
        clip: Largest norm of the gradient; 0 leaves it as it is.
        label_smoothing: Probability that the target spreads over all classes.
        seed: Decides the initial weights, the order and the random changes of examples.
        flip: Mirror training images left and right at random.
        shift: Move training images by up to so many pixels.
        brightness: Change the brightness of training images by up to so much (of 1).
        contrast: Change the contrast of training images by up to this fraction.
        length: Most tokens of a text; in training a longer one is a random segment, in tests its beginning.
        token_dropout: Share of tokens of training texts that the mask token takes the place of.
        loss: Of a hardness predictor: eccv, deliberative or failure (the classifier's mistakes).
        press: Weight that hard examples get more in the deliberative loss.
        classifier_rate: The classifier's highest learning rate beside its hardness predictor; 0 leaves it as it is.
    """

    epochs: int | None = None
    batch: int | None = None
    optimiser: Literal["adamw", "sgd"] | None = None
    learning_rate: float | None = None
    warmup: float | None = None
    momentum: float | None = None
    weight_decay: float | None = None
    clip: float | None = None
    label_smoothing: float | None = None
    seed: int | None = None
    flip: bool = True
    shift: int | None = None
    brightness: float | None = None
    contrast: float | None = None
    length: int | None = None
    token_dropout: float | None = None
    loss: Literal["eccv", "deliberative", "failure"] | None = None
    press: float | None = None
    classifier_rate: float | None = None


@dataclasses.dataclass(frozen=True)
class Train:
    """Train a classifier of images or texts, or with `flex` an explainer in words for one.

    An interrupted run in the same folder is continued.

    Attributes:
        out: Folder of the run: metrics.jsonl, latest and best checkpoints; of texts the vocabulary too.
        data: Data set (see `jxai list`).
        source: Archive or folder of a data set that is not made here.
        examples: Training examples, taken evenly from the set; by default all.
        fine: Five classes instead of two, for trees of sst.
        model: Architecture (see `jxai list`); by default small_cnn for images, text_transformer for texts, bert where
            there are weights.
        hardness: Folder of a trained classifier's run: train its hardness predictor, of the same architecture, and go
            on training it beside. Size and classes are the run's.
        hidden: Widths of the predictor's hidden layers, with the trunk's outputs first; by default 5 times the
            classes, as many again, and 100, as in the released code (1000, 1000, 100 for 200 classes).
        weights: Pretrained text encoder to fine-tune with a fresh head: weight file, or a folder with it (Hugging
            Face's `config.json` and the vocabulary are read beside it).
        heads: Attention heads of the pretrained encoder, where no `config.json` says how many.
        cased: The vocabulary of a vocab.txt beside the weights tells capitals from small letters.
        vocabulary: Words that a text model from scratch knows, at most: the most frequent ones.
        species: Species of birds.
        size: Side of the pictures in pixels.
        devices: CPU devices; by default one per core.
        explainer: Train an explainer in words for a classifier: `jxai train flex --weights RUN`.
    """

    out: Path = Path("jxai-trained")
    data: str = "birds"
    source: Path | None = None
    examples: int | None = None
    fine: bool = False
    model: str | None = None
    hardness: Path | None = None
    hidden: tuple[int, ...] | None = None
    weights: Path | None = None
    heads: int | None = None
    cased: bool = False
    vocabulary: int = 8192
    species: int = 20
    size: int = 64
    devices: int | None = None
    config: Annotated[Settings, tyro.conf.arg(name="")] = Settings()
    explainer: Annotated[Annotated[TrainFlex, _FLEX] | Annotated[None, _CLASSIFIER], tyro.conf.arg(name="")] = None


def settled(settings: Settings, usual: BaseConfig) -> BaseConfig:
    """The usual configuration with what was given.

    Raises:
        ValueError: a setting that this kind of data does not have, or out of range.
    """
    given = {name: value for name, value in vars(settings).items() if value is not None}
    known = {field.name for field in dataclasses.fields(usual)}
    if settings.flip and "flip" not in known:
        del given["flip"]
    if unknown := sorted(set(given) - known):
        kind = "images" if "flip" in known else "texts"
        kind = "hardness" if "press" in known else kind
        names = ", ".join(f"--{name.replace('_', '-')}" for name in unknown)
        raise ValueError(f"{names}: training on {kind} has no such setting; leave it out.")
    return dataclasses.replace(usual, **given)
