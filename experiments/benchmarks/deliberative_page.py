"""The page of `experiments.benchmarks.deliberative`."""

from typing import Any

from experiments.benchmarks.timing import ratio_text
from experiments.experiment.markdown import table
from experiments.experiment.record import machine_line
from experiments.experiment.results import Report

__all__ = ["REPORT"]


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `deliberative.json` holds.
    """
    config, memory = results["config"], results["memory"]
    errors = "; ".join(f"{name} {error:.0e}" for name, error in results["errors"].items())
    sizes = [(row["chunk"], *(f"{row[name]:.0f}" for name in ("first", "closed", "nested"))) for row in memory]
    titles = ("form", "time", "sample", "by first order (spread)", "by the closed form (spread)")
    page = (
        f"# Deliberative explanations\n\n{machine_line(results['machine'])}; {config['rounds']} rounds in turns, "
        f"float32.\n\nMaps of all {config['classes']} classes at {config['side'] ** 2} positions of a VGG16-shaped "
        f"head, `chunk={config['chunk']}`. Where a sample was run, times are extrapolated from it. Largest difference "
        f"from the closed form, divided by the largest value of the maps: {errors}.\n\n"
        f"{table(titles, map(_form_line, results['forms']))}\nMiB that the compiled program reserves for intermediates:"
        f"\n\n{table(('chunk', 'first order', 'closed form', 'nested jvp'), sizes)}"
    )
    return page + _whole_text(results["whole"], config["pictures"]) if results["whole"] else page


def _form_line(row: dict[str, Any]) -> tuple[object, ...]:
    sample = "-" if row["sample"] == row["number"] else f"{row['sample']} of {row['number']}"
    return (row["form"], _time(row["seconds"]), sample, ratio_text(row["to_first"]), ratio_text(row["to_closed"]))


def _whole_text(whole: dict[str, float], pictures: int) -> str:
    explained, bare = whole["explained"], whole["bare"]
    return (
        f"\nDeliberative explanations of VGG16 at 224 px (second order, entropy, five classes, masks at full size), "
        f"{pictures} images side by side: {explained:.2f} s per image, of which the network's forward pass {bare:.2f}; "
        f"100 images in {explained * 100 / 60:.1f} minutes.\n"
    )


def _time(seconds: float) -> str:
    unit, size = ("s", 1) if seconds < 100 else ("min", 60) if seconds < 7200 else ("h", 3600)
    return f"{seconds / size:.2f} s" if size == 1 else f"{seconds / size:.1f} {unit}"


REPORT = Report("deliberative", markdown)
