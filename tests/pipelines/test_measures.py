"""Measures by name: those of the library on the maps of photographs, and only where they fit."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import metrics
from jxai.measures import MEASURES
from jxai.models import small_cnn
from jxai.pipelines.images import Cases, Explained
from jxai.pipelines.measures import measure_cases, measures, measures_table, require_measures
from jxai.pipelines.methods import BASELINES
from jxai.pipelines.options import Options

SIZE = 16


@pytest.fixture(scope="module")
def made():
    """A network, its parameters, two cases, and random results of a method of maps and of one of masks."""
    model = small_cnn(classes=3, size=SIZE)
    draw = np.random.default_rng(0).random
    images = draw((2, SIZE, SIZE, 3)).astype(np.float32)
    labels, ids = np.array([0, 2], np.int32), np.arange(2, dtype=np.uint32)
    raw, masks = (draw(shape).astype(np.float32) for shape in ((2, SIZE, SIZE, 3), (2, SIZE, SIZE)))
    explained = {"gradient": Explained(raw - 0.5, raw.sum(-1) - 1.5, 0.1), "marc": Explained(masks, masks, 0.1)}
    return model, model.init(jax.random.key(0)), Cases(images, labels, labels, ids), explained


@pytest.mark.optimised
def test_measures_are_those_of_the_library_where_they_fit(made):
    model, params, cases, explained = made
    options = Options(score="log_probability", baseline="white")
    names = ("insertion", "comprehensiveness_aopc", "soft_sufficiency", "rationale_sufficiency", "completeness_gap")
    measured = measure_cases(model, params, cases, explained, names=names, options=options)
    assert tuple(measured["marc"]) == names and set(names) <= set(measures())
    assert set(names) - set(measured["gradient"]) == {"rationale_sufficiency"}
    image, label = jnp.asarray(cases.images[1]), 2
    x, probability = model.preprocess(image), jxai.scores.probability(model.apply)

    def expected(measure, method, kind):
        map = jnp.asarray(explained[method].maps[1])
        return measure(map, x, label, params, baseline=model.preprocess(BASELINES[kind](image)))

    for name, kind, method in (
        ("comprehensiveness_aopc", "mean", "gradient"),
        ("soft_sufficiency", "mean", "gradient"),
        ("rationale_sufficiency", "mean", "marc"),
    ):
        value = expected(MEASURES[name].function(probability), method, kind)
        assert measured[method][name][1] == pytest.approx(float(value), rel=1e-3, abs=1e-5)
    value = expected(metrics.insertion(probability, steps=16), "gradient", "blur")
    assert measured["gradient"]["insertion"][1] == pytest.approx(float(value), rel=1e-3, abs=1e-5)
    score = jxai.scores.log_probability(model.apply)
    change = score(x, label, params) - score(model.preprocess(jnp.ones_like(image)), label, params)
    gap = abs(explained["gradient"].attributions[1].sum() - float(change))
    assert measured["gradient"]["completeness_gap"][1] == pytest.approx(gap, rel=1e-3)


def test_a_table_has_a_column_for_each_measure_and_holes_where_one_does_not_fit():
    results = {name: Explained(np.zeros(0), np.zeros(0), 0.5) for name in ("gradient", "marc")}
    measured = {"gradient": {"deletion": np.array([0.25, 0.75])}}
    measured["marc"] = {**measured["gradient"], "rationale_sufficiency": np.array([0.5, 0.5])}
    table = measures_table(results, measured, 2)
    assert [column.name for column in table.columns] == ["deletion", "rationale sufficiency", "time"]
    assert [column.better for column in table.columns] == ["lower"] * 3
    assert "replaced by the mean colour" in table.columns[0].text and "{" not in table.columns[1].text
    assert table.rows["gradient"][1] is None and table.rows["marc"][1].mean == 0.5
    assert table.rows["gradient"][0].error == pytest.approx(0.25)


def test_a_region_is_called_by_what_the_pictures_show():
    measured = {"gradient": {"pointing_game": np.array([1.0])}}
    table = measures_table({"gradient": Explained(np.zeros(0), np.zeros(0), 0.5)}, measured, 1, shown="bird")
    assert table.columns[0].text == "How often the largest value lies on the bird."


@pytest.mark.parametrize(
    ("names", "methods", "message"),
    [
        (["deletio"], ["gradient"], "unknown measure 'deletio'; did you mean deletion"),
        (["pointing_game"], ["gradient"], "pointing_game needs region, which photographs do not bring"),
        (["rationale_sufficiency"], ["gradient"], "measures a mask in 0..1; name a method that makes one: meaningful"),
    ],
)
def test_refuses_what_does_not_fit(names, methods, message):
    with pytest.raises(ValueError, match=message):
        require_measures(names, methods)
