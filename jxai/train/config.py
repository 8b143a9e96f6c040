"""Settings of training. Each is defined here only, with its default and its help on the command line."""

import dataclasses
from typing import Literal

__all__ = ["FINE_TUNING", "BaseConfig", "HardnessConfig", "SentenceConfig", "TextConfig", "TrainConfig"]


def _positive(config: object, *names: str) -> None:
    for name in names:
        if not getattr(config, name) > 0:
            raise ValueError(f"expected {name} above 0, got {getattr(config, name)}")


def _between(config: object, low: float, high: float, *names: str) -> None:
    for name in names:
        if not low <= getattr(config, name) <= high:
            raise ValueError(f"expected {name} in {low}..{high}, got {getattr(config, name)}")


@dataclasses.dataclass(frozen=True)
class BaseConfig:
    """Settings of any training run.

    Attributes:
        epochs: passes over the training examples.
        batch: examples in one step, on all devices together.
        optimiser: AdamW, or stochastic gradient descent with Nesterov momentum.
        learning_rate: the highest learning rate, reached after the warm-up.
        warmup: fraction of all steps in which the learning rate rises from 0; then it falls along a cosine to 0.
        momentum: of SGD; AdamW ignores it.
        weight_decay: decoupled decay of weights (not of biases and scales), times the learning rate.
        clip: largest norm of the gradient; 0 leaves it as it is.
        label_smoothing: probability that the target spreads over all classes.
        seed: decides the initial weights, the order and the random changes of examples.
    """

    epochs: int = 12
    batch: int = 64
    optimiser: Literal["adamw", "sgd"] = "adamw"
    learning_rate: float = 3e-3
    warmup: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 0.05
    clip: float = 1.0
    label_smoothing: float = 0.0
    seed: int = 0

    def __post_init__(self):
        """Checks the ranges."""
        _positive(self, "epochs", "batch", "learning_rate")
        _between(self, 0, 1, "warmup", "momentum", "label_smoothing")
        _between(self, 0, float("inf"), "weight_decay", "clip", "seed")
        if self.optimiser not in ("adamw", "sgd"):
            raise ValueError(f"expected optimiser 'adamw' or 'sgd', got {self.optimiser!r}")


@dataclasses.dataclass(frozen=True)
class TrainConfig(BaseConfig):
    """Settings of a training run on images: those of `BaseConfig`, and how images are augmented.

    Attributes:
        flip: mirror training images left and right at random.
        shift: move training images by up to so many pixels.
        brightness: change the brightness of training images by up to so much (of 1).
        contrast: change the contrast of training images by up to this fraction.
    """

    flip: bool = True
    shift: int = 4
    brightness: float = 0.1
    contrast: float = 0.2

    def __post_init__(self):
        """Checks the ranges."""
        super().__post_init__()
        _between(self, 0, float("inf"), "shift", "brightness", "contrast")


@dataclasses.dataclass(frozen=True)
class HardnessConfig(TrainConfig):
    """Settings of the training of a hardness predictor with its classifier: those of `TrainConfig`, and of the losses.

    `optimiser`, `learning_rate` and `weight_decay` are the predictor's; the classifier goes on by SGD. The released
    code has Adam with 1e-5 and SGD with 1e-3, 60 epochs and batches of 128, for pretrained VGG16.

    Attributes:
        loss: of the predictor: eccv (Wang and Vasconcelos 2018), deliberative (the released code of 2019), or failure
            (cross-entropy against the classifier's mistakes). See `jxai.train.hardness_losses`.
        press: of the deliberative loss: weight that hard examples get more, and easy ones less.
        classifier_rate: the classifier's highest learning rate; 0 leaves it as it is.
    """

    learning_rate: float = 1e-3
    weight_decay: float = 1e-3
    label_smoothing: float = dataclasses.field(default=0.0, init=False)  # neither loss has targets to smooth
    loss: Literal["eccv", "deliberative", "failure"] = "eccv"
    press: float = 1.0
    classifier_rate: float = 1e-3

    def __post_init__(self):
        """Checks the ranges."""
        super().__post_init__()
        _positive(self, "press")
        _between(self, 0, float("inf"), "classifier_rate")
        if self.loss not in ("eccv", "deliberative", "failure"):
            raise ValueError(f"expected loss 'eccv', 'deliberative' or 'failure', got {self.loss!r}")


@dataclasses.dataclass(frozen=True)
class TextConfig(BaseConfig):
    """Settings of a training run on texts: those of `BaseConfig`, and how texts are cut and changed at random.

    The values here suit a small network from scratch; those of `FINE_TUNING` suit a pretrained one.

    Attributes:
        length: most tokens of a text, special ones counted. In training a longer text is a random segment of so many,
            another one in every epoch; in validation it is its beginning.
        token_dropout: share of tokens that `[MASK]` takes the place of in training.
    """

    epochs: int = 3
    batch: int = 32
    learning_rate: float = 2e-3
    length: int = 512
    token_dropout: float = 0.15

    def __post_init__(self):
        """Checks the ranges."""
        super().__post_init__()
        _between(self, 3, float("inf"), "length")
        _between(self, 0, 0.99, "token_dropout")


FINE_TUNING = TextConfig(epochs=3, batch=16, learning_rate=5e-5, weight_decay=0.01, token_dropout=0.0)
"""The settings for a pretrained encoder with a fresh head."""


@dataclasses.dataclass(frozen=True)
class SentenceConfig(BaseConfig):
    """Settings of a training run on sentences: those of `BaseConfig`, with a learning rate that falls on a plateau.

    The values are those of FLEX's released code: Adam, 5e-4, halved after every epoch that brings no new best
    validation, at most 20 epochs, batches of 32. (`optimiser="adamw"` without decay of weights is Adam.) There is no
    warm-up, and the objective has no smoothed labels: `warmup` and `label_smoothing` are 0 and cannot be set. Dropout
    is the model's.

    Attributes:
        shrink: factor of the learning rate after an epoch without a new best validation; 1 leaves it as it is.
    """

    epochs: int = 20
    batch: int = 32
    learning_rate: float = 5e-4
    warmup: float = dataclasses.field(default=0.0, init=False)  # the learning rate follows the validation
    weight_decay: float = 0.0
    clip: float = 0.0
    label_smoothing: float = dataclasses.field(default=0.0, init=False)  # the objective is the model's own
    shrink: float = 0.5

    def __post_init__(self):
        """Checks the ranges."""
        super().__post_init__()
        _positive(self, "shrink")
        _between(self, 0, 1, "shrink")
