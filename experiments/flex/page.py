"""The page of `experiments.flex`: the paper's tables with our numbers beside its own, and whether its claims hold."""

import json
import pathlib
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from experiments.benchmarks.timing import table
from experiments.flex.claims import Cell, cell, claims_of
from experiments.flex.texts import DIFFERS, HEADINGS, PAPER
from experiments.runs import run_text, together, total_error, verdict

__all__ = ["summary", "write_results"]

NAME = "flex"
CLAIMED = "Yes or no: beyond two standard errors, those over images and over seeds (in brackets) together.\n"


def summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Of one set, for each seed what `experiments.flex.measure` returns: cells, claims, and sentences of one seed."""
    tables = {
        title: {row: {name: cell(*(one["tables"][title][row][name] for one in found))._asdict() for name in of}
                for row, of in rows.items()}
        for title, rows in found[0]["tables"].items()
    }  # fmt: skip
    return {
        **found[0]["about"], "seeds": len(found), "tables": tables, "claims": claims_of(found),
        "sentences": found[0]["sentences"],
    }  # fmt: skip


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
        lines += [
            "### Claims, image by image\n",
            CLAIMED,
            _claim_lines(result["claims"]),
            _sentences(result["sentences"]),
        ]
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
    def line(c: dict[str, Any]) -> str:
        holds = verdict(c["mean"], c["error"], c["over_seeds"])
        factor = f", by a factor of {c['factor']:.2f}" if np.isfinite(c["factor"]) else ""
        return f"* {c['claim']} ({c['table']}, {c['quality']}): {holds}; ahead by {_shown(c, c['quality'])}{factor}\n"

    return "".join(map(line, claims))


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
                _line_of(axes, tables[title], _measured(tables[title]))
                axes.set_title(f"{name}: DREL over lambda, %")
            else:
                drel = title == "methods"
                _bars(axes, tables[title], _measured(tables[title]) if drel else ("drop", "random"))
                axes.set_title(f"{name}: {'DREL' if drel else 'fall of the probability'}, %")
    return figure


def _measured(rows: dict[str, Any]) -> tuple[str, ...]:
    """What is shown of decision relevance: results of earlier runs have no sampled sentences."""
    return tuple(name for name in ("drel", "drel by chance", "drel sampled") if any(name in of for of in rows.values()))


def _error(of: dict[str, float]) -> float:
    """Over images and seeds together, in %."""
    return 100 * total_error(of["error"], of["over_seeds"])


def _line_of(axes: Any, rows: dict[str, Any], qualities: tuple[str, ...]) -> None:
    for quality in qualities:
        cells = [of[quality] for of in rows.values()]
        means, errors = [100 * v["mean"] for v in cells], [_error(v) for v in cells]
        axes.errorbar(range(len(cells)), means, yerr=errors, marker="o", label=quality)
    axes.set_xticks(range(len(rows)), list(rows))
    axes.legend(fontsize=7)


def _bars(axes: Any, rows: dict[str, Any], qualities: tuple[str, ...]) -> None:
    width = 0.8 / len(qualities)
    for place, quality in enumerate(qualities):
        at = np.arange(len(rows)) + place * width
        cells = [of.get(quality, Cell(0.0, 0.0, 0.0, 0)._asdict()) for of in rows.values()]
        axes.bar(at, [100 * v["mean"] for v in cells], width, yerr=[_error(v) for v in cells], label=quality)
    axes.set_xticks(range(len(rows)), list(rows), rotation=25, ha="right", fontsize=7)
    axes.margins(y=0.35)
    axes.legend(fontsize=7)
