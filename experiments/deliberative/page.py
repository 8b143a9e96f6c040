"""The page of `experiments.deliberative`: our numbers beside the paper's, and whether they support its claims."""

from typing import Any

import numpy as np

from experiments.deliberative.figure import draw
from experiments.deliberative.summary import MARGIN, PAPER_COVERAGES, RELEASED, columns
from experiments.experiment.claims import VERDICTS, lead, verdict
from experiments.experiment.markdown import bullets, table
from experiments.experiment.record import run_line
from experiments.experiment.results import Report

__all__ = ["PAPER", "REPORT"]

PAPER = {  # IoU (%) on ADE20K at coverages of 10 to 50 %, and their mean
    "Hesitancy": (8.32, 15.62, 22.25, 28.45, 34.31, 21.79),
    "Entropy": (8.16, 15.10, 21.26, 26.92, 32.23, 20.73),
    "Gradient": (8.63, 16.59, 24.14, 31.34, 38.29, 23.80),
    "Gradient without m^s": (8.54, 16.35, 23.70, 30.67, 37.39, 23.33),
    "Integrated gradients": (8.70, 16.75, 24.37, 31.60, 38.56, 23.99),
    "Gradient-Hessian": (8.86, 17.00, 24.65, 31.92, 38.88, 24.26),
}
SETTINGS = {  # of a run, with their names on the page
    "images": "images", "variant": "variant", "epochs": "epochs", "beside": "epochs of the hardness predictor",
    "loss": "its loss", "classifier_rate": "learning rate of the classifier meanwhile",
}  # fmt: skip
HEAD = """# Deliberative explanations: Figure 2 and Table 1

The explained images are the most difficult test images, by hardness. Numbers are in %. ± is the standard error over
images, the number in brackets the standard deviation over seeds. The curves are in `deliberative.png`.
"""
DIFFERS = """## What differs from the paper

* Networks and images are small (64 px; CUB: crops of 128 px, enlarged to 224). All networks but CUB's are trained from
  scratch. "Gradient" uses the hardness score: it is the paper's row "Hardness" too.
* All rows explain the same images, those of the greatest hardness. For hesitancy and entropy the released code takes
  the images that are difficult by that score.
* Pairs of classes that are candidates nowhere are left out. (The released code measures all ten pairs of the five
  likeliest classes.) Images whose pairs share no part have no value. So the pairs that count differ from row to row,
  and with them what random masks reach. The last column and the claims "ahead of random masks" subtract this.
  ("random" is measured on the pairs of the gradient.)
* The released evaluation on ADE20K compares with scrambled masks: `np.resize` repeats and cuts the flattened array.
  That on CUB ignores the crop. Here images are not cropped, and masks stay where they are. `--variant released` uses
  its ground truth and its way to count.
* Rows "as released" use its maps (`jxai.deliberative(variant="released")`): of logits, of first order, without
  negative values. The others are eq. 1 and 2 as printed: of posteriors, and the product of two negative maps is
  positive.
* "classifier held still": the classifier is not trained together with its hardness predictor. The predictor's loss is
  that of Wang and Vasconcelos 2018 ("eccv"); `--loss deliberative` is that of the released code of 2019.
* CUB: the hardness predictor is one hidden layer on the features of the pretrained trunk. Its targets come from
  classifiers that were fitted without the image in question.
"""


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `deliberative.json` holds.
    """
    sections = [_section(name, result) for name, result in results["results"].items()]
    return "\n".join([HEAD, *sections, DIFFERS])


def _section(name: str, result: dict[str, Any]) -> str:
    run = run_line(result["run"], SETTINGS)
    return "\n".join([f"## {name}\n", f"{run}\n", _about(result), _table(result["rows"]), _claims(result["claims"])])


def _about(result: dict[str, Any]) -> str:
    risks = ", ".join(f"{name} {100 * value:.2f}" for name, value in result["risk"].items())
    shares = ", ".join(f"{100 * share:.0f} % ({name})" for name, share in result["positive"].items())
    return (
        f"{result['seeds']} seed(s). The classifier gets {result['accuracy']:.1%} of the test images right, and "
        f"{result['wrong']:.1%} of the difficult ones wrong. Area under the risk-coverage curve (%, low is good): "
        f"{risks}. Share of positions where the first-order map of the difficulty is positive: {shares}.\n"
    )


def _table(rows: dict[str, Any]) -> str:
    return _table_of_masks(rows) if "iou" in next(iter(rows.values())) else _table_of_points(rows)


LAST = "ahead of random masks of the same pairs"


def _table_of_masks(rows: dict[str, Any]) -> str:
    levels = (f"IoU at {level:.0%}" for level in PAPER_COVERAGES)
    titles = ("", *levels, "mean", "images", "paper's mean (ADE20K)", LAST)
    cells = [
        (row, *(_percent(of["iou"]["curve"][column]) for column in columns()), _cell(of["iou"]), of["iou"]["images"],
         PAPER.get(row.removesuffix(RELEASED), ("–",))[-1], _cell(of.get("iou" + MARGIN)))
        for row, of in rows.items()
    ]  # fmt: skip
    return table(titles, cells)


def _table_of_points(rows: dict[str, Any]) -> str:
    titles = ("", "precision, mean over coverages", "recall, mean over coverages", "images", LAST)
    cells = [
        (row, _cell(of["precision"]), _cell(of["recall"]), of["precision"]["images"],
         _cell(of.get("precision" + MARGIN)))
        for row, of in rows.items()
    ]  # fmt: skip
    return table(titles, cells)


def _percent(value: float) -> str:
    return f"{100 * value:.2f}" if np.isfinite(value) else "–"


def _cell(of: dict[str, float] | None) -> str:
    if not of or not of["images"]:
        return "–"
    return f"{100 * of['mean']:.2f} ± {100 * of['error']:.2f} ({100 * of['over seeds']:.2f})"


def _claims(claims: list[dict[str, Any]]) -> str:
    return f"{VERDICTS}\n\n{bullets(map(_claim, claims))}"


def _claim(claim: dict[str, Any]) -> str:
    difference, over_seeds = claim["ahead"], claim.get("over seeds", float("nan"))  # absent in results of earlier runs
    between = f", ± {100 * over_seeds:.2f} over seeds" if np.isfinite(over_seeds) else ""
    return (
        f"{claim['claim']}: {verdict(difference, claim['error'], over_seeds)}; {lead(difference)} by "
        f"{100 * abs(difference):.2f} ± {100 * claim['error']:.2f}{between} ({claim['quality']}, image by image)"
    )


REPORT = Report("deliberative", markdown, draw)
