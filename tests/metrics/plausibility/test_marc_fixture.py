"""MaRC's evaluation of texts, exactly: `tests/fixtures/marc_text_metrics.npz`.

Made by running the evaluation of the paper's public program (inas-argumentation/Explainability) on 24 made documents:
`samples` (number of words, marked spans), `mask{i}` (scores), and for each target and both comparisons at the threshold
("legacy": >, else >=) what the regression learns from (x, y) and per document precision, recall, F1, average precision
and IoU F1.
"""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics
from tests.jitted import jitted
from tests.paths import FIXTURES

TARGETS = {"F1": "token_f1", "IoU": "iou_f1", "mAP": "average_precision"}
STORED = np.load(FIXTURES / "marc_text_metrics.npz")
SAMPLES = json.loads(str(STORED["samples"]))
LONGEST = max(sample["n"] for sample in SAMPLES)


def padded():
    """Scores, marked words and valid words, `[24, longest]`; what lies on the padding must not matter."""
    scores = np.full((len(SAMPLES), LONGEST), 7.0)
    gold, valid = np.ones((2, len(SAMPLES), LONGEST), bool)
    for i, sample in enumerate(SAMPLES):
        scores[i, : sample["n"]] = STORED[f"mask{i}"]
        valid[i] = np.arange(LONGEST) < sample["n"]
        gold[i, : sample["n"]] = False
        for start, stop in sample["ev"]:
            gold[i, start:stop] = True
    return jnp.asarray(scores), jnp.asarray(gold), jnp.asarray(valid)


@pytest.mark.parametrize("legacy", [0, 1])
@pytest.mark.parametrize("target", TARGETS)
def test_equals_the_program(target, legacy):
    scores, gold, valid = padded()

    @jax.jit
    def evaluate(scores):
        found = metrics.leave_one_out(scores, gold, valid=valid, target=TARGETS[target], inclusive=not legacy)
        words = jax.vmap(lambda p, g, v: metrics.token_agreement(p, g, valid=v))(found.predicted, gold, valid)
        spans = jax.vmap(lambda p, g, v: metrics.iou_f1(p, g, valid=v))(found.predicted, gold, valid)
        precise = jax.vmap(lambda s, g, v: metrics.average_precision(s, g, valid=v))(scores, gold, valid)
        return found, jnp.stack([words.precision, words.recall, words.f1, precise, spans], axis=1)

    found, columns = evaluate(scores)
    np.testing.assert_array_equal(found.best, STORED[f"kr_{target}_legacy{legacy}"][:, 1])
    stored = STORED[f"scores_{target}_legacy{legacy}"]
    np.testing.assert_allclose(columns, stored, rtol=0, atol=4e-16)  # XLA divides by constants with their reciprocal


def test_in_single_precision_the_same_words_are_chosen():
    scores, gold, valid = padded()
    for inclusive in (False, True):
        chosen = jitted(metrics.leave_one_out)
        double = chosen(scores, gold, valid=valid, inclusive=inclusive)
        single = chosen(scores.astype(jnp.float32), gold, valid=valid, inclusive=inclusive)
        np.testing.assert_array_equal(single.predicted, double.predicted)
