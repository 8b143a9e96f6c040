"""The results of `experiments.flex`: estimates over images and seeds, and how far one method is ahead of another."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from experiments.experiment.claims import Estimate, estimate, verdict

__all__ = ["summary"]

FLEX, PARTS_ONLY = "FLEX", "FLEX, words of things"
MASKING = ("masking", "masking, all channels")
DREL = ("drel", "drel sampled")
TRUE = (*DREL, "drel of facts", "true")
Tables = dict[str, dict[str, dict[str, Any]]]


def summary(seeds: list[dict[str, Any]]) -> dict[str, Any]:
    """The results of a set, as the JSON file holds them: tables, claims, and the sentences of the first seed.

    Args:
        seeds: for each seed what `experiments.flex.measure` returns.
    """
    tables = [one["tables"] for one in seeds]
    return {
        **seeds[0]["about"], "seeds": len(seeds),
        "tables": {title: _table(tables, title) for title in tables[0]},
        "claims": list(_claims(tables)), "sentences": seeds[0]["sentences"],
    }  # fmt: skip


def _table(tables: list[Tables], title: str) -> dict[str, Any]:
    rows = [of[title] for of in tables]
    return {
        row: {quality: estimate(*(of[row][quality] for of in rows))._asdict() for quality in qualities}
        for row, qualities in rows[0].items()
    }


def _claims(tables: list[Tables]) -> Iterator[dict[str, Any]]:
    """The differences that the paper's claims are about, as far as all seeds have measured them."""
    for title, best, other, quality in _pairs(tables[0]):
        rows = [of.get(title, {}) for of in tables]
        if all(quality in of.get(row, {}) for of in rows for row in (best, other)):
            pairs = [(of[best][quality], of[other][quality]) for of in rows]
            yield _claim(f"{best} above {other}", title, quality, pairs)
    for title in MASKING:
        rows = [of.get(title, {}).get(FLEX, {}) for of in tables]
        for pool in (name for name in rows[0] if name.startswith("random")):
            pairs = [(of["drop"], of[pool]) for of in rows]
            yield _claim(f"{FLEX} above as many {pool} features", title, "drop", pairs)


def _pairs(tables: Tables) -> Iterator[tuple[str, str, str, str]]:
    """Table, better row, other row and quality of each claim."""
    for quality in TRUE:
        yield from (("methods", FLEX, row, quality) for row in tables["methods"] if row != FLEX)
    yield from (("methods", "without relevance vector", "baseline", quality) for quality in DREL)
    for quality in DREL:
        others = (row for row in tables["methods"] if row not in (FLEX, PARTS_ONLY))
        yield from (("methods", PARTS_ONLY, row, quality) for row in others)
    for title in MASKING:
        for row in (row for row in tables.get(title, ()) if row != FLEX):
            yield from ((title, FLEX, row, quality) for quality in ("drop", "drop, as many"))
    yield from (("lambda", "0.1", "0", quality) for quality in DREL)
    for quality in TRUE:
        yield from (("held out", FLEX, row, quality) for row in tables.get("held out", ()) if row != FLEX)


def _claim(text: str, title: str, quality: str, pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    """The difference of two rows, image by image, and their ratio where the other row is above 0."""
    doubles = [(np.asarray(own, float), np.asarray(other, float)) for own, other in pairs]
    difference = estimate(*(own - other for own, other in doubles))
    own, other = (estimate(*values) for values in zip(*doubles, strict=True))
    numbers = {"claim": text, "table": title, "quality": quality, **difference._asdict()}
    return numbers | {"factor": own.mean / other.mean if _positive(other) else float("nan")}


def _positive(of: Estimate) -> bool:
    """Whether a mean is certainly above 0: a ratio to what may be 0 says nothing."""
    return verdict(of.mean, of.error, of.over_seeds) == "yes"
