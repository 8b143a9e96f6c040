"""Training of a classifier of images on a data set."""

from pathlib import Path
from typing import Any

from jxai.data.spec import Splits
from jxai.models import MODELS
from jxai.pipelines.checkpoints import describe_run
from jxai.pipelines.progress import ProgressCallback
from jxai.train.config import TrainConfig
from jxai.train.images import Trained, train
from jxai.train.loop import each_step

__all__ = ["train_classifier"]


def train_classifier(
    name: str, splits: Splits, size: int, folder: Path, config: TrainConfig, progress: ProgressCallback
) -> Trained:
    """Train an architecture on a set of images, or continue or return what the folder holds.

    Args:
        name: architecture, of `jxai.models.MODELS`.
        splits: the data.
        size: side of the images in pixels.
        folder: of the run; model and data are described in it.
        config: the settings.
        progress: called as `progress(what, done, total)`.

    Raises:
        ValueError: the folder holds another run.
    """
    classes = list(splits.meta.classes)
    options: dict[str, Any] = {"classes": len(classes), "size": size}
    model = MODELS[name](**options)
    describe_run(folder, name, options, classes, splits.spec)
    return train(
        model.init,
        model.apply,
        splits.train,
        validation=splits.val,
        folder=folder,
        config=config,
        preprocess=model.preprocess,
        progress=each_step(progress, "training", "{:.0%} right"),
    )
