"""The page of `experiments.flex`: the paper's tables with our numbers beside its own, and whether its claims hold."""

from typing import Any

import numpy as np

from experiments.experiment.claims import VERDICTS, lead, verdict
from experiments.experiment.markdown import bullets, table
from experiments.experiment.record import run_line
from experiments.experiment.results import Report
from experiments.flex.figure import draw
from experiments.flex.texts import DIFFERS, HEAD, HEADINGS, PAPER

__all__ = ["REPORT"]

SETTINGS = {"epochs": "epochs", "captions": "sentences per image"}
PLAIN = ("features off", "seconds", "things named")  # the others are shown in %


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `flex.json` holds.
    """
    return "\n".join([HEAD, *(_section(name, result) for name, result in results["results"].items()), DIFFERS])


def _section(name: str, result: dict[str, Any]) -> str:
    parts = [f"## {name}\n", f"{run_line(result['run'], SETTINGS)}\n", _about(result)]
    for title, rows in result["tables"].items():
        parts += [f"### {HEADINGS[title]}\n", _table(title, rows, result["protocol"])]
    parts += ["### Claims, image by image\n", f"{VERDICTS}\n", bullets(map(_claim, result["claims"]))]
    return "\n".join([*parts, _sentences(result["sentences"])])


def _about(result: dict[str, Any]) -> str:
    return (
        f"The classifier gets {result['accuracy']:.1%} of the test images right. The explainers learn from "
        f"{result['train']} images with sentences ({result['words']} words). Of {result['test']} test images with "
        f"sentences it misclassifies {result['wrong']}. {result['seeds']} seed(s). {result['note']}\n"
    )


def _table(title: str, rows: dict[str, Any], protocol: str) -> str:
    qualities = list(dict.fromkeys(name for of in rows.values() for name in of))
    columns: dict[str, list[Any]] = {"": list(rows)}
    for name in qualities:
        columns[name] = [_number(of[name], name) if name in of else "–" for of in rows.values()]
        paper = PAPER.get((protocol, title, name))
        if paper:
            columns[f"{name}, paper ({protocol})"] = [paper.get(row, "–") for row in rows]
    return table(tuple(columns), zip(*columns.values(), strict=True))


def _number(of: dict[str, float], name: str) -> str:
    """The mean with its errors over images and, in brackets, over seeds."""
    if not np.isfinite(of["mean"]):
        return "–"
    scale = 1 if name in PLAIN else 100
    error = f" ± {scale * of['error']:.2f}" if np.isfinite(of["error"]) else ""
    seeds = f" ({scale * of['over_seeds']:.2f})" if np.isfinite(of["over_seeds"]) else ""
    return f"{scale * of['mean']:.2f}{error}{seeds}"


def _claim(claim: dict[str, Any]) -> str:
    holds = verdict(claim["mean"], claim["error"], claim["over_seeds"])
    by = _number(claim | {"mean": abs(claim["mean"])}, claim["quality"])
    factor = f", by a factor of {claim['factor']:.2f}" if np.isfinite(claim["factor"]) else ""
    return f"{claim['claim']} ({claim['table']}, {claim['quality']}): {holds}; {lead(claim['mean'])} by {by}{factor}"


def _sentences(examples: list[dict[str, Any]], most: int = 6) -> str:
    lines = ["### Sentences\n"]
    for one in examples[:most]:
        lines.append(f"Image {one['id']}, {one['class']}, classified as {one['predicted']}:\n")
        lines.append(bullets(f"{method}: {sentence}" for method, sentence in one["said"].items()))
    return "\n".join(lines)


REPORT = Report("flex", markdown, draw)
