"""Mask optimisation, segments and comparisons: closed under transformations, and clear about bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import PartitionSpec as P

import jxai
from jxai.core.errors import MissingKey, NotAScalar
from jxai.core.solve import stop_when_converged
from jxai.signal import segments
from tests.references import regions as literal
from tests.references.example import BASELINE, KEY, LABEL, PARAMS, X, close, explained, score

LEVELS = np.stack([segments.grid((8, 8), 3), np.asarray(segments.grid((8, 8), (4, 5)))[::-1], segments.grid((8, 8), 8)])
SHARED = {"cell": 2, "steps": 3}


def test_meaningful_perturbation_blurs_by_default_and_its_start_can_be_given():
    options = {"smooth": 0.7, "jitter": 0, "start": 0.4, **SHARED}
    own = explained(jxai.meaningful_perturbation(score, sigma=1.5, **options))
    blurred = np.asarray(jxai.signal.filters.gaussian_blur(jnp.asarray(X), 1.5))
    close(own, explained(jxai.meaningful_perturbation(score, **options), baseline=blurred))
    free = explained(jxai.meaningful_perturbation(score, **options | {"learning_rate": 1e-9}))
    np.testing.assert_allclose(free, 0.4, atol=1e-6)


def test_extremal_perturbation_of_several_areas_is_the_mean():
    one, two, both = (
        explained(jxai.extremal_perturbation(score, areas=areas, sigma=1.5, smooth=1.3, **SHARED), baseline=BASELINE)
        for areas in (0.2, 0.6, (0.2, 0.6))
    )
    close(both, (one + two) / 2)
    assert np.abs(one - two).max() > 1e-3


def test_xrai_in_blocks(monkeypatch):
    """Segments larger than a block take several rounds of the loop."""
    import jxai.explainers.regions.xrai as module

    inner = jxai.times_input(jxai.gradient(score))
    whole = explained(jxai.xrai(inner), segments=LEVELS)
    monkeypatch.setattr(module, "_BLOCK", 5)
    close(explained(jxai.xrai(inner), segments=LEVELS), whole)


def test_xrai_passes_key_and_inputs_on():
    inner = jxai.smoothgrad(jxai.integrated_gradients(score, steps=2), samples=2)
    means = literal.xrai(explained(inner, key=KEY, baseline=BASELINE), LEVELS)
    close(explained(jxai.xrai(inner), key=KEY, baseline=BASELINE, segments=LEVELS), means)


def regional(**options):
    return jxai.regional_multiscale(lambda *args: jnp.exp(score(*args)), samples=2, **options)


def attributed(**options):
    return jxai.xrai(jxai.gradient(score), **options)


@pytest.mark.parametrize("make", [attributed, regional], ids=["xrai", "regional"])
def test_segments_may_be_known_or_traced_and_of_one_level(make):
    x, levels = jnp.asarray(X), jnp.asarray(LEVELS[:1])
    explain = make(count=9)
    traced = jax.jit(lambda x, s: explain(x, LABEL, PARAMS, key=KEY, segments=s))
    known = jax.jit(lambda x: make()(x, LABEL, PARAMS, key=KEY, segments=LEVELS[0]))
    close(known(x), traced(x, levels))


def test_xrai_with_segments_shared_by_a_batch_or_each_its_own_over_devices():
    """The state of the loop varies over the devices with the examples, or with the segments, or with both."""
    x, levels, explain = jnp.asarray(X), jnp.asarray(LEVELS), attributed(count=9)
    xs, sets = jnp.stack([x, 0.5 * x, -x, x + 1]), jnp.stack([levels, levels[::-1], levels, levels])
    shared = jax.vmap(lambda x: explain(x, LABEL, PARAMS, segments=levels))
    own = jax.vmap(lambda s: explain(x, LABEL, PARAMS, segments=s))
    mesh = jax.make_mesh((4,), ("examples",), axis_types=(jax.sharding.AxisType.Auto,))
    one = explained(explain, segments=LEVELS)
    for many, batch in ((shared, xs), (own, sets)):
        sharded = jax.shard_map(many, mesh=mesh, in_specs=P("examples"), out_specs=P("examples"))
        close(jax.jit(sharded)(batch), jax.jit(many)(batch))
        close(jax.jit(many)(batch)[0], one)


@pytest.mark.parametrize("make", [attributed, regional], ids=["xrai", "regional"])
def test_segments_that_do_not_fit_are_refused(make):
    def call(given, **options):
        return make(**options)(jnp.asarray(X), LABEL, PARAMS, key=KEY, segments=given)

    with pytest.raises(TypeError, match="integer labels 0..n-1; float64 came"):
        call(jnp.zeros((8, 8)))
    with pytest.raises(ValueError, match=r"shape \(8, 8\) or \[levels, \*\(8, 8\)\].*\(8, 7\) came"):
        call(LEVELS[0, :, :7])
    with pytest.raises(ValueError, match="segments are traced.*count=int"):
        jax.jit(call)(LEVELS)
    with pytest.raises(ValueError, match="labels below count=4; 8 came"):
        call(LEVELS, count=4)
    with pytest.raises(ValueError, match="count must be above zero"):
        make(count=0)
    assert np.all(np.isnan(jax.jit(lambda s: call(s, count=4))(LEVELS)))


def test_an_attribution_of_another_shape_is_refused():
    explain = jxai.xrai(jxai.grad_cam(score, at="conv2"))
    with pytest.raises(ValueError, match=r"shape \(8, 8, 3\) or \(8, 8\); \(4, 4\) came. Enlarge"):
        explain(jnp.asarray(X), LABEL, PARAMS, segments=LEVELS)


def test_no_probability_is_nan():
    explain = jxai.regional_multiscale(lambda x: 2.0 + x.sum(), samples=1)
    assert np.all(np.isnan(explain(jnp.ones((4, 1)), key=KEY, segments=segments.grid((4,), 2))))


@pytest.mark.parametrize("name", ["meaningful_perturbation", "extremal_perturbation", "edge_detector"])
def test_vectors_are_refused(name):
    with pytest.raises(ValueError, match=rf"{name} needs an input with space.*\(4,\) came"):
        getattr(jxai, name)(lambda x: x.sum())(jnp.ones(4), key=KEY)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("meaningful_perturbation", {"game": "win"}, "game must be one of delete, preserve; 'win' came"),
        ("meaningful_perturbation", {"jitter": -1}, "jitter must be at least zero"),
        ("meaningful_perturbation", {"cell": 0}, "cell must be above zero"),
        ("extremal_perturbation", {"game": "win"}, "game must be one of preserve, delete, both"),
        ("extremal_perturbation", {"areas": (0.1, 1.0)}, r"shares of the space.*\(0.1, 1.0\) came"),
        ("extremal_perturbation", {"areas": ()}, "shares of the space"),
        ("extremal_perturbation", {"levels": 1}, "at least 2; 1 came"),
    ],
)
def test_options_out_of_range_are_refused(name, options, message):
    with pytest.raises(ValueError, match=message):
        getattr(jxai, name)(score, **options)


@pytest.mark.parametrize("name", ["meaningful_perturbation", "extremal_perturbation"])
def test_a_baseline_of_another_shape_is_refused(name):
    with pytest.raises(ValueError, match="baseline must have the shape of x"):
        getattr(jxai, name)(score, **SHARED)(jnp.asarray(X), LABEL, PARAMS, key=KEY, baseline=jnp.zeros((8, 8, 1)))


def test_without_jitter_no_key_is_needed_and_the_key_has_no_effect():
    explain = jxai.meaningful_perturbation(score, jitter=0, **SHARED)
    close(explained(explain), explained(explain, key=KEY))
    with pytest.raises(MissingKey, match="meaningful_perturbation draws"):
        explained(jxai.meaningful_perturbation(score, **SHARED))


@pytest.mark.parametrize("name", ["random_map", "edge_detector"])
def test_comparisons_check_the_score_without_running_it(name):
    with pytest.raises(NotAScalar, match="one number"):
        getattr(jxai, name)(lambda x: x)(jnp.ones((4, 4, 1)), key=KEY)
    text = str(
        jax.make_jaxpr(lambda x: getattr(jxai, name)(lambda x: jnp.sin(x).sum())(x, key=KEY))(jnp.ones((4, 4, 1)))
    )
    assert "sin" not in text


def test_the_stop_rule_is_passed_on():
    options = {"smooth": 0.0, "jitter": 0, "start": 0.9, "cell": 2, "learning_rate": 0.05, "l1": 0.5}
    stop = stop_when_converged(
        jnp.mean, tolerance=1.0, after=2
    )  # the mean falls by 0.05 a step: below 0.5 after nine, or eight
    early = explained(jxai.meaningful_perturbation(score, steps=20, stop=stop, **options))
    assert 0.4 < early.mean() < 0.5
    third = stop_when_converged(jnp.mean, tolerance=1.0, after=3, below=1.1)
    got = explained(jxai.extremal_perturbation(score, steps=20, stop=third, cell=2, weight=1e-9))
    close(got, explained(jxai.extremal_perturbation(score, steps=3, cell=2, weight=1e-9)))
