"""Every method of the table over several inputs, whole numbers, and pictures without channels: explained or refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

import jxai
from jxai import metrics
from jxai.methods import METHODS
from tests.references.example import vector

KEY = jax.random.key(7)
TREE = {"image": vector(4, 1), "table": (vector(2, 2),)}
FLAT = ravel_pytree(TREE)[0]
W = jnp.abs(vector((4, 6), 3))
PICTURE = jax.nn.sigmoid(vector((6, 5), 4))
SEGMENTS = jnp.arange(30).reshape(6, 5) // 8
OPTIONS = {  # small ones; what a method cannot do without
    "smoothgrad": {"noise": 0.0},
    "smoothgrad_squared": {"noise": 0.0},
    "vargrad": {"noise": 0.0},
    "owen_exact": {"partition": (0, 0, 0, 1, 1, 1)},
    "owen_sampling": {"partition": (0, 0, 0, 1, 1, 1)},
    "neuron_conductance": {"index": (0, 1)},
    "occlusion": {"window": (2, 3), "stride": 1},
    "rise": {"cells": 2},
    "blur_integrated_gradients": {"sigma": 1.0},
    "meaningful_perturbation": {"cell": 2, "smooth": 1.0, "sigma": 1.0},
    "extremal_perturbation": {"cell": 2, "smooth": 1.0, "sigma": 1.0},
}
OTHER = {"with_rules", "edit", "neuron", "layer_attribution"}  # make scores, or explainers by another method
SCORED = [row for row in METHODS.values() if row.takes != "function" and row.family != "attention"]
SCORED = [row for row in SCORED if row.name not in OTHER | {"excitation_backprop"}]  # which knows no products


def back(v):
    return {"image": v[:4], "table": (v[4:],)}


def rows(condition):
    chosen = [row for row in SCORED if condition(row)]
    return pytest.mark.parametrize("row", chosen, ids=[row.name for row in chosen])


def score(x, label=0):
    h = jxai.tap(jax.nn.relu(W @ jnp.concatenate([x["image"], x["table"][0]]) + 6.0).reshape(2, 2), "layer")
    return jnp.tanh(h.sum() * h[0, 1] / 200) * jnp.asarray(label + 1, float) + x["image"][0] * x["table"][0][1]


def built(row, score, **more):
    options = {row.count: 3} if row.count else {}
    options |= {"at": "layer"} if row.at == "required" else {}
    options |= OPTIONS.get(row.name, {}) | more
    first = METHODS[row.over].function(score) if row.over else score
    return row.function(first, **options)


def called(row, explain, x, **given):
    stacks = jax.tree.map(lambda leaf: jnp.stack([0 * leaf, -leaf]), x)
    needed = {"baselines": stacks, "backgrounds": stacks, "against": 1, "segments": SEGMENTS}
    given |= {name: needed[name] for name in row.needs}
    labels = (jnp.arange(2),) if row.shape == "classes" else (0,) if row.name == "contrast" else ()
    return explain(x, *labels, key=KEY, **given)


@rows(lambda row: row.trees)
def test_several_inputs_are_explained_as_one_vector(row):
    whole = called(row, built(row, lambda v, *args: score(back(v), *args)), FLAT)
    result = called(row, built(row, score), TREE)
    if row.shape == "classes":
        result = jax.vmap(lambda leaf: ravel_pytree(leaf)[0])(result)
    elif row.shape == "estimate":
        result = type(result)(*(ravel_pytree(part)[0] for part in result))
    elif row.shape in ("x", "places"):
        assert jax.tree.structure(result) == jax.tree.structure(TREE)
        result = ravel_pytree(result)[0]
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12), result, whole)
    assert row.name == "vargrad" or max(np.abs(leaf).max() for leaf in jax.tree.leaves(whole)) > 1e-6


@rows(lambda row: not row.trees)
def test_a_method_on_the_space_of_one_input_refuses_several(row):
    with pytest.raises(TypeError, match="one array; a dict came. Explain one input at a time"):
        called(row, built(row, score), TREE)


@pytest.mark.parametrize("name", ["integrated_gradients", "ablation"])
def test_several_inputs_under_jit_and_vmap(name):
    explain = getattr(jxai, name)(score)
    many = jax.tree.map(lambda leaf: jnp.stack([leaf, -0.5 * leaf, 0.1 + leaf]), TREE)
    at_once = jax.jit(jax.vmap(explain))(many)
    for i in range(3):
        alone = explain(jax.tree.map(lambda leaf, i=i: leaf[i], many))
        jax.tree.map(lambda a, b, i=i: np.testing.assert_allclose(a[i], b, rtol=1e-9, atol=1e-12), at_once, alone)


@rows(lambda row: row.trees and "baseline" in row.inputs and row.name != "score_cam")
def test_a_number_is_a_baseline_of_all_inputs_and_of_each(row):
    explain = built(row, score)
    whole = called(row, explain, TREE, baseline=jax.tree.map(lambda leaf: jnp.full_like(leaf, 0.5), TREE))
    for baseline in (0.5, {"image": 0.5, "table": (jnp.full(2, 0.5),)}):
        given = called(row, explain, TREE, baseline=baseline)
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-9), given, whole)


def test_groups_may_span_inputs_and_a_number_makes_an_input_one_group():
    explain = jxai.ablation(score)
    without = lambda **absent: float(
        score(TREE) - score(TREE | {k: jax.tree.map(jnp.zeros_like, TREE[k]) for k in absent})
    )
    groups = {"image": 0, "table": (jnp.array([1, 1]),)}
    result = explain(TREE, groups=groups)
    assert float(result["image"]) == pytest.approx(without(image=1))
    np.testing.assert_allclose(result["table"][0], without(table=1))
    one = explain(TREE, groups={"image": 0, "table": (jnp.array([0, -1]),)})
    assert float(one["table"][0][0]) == float(one["image"]) != without(image=1) and float(one["table"][0][1]) == 0


def test_noise_is_of_each_inputs_own_range():
    x = {"flat": jnp.ones(3), "wide": jnp.array([0.0, 1.0]), "wider": jnp.array([0.0, 10.0])}
    spread = jxai.vargrad(lambda x, key=None: x, samples=400, noise=0.5, chunk=400)(x, key=KEY)
    assert not spread["flat"].any()
    np.testing.assert_allclose(spread["wide"], 0.25, rtol=0.3)
    np.testing.assert_allclose(spread["wider"], 25.0, rtol=0.3)


def of_numbers(x):
    return (x.astype(jnp.float32) ** 2).reshape(-1)[jnp.array([1, 4])].sum() / 10


@rows(lambda row: row.integers and not row.at)
def test_whole_numbers_are_explained_where_nothing_is_differentiated(row):
    seen = []

    def watching(x):
        seen.append(x.dtype)
        return of_numbers(x)

    x = jnp.arange(6, dtype=jnp.uint8).reshape(2, 3) + jnp.uint8(200)
    options = {"window": 1} if row.name == "occlusion" else {}
    result = called(row, built(row, watching, space=2, **options), x)
    assert set(seen) == {jnp.dtype(jnp.uint8)}
    assert all(np.isfinite(leaf).all() and leaf.shape == (2, 3) for leaf in jax.tree.leaves(result))
    if row.inputs[:1] == ("baseline",):
        with pytest.raises(TypeError, match="baseline must hold whole numbers, too; float"):
            called(row, built(row, watching, space=2, **options), x, baseline=0.5)
        with pytest.raises(ValueError, match="baseline holds numbers that uint8"):
            called(row, built(row, watching, space=2, **options), x, baseline=-1)


@rows(lambda row: not row.integers and row.takes == "score" and not row.at)
def test_whole_numbers_are_refused_where_something_is_differentiated(row):
    with pytest.raises(TypeError, match="x must be a floating-point array; int32 came. Convert images"):
        called(row, built(row, lambda x: x.astype(float).sum()), jnp.ones((6, 5), jnp.int32))


def of_picture(x):
    h = jxai.tap(jax.nn.relu(x[..., None] * jnp.array([1.0, -0.5]).reshape(1, 1, 2) + 0.1), "layer")
    return jax.nn.sigmoid(h[1:4, 2].sum() - x[5, 1] * x[0, 3])


@rows(lambda row: row.space and row.name not in ("owen_exact", "owen_sampling", "shapley_exact"))
def test_a_picture_without_channels_is_one_with_a_single_channel(row):
    of = (lambda x: jnp.log(of_picture(x))) if row.name == "marc" else of_picture
    options = {"samples": 3, "count": 4} if row.name == "regional_multiscale" else {}
    plain = called(row, built(row, of, space=2, **options), PICTURE)
    channel = called(row, built(row, lambda x: of(x[..., 0]), **options), PICTURE[..., None])
    for a, b in zip(jax.tree.leaves(plain), jax.tree.leaves(channel), strict=True):
        assert a.shape == (6, 5)
        np.testing.assert_allclose(a, b.reshape(6, 5), rtol=1e-9, atol=1e-12)
    with pytest.raises(ValueError, match=r"space=3 axes of space were announced; x has shape \(6, 5\)"):
        called(row, built(row, of, space=3, **options), PICTURE)


@pytest.mark.parametrize("name", ["occlusion", "rise", "edge_detector"])
def test_a_volume_has_as_many_axes_of_space_as_are_announced(name):
    volume = jax.nn.sigmoid(vector((3, 4, 2), 9))
    options = {"occlusion": {"window": 2}, "rise": {"masks": 3, "cells": 2}}.get(name, {})
    explain = METHODS[name].function(lambda x: x[1, 2, 1] * x[0, 0, 0], space=3, **options)
    assert explain(volume, key=KEY).shape == (3, 4, 2)


OF_MAPS = ["deletion", "insertion", "sufficiency", "comprehensiveness", "sufficiency_aopc", "comprehensiveness_aopc"]
OF_MAPS += ["soft_sufficiency", "soft_comprehensiveness", "rationale_sufficiency", "rationale_comprehensiveness"]


@pytest.mark.parametrize("name", OF_MAPS)
def test_measures_of_a_picture_without_channels(name):
    measure, map_ = getattr(metrics, name), jax.nn.sigmoid(vector((6, 5), 8))
    plain = measure(of_picture, space=2)(map_, PICTURE, baseline=0.5)
    channel = measure(lambda x: of_picture(x[..., 0]))(map_, PICTURE[..., None], baseline=0.5)
    assert float(plain) == pytest.approx(float(channel), rel=1e-9) and abs(float(plain)) > 1e-4
    with pytest.raises(ValueError, match=r"map over the space of x.*image\[..., None\], or with the option space=2"):
        measure(of_picture)(map_, PICTURE)


def test_measures_of_several_inputs():
    phi = jxai.integrated_gradients(score, steps=400, chunk=400)(TREE)
    assert float(metrics.completeness_gap(score)(phi, TREE)) < 1e-2
    linear = lambda x: 2 * x["image"].sum() - x["table"][0].sum()
    slope = jax.grad(linear)(TREE)
    assert float(metrics.infidelity(linear)(slope, TREE, key=KEY)) < 1e-20
    assert float(metrics.infidelity(linear)(jax.tree.map(jnp.ones_like, TREE), TREE, key=KEY)) > 1e-2
    assert float(metrics.max_sensitivity(jxai.gradient(linear))(slope, TREE, key=KEY)) == 0


@pytest.mark.parametrize(
    "name", ["integrated_gradients", "expected_gradients", "gradient_shap", "deep_lift", "deep_shap"]
)
def test_without_the_factor_it_is_the_slope(name):
    given = {"baselines": 0.5 * FLAT[None]} if METHODS[name].needs else {"baseline": 0.5 * FLAT}
    f = lambda v: score(back(v))
    whole, slope = (
        getattr(jxai, name)(f, multiply_by_inputs=factor)(FLAT, key=KEY, **given) for factor in (True, False)
    )
    np.testing.assert_allclose(whole, slope * 0.5 * FLAT, rtol=1e-9)
