"""The tables agree with the functions that they describe, with the face, and with what the documentation shows."""

import inspect
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import measures, metrics, tables
from jxai.measures import MEASURES
from jxai.methods import FAMILIES, METHODS, TOOLS
from jxai.models import MODELS, TEXT_MODELS
from jxai.models import table as models
from tests.paths import ROOT

METHOD_ROWS = pytest.mark.parametrize("row", METHODS.values(), ids=METHODS)


def parameters(function):
    return list(inspect.signature(function).parameters.values())


def test_every_method_of_the_face_has_a_row_and_no_other():
    assert set(METHODS) == set(jxai.__all__) - TOOLS
    assert set(jxai.__all__) >= TOOLS


@METHOD_ROWS
def test_a_row_of_a_method_names_the_function_and_its_family(row):
    assert row.function is getattr(jxai, row.name)
    assert row.family in FAMILIES and row.title and row.description


@METHOD_ROWS
def test_a_row_of_a_method_has_the_options_of_its_function(row):
    first, *rest = parameters(row.function)
    passed_on = any(p.kind is p.VAR_KEYWORD for p in rest)  # idgi gives the rest to its path method
    names = {p.name for p in rest if p.kind is not p.VAR_KEYWORD}
    assert row.settings >= names if passed_on else row.settings == names
    needed = {p.name for p in rest if p.default is p.empty and p.kind is not p.VAR_KEYWORD}
    assert needed == {*row.requires, *(["at"] if row.at == "required" else [])}
    assert {"score": "score", "explain": "explainer"}.get(first.name, row.takes) == row.takes
    assert bool(row.over) == (row.takes == "explainer")


@pytest.mark.parametrize("row", [row for row in METHODS.values() if row.by_name], ids=lambda row: row.name)
def test_a_row_of_a_method_has_the_arrays_that_its_explainer_takes(row):
    kinds = {"baseline", "baselines", "backgrounds", "against", "groups", "segments"}
    explain = row.function(lambda x, *args: x.sum(), **({"at": "layer"} if row.at == "required" else {}))
    taken = [p for p in parameters(explain) if p.name in kinds]
    assert {p.name for p in taken if p.default is p.empty} == set(row.needs)
    assert {p.name for p in taken if p.default is not p.empty} == set(row.inputs)


def test_what_is_called_by_name_needs_no_more_than_a_score_and_a_layer():
    assert {name for name, row in METHODS.items() if not row.by_name} == {
        *("all_classes", "shapley_estimate", "deliberative", "edit", "first_order", "layer_attribution"),
        *("location_maps", "neuron", "neuron_conductance", "owen_exact", "owen_sampling", "second_order", "with_rules"),
    }


MEASURE_ROWS = pytest.mark.parametrize("row", MEASURES.values(), ids=MEASURES)


def test_every_measure_has_a_row_and_no_other():
    assert set(MEASURES) == set(metrics.__all__) - measures.TOOLS
    assert set(metrics.__all__) >= measures.TOOLS


@MEASURE_ROWS
def test_a_row_of_a_measure_names_the_function_and_its_family(row):
    assert row.function is getattr(metrics, row.name)
    assert row.family in measures.FAMILIES and row.title and row.description
    assert (parameters(row.function)[0].name == "score") == ("score" in row.needs)
    assert bool(row.reading) >= row.by_name and bool(row.absent) == (row.by_name and "score" in row.needs)


@pytest.mark.parametrize("row", [row for row in MEASURES.values() if "score" in row.needs], ids=lambda row: row.name)
def test_a_row_of_a_measure_has_the_arrays_that_it_takes(row):
    x = jnp.array([[4.0], [2.0], [1.0]])
    arrays = {"baseline": 0 * x, "baselines": 0 * x[None], "groups": jnp.array([0, 1, 1]), "valid": x[:, 0] > 0}
    measure = partial(row.function(jnp.sum, **({"count": 2} if "groups" in row.inputs else {})), x[:, 0] / 4, x)
    for name, array in arrays.items():
        if name in row.inputs:
            assert jax.eval_shape(measure, **{name: array}).shape == ()
        else:
            with pytest.raises(TypeError, match=name):
                jax.eval_shape(measure, **{name: array})


def good_and_bad(row):
    """What a measure is told of a linear score or of a region: by an explanation that is right, and by its contrary."""
    x = jnp.array([[4.0], [2.0], [1.0], [-1.0]])
    region = jnp.array([True, True, False, False])
    if row.of == "attribution":
        return x, jnp.ones_like(x), (x,)
    right = region.astype(x.dtype) if row.of == "mask" else x[:, 0]
    return right, right[::-1], (x,) if "score" in row.needs else (region,)


OF_MAPS = [
    row
    for row in MEASURES.values()
    if row.of in ("map", "attribution", "mask") and row.needs in (("score",), ("region",), ("marks",))
    if len([p for p in parameters(row.function) if p.default is p.empty]) <= 2  # no thresholds or temperatures
]


@pytest.mark.parametrize("row", OF_MAPS, ids=lambda row: row.name)
def test_a_measure_is_better_for_the_better_explanation_and_within_its_range(row):
    right, wrong, given = good_and_bad(row)
    measure = jax.jit(row.function(jnp.sum) if "score" in row.needs else row.function)
    good, bad = float(measure(right, *given)), float(measure(wrong, *given))
    assert good > bad if row.better == "higher" else good < bad
    low, high = row.range
    assert all(value >= (-np.inf if low is None else low) for value in (good, bad))
    assert all(value <= (np.inf if high is None else high) for value in (good, bad))


def test_every_model_stands_once_and_is_its_constructor():
    assert [row.name for row in models.ROWS] == list(dict.fromkeys(row.function.__name__ for row in models.ROWS))
    assert MODELS.keys() | TEXT_MODELS.keys() == {row.name for row in models.ROWS}


PAGES = [ROOT / "README.md", *sorted((ROOT / "jxai" / "docs").rglob("*.md"))]
SHOWN = [path for path in PAGES if "<!-- table:" in path.read_text()]


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.name)
def test_the_tables_of_the_documentation_are_up_to_date(path):
    text = path.read_text()
    assert tables.rewritten(text) == text, f"run python -m jxai.tables {path.relative_to(ROOT)}"


def test_the_documentation_shows_methods_and_measures():
    shown = "".join(path.read_text() for path in SHOWN)
    assert all(f"<!-- table: {name} -->" in shown for name in ("methods", "measures"))


@pytest.mark.parametrize("name", tables.TABLES)
def test_cells_are_short(name):
    cells = [cell for line in tables.TABLES[name]().splitlines() for cell in line.split(" | ")]
    assert max(map(len, cells)) < 200


@pytest.mark.parametrize("page", ["<!-- table: method -->\n<!-- end -->", "<!-- table: methods -->\n| a |"])
def test_a_page_that_cannot_be_filled_in_is_refused(page):
    with pytest.raises(ValueError, match="expected one of the tables methods, measures"):
        tables.rewritten(page)
