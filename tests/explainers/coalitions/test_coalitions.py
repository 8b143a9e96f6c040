"""Perturbation, surrogates and Shapley values: one value a group, what they agree in, and their errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import coalitions, regression
from tests.references.coalitions import GROUPS, N, spread
from tests.references.example import BASELINE, KEY, LABEL, NET, PARAMS, X, close, explained, score

GIVEN = {"baseline": BASELINE, "groups": GROUPS}


def grouped(explain, **inputs):
    """The explanation of the example, and the values of its four groups."""
    got = explained(explain, **GIVEN, **inputs)
    values = np.array([got[GROUPS == g][0] for g in range(N)])
    close(got, spread(values, GROUPS))  # one value a group, 0 where nothing changes
    return values


def test_ablation_of_channels():
    """Groups may have the shape of x itself."""
    groups = np.broadcast_to(np.arange(3), X.shape)
    got = explained(jxai.ablation(score), groups=groups, baseline=BASELINE)
    for c in range(3):
        changed = X.copy()
        changed[..., c] = BASELINE[..., c]
        close(got[..., c], NET.score(X) - NET.score(changed))


def test_windows_of_the_paper():
    """1/9 and 1/56 of the side: 25 and 4 of 224 pixels."""
    x = jnp.zeros((224, 1)).at[100].set(1.0)
    by_default, by_hand = (jxai.occlusion(jnp.sum, **options)(x) for options in ({}, {"window": 25, "stride": 4}))
    assert np.array_equal(by_default, by_hand) and float(by_default.max()) == pytest.approx(1.0)


def test_masks_of_rise_keep_their_share_everywhere():
    """A score that does not look at x has one value everywhere, up to sampling: E[M] is the same at the edges."""
    got = jxai.rise(lambda x: 0.0 * x.sum() + 2.0, masks=4000, cells=3, chunk=500)(jnp.ones((7, 9, 1)), key=KEY)
    np.testing.assert_allclose(got, 2.0, atol=0.15)


def test_error_bars_cover_the_exact_values():
    exact = grouped(jxai.shapley_exact(score))
    explain = jxai.shapley_estimate(score, permutations=200, chunk=50)
    values, error = (grouped(lambda *a, i=i, **k: explain(*a, **k)[i], key=KEY) for i in (0, 1))
    assert np.all(np.abs(values - exact) < 4 * error) and np.all(error < 0.2 * np.abs(exact).max())


def test_kernel_shap_of_all_coalitions_is_exact():
    got = grouped(jxai.kernel_shap(score, samples=14), key=KEY)
    close(got, grouped(jxai.shapley_exact(score)))


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
        (
            lambda: jxai.occlusion(jnp.sum, window=(2, 2))(ONE),
            r"one for each axis of \(4,\); \(2, 2\) came.*image\[..., None\], or with the option space=2",
        ),
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
