"""`jxai train classifier | text | hardness | words`."""

import importlib

from jxai.cli.settings.train import Train, TrainClassifier, TrainHardness, TrainText
from jxai.cli.settings.train_words import TrainWords

__all__ = ["run"]

_MODULES: dict[type, str] = {
    TrainClassifier: "train_classifier",
    TrainText: "train_text",
    TrainHardness: "train_hardness",
    TrainWords: "train_words",
}


def run(command: Train) -> None:
    """Train what the subcommand names.

    Raises:
        ValueError: settings that cannot be used, or that do not fit the folder's earlier run.
    """
    importlib.import_module(f"jxai.cli.{_MODULES[type(command.subcommand)]}").run(command.subcommand)
