"""The settings of `jxai train flex`."""

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

import tyro

__all__ = ["BEAM", "LENGTH_PENALTY", "METHODS", "FlexSettings", "Method", "TrainFlex"]

BEAM = 5
"""Sentences that a beam follows: the likeliest word each time says the same thing twice."""
LENGTH_PENALTY = 0.7
"""Of the beam: sentences become as long as people's, where the likeliest ones are short (BUILD_NOTES)."""
Method = Literal["flex", "flex_without_relevance", "baseline", "gve", "mme"]
METHODS: dict[str, str] = {
    "flex": "FLEX: decision-weighted features, and a reward for words that the decision rests on",
    "flex_without_relevance": "FLEX without the reward",
    "baseline": "a description: unweighted features, no reward",
    "gve": "generating visual explanations (Hendricks et al. 2016): image and class, discriminative loss",
    "mme": "multimodal explanation (Park et al. 2018): attention over places, conditioned on the class",
}


@dataclasses.dataclass(frozen=True)
class FlexSettings:
    """Settings of the explainer and of its training; the values suit birds and a small network.

    Attributes:
        epochs: Passes over the training sentences.
        batch: Sentences in one step, on all devices together.
        learning_rate: Of Adam; halved after an epoch without a better validation loss.
        clip: Largest norm of the gradient; 0 leaves it as it is.
        relevance: Weight of the reward for relevant words (lambda).
        discrimination: Of gve: weight of the reward for sentences that tell the class.
        embedding: Width of a word.
        image_embedding: Width of the picture's features.
        hidden: Width of each LSTM.
        dropout: Share of the outputs that training leaves out.
        captions: Sentences of each picture that are learnt from, at most.
        least: How often a word occurs in the training sentences that the explainer knows.
        seed: Decides the initial weights, the order and the dropout.
    """

    epochs: int = 12
    batch: int = 32
    learning_rate: float = 1e-3
    clip: float = 5.0
    relevance: float = 0.1
    discrimination: float = 1.0
    embedding: int = 96
    image_embedding: int = 128
    hidden: int = 160
    dropout: float = 0.1
    captions: int = 5
    least: int = 3
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class TrainFlex:
    """Train an explainer in words for a trained classifier of images; an interrupted run in the folder is continued.

    Attributes:
        weights: The classifier: folder of a `jxai train` run, or a weight file.
        out: Folder of the run.
        method: Which explainer.
        data: Data set with captions; by default the one that the classifier was trained on.
        source: Archive or folder of a data set that is not made here.
        model: Architecture of a weight file.
        keep_head: The outputs of a weight file are the classes of the data. By default a new last layer is fitted.
        species: Species of birds, for a weight file.
        without: Classes (numbers or names) that the explainer does not see in training: it is tested on them alone.
        variants: File with other forms of words, a line `wings#wing` each, as FLEX's lemma.txt.
        layers: Layers (taps) whose channels get words; by default all with places, of many the last of each resolution.
        at: Layer that the sentence is made from; by default the last feature map.
        eta: Share of a layer's importance that its important channels hold.
        k: Channels that are followed from each layer to the one below.
        as_printed: The equations as printed, where the released code differs.
        samples: Sentences that are shown at the end.
        per_device: Pictures that a device reads at once.
        devices: CPU devices; by default one per core.
    """

    weights: Path
    out: Path = Path("jxai-flex")
    method: Method = "flex"
    data: str | None = None
    source: Path | None = None
    model: str | None = None
    keep_head: bool = False
    species: int = 20
    without: tuple[str, ...] = ()
    variants: Path | None = None
    layers: tuple[str, ...] = ()
    at: str | None = None
    eta: float = 0.8
    k: int = 5
    as_printed: bool = False
    samples: int = 5
    per_device: int = 16
    devices: int | None = None
    settings: Annotated[FlexSettings, tyro.conf.arg(name="")] = FlexSettings()
