"""Perturbation, surrogates and Shapley values against their literal references, and their errors."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import coalitions, regression
from jxai.signal import draws
from tests.references import coalitions as literal
from tests.references.example import BASELINE, KEY, LABEL, NET, PARAMS, X, close, explained, score

N = 4
GROUPS = np.repeat(np.repeat(np.array([[0, 1], [2, 3]]), 4, 0), 4, 1)
GROUPS[0, :3] = -1
WORTH = literal.game(NET, X, BASELINE, GROUPS)
GIVEN = {"baseline": BASELINE, "groups": GROUPS}


def grouped(explain, **inputs):
    """The explanation of the example, and the values of its four groups."""
    got = explained(explain, **GIVEN, **inputs)
    values = np.array([got[GROUPS == g][0] for g in range(N)])
    close(got, literal.spread(values, GROUPS))  # one value a group, 0 where nothing changes
    return values


def test_ablation():
    close(grouped(jxai.ablation(score)), literal.ablation(WORTH, N))


def test_ablation_of_channels():
    """Groups may have the shape of x itself."""
    groups = np.broadcast_to(np.arange(3), X.shape)
    got = explained(jxai.ablation(score), groups=groups, baseline=BASELINE)
    for c in range(3):
        changed = X.copy()
        changed[..., c] = BASELINE[..., c]
        close(got[..., c], NET.score(X) - NET.score(changed))


@pytest.mark.parametrize("overlap", ["mean", "sum"])
@pytest.mark.parametrize(("window", "stride"), [((3, 2), (2, 1)), ((5, 8), (4, 3)), ((1, 1), (1, 1))])
def test_occlusion(window, stride, overlap):
    total, covers = literal.occlusion(NET, X, BASELINE, window, stride)
    got = explained(jxai.occlusion(score, window=window, stride=stride, overlap=overlap), baseline=BASELINE)
    close(got, total / covers if overlap == "mean" else total)


def test_windows_of_the_paper():
    """1/9 and 1/56 of the side: 25 and 4 of 224 pixels."""
    x = jnp.zeros((224, 1)).at[100].set(1.0)
    by_default, by_hand = (jxai.occlusion(jnp.sum, **options)(x) for options in ({}, {"window": 25, "stride": 4}))
    assert np.array_equal(by_default, by_hand) and float(by_default.max()) == pytest.approx(1.0)


def test_permutation_importance():
    backgrounds = np.stack([BASELINE, 0 * X, 2 * BASELINE])
    got = explained(jxai.permutation_importance(score), groups=GROUPS, backgrounds=backgrounds)
    expected = literal.permutation_importance(NET, X, backgrounds, GROUPS, N)
    close(got, literal.spread(expected, GROUPS))


def test_rise():
    explain = jxai.rise(score, masks=5, cells=3, share=0.4, chunk=2)
    close(explained(explain, key=KEY, baseline=BASELINE), literal.rise(NET, X, BASELINE, KEY, 5, 3, 0.4))


def test_masks_of_rise_keep_their_share_everywhere():
    """A score that does not look at x has one value everywhere, up to sampling: E[M] is the same at the edges."""
    got = jxai.rise(lambda x: 0.0 * x.sum() + 2.0, masks=4000, cells=3, chunk=500)(jnp.ones((7, 9, 1)), key=KEY)
    np.testing.assert_allclose(got, 2.0, atol=0.15)


def test_shapley_exact():
    close(grouped(jxai.shapley_exact(score, chunk=3)), literal.shapley_exact(WORTH, N))


@pytest.mark.parametrize("antithetic", [False, True])
def test_shapley_sampling_and_its_error_bars(antithetic):
    options = {"permutations": 6, "antithetic": antithetic, "chunk": 4}
    rows = literal.shapley_sampling(WORTH, N, KEY, 6, antithetic)
    close(grouped(jxai.shapley_sampling(score, **options), key=KEY), rows.mean(0))
    draws = rows.reshape(3, 2, N).mean(1) if antithetic else rows
    error = draws.std(0, ddof=1) / math.sqrt(len(draws))
    close(grouped(lambda *a, **k: jxai.shapley_estimate(score, **options)(*a, **k).values, key=KEY), rows.mean(0))
    close(grouped(lambda *a, **k: jxai.shapley_estimate(score, **options)(*a, **k).error, key=KEY), error)


def test_error_bars_cover_the_exact_values():
    exact = grouped(jxai.shapley_exact(score))
    explain = jxai.shapley_estimate(score, permutations=200, chunk=50)
    values, error = (grouped(lambda *a, i=i, **k: explain(*a, **k)[i], key=KEY) for i in (0, 1))
    assert np.all(np.abs(values - exact) < 4 * error) and np.all(error < 0.2 * np.abs(exact).max())


@pytest.mark.parametrize("partition", [(0, 1, 0, 1), (0, 0, 1, 2), (0, 0, 0, 0), (3, 1, 2, 0), (1, 0, 0, 0)])
def test_owen_exact(partition):
    close(grouped(jxai.owen_exact(score, partition=partition)), literal.owen_exact(WORTH, partition))


def test_owen_sampling():
    got = grouped(jxai.owen_sampling(score, partition=(0, 1, 0, 1), permutations=5), key=KEY)
    close(got, literal.owen_sampling(WORTH, (0, 1, 0, 1), KEY, 5))


def drawn(sampler, samples):
    return [sampler(jax.random.fold_in(KEY, i), N) for i in range(samples)]


SAMPLERS = {"coin": coalitions.coin(0.6), "any_size": coalitions.any_size(), "spans": coalitions.spans(0.2, 0.5)}


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_lime_by_ridge(name, distance):
    kernel = coalitions.exponential(0.5, distance=distance)
    explain = jxai.lime(score, samples=12, sampler=SAMPLERS[name], proximity=kernel, fit=regression.ridge(0.2))
    zs = drawn(SAMPLERS[name], 12)
    square = [(1 - math.sqrt(z.mean())) ** 2 if distance == "cosine" else N - int(z.sum()) for z in zs]
    weights = np.exp(-np.array(square) / 0.25)
    close(grouped(explain, key=KEY), literal.lime_ridge(zs, WORTH, weights, 0.2), rtol=1e-7)


def test_lime_by_lasso():
    explain = jxai.lime(score, samples=16, proximity=coalitions.kept, fit=regression.lasso(0.13))
    zs = drawn(coalitions.coin(), 16)
    expected = literal.lime_lasso(zs, WORTH, [float(z.mean()) for z in zs], 0.13)
    close(grouped(explain, key=KEY), expected, atol=1e-6)
    assert 0 < (expected == 0).sum() < N  # it selects


def test_kernel_shap_from_all_coalitions():
    zs, weights = zip(*literal.shapley_kernel(N), strict=True)
    got = grouped(jxai.kernel_shap(score, samples=14), key=KEY)
    close(got, literal.kernel_shap(zs, WORTH, weights, N))
    close(got, literal.shapley_exact(WORTH, N))


@pytest.mark.parametrize("paired", [True, False])
def test_kernel_shap_from_drawn_coalitions(paired):
    sizes = coalitions.shapley_sizes(N).cumsum()
    zs = []
    for i in range(10):
        drawn = np.asarray(draws.uniform(jax.random.fold_in(KEY, i // 2 if paired else i), (N + 1,), jnp.float32))
        size = 1 + np.searchsorted(np.float32(sizes[:-1]), drawn[0])
        z = np.isin(np.arange(N), np.argsort(drawn[1:])[:size])
        zs.append(~z if paired and i % 2 else z)
    got = grouped(jxai.kernel_shap(score, samples=10, paired=paired), key=KEY)
    close(got, literal.kernel_shap(zs, WORTH, np.ones(10), N), rtol=1e-6, atol=1e-7)


# -- errors ---------------------------------------------------------------------------------------------------------

ONE = jnp.ones((4, 2))


def test_traced_groups_need_their_number():
    explain = jxai.ablation(lambda x: x.sum())
    with pytest.raises(ValueError, match="groups is traced .* give it when the explainer is made, count="):
        jax.jit(lambda g: explain(ONE, groups=g))(jnp.array([0, 1, 1, 0]))
    counted = jxai.ablation(lambda x: x.sum(), count=2)
    got = jax.jit(lambda g: counted(ONE, groups=g))(jnp.array([0, 1, 1, 5]))
    assert got.tolist() == [2, 4, 4, 0]  # a number beyond the count names what never changes


@pytest.mark.parametrize(
    ("groups", "error", "message"),
    [
        (jnp.array([0.0, 1.0, 1.0, 0.0]), TypeError, "groups must be whole numbers, .*float"),
        (jnp.array([0, 1, 1]), ValueError, r"shape that x's shape \(4, 2\) begins with, e.g. \(4,\); \(3,\) came"),
        (jnp.array([-1, -1, -1, -1]), ValueError, "from 0; it names 0"),
        (jnp.array([0, 1, 2, 3]), ValueError, "must name 1 to 2 groups, from 0; it names 4"),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups, error, message):
    with pytest.raises(error, match=message):
        jxai.ablation(lambda x: x.sum(), count=2)(ONE, groups=groups)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: jxai.occlusion(jnp.sum, window=2, stride=3)(ONE[:, 0]), "stride must be at most the window"),
        (lambda: jxai.occlusion(jnp.sum, window=5)(ONE), "window must be no larger than the space"),
        (lambda: jxai.occlusion(jnp.sum, window=(2, 2))(ONE), "one for each axis of the space"),
        (lambda: jxai.occlusion(jnp.sum, window=0), "window must be above zero"),
        (lambda: jxai.occlusion(jnp.sum, overlap="max"), "overlap must be 'mean' or 'sum'; 'max' came"),
        (lambda: jxai.rise(jnp.sum)(ONE[0], key=KEY), "rise needs an input with space"),
        (lambda: jxai.rise(jnp.sum, share=1.5), "at most 1; share=1.5"),
        (lambda: jxai.rise(jnp.sum, cells=(2, 2))(ONE, key=KEY), "cells must be one number"),
        (lambda: jxai.ablation(jnp.sum, count=3)(ONE), "without groups every position is one, 4"),
        (lambda: jxai.permutation_importance(jnp.sum)(ONE, backgrounds=ONE), "backgrounds must have shape"),
        (lambda: jxai.shapley_exact(jnp.sum)(jnp.ones(21)), "at most 20 groups; 21 came.*shapley_sampling"),
        (lambda: jxai.shapley_estimate(jnp.sum, permutations=3, antithetic=True), "at least two orders.*=3 came"),
        (lambda: jxai.owen_exact(jnp.sum, partition=(0, 2)), "without gaps"),
        (lambda: jxai.owen_exact(jnp.sum, partition=[0] * 22), "at most 1048576 coalitions"),
        (lambda: jxai.kernel_shap(jnp.sum)(jnp.ones(5000), key=KEY), "at most 4096 groups.*5000 came.*Pass groups="),
        (lambda: jxai.lime(jnp.sum, samples=0), "samples must be above zero"),
        (lambda: regression.ridge(-1.0), "penalty must be at least 0"),
        (lambda: regression.lasso(0.0), "penalty must be above zero"),
        (lambda: coalitions.exponential(distance="city"), "'cosine' or 'euclidean'; 'city' came"),
        (lambda: coalitions.spans(0.3, 0.2), "low <= high"),
    ],
)
def test_bad_arguments_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_one_group_gets_the_whole_change():
    x, groups = ONE, jnp.zeros(4, int)
    for explain in (jxai.shapley_sampling(jnp.sum), jxai.kernel_shap(jnp.sum), jxai.shapley_exact(jnp.sum)):
        close(explain(x, key=KEY, groups=groups), 8.0)


def test_groups_under_vmap_may_differ():
    xs = jnp.stack([jnp.asarray(X), 0.5 * jnp.asarray(X)])
    groups = jnp.stack([jnp.asarray(GROUPS), jnp.asarray(GROUPS.T)])
    explain = jxai.kernel_shap(score, count=N)
    one = lambda x, g, k: explain(x, LABEL, PARAMS, key=k, groups=g)  # noqa: E731
    many, keys = jax.jit(jax.vmap(one))(xs, groups, jax.random.split(KEY)), jax.random.split(KEY)
    for i in range(2):
        close(many[i], jax.jit(one)(xs[i], groups[i], keys[i]))
