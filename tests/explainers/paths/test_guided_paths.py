"""Guided integrated gradients against algorithm 1 of the paper with its inner loop, and IDGI along its path."""

import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai.explainers.paths.guided import _groups
from tests.references import paths as literal
from tests.references.example import BASELINE, NET, X, close, explained, score, vector


@pytest.mark.parametrize(
    ("steps", "fraction", "distance"), [(5, 0.25, 0.02), (5, 0.25, 1.0), (8, 0.25, 0.1), (4, 0.5, 0.3), (3, 1.0, 0.2)]
)
def test_equals_the_paper_s_algorithm(steps, fraction, distance):
    explain = jxai.guided_integrated_gradients(score, steps=steps, fraction=fraction, distance=distance)
    expected = literal.guided_integrated_gradients(NET, X, BASELINE, steps, fraction, distance)
    close(explained(explain, baseline=BASELINE), expected, rtol=1e-7, atol=1e-10)


def test_the_path_bends():
    explain = jxai.guided_integrated_gradients(score, steps=5, distance=1.0)
    straight = jxai.integrated_gradients(score, steps=5, increment=lambda s: s.gradient * s.displacement)
    apart = explained(explain, baseline=BASELINE) - explained(straight, baseline=BASELINE)
    assert np.abs(apart).max() > 1e-2


def test_with_all_features_at_once_it_is_the_straight_line():
    explain = jxai.guided_integrated_gradients(score, steps=5, fraction=1.0)
    straight = jxai.integrated_gradients(score, steps=5, increment=lambda s: s.gradient * s.displacement)
    close(explained(explain, baseline=BASELINE), explained(straight, baseline=BASELINE), rtol=1e-7)


def test_idgi_along_the_guided_path():
    explain = jxai.idgi(score, over=jxai.guided_integrated_gradients, steps=5, distance=0.2)
    path = list(literal.guided_path(NET, X, BASELINE, 5, 0.25, 0.2))
    points = [start for _, start, _ in path] + [path[-1][2]]
    close(points[-1], X)
    got = explained(explain, baseline=BASELINE)
    close(got, literal.idgi_on_points(NET, points), rtol=1e-7, atol=1e-10)
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
