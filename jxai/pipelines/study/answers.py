"""How far participants of a study agree with the network, and with each other."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jxai.metrics.studies.agreement import agreement_between, agreement_with, dont_know_rate
from jxai.metrics.studies.intervals import bootstrap, wilson
from jxai.pipelines.study.key import CROP, INSECURITY, Answers, Key

__all__ = ["DIFFERENCE", "RATES", "Rate", "evaluate", "require_different_participants"]

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


def require_different_participants(paths: Sequence[Path], files: Sequence[Answers]) -> None:
    """Raise `ValueError` where two files are answers of the same participant."""
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
        by_kind = {kind: _rates(chosen, pairs, people, questions * mine) for kind, mine in kinds.items()}
        first, second = by_kind.values()
        return by_kind | {DIFFERENCE: {name: first[name] - second[name] for name in RATES}}

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
    values = (
        agreement_with(chosen, pairs, **weights),
        agreement_with(chosen, pairs, left_out=True, **weights),
        agreement_between(chosen, **weights),
        dont_know_rate(chosen, **weights),
    )
    return dict(zip(RATES, values, strict=True))


def _rate(value: Array, low: Array, high: Array, trials: int, level: float, kind: str) -> Rate:
    share, ends = float(value), (float(low), float(high))
    if not np.isfinite(share):
        return Rate(None, None, None, "none")
    if np.isfinite(ends).all() and ends[0] < ends[1]:
        return Rate(share, *ends, "bootstrap")
    if kind == DIFFERENCE:
        return Rate(share, None, None, "none")
    return Rate(share, *wilson(share * trials, trials, level=level), "Wilson")
