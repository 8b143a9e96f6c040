"""`jxai train hardness`: the hardness predictor of a trained classifier."""

from jxai.cli.progress import progress_bars
from jxai.cli.settings.train import TrainHardness
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.devices import prepare
from jxai.pipelines.hardness import load_hardness, risks, train_predictor
from jxai.pipelines.run_data import splits_of_run
from jxai.train.image_batches import stack

__all__ = ["run"]


def run(command: TrainHardness) -> None:
    """Train the predictor, and print the risks on test examples.

    Raises:
        ValueError: the classifier or its data are not there, or settings that do not fit the folder's earlier run.
    """
    if not command.weights.is_dir():
        raise ValueError(f"expected the folder of a jxai train classifier run, but {command.weights} is none.")
    prepare(command.devices)
    loaded = load_weights(None, command.weights)
    with progress_bars() as progress:
        named = {"name": command.data, "source": command.source}
        splits = splits_of_run(command.weights, loaded.classes, loaded.model.size, **named, progress=progress)
        run, config = command.weights, command.config
        trained = train_predictor(run, loaded, splits, command.out, config, progress, hidden=command.hidden)
    areas = risks(load_hardness(command.out), stack(splits.test))
    print(f"{command.out}: best epoch {trained.epoch} of {config.epochs}; test, area under risk over coverage: {areas}")
