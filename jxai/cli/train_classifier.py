"""`jxai train classifier`: a classifier of images."""

from jxai.cli.progress import progress_bars
from jxai.cli.settings.train import TrainClassifier
from jxai.data.spec import load
from jxai.models import MODELS
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.classifier import train_classifier
from jxai.pipelines.devices import prepare
from jxai.pipelines.methods import require_known
from jxai.pipelines.run_data import named_data
from jxai.train.evaluate import evaluate

__all__ = ["run"]


def run(command: TrainClassifier) -> None:
    """Train, and print the accuracy on validation and test images.

    Raises:
        ValueError: an unknown model, data that are not there, or settings that do not fit the folder's earlier run.
    """
    require_known([command.model], MODELS, "model")
    data = named_data(command.data, command.source, species=command.species)
    prepare(command.devices)
    with progress_bars() as progress:
        splits = load(data, command.size, progress=progress)
        trained = train_classifier(command.model, splits, command.size, command.out, command.config, progress)
    model, params, _ = load_weights(command.model, command.out)
    tested = evaluate(model.apply, params, splits.test, preprocess=model.preprocess)
    print(
        f"{command.out}: best epoch {trained.epoch} of {command.config.epochs}, "
        f"validation accuracy {trained.accuracy:.1%}, test accuracy {tested.accuracy:.1%}"
    )
