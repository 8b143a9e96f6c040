"""The page of `experiments.deliberative`: our numbers beside the paper's, and whether they bear its claims out."""

import json
import pathlib
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from experiments.benchmarks.timing import table
from experiments.runs import run_text, standard_error, together, verdict
from jxai.metrics.ambiguity.coverage_curves import COVERAGES

__all__ = ["AHEAD", "RELEASED", "write_results"]

NAME = "deliberative"
RELEASED = ", as released"
AHEAD = ", ahead of random masks"
ABOVE = "ahead of random masks of the same pairs"
ACROSS = 3  # panels of the figure in a row
SHOWN = (0.1, 0.2, 0.3, 0.4, 0.5)
PAPER = {  # IoU (%) on ADE20K at coverages of 10 to 50 %, and their mean
    "Hesitancy": (8.32, 15.62, 22.25, 28.45, 34.31, 21.79),
    "Entropy": (8.16, 15.10, 21.26, 26.92, 32.23, 20.73),
    "Gradient": (8.63, 16.59, 24.14, 31.34, 38.29, 23.80),
    "Gradient without m^s": (8.54, 16.35, 23.70, 30.67, 37.39, 23.33),
    "Integrated gradients": (8.70, 16.75, 24.37, 31.60, 38.56, 23.99),
    "Gradient-Hessian": (8.86, 17.00, 24.65, 31.92, 38.88, 24.26),
}
CLAIMS = (
    ("Gradient", "Hesitancy", "hardness beats hesitancy"),
    ("Gradient", "Entropy", "hardness beats entropy"),
    ("Gradient-Hessian", "Gradient", "second order beats first"),
    ("Gradient", "Gradient without m^s", "the difficulty map helps"),
    ("Gradient", "random", "the maps beat random masks"),
)
DIFFERS = """* Networks and pictures are small (64 px; CUB: crops of 128 px, enlarged to 224), trained from scratch but
  for CUB's. "Gradient" has the hardness score: it is the paper's row "Hardness" too.
* All rows explain the same images, those of the greatest hardness; the released code takes for hesitancy and entropy
  the images that are difficult by that score.
* Pairs of classes that are candidates nowhere are left out (the released code measures all ten pairs of the five
  likeliest classes). Images whose pairs share nothing have no value. So the pairs that count are not the same in all
  rows, nor is what random masks get for them: the last column, and the claims "ahead of random masks", take this away
  ("random" is that of the gradient's pairs).
* The released evaluation on ADE20K compares with scrambled masks (`np.resize` repeats and cuts off the flattened
  array), that on CUB ignores the crop; here pictures are not cut, and masks are where they are. `--variant released`
  has its ground truth and its way to count. Rows "as released" have its maps: of logits, first order, without negative
  values (`jxai.deliberative(variant="released")`); the others are eq. 1 and 2 as printed, of posteriors, in which the
  product of two negative maps is positive.
* "classifier held still": the classifier is not trained on beside its hardness predictor. The predictor's loss is that
  of Wang and Vasconcelos 2018 ("eccv"); `--loss deliberative` has that of the released code of 2019.
* CUB: the hardness predictor is one hidden layer on the features of the pretrained trunk, and learns from what
  classifiers that were fitted without an image say about it.
"""


def write_results(folder: pathlib.Path, run: dict[str, Any], results: dict, *, keep: bool = False) -> None:
    """Writes `deliberative.json`, `deliberative.md` and `deliberative.png`.

    Args:
        folder: where to.
        run: what was asked for, where and when, as `experiments.runs.run_of` gives it.
        results: by set and architecture, for each seed what `measure` returns.
        keep: what stands there of other sets and architectures stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {f"{name}, {shown}": _summary(each) for (name, shown), each in results.items()}
    whole = together(folder / f"{NAME}.json", found, run, keep=keep)
    (folder / f"{NAME}.json").write_text(json.dumps(whole, indent=1, default=list) + "\n")
    (folder / f"{NAME}.md").write_text(_markdown(whole))
    _figure(whole["results"]).savefig(folder / f"{NAME}.png", dpi=100)


def _summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean curves, and the averages over coverages: mean, deviation over seeds, error over images."""
    rows: dict[str, Any] = {}
    for row in found[0]["rows"]:
        rows[row] = {}
        for quality in found[0]["rows"][row]:
            each = [_of_images(one["rows"][row][quality], quality) for one in found]
            means = [float(_mean(values)) for values in each]
            pooled = np.concatenate(each)
            rows[row][quality] = {
                "mean": float(np.mean(means)), "over seeds": float(np.std(means)), "error": standard_error(pooled),
                "images": int(np.isfinite(pooled).sum()),
            }  # fmt: skip
            if not quality.endswith(AHEAD):  # is in no figure
                curve = _mean(np.stack([_mean(one["rows"][row][quality]) for one in found]))
                rows[row][quality]["curve"] = [round(float(v), 4) for v in curve]
    pairs = [(best + end, other + end, text + end) for end in ("", RELEASED) for best, other, text in CLAIMS]
    claims = [line for end in ("", AHEAD) for pair in pairs if (line := _claim(found, *pair, end))]
    risks = {name: float(np.mean([one["risk"][name] for one in found])) for name in found[0]["risk"]}
    about = {key: float(np.mean([one[key] for one in found])) for key in ("accuracy", "wrong")}
    positive = {name: float(np.mean([one["positive"][name] for one in found])) for name in found[0]["positive"]}
    return {"seeds": len(found), **about, "risk": risks, "positive": positive, "rows": rows, "claims": claims}


def _of_images(values: np.ndarray, quality: str) -> np.ndarray:
    """One number an image: the mean over coverages, of IoU over 10 to 50 % as in Table 1."""
    columns = [round(level * 100) - 1 for level in SHOWN] if quality.startswith("iou") else slice(None)
    chosen = values[:, columns]
    return _mean(chosen.T)


def _mean(values: np.ndarray) -> np.ndarray:
    """Over the first axis, of what is no NaN; NaN where nothing is."""
    known = np.isfinite(values)
    total = np.where(known, values, 0).sum(0)
    return np.where(known.any(0), total / np.maximum(known.sum(0), 1), np.nan)


def _claim(found: list[dict[str, Any]], best: str, other: str, text: str, end: str) -> dict[str, Any] | None:
    """Image by image: how far one row is ahead of another, in precision or IoU, or in these above random masks."""
    rows = found[0]["rows"]
    if best not in rows or other not in rows:
        return None
    quality = ("iou" if "iou" in rows[best] else "precision") + end
    if quality not in rows[best] or quality not in rows[other]:
        return None
    each = [
        _of_images(one["rows"][best][quality], quality) - _of_images(one["rows"][other][quality], quality)
        for one in found
    ]
    ahead, seeds = np.concatenate(each), standard_error(np.array([float(_mean(values)) for values in each]))
    measured = {"ahead": float(_mean(ahead)), "error": standard_error(ahead), "over seeds": seeds}
    return {"claim": text, "quality": quality, **measured}


def _markdown(whole: dict[str, Any]) -> str:
    lines = [
        "# Deliberative explanations: Figure 2 and Table 1\n",
        "The most difficult test images, by hardness. In %; ± standard error over images, in brackets the standard "
        "deviation over seeds. Curves: `deliberative.png`.\n",
    ]
    for name, result in whole["results"].items():
        run = run_text(result["run"], "images", "variant", "epochs", "beside", "loss", "classifier_rate")
        lines += [f"## {name}\n", f"{run}\n", _about(result), _table(result["rows"]), _claims(result["claims"])]
    return "\n".join([*lines, "## What differs from the paper\n", DIFFERS])


def _about(result: dict[str, Any]) -> str:
    risks = ", ".join(f"{name} {100 * value:.2f}" for name, value in result["risk"].items())
    return (
        f"{result['seeds']} seed(s). Classifier {result['accuracy']:.1%} right on the test images, "
        f"{result['wrong']:.1%} wrong on the difficult ones. Area under risk over coverage (%), low is good: {risks}. "
        "First-order map of the difficulty above 0 at "
        f"{', '.join(f'{100 * share:.0f} % of the places ({name})' for name, share in result['positive'].items())}.\n"
    )


def _table(rows: dict[str, Any]) -> str:
    if "iou" in next(iter(rows.values())):
        places = [round(level * 100) - 1 for level in SHOWN]
        titles = ("", *(f"IoU at {level:.0%}" for level in SHOWN), "mean", "images", "paper's mean (ADE20K)", ABOVE)
        cells = [
            (row, *(_percent(of["iou"]["curve"][place]) for place in places), _cell(of["iou"]), of["iou"]["images"],
             PAPER.get(row.removesuffix(RELEASED), ("–",))[-1], _cell(of.get("iou" + AHEAD)))
            for row, of in rows.items()
        ]  # fmt: skip
        return table(titles, cells)
    titles = ("", "precision, mean over coverages", "recall, mean over coverages", "images", ABOVE)
    cells = [
        (row, _cell(of["precision"]), _cell(of["recall"]), of["precision"]["images"],
         _cell(of.get("precision" + AHEAD)))
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
    def line(c: dict[str, Any]) -> str:
        seeds = c.get("over seeds", float("nan"))  # results of earlier runs have none
        ahead = f"{100 * c['ahead']:.2f} ± {100 * c['error']:.2f}"
        between = f", ± {100 * seeds:.2f} over seeds" if np.isfinite(seeds) else ""
        holds = verdict(c["ahead"], c["error"], seeds)
        return f"* {c['claim']}: {holds}; ahead by {ahead}{between} ({c['quality']}, image by image)\n"

    return "".join(["Yes or no: beyond two standard errors, of images and seeds together.\n\n", *map(line, claims)])


def _figure(results: dict[str, Any]) -> Figure:
    """Precision over recall, or IoU over coverage, of every set and architecture; dotted: as released."""
    columns = min(ACROSS, len(results))
    rows = -(-len(results) // columns)
    figure = Figure(figsize=(4.4 * columns + 2.2, 3.8 * rows), layout="constrained")
    shown: dict[str, Any] = {}
    for place, (name, result) in enumerate(results.items()):
        axes = figure.add_subplot(rows, columns, place + 1)
        masks = "iou" in next(iter(result["rows"].values()))
        for row, of in result["rows"].items():
            style = _style(row)
            x = [100 * c for c in COVERAGES] if masks else [100 * v for v in of["recall"]["curve"]]
            shown[row] = axes.plot(x, [100 * v for v in of["iou" if masks else "precision"]["curve"]], **style)[0]
        axes.set(
            title=name, xlabel="coverage, %" if masks else "recall, %", ylabel="IoU, %" if masks else "precision, %"
        )
    figure.legend(shown.values(), shown.keys(), loc="outside right upper", fontsize=7)
    return figure


def _style(row: str) -> dict[str, Any]:
    """A colour for each way to explain, a line for each variant."""
    plain = row.removesuffix(RELEASED)
    colour = "black" if plain == "random" else f"C{[*PAPER, plain].index(plain)}"
    return {"color": colour, "linewidth": 1.2, "linestyle": ":" if plain != row else "-"}
