"""Plausibility of rationales, and the rows of Table 1."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from experiments.experiment.claims import standard_error
from jxai import metrics

__all__ = ["COLUMNS", "Explained", "plausibility", "table_rows"]

COLUMNS = ("Token F1", "mAP", "IoU-F1", "Suff", "Comp")


class Explained(NamedTuple):
    """The explanations of a method.

    Attributes:
        words: `[n, words]`, between 0 and 1 in each text.
        raw: for each text what the method returned, `[p, t]`.
        seconds: per text, with compilation; of all rows that come from the same explanation.
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
    """Token F1, average precision and IoU-F1 of every text, and the share of words in its rationale: `[n, 4]`.

    Args:
        words: values of words, `[n, words]`.
        gold: which words people marked.
        valid: which words exist.
    """
    return np.asarray(_agreement(jnp.asarray(words), jnp.asarray(gold), jnp.asarray(valid)))


def table_rows(
    explained: dict[str, Explained], faithful: dict[str, np.ndarray], plausible: dict[str, np.ndarray]
) -> dict[str, dict[str, Any]]:
    """Every row: means, standard errors, the values of the texts, the rationale's share of the words, and seconds.

    Args:
        explained: the explanations by row.
        faithful: sufficiency and comprehensiveness, `[n, 2]`.
        plausible: from `plausibility`.
    """
    rows = {}
    for row, each in explained.items():
        values = np.concatenate([plausible[row][:, :3], faithful[row]], 1).astype(np.float64)
        errors = np.array([standard_error(column) for column in values.T])
        rows[row] = {
            "mean": dict(zip(COLUMNS, values.mean(0).round(4).tolist(), strict=True)),
            "error": dict(zip(COLUMNS, errors.round(4).tolist(), strict=True)),
            "texts": {name: values[:, k].round(4).tolist() for k, name in enumerate(COLUMNS)},
            "share": round(float(plausible[row][:, 3].mean()), 4),
            "seconds": round(each.seconds, 2),
        }
    return rows
