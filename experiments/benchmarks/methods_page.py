"""The page of `experiments.benchmarks.methods`."""

from typing import Any

from experiments.benchmarks.timing import ratio_text, spread_text
from experiments.experiment.markdown import table
from experiments.experiment.record import machine_line
from experiments.experiment.results import Report

__all__ = ["REPORT"]

TITLES = (
    "method",
    "network",
    "batch",
    "chunk",
    "ms an example",
    "spread",
    "overhead",
    "to Captum, one device",
    "to Captum, a device per core",
)
NOTES = """
* Overhead: the time of the method divided by that of the bare model evaluations that it needs, run in turns. It is the
  ratio of the medians; in brackets are the smallest and largest ratio within a round. It can be below 1, because a
  compiler optimises the whole.
* To Captum: our time divided by that of Captum on the same network in PyTorch with the same weights (logits agree to
  1e-3), with all cores for both. Below 1 we are faster. A dash: Captum has no such method, or cannot run it here.
* Captum runs all steps or samples in one pass (its default), we run `chunk` at a time.
* A device per core: `jxai.run.map_examples` distributes the batch, or the evaluations of a single example. Transfers
  from and to the host are included.
* XLA's CPU gradient of a convolution is slower than PyTorch's (oneDNN). So the ratio of a plain gradient is the lower
  bound for every method made of gradients.
* LRP: Captum's rules on the twin pass relevance through ReLU6's upper bound by its derivative. Only times compare.
"""


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `methods.json` holds.
    """
    rows = results["rows"]
    sizes = {batch: next(row for row in rows if row["batch"] == batch) for batch in sorted({r["batch"] for r in rows})}
    counts = [f"Batch {batch}: {row['steps']} steps, {row['samples']} samples." for batch, row in sizes.items()]
    head = f"# Time of the methods\n\n{machine_line(results['machine'])}.\n\n{' '.join(counts)}\n\n"
    return head + table(TITLES, map(_line, rows)) + NOTES


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    milliseconds = [1e3 * second / row["batch"] for second in row.get("seconds", ())]
    ours = f"{row['ms']:.1f}" if "ms" in row else "-"
    ratios = (ratio_text(row.get(name)) for name in ("overhead", "to_captum", "to_captum_cores"))
    about = (row[name] for name in ("method", "network", "batch", "chunk"))
    return (*about, ours, spread_text(milliseconds), *ratios)


REPORT = Report("methods", markdown)
