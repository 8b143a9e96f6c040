"""The page of MaRC's Table 2: our numbers beside the paper's, and whether they bear its claim out."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.benchmarks.timing import table
from experiments.marc_image.methods import PAPER, is_transformer
from experiments.runs import run_of, run_text, together

__all__ = ["claim", "write_results"]

FILE = "marc_image"
FEW = 8  # pictures from which a standard error says something
SETTLED = 250, 0.5  # the released program stops after so many updates, where the mean mask is below
OWN = "MaRC"


def claim(values: Mapping[str, np.ndarray], *, lower: bool) -> dict[str, Any]:
    """Whether MaRC is the best, pair by pair over the same pictures.

    Args:
        values: `[n]` by method; MaRC's own variants do not compete with it.
        lower: whether low is good.

    Returns:
        How many `pictures`, the `place` of MaRC, `of` how many, the best `other`, and the mean and standard error of
        MaRC's advantage over it (above 0 where MaRC is better).
    """
    sign = -1 if lower else 1
    others = {name: sign * row for name, row in values.items() if not name.startswith(OWN)}
    mine = sign * values["MaRC"]
    best = max(others, key=lambda name: others[name].mean())
    ahead = mine - others[best]
    error = float(np.std(ahead, ddof=1) / np.sqrt(len(ahead))) if len(ahead) > 1 else float("nan")
    place = 1 + sum(row.mean() > mine.mean() for row in others.values())
    return {
        "pictures": len(ahead),
        "place": int(place),
        "of": len(others) + 1,
        "other": best,
        "ahead": float(ahead.mean()),
        "error": error,
    }


def write_results(config: Any, about: dict[str, Any], results: dict[str, Any], seconds: float) -> None:
    """Writes `marc_image.json` and `marc_image.md`.

    Args:
        config: of the experiment.
        about: machine and versions.
        results: for each network its `Pictures`, and `Measured` by method.
        seconds: the whole took.
    """
    found = {name: _network(pictures, measured, config.effort) for name, (pictures, measured) in results.items()}
    run = run_of({"effort": dataclasses.asdict(config.effort), "full": config.full}, about, seconds)
    config.table.mkdir(parents=True, exist_ok=True)
    whole = together(config.table / f"{FILE}.json", found, run, keep=config.keep)
    (config.table / f"{FILE}.json").write_text(json.dumps(whole, indent=1) + "\n")
    (config.table / f"{FILE}.md").write_text(_page(whole["results"]))


def _network(pictures: Any, measured: dict[str, Any], effort: Any) -> dict[str, Any]:
    paper = PAPER["vit" if is_transformer(pictures.model) else "cnn"]
    claims = {
        name: claim({label: getattr(found, name) for label, found in measured.items()}, lower=name == "sufficiency")
        for name in ("sufficiency", "comprehensiveness")
    }
    methods = {
        label: {
            "sufficiency": _rounded(found.sufficiency),
            "comprehensiveness": _rounded(found.comprehensiveness),
            "paper": paper.get(label),
            "seconds": round(found.seconds, 2),
            **({"masks": {name: round(value, 4) for name, value in found.masks.items()}} if found.masks else {}),
        }
        for label, found in measured.items()
    }
    updates = effort.updates(pictures.model)
    facts = {
        "updates": updates,
        "pictures": len(pictures.likely),
        "side": pictures.model.size,
        "right": round(pictures.right, 3),
    }
    return {**facts, "likely": round(float(pictures.likely.mean()), 3), "claims": claims, "methods": methods}


def _page(results: dict[str, Any]) -> str:
    head = (
        "# MaRC's Table 2\n\n"
        "Sufficiency (low is good) and comprehensiveness (high is good) of the true class's probability, mean ± "
        "standard error over the pictures; in brackets the paper's (Brinner and Zarriess 2023: ResNet-101 for CNNs, "
        "ViT-B/16).\n"
    )
    return "\n".join([head, *(_part(name, found) for name, found in results.items()), _differs()])


def _part(name: str, found: dict[str, Any]) -> str:
    lines = [
        (label, *(_cell(row, k, kind) for k, kind in enumerate(("sufficiency", "comprehensiveness"))), row["seconds"])
        for label, row in found["methods"].items()
    ]
    effort = found["run"]["config"]["effort"]
    said = [
        f"## {name}\n",
        f"{run_text(found['run'])}{' With --full.' if found['run']['config']['full'] else ''}\n",
        f"{found['pictures']} pictures of {found['side']} px, {found['right']:.0%} classified right, mean probability "
        f"of the true class {found['likely']:.3f}. MaRC: at most {found['updates']} updates at rate {effort['rate']} "
        "(theirs stops between 250 and 7500, at 0.03); meaningful perturbation: "
        f"{effort['perturb']} updates; integrated gradients: {effort['path']} steps (100); occlusion: "
        f"{effort['across']} windows along a side (56). Measures: {effort['fractions']} shares of the pixels, evenly "
        "spaced (19).\n",
        table(("method", "sufficiency", "comprehensiveness", "s a picture"), lines),
        *(_claim(kind, found["claims"][kind]) for kind in ("sufficiency", "comprehensiveness")),
        *(_masks(label, row["masks"], found["updates"]) for label, row in found["methods"].items() if "masks" in row),
    ]
    return "\n".join([*said, ""])


def _cell(row: dict[str, Any], k: int, kind: str) -> str:
    values = np.array(row[kind])
    error = f" ± {np.std(values, ddof=1) / np.sqrt(len(values)):.3f}" if len(values) > 1 else ""
    return f"{values.mean():.3f}{error}" + (f" ({row['paper'][k]:.3f})" if row["paper"] else "")


def _claim(kind: str, found: dict[str, Any]) -> str:
    ahead, error = found["ahead"], found["error"]
    sure = f"{'more' if abs(ahead) > 2 * error else 'less'} than two standard errors"
    return (
        f"* {kind.capitalize()}: MaRC is {found['place']}. of {found['of']}; {abs(ahead):.3f} ± {error:.3f} "
        f"{'ahead of' if ahead > 0 else 'behind'} {found['other']} over the same pictures, "
        f"{sure if found['pictures'] >= FEW else 'too few to tell'}."
    )


def _masks(label: str, masks: dict[str, float], updates: int) -> str:
    early = updates < SETTLED[0] or masks["area"] >= SETTLED[1]
    return (
        f"* {label}: masks of mean area {masks['area']:.3f}; probability {masks['picture']:.3f} of the picture, "
        f"{masks['rationale']:.3f} of the rationale, {masks['complement']:.3f} of the complement, before the "
        "backgrounds that they were optimised with."
        + (f" The released program would not stop yet: from {SETTLED[0]} updates, below {SETTLED[1]}." if early else "")
    )


def _differs() -> str:
    given = [
        "Networks: a small CNN of drawn birds at 64 px, MobileNetV2 and ViT-Ti/16 at 224 px, for ResNet-101 at 224 px "
        "and ViT-B/16 at 384 px. Photographs are cut square, not padded; most are probably training images.",
        "MaRC: as released; the mean colour is the picture's own.",
        "`MaRC, longer` has three times the updates; `MaRC, eq. 1` the printed loss, whose term `log P` of the "
        "complement has no lower bound; the released program has `-log(1 - P)`.",
        "Meaningful perturbation has no stop rule; excitation backpropagation is read at the network's first layer; "
        "transition attention maps start at the picture's mean colour. Pixels of blurs and windows are scaled to the "
        "side.",
        "Backgrounds (blur, black, mean, white) and the choice of pixels are as in their program.",
        "`random` is ours: uniform numbers.",
    ]
    return "\n## What differs from the paper\n\n" + "".join(f"* {line}\n" for line in given)


def _rounded(values: np.ndarray) -> list[float]:
    return [round(float(value), 4) for value in values]
