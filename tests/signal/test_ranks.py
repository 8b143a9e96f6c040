"""Ranks with ties, choice by number and by threshold, portions."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jxai.signal.ranks import choose, portion, ranks

few = st.lists(st.integers(-2, 2), min_size=7, max_size=7)


@settings(max_examples=25, deadline=None)
@given(few)
def test_ranks_equal_counting(values):
    found = ranks(jnp.asarray(values, jnp.float64))
    for i, v in enumerate(values):
        assert found.fewest[i] == sum(w > v for w in values)
        assert found.most[i] == sum(w >= v for w in values) - 1
        assert found.first[i] == sum(w > v for w in values) + sum(w == v for w in values[:i])
    assert [values[i] for i in found.order] == sorted(values, reverse=True)


@settings(max_examples=25, deadline=None)
@given(few, st.integers(0, 7))
def test_choices_equal_thresholds(values, k):
    found = ranks(jnp.asarray(values))
    threshold = sorted(values, reverse=True)[min(k, 6)]
    assert choose(found, k, 7, "above").tolist() == [v > threshold for v in values]
    assert choose(found, k, 7, "at_least").tolist() == [v >= threshold for v in values]
    assert int(choose(found, k, 7).sum()) == k


def test_nan_comes_last_behind_minus_infinity_and_is_never_chosen_as_padding():
    found = ranks(jnp.array([1.0, jnp.nan, -jnp.inf, jnp.nan, 1.0]))
    assert found.order.tolist() == [0, 4, 2, 1, 3]
    for select in ("count", "above", "at_least"):
        assert not np.any(choose(found, 3, 3, select)[jnp.array([1, 3])])
    assert choose(found, 3, 3).tolist() == [True, False, True, False, True]


def test_an_unknown_choice_is_refused():
    with pytest.raises(ValueError, match='select must be "count", "above" or "at_least"'):
        choose(ranks(jnp.ones(2)), 1, 2, "below")


def test_portions_are_exact_and_the_same_when_traced():
    fractions = [*(i / 20 for i in range(21)), 3 * 0.05, 0.01, Fraction(5, 32)]
    numbers = range(200)
    traced = jax.jit(jax.vmap(lambda n: [portion(n, f) for f in fractions]))(jnp.asarray(numbers))
    for f, column in zip(fractions, traced, strict=True):
        exact = [round(n * (f if isinstance(f, Fraction) else Fraction(round(100 * f), 100))) for n in numbers]
        assert column.tolist() == exact == [portion(n, f) for n in numbers]
    assert portion(2**30, 0.95) == round(2**30 * Fraction(19, 20))
    assert int(jax.jit(lambda n: portion(n, 0.9999))(jnp.int32(2**30))) == round(2**30 * Fraction(9999, 10000))


def test_portions_round_up_on_demand():
    assert [portion(n, 0.01, up=True) for n in (0, 1, 100, 101)] == [0, 1, 1, 2]


@pytest.mark.parametrize("fraction", [-0.1, 1.1])
def test_fractions_outside_are_refused(fraction):
    with pytest.raises(ValueError, match=r"expected a fraction within 0\.\.1"):
        portion(3, fraction)
