"""Settings of the explainers in words and of their training."""

import dataclasses
from typing import Any, Literal

from jxai.train.config import SentenceConfig

__all__ = ["BEAM", "LENGTH_PENALTY", "METHODS", "FlexSettings", "Method"]

BEAM = 5
"""Sentences that a beam follows: the likeliest word each time says the same thing twice."""


LENGTH_PENALTY = 0.7
"""Of the beam: sentences become as long as people's, where the likeliest ones are short (BUILD_NOTES)."""


_RECORDED = ("epochs", "batch", "learning_rate", "clip")

Method = Literal["flex", "flex_without_relevance", "baseline", "gve", "mme"]


METHODS: dict[str, str] = {
    "flex": "FLEX: decision-weighted features, and a reward for words that the decision rests on",
    "flex_without_relevance": "FLEX without the reward",
    "baseline": "a description: unweighted features, no reward",
    "gve": "generating visual explanations (Hendricks et al. 2016): image and class, discriminative loss",
    "mme": "multimodal explanation (Park et al. 2018): attention over places, conditioned on the class",
}


@dataclasses.dataclass(frozen=True)
class FlexSettings(SentenceConfig):
    """Settings of the explainer, and those of its training; the values suit birds and a small network.

    Attributes:
        relevance: weight of the reward for relevant words (lambda).
        discrimination: of gve: weight of the reward for sentences that tell the class.
        embedding: width of a word.
        image_embedding: width of the picture's features.
        hidden: width of each LSTM.
        dropout: share of the outputs that training leaves out.
        captions: sentences of each picture that are learnt from, at most.
        least: how often a word occurs in the training sentences that the explainer knows.
    """

    epochs: int = 12
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

    @property
    def training(self) -> SentenceConfig:
        """The settings of the training alone."""
        names = [field.name for field in dataclasses.fields(SentenceConfig) if field.init]
        return SentenceConfig(**{name: getattr(self, name) for name in names})

    @property
    def record(self) -> dict[str, Any]:
        """What a run's folder says of the settings; the rest of the training's stands in its checkpoints."""
        own = [field.name for field in dataclasses.fields(self) if not hasattr(SentenceConfig, field.name)]
        return {name: getattr(self, name) for name in (*_RECORDED, *own, "seed")}
