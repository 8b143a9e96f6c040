"""`jxai study --answers`: how far participants agree with the network, as tables and as JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from jxai.pipelines.study.answers import DIFFERENCE, RATES, Rate, evaluate, require_different_participants
from jxai.pipelines.study.key import CROP, INSECURITY, Key, read_answers, read_key
from jxai.run.outputs import write_json

__all__ = ["compare_answers"]


def compare_answers(paths: Sequence[Path], key_file: Path, level: float, samples: int, seed: int) -> None:
    """Compare answers with the key: a table for people, one for synthetic answers, never both in one.

    Args:
        paths: files of answers.
        key_file: of the study; agreement.json is written beside it.
        level: of confidence.
        samples: replicates of the bootstrap.
        seed: of the bootstrap.

    Raises:
        ValueError: the first file that cannot be used, and why.
    """
    if samples < 100 or not 0.5 <= level < 1:
        raise ValueError("expected --samples of 100 or more, and --level of 0.5 or more, below 1.")
    key = read_key(key_file)
    files = [read_answers(path, key) for path in paths]
    require_different_participants(paths, files)
    result: dict[str, Any] = {"study": key.study, "level": level, "samples": samples}
    for synthetic in (False, True):
        group = [file for file in files if file.synthetic == synthetic]
        rates = evaluate(key, group, level=level, samples=samples, seed=seed)
        result["synthetic" if synthetic else "people"] = rates
        if group:
            _print(rates, synthetic, len(group), key, level)
    file = key_file.parent / "agreement.json"
    write_json(file, _plain(result))
    print(f"{file}: the same as numbers")


def _print(rates: dict[str, dict[str, Rate]], synthetic: bool, count: int, key: Key, level: float) -> None:
    console = Console(highlight=False)
    who = "SYNTHETIC answers (programs or tests, not people)" if synthetic else "Answers of people"
    table = Table(title=f"{who}: {count} files, study {key.study}", title_justify="left")
    kinds = {kind: sum(q.kind == kind for q in key.questions) for kind in (INSECURITY, CROP)}
    table.add_column("agreement")
    for kind, questions in kinds.items():
        table.add_column(f"{kind} ({questions})", justify="right")
    table.add_column("difference", justify="right")
    for name in RATES:
        table.add_row(name, *(_words(rates[kind][name], kind == DIFFERENCE) for kind in rates))
    console.print(table)
    for name, meaning in RATES.items():
        console.print(f"  {name}: {meaning}")
    choices = len(key.questions[0].choices)
    console.print(
        f"{level:.0%} intervals: percentile bootstrap over participants and pictures; W: Wilson's, over pictures. "
        f"Chance, for who chooses: {2 / (choices * (choices - 1)):.0%}."
        + (" One participant: the intervals are over pictures alone." if count == 1 else "")
    )


def _words(rate: Rate, signed: bool) -> str:
    if rate.value is None:
        return "–"
    sign = "+" if signed else ""
    if rate.low is None or rate.high is None:
        return f"{100 * rate.value:{sign}.1f} %"
    ends = f"{100 * rate.low:{sign}.0f} to {100 * rate.high:{sign}.0f}"
    return f"{100 * rate.value:{sign}.1f} % ({ends}{' W' if rate.by == 'Wilson' else ''})"


def _plain(value: Any) -> Any:
    if isinstance(value, Rate):
        return value._asdict()
    return {name: _plain(part) for name, part in value.items()} if isinstance(value, dict) else value
