"""NaN, infinities, ties, nothing and everything through every measure of the table, and the tools beside them."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import metrics
from jxai.measures import MEASURES
from jxai.signal import maps

N = 6
X = jnp.arange(1.0, N + 1)
REGION = jnp.array([0, 1, 1, 0, 1, 0])
MARKS = REGION > 0
GRID = jnp.array([[3.0, 1.0, 2.0], [0.5, 4.0, 1.5]])
POINTS = jnp.array([[0.5, 0.5, 1.0], [1.5, 1.5, 1.0]])
COMMON = jnp.array([[True, False]])
PARTS = jnp.array([[1, 1, 0], [2, 2, 0]])


def first(x):
    """A score that looks at one place alone: a NaN elsewhere does not reach it."""
    return x[0] * 2


def of_score(measure, **options):
    return lambda map: measure(first, **options)(map, X)


def against(names, *truth, **options):
    """Measures of a map beside a truth."""
    return {name: partial(_beside, getattr(metrics, name), truth, options) for name in names.split()}


def _beside(measure, truth, options, map):
    return measure(map, *truth, **options)


def over_score(names):
    return {name: of_score(getattr(metrics, name)) for name in names.split()}


SOFT = {"threshold": 0.5, "temperature": 0.1}
MEASURED = {  # each as a function of one array of floating-point numbers
    **over_score("deletion insertion sufficiency comprehensiveness sufficiency_aopc comprehensiveness_aopc"),
    **over_score("soft_sufficiency soft_comprehensiveness rationale_sufficiency rationale_comprehensiveness"),
    **over_score("completeness_gap"),
    "infidelity": lambda map: metrics.infidelity(first, samples=3)(map, X, key=jax.random.key(0)),
    "max_sensitivity": lambda map: metrics.max_sensitivity(lambda x, key: x**2, samples=3)(
        map, X, key=jax.random.key(0)
    ),
    **against("pointing_game relevance_mass relevance_rank", REGION),
    **against("average_precision area_under_precision_recall soft_average_precision risk_coverage", MARKS),
    **against("soft_token_f1 soft_iou_f1", MARKS, **SOFT),
    "point_precision_recall": lambda map: metrics.point_precision_recall(
        map.reshape(1, 2, 3), COMMON, POINTS, coverages=(0.2, 0.5)
    ),
    "mask_iou": lambda map: metrics.mask_iou(map.reshape(1, 2, 3), COMMON, PARTS, coverages=(0.2, 0.5)),
    "calibration_error": lambda map: metrics.calibration_error(map / 10, MARKS),
}
WITHOUT_NUMBERS = {  # what they measure are booleans, whole numbers or strings: none can be NaN
    *("token_f1", "iou_f1", "agreement_with", "agreement_between", "dont_know_rate", "bleu4", "meteor_exact_stem"),
    *("cider_d", "rouge_l", "drel", "insight", "part_annotation"),
}
TOOLS = {
    **over_score("deletion_curve insertion_curve sufficiency_curve comprehensiveness_curve"),
    **against("soft_token_agreement soft_span_agreement", MARKS, **SOFT),
    "best_fraction": lambda map: metrics.best_fraction(map, MARKS),
    "kernel_regression x": lambda map: metrics.kernel_regression(map, X, jnp.asarray(2.0)),
    "kernel_regression y": lambda map: metrics.kernel_regression(X, map, jnp.asarray(2.0)),
    "fit_temperature": lambda map: metrics.fit_temperature(map.reshape(2, 3), jnp.array([0, 1]), steps=3),
    "leave_one_out": lambda map: metrics.leave_one_out(map.reshape(2, 3), MARKS.reshape(2, 3)).fraction.sum(),
}
EVERY = MEASURED | TOOLS
OF_MAPS = {
    name: getattr(maps, name)
    for name in ("channel_sum", "l1_norm", "l2_norm", "absolute", "positive", "min_max", "scale_max", "clip_percentile")
}


def numbers(result):
    return np.concatenate([np.ravel(leaf).astype(float) for leaf in jax.tree.leaves(result)])


def test_the_whole_table_is_here():
    assert set(MEASURED) | WITHOUT_NUMBERS == set(MEASURES) and not set(MEASURED) & WITHOUT_NUMBERS


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("places", [(0,), (4,), range(N)], ids=str)
def test_nan_in_nan_out(name, places):
    broken = GRID.ravel().at[jnp.array(places)].set(jnp.nan)
    assert np.isnan(numbers(EVERY[name](broken))).all()


@pytest.mark.parametrize("name", MEASURED)
@pytest.mark.parametrize("kind", ["ties", "zeros", "repeated", "infinite", "minus infinite", "both", "all infinite"])
def test_what_is_a_number_lies_in_the_range_of_the_measure(name, kind):
    """Of infinities a sum may not exist: then NaN, never a number that is out of range."""
    map = {
        "ties": jnp.ones(N),
        "zeros": jnp.zeros(N).at[1].set(-0.0),
        "repeated": jnp.array([1.0, 2.0, 2.0, 1.0, 2.0, 1.0]),
        "infinite": GRID.ravel().at[1].set(jnp.inf),
        "minus infinite": GRID.ravel().at[1].set(-jnp.inf),
        "both": GRID.ravel().at[1].set(jnp.inf).at[2].set(-jnp.inf),
        "all infinite": jnp.full(N, jnp.inf),
    }[kind]
    if name == "calibration_error" and "infinite" in kind:
        pytest.skip("a confidence is a share")
    found = numbers(MEASURED[name](map))
    low, high = MEASURES[name].range
    found = found[~np.isnan(found)]
    assert "infinit" in kind or kind == "both" or found.size, "finite values have a measure"
    assert (found >= (-np.inf if low is None else low)).all() and (found <= (np.inf if high is None else high)).all()


RANKED = {
    "pointing_game",
    "relevance_rank",
    "average_precision",
    "area_under_precision_recall",
    "deletion",
    "insertion",
}


@pytest.mark.parametrize("name", sorted(RANKED | {"sufficiency", "comprehensiveness", "point_precision_recall"}))
def test_an_infinity_is_ranked_as_what_it_is(name):
    """Only the order counts: infinities as good as the largest and the least number."""
    map = GRID.ravel()
    finite, infinite = map.at[1].set(99.0).at[4].set(-99.0), map.at[1].set(jnp.inf).at[4].set(-jnp.inf)
    np.testing.assert_array_equal(numbers(MEASURED[name](finite)), numbers(MEASURED[name](infinite)))


@pytest.mark.parametrize("name", OF_MAPS)
def test_functions_of_maps_keep_nan(name):
    result = OF_MAPS[name](GRID.at[0, 1].set(jnp.nan))
    assert np.isnan(result).any() and not np.isnan(OF_MAPS[name](GRID)).any()
    assert np.isnan(OF_MAPS[name](jnp.full((2, 3), jnp.nan))).all()


def test_an_infinite_vector_has_an_infinite_norm():
    assert maps.l2_norm(jnp.array([[jnp.inf, 1.0], [3.0, -4.0]])).tolist() == [np.inf, 5.0]


def test_a_region_with_a_nan_is_no_region():
    region = jnp.array([0.0, jnp.nan, 1.0])
    for measure in (metrics.pointing_game, metrics.relevance_mass, metrics.relevance_rank):
        assert np.isnan(measure(jnp.array([3.0, 2.0, 1.0]), region))


def test_empty_and_whole_regions():
    for measure, everything in ((metrics.pointing_game, 1), (metrics.relevance_mass, 1), (metrics.relevance_rank, 1)):
        assert float(measure(GRID, jnp.zeros((2, 3)))) == 0 and float(measure(GRID, jnp.ones((2, 3)))) == everything


@pytest.mark.parametrize("measure", [metrics.average_precision, metrics.soft_average_precision])
def test_nothing_valid_or_nothing_marked_is_not_measured(measure):
    assert np.isnan(measure(X, jnp.zeros(N, bool))) and np.isnan(measure(X, MARKS, valid=jnp.zeros(N, bool)))
    padded = jnp.append(X, jnp.nan), jnp.append(MARKS, True), jnp.append(jnp.ones(N, bool), False)
    assert float(measure(padded[0], padded[1], valid=padded[2])) == pytest.approx(float(measure(X, MARKS)))


def test_a_point_without_a_place_is_not_hit():
    parts = jnp.array([[jnp.nan, jnp.nan, 1.0], [1.0, 1.0, 1.0]])
    assert metrics.nearest_part(GRID, parts).tolist() == [False, True]
    found = metrics.annotated_in_masks(parts, jnp.eye(2, dtype=bool), jnp.array([[1, 1], [1, 2]]))
    assert found.right.tolist() == [False, True]


NOTHING = jnp.zeros(0)
EMPTY = {
    **{
        name: partial(lambda name: getattr(metrics, name)(jnp.sum)(NOTHING, NOTHING), name)
        for name in MEASURED
        if MEASURES[name].needs == ("score",) and name != "completeness_gap"
    },
    **{
        name: partial(lambda name: getattr(metrics, name)(NOTHING, NOTHING > 0), name)
        for name in MEASURED
        if set(MEASURES[name].needs) & {"region", "losses", "labels"}
    },
    "point_precision_recall": lambda: metrics.point_precision_recall(jnp.zeros((1, 0, 3)), COMMON, POINTS),
    "mask_iou": lambda: metrics.mask_iou(jnp.zeros((1, 0, 3)), COMMON, jnp.zeros((0, 3), int)),
}


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_map_is_refused(name):
    with pytest.raises(ValueError, match="at least one place|n > 0|with places"):
        EMPTY[name]()


@pytest.mark.parametrize("name", [name for name in MEASURED if MEASURES[name].needs == ("marks",)])
def test_an_empty_document_is_not_measured(name):
    options = SOFT if name.startswith("soft_") and "precision" not in name else {}
    assert np.isnan(getattr(metrics, name)(NOTHING, NOTHING > 0, **options))
