"""Plausibility of rationales, and the rows of Table 1."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jxai import metrics

__all__ = ["COLUMNS", "Found", "difference", "plausibility", "rows_of"]

COLUMNS = ("Token F1", "mAP", "IoU-F1", "Suff", "Comp")


class Found(NamedTuple):
    """A method's results.

    Attributes:
        words: `[n, words]`, between 0 and 1 in each text.
        raw: of each text what the method returned, `[p, t]`.
        seconds: for a text, with compilation; of all rows that come from the same explanation.
    """

    words: np.ndarray
    raw: list[np.ndarray]
    seconds: float


@jax.jit
def _agreement(words: jax.Array, gold: jax.Array, valid: jax.Array) -> jax.Array:
    cut = {t: metrics.leave_one_out(words, gold, valid=valid, target=t).predicted for t in ("token_f1", "iou_f1")}
    tokens = jax.vmap(lambda p, g, v: metrics.token_f1(p, g, valid=v))(cut["token_f1"], gold, valid)
    precision = jax.vmap(lambda s, g, v: metrics.average_precision(s, g, valid=v))(words, gold, valid)
    spans = jax.vmap(lambda p, g, v: metrics.iou_f1(p, g, valid=v))(cut["iou_f1"], gold, valid)
    share = (cut["token_f1"] & valid).mean(1) / valid.mean(1)
    return jnp.stack([values.astype(words.dtype) for values in (tokens, precision, spans, share)], 1)


def plausibility(words: np.ndarray, gold: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Token F1, average precision and IoU-F1 of every text, and the share of words in its rationale: `[n, 4]`."""
    return np.asarray(_agreement(jnp.asarray(words), jnp.asarray(gold), jnp.asarray(valid)))


def rows_of(
    found: dict[str, Found], faithful: dict[str, np.ndarray], agree: dict[str, np.ndarray]
) -> dict[str, dict[str, Any]]:
    """Every row: means, standard errors, the values of the texts, the rationale's share of the words, and seconds."""
    rows = {}
    for row, each in found.items():
        values = np.concatenate([agree[row][:, :3], faithful[row]], 1).astype(np.float64)
        errors = values.std(0, ddof=1) / np.sqrt(len(values))
        rows[row] = {
            "mean": dict(zip(COLUMNS, values.mean(0).round(4).tolist(), strict=True)),
            "error": dict(zip(COLUMNS, errors.round(4).tolist(), strict=True)),
            "texts": {name: values[:, k].round(4).tolist() for k, name in enumerate(COLUMNS)},
            "share": round(float(agree[row][:, 3].mean()), 4),
            "seconds": round(each.seconds, 2),
        }
    return rows


def difference(rows: dict[str, Any], one: str, other: str, column: str) -> tuple[float, float]:
    """By how much a row is larger than another, text by text: mean and standard error."""
    apart = np.subtract(rows[one]["texts"][column], rows[other]["texts"][column])
    return float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(len(apart)))
