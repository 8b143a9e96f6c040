"""Numbers of `experiments.flex` over pictures and seeds, and how far one method is ahead of another."""

from typing import Any, NamedTuple

import numpy as np

from experiments.runs import standard_error, verdict

__all__ = ["Cell", "cell", "claims_of"]

FIRST, SECOND = "FLEX", "FLEX, words of things"
MASKING = ("masking", "masking, all channels")
DREL = ("drel", "drel sampled")


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
    return Cell(_mean(means), standard_error(per_image), over, int(np.isfinite(per_image).sum()))


def _mean(values: Any) -> float:
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    return float(known.mean()) if len(known) else float("nan")


def claims_of(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Image by image, how far FLEX is ahead."""
    pairs = [
        ("methods", FIRST, row, quality) for quality in (*DREL, "drel of facts", "true")
        for row in found[0]["tables"]["methods"] if row != FIRST
    ]  # fmt: skip
    pairs += [("methods", "without relevance vector", "baseline", quality) for quality in DREL]
    pairs += [
        ("methods", SECOND, row, quality) for quality in DREL
        for row in found[0]["tables"]["methods"] if row not in (FIRST, SECOND)
    ]  # fmt: skip
    pairs += [
        (title, FIRST, row, quality)
        for title in MASKING for row in found[0]["tables"].get(title, ()) if row != FIRST
        for quality in ("drop", "drop, as many")
    ]  # fmt: skip
    pairs += [("lambda", "0.1", "0", quality) for quality in DREL]
    pairs += [
        ("held out", FIRST, row, quality) for quality in (*DREL, "drel of facts", "true")
        for row in found[0]["tables"].get("held out", ()) if row != FIRST
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
    found, beside = cell(*(own - others for own, others in pairs)), cell(*(others for _, others in pairs))
    above = verdict(beside.mean, beside.error, beside.over_seeds) == "yes"  # a ratio to what may be 0 says nothing
    factor = cell(*(own for own, _ in pairs)).mean / beside.mean if above else float("nan")
    line = {"claim": f"{best} above {other}", "table": title, "quality": quality, **found._asdict()}
    return line | {"factor": factor}
