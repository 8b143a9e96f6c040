"""`jxai train text`: a small transformer from scratch, or a pretrained encoder with a fresh head."""

from jxai.cli.progress import progress_bars
from jxai.cli.settings.train import TrainText
from jxai.data.spec import load
from jxai.models import TEXT_MODELS
from jxai.pipelines.devices import prepare
from jxai.pipelines.methods import require_known
from jxai.pipelines.run_data import named_data
from jxai.pipelines.texts.train import few_examples, from_scratch, pretrained, train_text_classifier

__all__ = ["run"]


def run(command: TrainText) -> None:
    """Train, and print the accuracy on validation and test texts.

    Raises:
        ValueError: an unknown model, data that are not there, or settings that do not fit the folder's earlier run.
    """
    name = command.model or ("bert" if command.weights else "text_transformer")
    require_known([name], TEXT_MODELS, "text model")
    data = named_data(command.data, command.source, fine=command.fine or None)
    config = command.config
    prepare(command.devices)
    with progress_bars() as progress:
        splits = load(data, progress=progress)
        if command.examples is not None:
            splits = few_examples(splits, command.examples)
        if command.weights:
            classes = len(splits.meta.classes)
            new = pretrained(name, command.weights, classes, heads=command.heads, cased=command.cased)
        else:
            new = from_scratch(name, splits, length=config.length, vocabulary=command.vocabulary)
        trained, accuracy = train_text_classifier(new, splits, command.out, config, progress)
    print(
        f"{command.out}: best epoch {trained.epoch} of {config.epochs}, "
        f"validation accuracy {trained.accuracy:.1%}, test accuracy {accuracy:.1%}"
    )
