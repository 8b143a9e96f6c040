"""Annotation of parts: either side, orders, and what counts."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jxai import metrics
from jxai.metrics import Annotated, annotated_in_masks, annotated_near_points, object_terms
from tests.jitted import jitted

part_annotation = jitted(metrics.part_annotation)

SEEDS = st.integers(0, 10_000)


def test_either_side_is_right_and_hidden_parts_are_not_asked_for():
    terms = object_terms([("eye",), ("eye",), ("tail",)])
    parts = jnp.array([[10.0, 10, 1], [0, 0, 0], [0, 0, 0]])
    box = jnp.array([0.0, 0, 50, 100])
    found = annotated_near_points(jnp.array([[10.0, 20, 1], [0, 0, 1]]), jnp.asarray(terms.names), parts, box)
    assert found.right.tolist() == [True, False] and found.due.tolist() == [True, False]
    assert float(part_annotation(jax.tree.map(lambda a: a[None], found)).all.mean) == 100


def test_over_images():
    terms = object_terms([("beak", "bill"), ("tail",)])
    parts = jnp.array([[[10.0, 10, 1], [80, 10, 1]]] * 3 + [[[0.0, 0, 0]] * 2])
    points = jnp.array(
        [[[10.0, 10, 1], [80, 12, 1]], [[10, 10, 1], [40, 10, 1]], [[50, 50, 1], [0, 0, 0]], [[9, 9, 1]] * 2]
    )
    boxes = jnp.tile(jnp.array([0, 0, 100, 50]), (4, 1))
    every = jax.jit(jax.vmap(annotated_near_points, in_axes=(0, None, 0, 0)))
    found = part_annotation(every(points, jnp.asarray(terms.names), parts, boxes))
    np.testing.assert_array_equal(found.some.each, [100, 100, 0, np.nan])
    np.testing.assert_array_equal(found.all.each, [100, 0, 0, np.nan])
    np.testing.assert_array_equal(found.labels.each, [100, 50, 0, np.nan])
    assert int(found.some.count) == 3


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_all_right_is_some_right_and_a_larger_tolerance_finds_more(seed):
    rng = np.random.default_rng(seed)
    points, parts = (np.concatenate([rng.uniform(0, 50, (6, k, 2)), np.ones((6, k, 1))], 2) for k in (3, 4))
    names, boxes = rng.random((4, 3)) < 0.5, np.tile([0.0, 0, 50, 50], (6, 1))
    found = [
        part_annotation(
            jax.vmap(lambda a, b, c, share=share: annotated_near_points(a, jnp.asarray(names), b, c, tolerance=share))(
                *map(jnp.asarray, (points, parts, boxes))
            )
        )
        for share in (0.1, 0.4)
    ]
    for one in found:
        assert not (np.asarray(one.all.each) > np.asarray(one.some.each)).any()
    for before, after in zip(found[0], found[1], strict=True):
        assert not (np.asarray(after.each) < np.asarray(before.each)).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda z: annotated_near_points(z(3, 2), z(5, 3), z(5, 3), z(4)), r"points \[t, 3\]"),
        (lambda z: annotated_near_points(z(3, 3), z(5, 2), z(5, 3), z(4)), r"names \[p, t\]"),
        (lambda z: annotated_near_points(z(3, 3), z(5, 3), z(5, 2), z(4)), r"parts \[p, 3\]"),
        (lambda z: annotated_near_points(z(3, 3), z(5, 3), z(5, 3), z(2, 4)), "expected a box"),
        (lambda z: annotated_near_points(z(3, 3), z(5, 3), z(5, 3), z(4), tolerance=0.0), "tolerance must be above"),
        (lambda z: annotated_in_masks(z(3, 3), z(5, 3), z(2, 4, 4)), "go through vmap"),
        (lambda z: part_annotation(Annotated(z(3), z(3))), r"arrays \[images, labels\]"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call(lambda *shape: jnp.zeros(shape))
