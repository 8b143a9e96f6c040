"""`jxai train`: a classifier of images; of texts `train_text` makes one, and `train_hardness` a hardness predictor."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jxai.cli.listing import DATA
from jxai.cli.progress import telling
from jxai.cli.settings.train import Train, settled
from jxai.cli.train_hardness import hardness_config, run_hardness
from jxai.cli.train_text import TEXTS, run_text
from jxai.models import MODELS
from jxai.pipelines.checkpoints import describe_run, load_weights
from jxai.pipelines.devices import prepare
from jxai.pipelines.methods import require_known
from jxai.pipelines.splits import bird_splits, image_splits
from jxai.train.config import TrainConfig
from jxai.train.evaluate import evaluate
from jxai.train.images import Progress, Trained, train

__all__ = ["run", "train_birds"]

Tell = Callable[[str, int, int], None]


def run(command: Train) -> None:
    """Train, and print the accuracy on validation and test examples.

    Raises:
        ValueError: an unknown data set or model, or settings that do not fit the folder's earlier run.
    """
    if command.explainer is not None:
        from jxai.cli.train_words import run_flex  # it takes the splits of birds from here

        if command != Train(explainer=command.explainer):
            raise ValueError("jxai train flex: its options come after the word flex; leave those before it out.")
        run_flex(command.explainer)
        return
    require_known([command.data], DATA, "data set")
    if command.data in TEXTS:
        run_text(command)
        return
    if command.hardness is not None:
        hard = hardness_config(command)
        prepare(command.devices)
        run_hardness(command, hard, _splits)
        return
    if command.hidden is not None:
        raise ValueError("--hidden: of a hardness predictor alone (--hardness RUN); leave it out.")
    name = command.model or "small_cnn"
    require_known([name], MODELS, "model")
    _check_images(command)
    config = settled(command.config, TrainConfig())
    prepare(command.devices)
    with telling() as tell:
        sources = _splits(command, tell)
        trained = train_birds(name, sources, command.size, command.out, config, tell)  # type: ignore[arg-type]
    model, params, _ = load_weights(name, command.out)
    tested = evaluate(model.apply, params, sources["test"], preprocess=model.preprocess)
    print(
        f"{command.out}: best epoch {trained.epoch} of {config.epochs}, "
        f"validation accuracy {trained.accuracy:.1%}, test accuracy {tested.accuracy:.1%}"
    )


def _splits(command: Train, tell: Tell) -> dict[str, Any]:
    if command.data == "birds":
        return bird_splits(command.species, command.size, tell)
    return image_splits(command, tell)


def _check_images(command: Train) -> None:
    usual = Train()
    made = {"birds": ("source",), "scenes": ("source", "species"), "activities": ("source", "species")}
    own = made.get(command.data, ("species",))
    for name in own:
        if getattr(command, name) != getattr(usual, name):
            raise ValueError(f"--{name}: {command.data} has no such option; leave it out.")
    for name in ("examples", "fine", "weights", "heads", "cased", "vocabulary"):
        if getattr(command, name) != getattr(usual, name):
            raise ValueError(f"--{name}: for texts alone, not for {command.data}; leave it out.")


def train_birds(
    name: str, sources: Mapping[str, Any], size: int, folder: Path, config: TrainConfig, tell: Tell
) -> Trained:
    """Train an architecture on birds (or other pictures), or continue or return what the folder holds."""
    classes = list(sources["train"].meta.classes)
    options: dict[str, Any] = {"classes": len(classes), "size": size}
    model = MODELS[name](**options)
    describe_run(folder, name, options, classes)

    def told(progress: Progress) -> None:
        accuracy = "" if progress.accuracy is None else f", {progress.accuracy:.0%} right"
        tell(f"training{accuracy}", progress.step, progress.steps)

    return train(
        model.init,
        model.apply,
        sources["train"],
        validation=sources["val"],
        folder=folder,
        config=config,
        preprocess=model.preprocess,
        progress=told,
    )
