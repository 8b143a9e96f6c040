"""The page of `experiments.marc_text`: Table 1 beside the paper's, and whether the numbers support its claims."""

from typing import Any

import numpy as np

from experiments.experiment.claims import best_rival, lead, verdict
from experiments.experiment.markdown import bullets, table
from experiments.experiment.record import machine_line
from experiments.experiment.results import Report
from experiments.marc_text.methods import ABLATIONS
from experiments.marc_text.table import COLUMNS

__all__ = ["PAPER", "claims", "report"]

PAPER = {  # Brinner and Zarriess 2023, table 1: BERT on movies
    "MaRC": (0.473, 0.469, 0.163, 0.028, 0.518),
    "Occlusion": (0.432, 0.448, 0.125, 0.022, 0.415),
    "Saliency n": (0.435, 0.392, 0.040, 0.132, 0.287),
    "Saliency s": (0.425, 0.340, 0.076, 0.260, 0.246),
    "InXGrad n": (0.436, 0.396, 0.040, 0.136, 0.292),
    "InXGrad s": (0.425, 0.340, 0.084, 0.239, 0.248),
    "Int. Grads n": (0.428, 0.369, 0.036, 0.122, 0.274),
    "Int. Grads s": (0.431, 0.381, 0.071, 0.048, 0.528),
    "LIME": (0.436, 0.380, 0.076, 0.047, 0.496),
    "Shapley": (0.428, 0.439, 0.079, -0.015, 0.728),
    "MaRC without noise": (0.454, 0.450, 0.139, 0.034, 0.487),
    "MaRC without Ω_λ": (0.349, 0.350, 0.046, 0.120, 0.266),
    "MaRC without Ω_σ": (0.447, 0.425, 0.091, 0.036, 0.535),
    "MaRC without L(x̃ᶜ)": (0.396, 0.436, 0.123, 0.052, 0.304),
}
LOW = "Suff"  # the one column where low is good
DIFFERS = """\
What differs from the paper: the classifier is a small transformer (two blocks, 64 channels, trained from scratch)
in place of BERT, unless --weights names another. Padding gets no attention. Positions and types are added once, not
twice. MaRC follows the paper's formulas, not the released program's (kernel with sigma, Adam, the complement's term
log P). LIME uses 100 samples and Shapley 15 orders, as released (the paper says 50 and 25). Integrated gradients
start from the same absent words as the other methods. n is the norm over the channels of a token, s their sum.
"""
OBSERVATIONS = {
    "reviews": """\
The printed loss has no lower bound in the complement's term: it was 5.5 nats on six reviews that were looked at,
against 0.22 for the mask's size. So it pays to keep nearly half of the words. The released program bounds the term
by -log(1 - P), keeps a little more than a quarter of the words, and agrees better with people's marks.

The rationales are true to the model: on the six reviews, P is 0.997 for the rationale and 0.004 for the complement.
But the model is partly misled. The rationales hold the grammar's distractors ('nobody could call the soundtrack
hollow', 'in Salt Waltz the scene was dismal, but that was another film') beside the marked clauses. This also
explains why the masks agree better without the complement's term: what would suffice is shorter than all evidence
for the class.

Token F1 hardly distinguishes methods: almost all words together reach as much as most methods, in the paper's table
too.
"""
}


def markdown(results: dict[str, Any]) -> str:
    """The page.

    Args:
        results: what the JSON file holds.
    """
    data, rows, seconds = results["config"]["data"], results["rows"], results["seconds"]
    time = f"{seconds['whole']:.0f} s, of which training {seconds['training']:.0f} s"
    parts = [
        f"# Rationales of {data}: Table 1 of MaRC\n",
        f"{machine_line(results['machine'], load='at the end')}; {time}.\n",
        f"{_about(results)}\n",
        _table(rows),
        DIFFERS,
        "## The claims\n",
        bullets(claims(rows)),
        "## What MaRC finds\n",
        *([OBSERVATIONS[data]] if data in OBSERVATIONS else []),
        f"{_rationales(results['marc'])}\n",
        "## Share of words in the rationales of Token F1, and seconds per text with compilation\n",
        table(("method", "share", "s"), [(name, row["share"], row["seconds"]) for name, row in rows.items()]),
    ]
    return "\n".join(parts)


def _about(results: dict[str, Any]) -> str:
    words, weights = results["texts"]["words"], results["weights"]
    accuracy = weights.get("best epoch", {}).get("validation_accuracy", float("nan"))
    return (
        f"{len(words)} texts of {min(words)} to {max(words)} words; people marked {results['texts']['gold']:.1%} of "
        f"them. Numbers are means ± standard errors. Suff: low is good. Classifier: {weights.get('model', '')}, "
        f"validation accuracy {accuracy:.1%}. Absent words are {results['config']['absent']} tokens."
    )


def _table(rows: dict[str, Any]) -> str:
    lines = []
    for name, row in rows.items():
        ours = [f"{row['mean'][column]:.3f} ± {row['error'][column]:.3f}" for column in COLUMNS]
        paper = [f"{value:.3f}" for value in PAPER[name]] if name in PAPER else ["–"] * len(COLUMNS)
        lines.append((name, *ours, *paper))
    return table(("method", *COLUMNS, *(f"paper: {column}" for column in COLUMNS)), lines)


def _rationales(facts: dict[str, Any]) -> str:
    probabilities = ", ".join(f"{name} {value:.3f}" for name, value in facts["P"].items())
    return (
        f"Here the mean mask is {facts['mean mask']:.3f}. P of the true class: {probabilities}. The rationale alone "
        f"gets the true class in {facts['rationale enough']:.0%} of the texts, the complement in "
        f"{facts['complement still right']:.0%}, the whole text in {facts['right']:.0%}."
    )


def claims(rows: dict[str, Any]) -> list[str]:
    """The paper's claims, each with the verdict of these texts.

    Args:
        rows: of the table.
    """
    ablations = [name for name in (f"MaRC without {part}" for part in ABLATIONS) if name in rows]
    others = [name for name in rows if not name.startswith("MaRC")]
    stated = (
        ("Plausibility of MaRC best of all methods", "MaRC", others, COLUMNS[:3]),
        ("Plausibility of MaRC as released best of all methods", "MaRC as released", others, COLUMNS[:3]),
        ("Full objective best of the ablations", "MaRC", ablations, COLUMNS),
    )
    return [
        f"{text}, {column}: {_verdict(rows, own, rivals, column)}"
        for text, own, rivals, columns in stated
        for column in columns
        if rivals and own in rows
    ]


def _verdict(rows: dict[str, Any], own: str, rivals: list[str], column: str) -> str:
    values = {name: np.array(row["texts"][column]) for name, row in rows.items()}
    best = best_rival(values, own, rivals, lower=column == LOW)
    difference, error = best.lead.mean, best.lead.error
    return f"{verdict(difference, error)}; {lead(difference, best.rival)} by {abs(difference):.3f} ± {error:.3f}."


def report(data: str) -> Report:
    """How the results of a data set are written."""
    return Report("marc_text" if data == "reviews" else f"marc_text_{data}", markdown)
