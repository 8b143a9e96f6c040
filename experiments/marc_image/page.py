"""The page of MaRC's Table 2: our numbers beside the paper's, and whether they support its claim."""

from typing import Any

import numpy as np

from experiments.experiment.claims import lead, standard_error
from experiments.experiment.markdown import bullets, table
from experiments.experiment.record import run_line
from experiments.experiment.results import Report
from experiments.marc_image.summary import MEASURES

__all__ = ["REPORT"]

FEW = 8  # images from which a standard error is meaningful
MAY_STOP = 250, 0.5  # the released program stops after so many updates, once the mean mask is below the second number
HEAD = """# MaRC's Table 2

Sufficiency (low is good) and comprehensiveness (high is good) of the true class's probability: mean ± standard error
over the images. In brackets is the paper's number (Brinner and Zarriess 2023: ResNet-101 for CNNs, ViT-B/16).
"""
DIFFERS = """
## What differs from the paper

* Networks: a small CNN for drawn birds at 64 px, MobileNetV2 and ViT-Ti/16 at 224 px; in the paper ResNet-101 at 224 px
  and ViT-B/16 at 384 px. Photographs are cropped to a square, not padded. Most are probably training images.
* MaRC: as released; the mean colour is that of the image itself.
* `MaRC, longer` has three times the updates. `MaRC, eq. 1` uses the printed loss, whose term `log P` of the complement
  has no lower bound; the released program uses `-log(1 - P)`.
* Meaningful perturbation has no stopping rule. Excitation backpropagation is read at the network's first layer.
  Transition attention maps start at the image's mean colour. Pixels of blurs and windows are scaled with the image.
* Backgrounds (blur, black, mean, white) and the choice of pixels are as in their program.
* `random` is ours: uniform numbers.
"""


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what `marc_image.json` holds.
    """
    return "\n".join([HEAD, *(_section(name, result) for name, result in results["results"].items()), DIFFERS])


def _section(name: str, result: dict[str, Any]) -> str:
    config, methods = result["run"]["config"], result["methods"]
    lines = [(label, *(_cell(row, measure) for measure in MEASURES), row["seconds"]) for label, row in methods.items()]
    notes = [_claim(measure, result["claims"][measure]) for measure in MEASURES]
    notes += [_masks(label, row["masks"], result["updates"]) for label, row in methods.items() if "masks" in row]
    return "\n".join(
        [
            f"## {name}\n",
            f"{run_line(result['run'])}{' With --full.' if config['full'] else ''}\n",
            f"{_images(result)} {_effort(config['effort'], result['updates'])}\n",
            table(("method", "sufficiency", "comprehensiveness", "s per image"), lines),
            bullets(notes),
        ]
    )


def _images(result: dict[str, Any]) -> str:
    return (
        f"{result['pictures']} images of {result['side']} px, {result['right']:.0%} of them classified right; the mean "
        f"probability of the true class is {result['likely']:.3f}."
    )


def _effort(effort: dict[str, Any], updates: int) -> str:
    return (
        f"MaRC: at most {updates} updates at rate {effort['rate']} (theirs stops between 250 and 7500, at 0.03). "
        f"Meaningful perturbation: {effort['perturb']} updates. Integrated gradients: {effort['path']} steps (100). "
        f"Occlusion: {effort['across']} windows along a side (56). Measures: {effort['fractions']} shares of the "
        "pixels, evenly spaced (19)."
    )


def _cell(row: dict[str, Any], measure: str) -> str:
    values = np.array(row[measure])
    error = f" ± {standard_error(values):.3f}" if len(values) > 1 else ""
    paper = f" ({row['paper'][MEASURES.index(measure)]:.3f})" if row["paper"] else ""
    return f"{values.mean():.3f}{error}{paper}"


def _claim(measure: str, claim: dict[str, Any]) -> str:
    difference, error = claim["ahead"], claim["error"]
    beyond = f"{'more' if abs(difference) > 2 * error else 'less'} than two standard errors"
    certain = beyond if claim["pictures"] >= FEW else "too few images to tell"
    return (
        f"{measure.capitalize()}: MaRC is {claim['place']}. of {claim['of']}; {lead(difference, claim['other'])} by "
        f"{abs(difference):.3f} ± {error:.3f}, image by image: {certain}."
    )


def _masks(label: str, masks: dict[str, float], updates: int) -> str:
    early = updates < MAY_STOP[0] or masks["area"] >= MAY_STOP[1]
    return (
        f"{label}: masks of mean area {masks['area']:.3f}. The probability is {masks['picture']:.3f} for the image, "
        f"{masks['rationale']:.3f} for the rationale and {masks['complement']:.3f} for the complement, before the "
        "backgrounds of the optimisation."
        + (
            f" The released program would not stop yet: from {MAY_STOP[0]} updates, below {MAY_STOP[1]}."
            if early
            else ""
        )
    )


REPORT = Report("marc_image", markdown)
