"""The page of `experiments.flex`: the paper's tables with our numbers beside its own, and whether its claims hold."""

import json
import pathlib
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from experiments.benchmarks.timing import table
from experiments.flex_texts import DIFFERS, HEADINGS, PAPER
from experiments.runs import run_text, together

__all__ = ["Cell", "cell", "summary", "write_results"]

NAME = "flex"
FIRST, SECOND = "FLEX", "FLEX, words of things"
MASKING = ("masking", "masking, all channels")


class Cell(NamedTuple):
    """One number of a table.

    Attributes:
        mean: over images and seeds.
        error: standard error over images, of each image's mean over seeds; NaN for a number of the whole set.
        over_seeds: standard error over seeds; NaN for one seed.
        images: how many have a value.
    """

    mean: float
    error: float
    over_seeds: float
    images: int


def cell(*seeds: Any) -> Cell:
    """A number from those of each seed: `[n]`, NaN where an image has none, or one number for the whole set.

    Example:
        >>> cell(np.array([0.0, 1.0, np.nan]), np.array([1.0, 1.0, np.nan])).mean
        0.75
    """
    values = [np.atleast_1d(np.asarray(each, float)) for each in seeds]
    means = np.array([_mean(each) for each in values])
    over = float(means.std(ddof=1) / len(means) ** 0.5) if len(means) > 1 else float("nan")
    per_image = np.array([_mean(column) for column in zip(*values, strict=True)])
    known = per_image[np.isfinite(per_image)]
    return Cell(_mean(means), _error(known), over, len(known))


def _mean(values: Any) -> float:
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    return float(known.mean()) if len(known) else float("nan")


def _error(known: np.ndarray) -> float:
    return float(known.std(ddof=1) / len(known) ** 0.5) if len(known) > 1 else float("nan")


def summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Of one set, for each seed what `experiments.flex.measure` returns: cells, claims, and sentences of one seed."""
    tables = {
        title: {row: {name: cell(*(one["tables"][title][row][name] for one in found))._asdict() for name in of}
                for row, of in rows.items()}
        for title, rows in found[0]["tables"].items()
    }  # fmt: skip
    return {
        **found[0]["about"], "seeds": len(found), "tables": tables, "claims": _claims(found),
        "sentences": found[0]["sentences"],
    }  # fmt: skip


def _claims(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Image by image, how far FLEX is ahead."""
    pairs = [
        ("methods", FIRST, row, quality) for quality in ("drel", "drel of facts", "true")
        for row in found[0]["tables"]["methods"] if row != FIRST
    ]  # fmt: skip
    pairs.append(("methods", "without relevance vector", "baseline", "drel"))
    pairs += [("methods", SECOND, row, "drel") for row in found[0]["tables"]["methods"] if row not in (FIRST, SECOND)]
    pairs += [
        (title, FIRST, row, quality)
        for title in MASKING for row in found[0]["tables"].get(title, ()) if row != FIRST
        for quality in ("drop", "drop, as many")
    ]  # fmt: skip
    lines = [_claim(found, *pair) for pair in pairs]
    for title in MASKING:
        rows = [one["tables"].get(title, {}).get(FIRST) for one in found]
        if all(rows):
            for pool in (name for name in rows[0] if name.startswith("random")):
                pairs = [(row["drop"], row[pool]) for row in rows]
                lines.append(_line(title, f"as many {pool} features", "drop", pairs))
    return [line for line in lines if line]


def _claim(found: list[dict[str, Any]], title: str, best: str, other: str, quality: str) -> dict[str, Any] | None:
    tables = [one["tables"].get(title, {}) for one in found]
    if not all(quality in rows.get(best, {}) and quality in rows.get(other, {}) for rows in tables):
        return None
    pairs = [(np.asarray(rows[best][quality]), np.asarray(rows[other][quality])) for rows in tables]
    return _line(title, other, quality, pairs, best)


def _line(
    title: str, other: str, quality: str, pairs: list[tuple[np.ndarray, np.ndarray]], best: str = FIRST
) -> dict[str, Any]:
    found = cell(*(own - others for own, others in pairs))
    verdict = "yes" if found.mean > 2 * found.error else "no" if found.mean < -2 * found.error else "undecided"
    factor = cell(*(own for own, _ in pairs)).mean / (cell(*(others for _, others in pairs)).mean or np.nan)
    line = {"claim": f"{best} above {other}", "table": title, "quality": quality, **found._asdict()}
    return line | {"factor": factor, "holds": verdict}


def write_results(folder: pathlib.Path, run: dict[str, Any], results: dict[str, Any], *, keep: bool = False) -> None:
    """Writes `flex.json`, `flex.md` and `flex.png`.

    Args:
        folder: where to.
        run: what was asked for, where and when, as `experiments.runs.run_of` gives it.
        results: by set, for each seed what `experiments.flex.measure` returns.
        keep: what stands there under other names stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = {name: summary(each) for name, each in results.items()}
    whole = together(folder / f"{NAME}.json", found, run, keep=keep)
    (folder / f"{NAME}.json").write_text(json.dumps(whole, indent=1, default=_plain) + "\n")
    (folder / f"{NAME}.md").write_text(_markdown(whole))
    _figure(whole["results"]).savefig(folder / f"{NAME}.png", dpi=100)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else list(value)


def _markdown(whole: dict[str, Any]) -> str:
    lines = [
        "# FLEX: Tables 1 to 5, and the percentages in the text\n",
        "Numbers x 100 but where said otherwise; ± standard error over images, in brackets that over seeds.\n",
    ]
    for name, result in whole["results"].items():
        lines += [f"## {name}\n", f"{run_text(result['run'], 'epochs', 'captions')}\n", _about(result)]
        for title, rows in result["tables"].items():
            lines += [f"### {HEADINGS[title]}\n", _table(title, rows, result["protocol"])]
        lines += ["### Claims, image by image\n", _claim_lines(result["claims"]), _sentences(result["sentences"])]
    return "\n".join([*lines, "## What differs from the paper\n", DIFFERS])


def _about(result: dict[str, Any]) -> str:
    return (
        f"Classifier {result['accuracy']:.1%} right on the test pictures. Explainers learnt from {result['train']} "
        f"pictures with sentences ({result['words']} words); {result['test']} test pictures with sentences, "
        f"{result['wrong']} of them misclassified; {result['seeds']} seed(s). {result['note']}\n"
    )


def _table(title: str, rows: dict[str, Any], protocol: str) -> str:
    qualities = list(dict.fromkeys(name for row in rows.values() for name in row))
    paper = {name: PAPER.get((protocol, title, name), {}) for name in qualities}
    titles, cells = [""], [[row] for row in rows]
    for name in qualities:
        titles += [name] + [f"{name}, paper ({protocol})"] * bool(paper[name])
        for line, (row, of) in zip(cells, rows.items(), strict=True):
            line += [_shown(of[name], name) if name in of else "–"]
            line += [paper[name].get(row, "–")] if paper[name] else []
    return table(tuple(titles), [tuple(line) for line in cells])


def _shown(of: dict[str, float], name: str) -> str:
    if not np.isfinite(of["mean"]):
        return "–"
    scale = 1 if name in ("features off", "seconds", "things named") else 100
    error = f" ± {scale * of['error']:.2f}" if np.isfinite(of["error"]) else ""
    seeds = f" ({scale * of['over_seeds']:.2f})" if np.isfinite(of["over_seeds"]) else ""
    return f"{scale * of['mean']:.2f}{error}{seeds}"


def _claim_lines(claims: list[dict[str, Any]]) -> str:
    return "".join(
        f"* {c['claim']} ({c['table']}, {c['quality']}): {c['holds']}; ahead by {100 * c['mean']:.2f} ± "
        f"{100 * c['error']:.2f}, by a factor of {c['factor']:.2f}\n" for c in claims
    )  # fmt: skip


def _sentences(found: list[dict[str, Any]], most: int = 6) -> str:
    lines = ["### Sentences\n"]
    for one in found[:most]:
        lines.append(f"Picture {one['id']}, {one['class']}, classified as {one['predicted']}:\n")
        lines += [f"* {method}: {sentence}" for method, sentence in one["said"].items()]
        lines.append("")
    return "\n".join(lines)


def _figure(results: dict[str, Any]) -> Figure:
    """Of every set: decision relevance of the methods, over lambda, and how far masking lowers the probability."""
    figure = Figure(figsize=(11, 3.8 * len(results)), layout="constrained")
    rows = figure.subfigures(len(results), squeeze=False)[:, 0]  # sets have panels of their own number
    for row, (name, result) in zip(rows, results.items(), strict=True):
        tables = result["tables"]
        shown = [title for title in ("methods", "lambda", "masking") if title in tables]
        for column, title in enumerate(shown):
            axes = row.add_subplot(1, len(shown), column + 1)
            if title == "lambda":
                _line_of(axes, tables[title])
                axes.set_title(f"{name}: DREL over lambda, %")
            else:
                drel = title == "methods"
                _bars(axes, tables[title], ("drel", "drel by chance") if drel else ("drop", "random"))
                axes.set_title(f"{name}: {'DREL' if drel else 'fall of the probability'}, %")
    return figure


def _line_of(axes: Any, rows: dict[str, Any]) -> None:
    cells = [of["drel"] for of in rows.values()]
    means, errors = ([100 * v[key] for v in cells] for key in ("mean", "error"))
    axes.errorbar(range(len(cells)), means, yerr=errors, marker="o")
    axes.set_xticks(range(len(cells)), list(rows))


def _bars(axes: Any, rows: dict[str, Any], qualities: tuple[str, ...]) -> None:
    width = 0.8 / len(qualities)
    for place, quality in enumerate(qualities):
        at = np.arange(len(rows)) + place * width
        cells = [of.get(quality, Cell(0.0, 0.0, 0.0, 0)._asdict()) for of in rows.values()]
        axes.bar(at, [100 * v["mean"] for v in cells], width, yerr=[100 * v["error"] for v in cells], label=quality)
    axes.set_xticks(range(len(rows)), list(rows), rotation=25, ha="right", fontsize=7)
    axes.margins(y=0.2)
    axes.legend(fontsize=7)
