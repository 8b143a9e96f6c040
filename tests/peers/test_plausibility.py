"""Average precision and the area under precision over recall against scikit-learn, with ties."""

import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics

sklearn = pytest.importorskip("sklearn.metrics")


@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_equal_scikit_learn(levels):
    rng = np.random.default_rng(levels)
    for n in (1, 2, 30, 200):
        scores, gold = rng.integers(0, levels, n) / levels, rng.random(n) < 0.3
        gold[0] = True
        expected = sklearn.average_precision_score(gold, scores)
        np.testing.assert_allclose(
            metrics.average_precision(jnp.asarray(scores), jnp.asarray(gold)), expected, atol=1e-13
        )
        precision, recall, _ = sklearn.precision_recall_curve(gold, scores)
        got = metrics.area_under_precision_recall(jnp.asarray(scores), jnp.asarray(gold))
        np.testing.assert_allclose(got, sklearn.auc(recall, precision), atol=1e-13)


def test_token_scores_equal_scikit_learn():
    rng = np.random.default_rng(0)
    predicted, gold = rng.random((2, 50)) < 0.4
    expected = sklearn.precision_recall_fscore_support(gold, predicted, average="binary")[:3]
    found = metrics.token_agreement(jnp.asarray(predicted), jnp.asarray(gold))
    np.testing.assert_allclose([found.precision, found.recall, found.f1], expected, atol=1e-15)
