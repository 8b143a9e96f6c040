"""Cases with known answers: rectangles that a score looks at, densities of known attributions, edges of a step."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai.signal import segments
from tests.references.example import KEY, LABEL, PARAMS, X, close, explained, score

ROWS, COLUMNS = slice(3, 8), slice(6, 12)
INSIDE = np.zeros((16, 16), bool)
INSIDE[ROWS, COLUMNS] = True
AREA = INSIDE.mean()


def rectangle(x):
    """A score that sees 30 of 256 places."""
    return x[ROWS, COLUMNS].mean()


def overlap(mask):
    """Intersection over union of the largest values, as many as the rectangle has, with the rectangle."""
    chosen = np.asarray(jxai.signal.maps.top_fraction(jnp.asarray(mask), AREA)) > 0
    return (chosen & INSIDE).sum() / (chosen | INSIDE).sum()


@pytest.mark.parametrize("game", ["preserve", "delete", "both"])
def test_extremal_perturbation_finds_the_rectangle_with_its_area(game):
    explain = jxai.extremal_perturbation(rectangle, areas=float(AREA), cell=1, smooth=0.4, steps=150, game=game)
    x = jnp.ones((16, 16, 1))
    mask = np.asarray(jax.jit(lambda x: explain(x, baseline=jnp.zeros_like(x)))(x))
    assert overlap(mask) > 0.85
    assert mask.mean() == pytest.approx(AREA, rel=0.1)
    assert ((mask > 0.1) & (mask < 0.9)).mean() < 0.2  # near 0 or 1


@pytest.mark.parametrize("area", [0.05, 0.3])
def test_extremal_perturbation_has_the_area_that_was_asked_for(area):
    """Also where the rectangle is larger or smaller; the smaller lies in the rectangle, the larger around it."""
    explain = jxai.extremal_perturbation(rectangle, areas=area, cell=1, smooth=0.4, steps=150)
    x = jnp.ones((16, 16, 1))
    mask = np.asarray(jax.jit(lambda x: explain(x, baseline=jnp.zeros_like(x)))(x))
    assert mask.mean() == pytest.approx(area, rel=0.15)
    within = mask[INSIDE].sum() / mask.sum() if area < AREA else mask[INSIDE].mean()
    assert within > 0.7  # its soft border has area too


@pytest.mark.parametrize("game", ["delete", "preserve"])
def test_meaningful_perturbation_finds_the_rectangle(game):
    explain = jxai.meaningful_perturbation(rectangle, cell=1, smooth=0.5, l1=5e-3, game=game, steps=120, jitter=0)
    x = jnp.ones((16, 16, 1))
    mask = np.asarray(jax.jit(lambda x: explain(x, baseline=jnp.zeros_like(x)))(x))
    assert overlap(mask) > 0.85
    assert mask[INSIDE].mean() > 0.8 and mask[~INSIDE].mean() < 0.1


def test_jitter_moves_the_picture_under_the_mask():
    """What is seen through one place may come from two places away: the mask grows by as much."""
    x = jnp.zeros((16, 1)).at[8].set(1.0)
    options = {"cell": 1, "smooth": 0.0, "start": 0.5, "l1": 0.02, "tv": 0.0, "steps": 150}

    def mask(jitter):
        explain = jxai.meaningful_perturbation(lambda x: x.max(), jitter=jitter, **options)
        return np.asarray(jax.jit(lambda x: explain(x, key=KEY, baseline=jnp.zeros_like(x)))(x))

    assert np.flatnonzero(mask(0) > 0.5).tolist() == [8]
    assert np.flatnonzero(mask(2) > 0.5).tolist() == [6, 7, 8, 9, 10]


def known(attribution):
    return lambda x, *args, key=None: jnp.asarray(attribution)


def test_xrai_of_one_level_is_the_mean_of_each_segment():
    a = np.arange(16.0).reshape(4, 4)
    explain = jxai.xrai(known(a))
    squares = np.asarray(segments.grid((4, 4), 2))
    got = jax.jit(lambda x: explain(x, segments=squares))(jnp.ones((4, 4, 2)))
    close(got, np.kron(np.array([[2.5, 4.5], [10.5, 12.5]]), np.ones((2, 2))))


def test_xrai_of_single_locations_is_the_attribution():
    a = explained(jxai.gradient(score))
    explain = jxai.xrai(known(a))
    squares = np.asarray(segments.grid((8, 8), 1))
    got = jax.jit(lambda x: explain(x, segments=squares))(jnp.asarray(X))
    close(got, a.sum(-1))


def test_xrai_keeps_the_sum_of_the_attribution():
    """Complete over segments of any kind, where the explainer is: the means share out the sum."""
    levels = jnp.stack([segments.grid((8, 8), side) for side in (2, 3, 5)])
    inner = jxai.times_input(jxai.gradient(score))
    close(explained(jxai.xrai(inner), segments=np.asarray(levels)).sum(), explained(inner).sum())


def test_xrai_prefers_the_densest_of_overlapping_segments():
    """By hand: {2} brings 9; then {0, 1} has mean 4, and {3, 4} mean 1; {0, 1, 2} and {2, 3, 4} are never the best."""
    levels = np.array([[0, 0, 1, 1, 1], [0, 0, 0, 1, 1], [0, 0, 1, 2, 2]])
    a = np.array([5.0, 3.0, 9.0, 2.0, 0.0])
    explain = jxai.xrai(known(a))
    run = lambda explain: jax.jit(lambda x: explain(x, segments=levels))(jnp.ones((5, 1)))
    assert run(explain).tolist() == [4.0, 4.0, 9.0, 1.0, 1.0]
    order = run(jxai.xrai(known(a), ordered=True))
    np.testing.assert_allclose(order, [0.8, 0.8, 1.0, 0.4, 0.4])


def test_regional_multiscale_of_a_score_that_sees_one_segment():
    """Constant border, so the fill is known: the segment's weight is the difference of log-odds, all else 0."""
    x = jnp.full((6, 6, 2), 0.5).at[2:4, 2:4].set(2.0)
    seen = lambda x: jax.nn.sigmoid(x[2:4, 2:4].sum() - 10.0)
    explain = jxai.regional_multiscale(seen, samples=2, trials=1e9, normalise=False)
    squares = np.asarray(segments.grid((6, 6), 2))
    got = jax.jit(lambda x: explain(x, key=KEY, segments=squares))(x)
    expected = np.zeros((6, 6))
    expected[2:4, 2:4] = (6.0 - -6.0) / np.log(2.0)
    np.testing.assert_allclose(got, expected, atol=1e-4)


def test_regional_multiscale_fills_with_the_border_s_distribution():
    """With a score of p = the filled colour, the mean over many fills is the border's mean; half of them lie above."""
    x = jnp.zeros((4, 4, 1)).at[0].set(jnp.array([[0.2], [0.4], [0.6], [0.4]])).at[1:3, 1:3].set(0.9)
    x = x.at[1:].set(jnp.where(x[1:] == 0, 0.4, x[1:]))
    inner = jnp.zeros((4, 4), jnp.int32).at[1:3, 1:3].set(1)
    border = np.asarray(x)[np.asarray(inner) == 0]
    centre = lambda x: x[1, 1, 0]
    explain = jxai.regional_multiscale(centre, samples=2000, trials=1e9, normalise=False, chunk=2)
    removed = float(jax.jit(lambda x: explain(x, key=KEY, segments=np.asarray(inner)))(x)[1, 1])
    expected = np.log2(0.9 / 0.1) - np.log2(border.mean() / (1 - border.mean()))
    assert removed == pytest.approx(expected, abs=6 * border.std() / 2000**0.5 * 6)


def test_edge_detector_of_a_step_and_of_a_ramp():
    step = jnp.zeros((6, 6, 3)).at[:, 3:].set(2.0)
    explain = jax.jit(jxai.edge_detector(lambda x: x.sum()))
    got = explain(step)
    expected = np.zeros((6, 6))
    expected[:, 2:4] = np.sqrt(3.0)  # half the step of 2 on either side, three channels
    close(got, expected)
    ramp = jnp.broadcast_to(3.0 * jnp.arange(6.0)[:, None, None] + 4.0 * jnp.arange(6.0)[None, :, None], (6, 6, 1))
    close(explain(ramp)[1:-1, 1:-1], np.full((4, 4), 5.0))


def test_edge_detector_of_a_flat_input_is_0_with_derivative_0():
    flat = jnp.full((4, 4, 2), 0.7)
    explain = jax.jit(jxai.edge_detector(lambda x: x.sum()))
    assert not explain(flat).any()
    assert not jax.jit(jax.grad(lambda x: explain(x).sum()))(flat).any()


def test_random_map_is_uniform_and_knows_neither_label_nor_input():
    x = jnp.ones((64, 64, 3))
    draw = lambda score, x, key: np.asarray(jxai.random_map(score)(x, key=key))
    first = draw(lambda x: x.sum(), x, KEY)
    close(first, draw(lambda x: x.max(), 2 * x, KEY))
    assert first.mean() == pytest.approx(0.5, abs=0.03) and first.var() == pytest.approx(1 / 12, abs=0.01)
    assert 0 <= first.min() and first.max() < 1
    assert np.abs(first - draw(lambda x: x.sum(), x, jax.random.key(1))).mean() > 0.2
    assert jxai.random_map(score)(jnp.asarray(X), LABEL, PARAMS, key=KEY).shape == (8, 8)
