"""Runs of words and the three forms of marked spans."""

import jax
import jax.numpy as jnp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jxai.signal.spans import as_spans, marked, runs
from tests.references.plausibility import spans_of, words_of


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=9, max_size=9))
def test_runs_equal_a_loop(words):
    found = runs(jnp.asarray(words))
    spans = spans_of(words)
    for i, inside in enumerate(words):
        home = next((s for s in spans if s[0] <= i < s[1]), (i, i))
        assert (int(found.start[i]), int(found.stop[i])) == home
        assert bool(found.first[i]) == (inside and home[0] == i)
    rows = as_spans(jnp.asarray(words), 9).tolist()
    assert [tuple(row) for row in rows if row[1] > row[0]] == spans
    assert len(rows) == 5


def test_numbers_keep_neighbours_apart():
    numbers = jnp.array([1, 1, 2, 0, 3])
    assert as_spans(numbers, 5).tolist() == [[0, 2], [2, 3], [4, 5], [0, 0], [0, 0]]
    assert marked(numbers, 5).tolist() == [True, True, True, False, True]


def test_rows_may_overlap_and_be_padded():
    spans = jnp.array([[3, 5], [0, 2], [4, 6], [-1, -1], [0, 0]], jnp.int32)
    assert set(jnp.flatnonzero(marked(spans, 7)).tolist()) == words_of([(3, 5), (0, 2), (4, 6)])


def test_under_vmap_and_jit():
    words = jnp.array([[True, False, True], [False, True, True]])
    many = jax.jit(jax.vmap(lambda w: as_spans(w, 3)))(words)
    assert many.tolist() == [as_spans(w, 3).tolist() for w in words]


@pytest.mark.parametrize("gold", [jnp.ones(4), jnp.ones(3, bool), jnp.ones((2, 3), int), jnp.ones((2, 2))])
def test_other_forms_are_refused(gold):
    with pytest.raises(ValueError, match=r"gold must be \[4\] booleans"):
        marked(gold, 4)


def test_known_nonsense_is_refused():
    with pytest.raises(ValueError, match="numbers spans from 1"):
        marked(jnp.array([-1, 0, 0]), 3)
    with pytest.raises(ValueError, match="ends after word 4; there are 3 words"):
        marked(jnp.array([[0, 4]]), 3)
