"""Guided integrated gradients: how the path bends and moves, completeness, and what is refused."""

import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai.explainers.paths.guided import _groups
from tests.references.example import BASELINE, NET, X, close, explained, score, vector


def test_the_path_bends():
    explain = jxai.guided_integrated_gradients(score, steps=5, distance=1.0)
    straight = jxai.integrated_gradients(score, steps=5, increment=lambda s: s.gradient * s.displacement)
    apart = explained(explain, baseline=BASELINE) - explained(straight, baseline=BASELINE)
    assert np.abs(apart).max() > 1e-2


def test_with_all_features_at_once_it_is_the_straight_line():
    explain = jxai.guided_integrated_gradients(score, steps=5, fraction=1.0)
    straight = jxai.integrated_gradients(score, steps=5, increment=lambda s: s.gradient * s.displacement)
    close(explained(explain, baseline=BASELINE), explained(straight, baseline=BASELINE), rtol=1e-7)


def test_idgi_along_the_guided_path_is_complete():
    explain = jxai.idgi(score, over=jxai.guided_integrated_gradients, steps=5, distance=0.2)
    got = explained(explain, baseline=BASELINE)
    assert got.sum() == pytest.approx(NET.score(X) - NET.score(BASELINE), rel=1e-9)


def test_completeness_up_to_the_steps():
    x, b = vector(8, 1), vector(8, 2)
    f = lambda x: jnp.tanh(x).sum() + x[0] * x[3]  # noqa: E731
    gaps = [
        abs(float(jxai.guided_integrated_gradients(f, steps=n)(x, baseline=b).sum() - f(x) + f(b))) for n in (50, 400)
    ]
    assert gaps[1] < 0.02 and gaps[1] < gaps[0] / 3


def test_equal_gradients_move_together_and_input_equal_to_baseline_gets_nothing():
    explain = jxai.guided_integrated_gradients(lambda x: 2.0 * x.sum(), steps=4, fraction=0.5)
    close(explain(jnp.array([1.0, 3.0, 0.0, -2.0])), [2.0, 6.0, 0.0, -4.0])


@pytest.mark.parametrize("options", [{"fraction": 0.0}, {"fraction": 1.5}, {"distance": 0.0}, {"distance": -1.0}])
def test_shares_outside_their_range_are_refused(options):
    (name,) = options
    with pytest.raises(ValueError, match=rf"{name} is a share in \(0, 1\]"):
        jxai.guided_integrated_gradients(score, **options)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32", "float64"])
@pytest.mark.parametrize("change", [lambda x: x, jnp.round, lambda x: jnp.where(x < 0.5, jnp.inf, x), jnp.zeros_like])
def test_groups_equal_those_of_a_sort(dtype, change):
    """Also where many values are alike, or infinite, and in dtypes whose thresholds are no numbers of them."""
    for count in (1, 2, 7, 1000):
        values = change(jnp.abs(jnp.asarray(np.random.default_rng(count).normal(size=count)))).astype(dtype)
        places = sorted({max(1, count * k // 4) for k in (1, 2, 3)})
        ordered, flat = np.sort(np.asarray(values, np.float64)), np.asarray(values, np.float64)
        want = sum((flat > ordered[place - 1]).astype(int) for place in places)
        np.testing.assert_array_equal(_groups(values, places), want)
