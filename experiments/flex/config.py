"""The settings of `experiments.flex`."""

import dataclasses
import pathlib
from typing import Any, ClassVar

from experiments.experiment.settings import Settings
from experiments.flex.data import SETS
from experiments.flex.explainers import METHODS

__all__ = ["LONG", "Config"]

TABLES = ("methods", "insight", "annotation", "masking", "other class")
LONG = (*TABLES, "lambda", "held out")  # those that train more explainers


@dataclasses.dataclass(frozen=True)
class Config(Settings):
    """What is compared.

    Attributes:
        sets: of birds, scenes, cub, "cub whole" and mpii; those whose files are absent are left out.
        cub: folder of CUB-200-2011, or its packed images; by default `$JXAI_DATA`'s.
        mpii: folder of MPII Human Pose with explanations.
        tables: what is measured; "lambda" and "held out" train more explainers.
        methods: of `METHODS`; FLEX among them.
        seeds: of the explainers' training; mean and standard error over them.
        train: training images with sentences, at most.
        val: validation images with sentences, at most.
        test: test images with sentences, at most.
        captions: sentences per image that are learned from, at most.
        masked: test images of the masking experiment, at most.
        epochs: of an explainer.
        relevance: FLEX's lambda where it does not vary.
        variant: of FLEX: released or paper.
        k: channels that are followed from each layer to the one below.
        hidden: width of each LSTM; the default, like the other settings of the training, is that of the command line.
        devices: CPU devices; by default one per core.
        runs: folder of the networks and explainers.
    """

    FULL: ClassVar[dict[str, Any]] = {
        "sets": tuple(SETS), "tables": LONG, "seeds": 3, "epochs": 12,
        **dict.fromkeys(("train", "val", "test"), 100_000),
    }  # fmt: skip

    sets: tuple[str, ...] = ("birds",)
    cub: pathlib.Path | None = None
    mpii: pathlib.Path | None = None
    tables: tuple[str, ...] = TABLES
    methods: tuple[str, ...] = tuple(METHODS)
    seeds: int = 1
    train: int = 1000
    val: int = 150
    test: int = 400
    captions: int = 4
    masked: int = 200
    epochs: int = 5
    relevance: float = 0.1
    variant: str = "released"
    k: int = 5
    hidden: int | None = None
    devices: int | None = None
    runs: pathlib.Path | None = None
