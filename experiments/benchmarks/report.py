"""The results of `methods.py` as JSON and as a Markdown table."""

import json
import pathlib
from typing import Any

from experiments.benchmarks.timing import ratio_text, table

__all__ = ["markdown", "write"]

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
* Overhead: time of the method by the time of the bare model evaluations it needs, run in turns; the median of the
  rounds, in brackets the smallest and largest ratio within a round. Below 1 is possible: a compiler sees the whole.
* To Captum: time of ours by time of Captum on the same network in PyTorch with the same weights (logits agree to
  1e-3), all cores for both; below 1 we are faster. A dash: Captum has no such method, or cannot run it here.
* Captum runs all steps or samples in one pass (its default), ours `chunk` at a time.
* A device per core: the batch, or the evaluations of a single example, shared out by `jxai.run.map_examples`; transfers
  from and to the host included.
* XLA's CPU gradient of a convolution is slower than PyTorch's (oneDNN): the ratio of a plain gradient is the floor
  for every method made of gradients.
* LRP: Captum's rules on the twin pass relevance through ReLU6's upper bound by its derivative; only times compare.
"""


def write(folder: pathlib.Path, rows: list[dict[str, Any]], about: dict[str, Any], config: dict[str, Any]) -> None:
    """Writes `methods.json` and `methods.md`."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {name: str(value) if isinstance(value, pathlib.Path) else value for name, value in config.items()}
    settings = {name: value for name, value in settings.items() if name not in ("out", "rows", "weights_folder")}
    whole = {"machine": about, "config": settings, "rows": rows}
    (folder / "methods.json").write_text(json.dumps(whole, indent=1) + "\n")
    (folder / "methods.md").write_text(markdown(rows, about))
    print(markdown(rows, about))


def markdown(rows: list[dict[str, Any]], about: dict[str, Any]) -> str:
    """The page."""
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    head = (
        f"# Time of the methods\n\n{about['date']}, {about['processor']}, {about['cores']} cores, load average "
        f"{about['load_average']} at the start; Python {about['python']}, {versions}.\n\n"
    )
    sizes = {batch: next(r for r in rows if r["batch"] == batch) for batch in sorted({r["batch"] for r in rows})}
    for batch, row in sizes.items():
        head += f"Batch {batch}: {row['steps']} steps, {row['samples']} samples. "
    return head + "\n\n" + table(TITLES, [_line(row) for row in rows]) + NOTES


def _line(row: dict[str, Any]) -> tuple:
    milliseconds = [1e3 * second / row["batch"] for second in row.get("seconds", ())]
    spread = f"{min(milliseconds):.1f}-{max(milliseconds):.1f}" if milliseconds else "-"
    ours = f"{row['ms']:.1f}" if "ms" in row else "-"
    ratios = (ratio_text(row.get(name)) for name in ("overhead", "to_captum", "to_captum_cores"))
    return (row["method"], row["network"], row["batch"], row["chunk"], ours, spread, *ratios)
