"""Every method equals its literal reference; the references' network is the JAX one, its derivatives differences."""

import importlib
from collections import Counter
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import metrics, rules
from tests.references.example import AT, BASELINE, CASE, NET, PARAMS, X, score
from tests.references.registry import REFERENCES, Reference

for path in sorted((Path(__file__).parent / "references").glob("*.py")):
    importlib.import_module(f"tests.references.{path.stem}")

TYPES = {"Annotated", "CaptionScores", "PartAnnotation", "Shares", "Terms"}  # results of measures, no measures
TAPS = {"reap", "rule", "split", "tap", "values_and_grads"}  # what explainers are made of
EXPLAINERS = sorted(name for name in set(jxai.__all__) - TAPS if callable(getattr(jxai, name)))
MEASURES = sorted(set(metrics.__all__) - TYPES)
KNOWN = {id(reference.method) for reference in REFERENCES}


def identified(references):
    """Parameters named by method and, where a method has several references, their number."""
    seen = Counter()
    for reference in references:
        name = reference.method.__name__
        seen[name] += 1
        yield pytest.param(reference, id=name if seen[name] == 1 else f"{name}-{seen[name]}")


@pytest.mark.parametrize("reference", list(identified(REFERENCES)))
def test_method_equals_its_reference(reference):
    reference.compare()


@pytest.mark.parametrize(
    ("home", "names"),
    [(jxai, EXPLAINERS), (metrics, MEASURES), (rules, rules.__all__)],
    ids=["jxai", "metrics", "rules"],
)
def test_everything_has_a_reference(home, names):
    assert [name for name in names if id(getattr(home, name)) not in KNOWN] == []


def test_a_reference_of_zeros_and_one_that_only_zeros_were_compared_with_fail():
    ramp, zeros = (lambda: np.arange(3.0)), (lambda: np.zeros(3))
    case = lambda method, literal: (method(), literal())
    Reference(ramp, ramp, (case,), 1e-9, 0.0).compare()
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        Reference(ramp, zeros, (case,), 1e-9, 0.0).compare()
    with pytest.raises(AssertionError, match="nothing but 0"):
        Reference(zeros, zeros, (case,), 1e-9, 0.0).compare()
    with pytest.raises(AssertionError, match="one value only"):
        Reference(ramp, ramp, (lambda method, literal: (method()[1], literal()[1]),), 1e-9, 0.0).compare()


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
