"""The page of `experiments.benchmarks.flex`."""

from typing import Any

from experiments.benchmarks.timing import ratio_text
from experiments.experiment.markdown import table
from experiments.experiment.record import machine_line
from experiments.experiment.results import Report

__all__ = ["REPORT"]


TITLES = (
    "network", "variant", "layers", "k", "reading an image", "forward and backward", "by that (spread)",
    "without the true class", "features and importances alone", "by 3 passes and k of each segment (spread)",
)  # fmt: skip


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `flex.json` holds.
    """
    config, machine = results["config"], machine_line(results["machine"], note=" (one device)")
    sentences = f"{config['sentences']} sentences of up to {config['length']} words"
    decoders = [
        (row["decoder"], f"{row['seconds']:.2f} s ({row['least']:.2f}-{row['most']:.2f})") for row in results["saying"]
    ]
    page = (
        f"# FLEX\n\n{machine}; {config['rounds']} rounds in turns, float32.\n\n"
        f"Decisions on {config['pictures']} images are read side by side: the importances and channels of all layers "
        "for the predicted class, those of the true class, and the features of the sentence. The classifier's pass "
        "goes down to the image. A segment is the backward pass from one layer to the one before.\n\n"
        f"{table(TITLES, map(_reading_line, results['reading']))}\n{sentences}, vocabulary of "
        f"{config['vocabulary']}:\n\n{table(('decoder', 'time (spread)'), decoders)}"
    )
    return page + _training_text(results["training"]) if results["training"] else page


def _reading_line(row: dict[str, Any]) -> tuple[object, ...]:
    about = (row[name] for name in ("network", "variant", "layers", "k"))
    ratios = (ratio_text(row[name]) for name in ("passes", "predicted", "importances", "of_budget"))
    return (*about, f"{row['milliseconds']:.1f} ms", f"{row['pass']:.1f} ms", *ratios)


def _training_text(training: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in training["pictures"].items())
    return (
        f"\nBirds ({counts} images): reading decisions and words {training['preparing'] / 60:.1f} min; training FLEX "
        f"on {training['sentences']} sentences, {training['epochs']} epochs, {training['training'] / 60:.1f} min.\n"
    )


REPORT = Report("flex", markdown)
