"""Deliberative explanations: their parts as functions of arrays, transformations, and what is refused."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import scores
from jxai.core.errors import NotAScalar
from jxai.explainers.deliberative.insecurities import region
from jxai.explainers.deliberative.maps import deliberation_maps
from tests.jitted import jitted
from tests.references.example import AT, CASE, PARAMS, X, close, vector

ENTROPY = scores.entropy(CASE.apply)
MAPS, HARD = vector((7, 5, 6), 1), vector((5, 6), 2)
PROBABILITIES = jax.nn.softmax(vector(7, 3))
deliberate = partial(jxai.deliberative, CASE.apply, ENTROPY, at=AT, classes=3, candidates=2)


def test_classes_that_are_never_candidates_together_have_no_region():
    """Class 2 leads nowhere: with two candidates only classes 0 and 1 make a pair."""
    maps = jnp.stack([jnp.full((3, 3), value) for value in (3.0, 2.0, 1.0)])
    options = {"classes": 3, "candidates": 2, "threshold": 0.0}
    found = jitted(jxai.insecurities)(maps, None, jnp.array([0.5, 0.3, 0.2]), **options)
    assert (int(found.a[0]), int(found.b[0])) == (0, 1) and bool(found.mask[0].all())
    assert not found.mask[1:].any() and found.strength.tolist() == [6.0, 0.0, 0.0] and not found.map[1:].any()


def test_combinations_and_a_missing_difficulty():
    least = lambda a, b, s: jnp.minimum(jnp.minimum(a, b), s)
    options = {"classes": 5, "candidates": 5, "threshold": 0.1}
    found = jitted(jxai.insecurities)(MAPS, HARD, PROBABILITIES, combine=least, **options)
    for i in range(10):
        close(found.map[i], least(MAPS[found.a[i]], MAPS[found.b[i]], HARD))
    without = jitted(jxai.insecurities)(MAPS, None, PROBABILITIES, **options)
    for i in range(10):
        close(without.map[i], MAPS[without.a[i]] * MAPS[without.b[i]])
        np.testing.assert_array_equal(without.mask[i], without.map[i] > 0.1)


def test_regions_are_cut_at_full_size():
    """As `cv2.resize` and then a sort: strictly above the value at index `int(-coverage * places)`."""
    found = jitted(jxai.insecurities)(MAPS, HARD, PROBABILITIES, coverage=0.07, size=(40, 48))
    small = jitted(jxai.insecurities)(MAPS, HARD, PROBABILITIES)
    order = {(int(a), int(b)): i for i, (a, b) in enumerate(zip(small.a, small.b, strict=True))}
    assert found.map.shape == found.mask.shape == (10, 40, 48)
    for i in range(10):
        low = small.map[order[int(found.a[i]), int(found.b[i])]]
        large = jax.image.resize(low, (40, 48), "linear")
        close(found.map[i], large)
        if low.any():
            value = np.sort(np.asarray(large).ravel())[int(-0.07 * 40 * 48)]
            np.testing.assert_array_equal(found.mask[i], large > value)
            assert 0.06 * 40 * 48 < int(found.mask[i].sum()) < int(0.07 * 40 * 48)  # the edges repeat: plateaus


def test_default_coverage_and_a_coverage_below_one_place():
    assert region(MAPS, coverage=0.1).tolist() == region(MAPS).tolist()
    assert not region(MAPS, coverage=0.01).any()


def test_released_maps_differ_as_they_say():
    x, kept = jnp.asarray(X), partial(deliberation_maps, CASE.apply, at=AT, classes=3)
    sharp = lambda x, params: jax.nn.sigmoid(-CASE.apply(params, x)[0])
    logits = jax.jit(jxai.first_order(lambda x, params: CASE.apply(params, x), at=AT))(x, PARAMS)
    values, slopes = jax.jit(jxai.values_and_grads(sharp, AT))(x, PARAMS)
    plain = (values[AT] * slopes[AT]).sum(-1)
    clipped = (values[AT] * jnp.maximum(slopes[AT], 0)).sum(-1)
    curved = 2 * (jax.jit(jxai.second_order(sharp, at=AT))(x, PARAMS) - plain)
    assert float(plain.min()) < 0 and float(curved.min()) < -1e-6 and float(jnp.abs(plain - clipped).max()) > 1e-3
    path = jxai.location_maps(partial(jxai.integrated_gradients, steps=4))
    expected = {
        ("released", jxai.first_order): clipped,
        ("released_scenes", jxai.first_order): clipped,
        ("released", jxai.second_order): clipped + jnp.abs(curved) / 2,
        ("released", partial(jxai.second_order, chunk=3)): clipped + jnp.abs(curved) / 2,
        ("released_scenes", jxai.second_order): jnp.maximum(plain + curved / 2, 1e-100),
        ("released", path): jnp.maximum(jax.jit(path(sharp, at=AT))(x, PARAMS), 1e-100),
        ("paper", jxai.second_order): plain + curved / 2,
        ("paper", jxai.first_order): plain,
    }
    for (variant, attribution), difficulty in expected.items():
        found = jax.jit(kept(sharp, attribution=attribution, variant=variant))(x, PARAMS)
        close(found.difficulty, difficulty)
        if variant != "paper":
            close(found.classes, jnp.where(logits < 0, 1e-7, logits)[found.labels])


def test_another_network_for_the_difficulty():
    """Its own parameters, its own tap."""
    trunk = lambda x, params, own: jax.nn.sigmoid((jxai.tap(x[::2, ::2] @ own, "trunk")).mean())
    own = vector((3, 6), 5)
    found = jxai.deliberative(CASE.apply, trunk, at=(AT, "trunk"), classes=3, threshold=-1e9, candidates=3)
    hard = jax.jit(jxai.second_order(trunk, at="trunk"))(jnp.asarray(X), PARAMS, own)
    maps = jax.jit(deliberation_maps(CASE.apply, None, at=AT, classes=3))(jnp.asarray(X), PARAMS).classes
    result = jax.jit(found)(jnp.asarray(X), PARAMS, own)
    close(result.map.sum(0), (maps[0] * maps[1] + maps[0] * maps[2] + maps[1] * maps[2]) * hard)


def test_vmap_over_a_test_set():
    xs = jnp.asarray(X)[None] + 0.3 * vector((5, *X.shape), 6)
    explain = deliberate(size=(16, 16))
    many = jax.jit(jax.vmap(explain, in_axes=(0, None)))(xs, PARAMS)
    for i, x in enumerate(xs):
        one = jax.jit(explain)(x, PARAMS)
        for field, value in zip(one._fields, one, strict=True):
            np.testing.assert_allclose(getattr(many, field)[i], value, rtol=1e-9, atol=1e-12)


def test_what_is_refused():
    x = jnp.asarray(X)
    wrong = partial(jxai.insecurities, MAPS, HARD, PROBABILITIES)
    with pytest.raises(ValueError, match="classes must be 2 to the number of classes, 7, and of maps, 7; classes=8"):
        wrong(classes=8)
    with pytest.raises(ValueError, match="candidates must be 2 to classes=4, as two make a pair; candidates=5 came"):
        wrong(classes=4, candidates=5)
    with pytest.raises(ValueError, match="candidates=1 came"):
        wrong(candidates=1)
    with pytest.raises(ValueError, match="coverage or a threshold, not both"):
        wrong(coverage=0.1, threshold=1.0)
    with pytest.raises(ValueError, match="above 0 to 1; 1.5 came"):
        wrong(coverage=1.5)
    with pytest.raises(ValueError, match="a label for each of the 7 maps; 3 came"):
        wrong(labels=jnp.arange(3))
    with pytest.raises(ValueError, match=r"the space of the class maps, \(5, 6\); \(4, 6\) came"):
        jxai.insecurities(MAPS, HARD[:4], PROBABILITIES)
    with pytest.raises(ValueError, match="classes must be 2 to the 3 classes of the model; classes=5 came"):
        deliberate(classes=5)(x, PARAMS)
    with pytest.raises(ValueError, match="variant must be one of paper, released, released_scenes; 'other' came"):
        deliberate(variant="other")
    with pytest.raises(ValueError, match="parameters are missing"):
        deliberate()(x)
    with pytest.raises(NotAScalar):
        jxai.deliberative(CASE.apply, lambda x, p: CASE.apply(p, x), at=AT, classes=3)(x, PARAMS)
    pre_sigmoid = lambda x, p: CASE.apply(p, x)[0]
    for variant in ("paper", "released"):
        with pytest.raises(ValueError, match="piecewise linear in the layer 'conv2'"):
            jxai.deliberative(CASE.apply, pre_sigmoid, at=AT, classes=3, variant=variant)(x, PARAMS)
    flat = lambda p, x: jxai.tap(x.reshape(-1), "flat") @ p
    with pytest.raises(ValueError, match="'flat' has shape .*, without spatial axes"):
        jxai.deliberative(flat, None, at="flat", classes=2, candidates=2)(x, vector((X.size, 3), 1))
