"""`jxai study --answers`: how far participants agree with the network, and with each other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from rich.console import Console
from rich.table import Table

from jxai.cli.settings.study import Study
from jxai.metrics.studies.agreement import agreement_between, agreement_with, dont_know_rate
from jxai.metrics.studies.intervals import bootstrap, wilson
from jxai.pipelines.study.key import CROP, INSECURITY, Answers, Key, read_answers, read_key
from jxai.run.outputs import write_json

__all__ = ["Rate", "evaluate", "run"]

DIFFERENCE = "difference"
RATES = {
    "algorithm": "answers that are the algorithm's pair; don't-knows count as disagreement",
    "of choosers": "the same, don't-knows left out",
    "each other": "pairs of participants who chose the same pair; don't-knows count as disagreement",
    "don't know": "answers that are don't-knows",
}


class Rate(NamedTuple):
    """A share, its interval, and how that was made: "bootstrap", "Wilson", or "none" where there is no share."""

    value: float | None
    low: float | None
    high: float | None
    by: str


def run(command: Study, key_file: Path) -> None:
    """Compare the answers with the key: a table for people, one for synthetic answers, never both in one.

    Raises:
        ValueError: the first file that cannot be used, and why.
    """
    if command.samples < 100 or not 0.5 <= command.level < 1:
        raise ValueError("expected --samples of 100 or more, and --level of 0.5 or more, below 1.")
    key = read_key(key_file)
    files = [read_answers(path, key) for path in command.answers]
    _refuse_twice(command.answers, files)
    result: dict[str, Any] = {"study": key.study, "level": command.level, "samples": command.samples}
    for synthetic in (False, True):
        group = [file for file in files if file.synthetic == synthetic]
        result["synthetic" if synthetic else "people"] = found = evaluate(
            key, group, level=command.level, samples=command.samples, seed=command.seed
        )
        if group:
            _print(found, synthetic, len(group), key, command.level)
    file = key_file.parent / "agreement.json"
    write_json(file, _plain(result))
    print(f"{file}: the same as numbers")


def _refuse_twice(paths: Sequence[Path], files: Sequence[Answers]) -> None:
    first: dict[str, Path] = {}
    for path, file in zip(paths, files, strict=True):
        if file.participant in first:
            raise ValueError(
                f"{path} and {first[file.participant]} are answers of the same participant; leave one of them out."
            )
        first[file.participant] = path


def evaluate(
    key: Key, files: Sequence[Answers], *, level: float = 0.95, samples: int = 2000, seed: int = 0
) -> dict[str, dict[str, Rate]]:
    """All rates of insecurities, of random crops, and the difference of the two.

    Intervals by the pigeonhole bootstrap over participants and pictures; where all replicates are the same (shares of
    0 and 1), Wilson's, with as many trials as there are pictures.

    Args:
        key: of the study.
        files: its answers.
        level: of confidence.
        samples: replicates of the bootstrap.
        seed: of the bootstrap.

    Returns:
        Kind -> rate's name -> rate; empty without files.
    """
    if not files:
        return {}
    chosen = jnp.asarray(np.stack([file.chosen for file in files]))
    pairs = jnp.asarray([question.pair for question in key.questions])
    kinds = {kind: jnp.asarray([float(q.kind == kind) for q in key.questions]) for kind in (INSECURITY, CROP)}

    def rates(people: Array, questions: Array) -> dict[str, dict[str, Array]]:
        found = {kind: _rates(chosen, pairs, people, questions * mine) for kind, mine in kinds.items()}
        first, second = found.values()
        return found | {DIFFERENCE: {name: first[name] - second[name] for name in RATES}}

    images = jnp.asarray([question.image for question in key.questions])
    whole = rates(jnp.ones(len(files)), jnp.ones(len(key.questions)))
    ends = bootstrap(rates, len(files), images, key=jax.random.key(seed), samples=samples, level=level)
    trials = len({question.image for question in key.questions})
    return {
        kind: {
            name: _rate(whole[kind][name], ends.low[kind][name], ends.high[kind][name], trials, level, kind)
            for name in RATES
        }
        for kind in whole
    }


def _rates(chosen: Array, pairs: Array, people: Array, questions: Array) -> dict[str, Array]:
    weights: dict[str, Any] = {"people": people, "questions": questions}
    found = (
        agreement_with(chosen, pairs, **weights),
        agreement_with(chosen, pairs, left_out=True, **weights),
        agreement_between(chosen, **weights),
        dont_know_rate(chosen, **weights),
    )
    return dict(zip(RATES, found, strict=True))


def _rate(value: Array, low: Array, high: Array, trials: int, level: float, kind: str) -> Rate:
    share, ends = float(value), (float(low), float(high))
    if not np.isfinite(share):
        return Rate(None, None, None, "none")
    if np.isfinite(ends).all() and ends[0] < ends[1]:
        return Rate(share, *ends, "bootstrap")
    if kind == DIFFERENCE:
        return Rate(share, None, None, "none")
    return Rate(share, *wilson(share * trials, trials, level=level), "Wilson")


def _print(found: dict[str, dict[str, Rate]], synthetic: bool, count: int, key: Key, level: float) -> None:
    console = Console(highlight=False)
    who = "SYNTHETIC answers (programs or tests, not people)" if synthetic else "Answers of people"
    table = Table(title=f"{who}: {count} files, study {key.study}", title_justify="left")
    kinds = {kind: sum(q.kind == kind for q in key.questions) for kind in (INSECURITY, CROP)}
    table.add_column("agreement")
    for kind, questions in kinds.items():
        table.add_column(f"{kind} ({questions})", justify="right")
    table.add_column("difference", justify="right")
    for name in RATES:
        table.add_row(name, *(_words(found[kind][name], kind == DIFFERENCE) for kind in found))
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
