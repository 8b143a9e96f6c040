"""Sufficiency and comprehensiveness: ties, words, noise, nan and lengths; what they agree in, and refusals."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics, scores
from jxai.core.errors import MissingKey
from tests.references.example import CASE, LABEL, PARAMS, X, close, vector

probability = scores.probability(CASE.apply)
MAP = np.asarray(vector((8, 8), 4))
GIVEN = (jnp.asarray(X), LABEL, PARAMS)


def test_pieces_of_one_value_tie_with_other_words_of_it_exactly():
    a = jnp.array([0.1, 0.1, 0.1, 0.1, 0.3])
    curve = metrics.comprehensiveness_curve(lambda x: x.sum(), fractions=(1 / 3, 2 / 3), select="above")
    x = jnp.array([1.0, 2.0, 4.0, 8.0, 16.0])
    words = jnp.array([0, 0, 0, 1, 2])
    along = jax.jit(lambda a: curve(a, x, groups=words))
    assert along(a).tolist() == [31.0, 15.0, 15.0]


def test_noise_breaks_ties_at_random_and_needs_a_key():
    x, flat = jnp.arange(1.0, 9.0), jnp.zeros(8)
    measure = jax.jit(metrics.sufficiency_curve(lambda x: x.sum(), fractions=(0.5,), noise=1e-5))
    found = {float(measure(flat, x, key=jax.random.key(i))[0]) for i in range(4)}
    assert len(found) > 1
    clear = measure(jnp.array([1.0] * 4 + [0.0] * 4), x, key=jax.random.key(0))
    assert clear.tolist() == [10.0, 36.0]
    with pytest.raises(MissingKey, match="sufficiency"):
        measure(flat, x)


@pytest.mark.parametrize("select", ["count", "above", "at_least"])
def test_a_text_of_one_word(select):
    x = jnp.array([[2.0, 3.0]])
    curve = metrics.sufficiency_curve(lambda x: x.sum(), fractions=(0.25, 0.75), select=select)
    kept = jax.jit(curve)(jnp.ones(1), x)
    assert kept.tolist() == {"count": [0.0, 5.0, 5.0], "above": [0.0, 0.0, 5.0], "at_least": [5.0] * 3}[select]


def test_a_rationale_of_everything_loses_nothing():
    everything = jax.jit(metrics.rationale_sufficiency(probability))(jnp.ones((8, 8), bool), *GIVEN)
    close(everything, 0.0)


def test_a_rationale_of_the_top_words_equals_the_soft_measure_at_their_fraction():
    top = jnp.asarray(MAP) >= np.sort(MAP.ravel())[-16]
    soft = jax.jit(metrics.comprehensiveness(probability, fractions=(0.25,)))(jnp.asarray(MAP), *GIVEN)
    close(jax.jit(metrics.rationale_comprehensiveness(probability))(top, *GIVEN), soft)


def test_under_vmap_and_jit_with_different_lengths():
    maps, xs = vector((3, 7), 1), vector((3, 7, 2), 2)
    valid = jnp.arange(7)[None, :] < jnp.array([7, 4, 1])[:, None]
    groups = jnp.where(valid, jnp.array([[0, 0, 1, 2, 3, 4, 5]]), -1)
    score = lambda x: jnp.tanh(x).sum()  # noqa: E731
    measure = metrics.sufficiency(score, count=6)
    many = jax.jit(jax.vmap(lambda a, x, g, v: measure(a, x, groups=g, valid=v)))(maps, xs, groups, valid)
    for i, n in enumerate((7, 4, 1)):
        alone = jax.jit(lambda a, x, known=groups[i, :n]: metrics.sufficiency(score)(a, x, groups=known))
        close(many[i], alone(maps[i, :n], xs[i, :n]))


def test_shard_map_agrees():
    maps, xs = vector((4, 6), 1), vector((4, 6, 2), 2)
    many = jax.jit(jax.vmap(metrics.comprehensiveness(lambda x: jnp.tanh(x).sum(), select="above")))
    mesh = jax.make_mesh((4,), ("e",), axis_types=(jax.sharding.AxisType.Auto,))
    rows = jax.sharding.PartitionSpec("e")
    close(jax.jit(jax.shard_map(many, mesh=mesh, in_specs=(rows, rows), out_specs=rows))(maps, xs), many(maps, xs))


def test_nan_and_nothing_valid_give_nan():
    score, x = (lambda x: x.sum()), jnp.ones(4)
    names = ("sufficiency", "comprehensiveness", "soft_sufficiency", "soft_comprehensiveness", "deletion", "insertion")
    for name in names:
        measure = jax.jit(getattr(metrics, name)(score))
        assert np.isnan(measure(jnp.array([1.0, jnp.nan, 0.0, 2.0]), x)), name
        assert np.isnan(measure(jnp.ones(4), x, valid=jnp.zeros(4, bool))), name
        hidden = measure(jnp.array([1.0, jnp.nan, 0.0, 2.0]), x, valid=jnp.array([True, False, True, True]))
        assert np.isfinite(hidden), name
    assert np.isnan(metrics.rationale_sufficiency(score)(x > 0, x, valid=jnp.zeros(4, bool)))


def test_an_example_equal_to_its_background_loses_nothing():
    x = jnp.asarray(X)
    for name in ("sufficiency", "comprehensiveness"):
        measure = jax.jit(getattr(metrics, name)(probability))
        close(measure(jnp.asarray(MAP), x, LABEL, PARAMS, baseline=x), 0.0)


@pytest.mark.parametrize("dtype", [jnp.bfloat16, jnp.float32])
def test_dtype_follows_the_score(dtype):
    x = jnp.arange(6.0).astype(dtype)
    assert jax.eval_shape(metrics.sufficiency(lambda x: x.sum()), x, x).dtype == dtype


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"attribution": jnp.ones((8, 8, 3))}, r"expected a map over the space of x, shape \(8, 8\)"),
        ({"baseline": jnp.ones((8, 8, 3)), "baselines": jnp.ones((1, 8, 8, 3))}, "give one of the two"),
        ({"baselines": jnp.ones((8, 8, 3))}, "baselines must have shape"),
        ({"valid": jnp.ones((8,))}, r"valid must be a mask over the space of x, \(8, 8\); \(8,\) came"),
        ({"groups": jnp.ones((8,), int)}, r"groups must lie over the space of x, \(8, 8\); \(8,\) came"),
    ],
)
def test_what_does_not_fit_is_refused(given, message):
    attribution = given.pop("attribution", jnp.ones((8, 8)))
    with pytest.raises(ValueError, match=message):
        metrics.sufficiency(probability)(attribution, *GIVEN, **given)


@pytest.mark.parametrize("fractions", [(), (0.5, 1.5)])
def test_fractions_are_checked(fractions):
    for name in ("sufficiency", "comprehensiveness", "soft_sufficiency"):
        with pytest.raises(ValueError, match=r"fractions must be one or more numbers within 0\.\.1"):
            getattr(metrics, name)(probability, fractions=fractions)
