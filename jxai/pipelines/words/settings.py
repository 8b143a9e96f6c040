"""Settings of the explainers in words and of their training."""

import dataclasses
from typing import Literal

__all__ = ["BEAM", "LENGTH_PENALTY", "METHODS", "FlexSettings", "Method"]

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
