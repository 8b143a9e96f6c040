"""The references themselves: their network equals the JAX one, their derivatives finite differences; all are there."""

import importlib
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import metrics, rules
from jxai.methods import METHODS
from tests.references.example import AT, BASELINE, CASE, NET, PARAMS, X, score
from tests.references.registry import REFERENCES

for path in sorted((Path(__file__).parent / "references").glob("*.py")):
    importlib.import_module(f"tests.references.{path.stem}")

ELSEWHERE = {  # tests/core/test_taps.py, test_analytic_cases.py and test_rules.py; tests/metrics/test_agreement.py
    "edit", "passing", "with_rules", "bootstrap", "wilson",
    # against loops, sets and other libraries: tests/metrics/test_captions.py, _decision_relevance, _insight,
    # _part_annotation and _terms
    "Annotated", "CaptionScores", "PartAnnotation", "Shares", "Terms", "annotated_in_masks", "annotated_near_points",
    "bleu4", "caption_scores", "caption_tokens", "cider_d", "class_terms", "drel", "insight", "kinds_of",
    "mentioned_terms", "meteor_exact_stem", "nearest_part", "object_terms", "overlapping", "part_annotation", "rouge_l",
    "shares",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(METHODS) - ELSEWHERE))
def test_every_explainer_has_a_reference(name):
    assert getattr(jxai, name) in REFERENCES


@pytest.mark.parametrize("home", [metrics, rules])
def test_every_measure_and_rule_has_a_reference(home):
    assert [name for name in set(home.__all__) - ELSEWHERE if getattr(home, name) not in REFERENCES] == []


def test_network_equals_the_jax_network():
    np.testing.assert_allclose(NET.run(X).logits, CASE.apply(PARAMS, jnp.asarray(X)), rtol=1e-12)
    np.testing.assert_allclose(NET.score(X), score(jnp.asarray(X), NET.label, PARAMS), rtol=1e-12)
    tapped = jxai.reap(score, AT)(jnp.asarray(X), NET.label, PARAMS)[AT]
    np.testing.assert_allclose(NET.run(X).conv2, tapped, rtol=1e-12, atol=1e-13)


def test_written_out_derivatives_equal_finite_differences():
    h, one = 1e-6, np.zeros_like(X)
    one[2, 3, 1] = 1.0
    slope = (NET.score(X + h * one) - NET.score(X - h * one)) / (2 * h)
    assert NET.gradient(X)[2, 3, 1] == pytest.approx(slope, rel=1e-6)
    pushed = (NET.run(X + h * BASELINE).conv2 - NET.run(X - h * BASELINE).conv2) / (2 * h)
    np.testing.assert_allclose(NET.push_to_conv2(X, BASELINE), pushed, atol=1e-8)
