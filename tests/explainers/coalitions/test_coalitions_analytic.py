"""Perturbation, surrogates and Shapley values: axioms, and small models whose attributions are known by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import coalitions, regression
from tests.references.example import KEY, vector
from tests.test_analytic_cases import A, close, conv, mlp

X3 = jnp.array([20.0, 50.0, 30.0])


def test_ab1_ablation():
    close(jxai.ablation(mlp)(X3), [80, 200, 120])


def test_ab2_ablation_of_groups():
    close(jxai.ablation(mlp)(X3, groups=jnp.array([0, 0, 1])), [280, 280, 120])


def test_ab3_ablation_of_booleans_as_numbers():
    """MLPb is the MLP of 10 x, x of zeros and ones."""
    close(jxai.ablation(lambda x: mlp(10 * x))(jnp.array([1.0, 0.0, 1.0])), [40, 0, 40])


def test_ab4_ablation_of_a_batch():
    close(jax.vmap(jxai.ablation(mlp))(jnp.array([[2.0, 10, 3], [20, 50, 30]])), [[8, 35, 12], [80, 200, 120]])


def test_oc1_occlusion():
    close(jxai.occlusion(mlp, window=2, stride=1)(X3, baseline=jnp.full(3, 10.0)), [200, 220, 240])


def test_oc3_occlusion_of_a_whole_image():
    """The score's two images are two arguments of one function: one is explained, the other is the score's."""
    both = lambda x, other: conv(x + other)  # noqa: E731
    explain = jax.jit(jxai.occlusion(both, window=4, stride=1))
    close(explain(A, jnp.ones_like(A)), np.full((4, 4), 67))
    close(explain(jnp.ones_like(A), A), np.full((4, 4), 13))


def test_occlusion_of_a_sum_adds_up_its_windows():
    x = jnp.zeros((5, 5, 1)).at[1, 1].set(1.0).at[3, 3].set(1.0)
    got = jxai.occlusion(lambda x: 3 * x.sum(), window=3, stride=1, overlap="sum")(x)
    close(got, [[3, 6, 6, 3, 0], [6, 15, 18, 12, 3], [6, 18, 24, 18, 6], [3, 12, 18, 15, 6], [0, 3, 6, 6, 3]])


def _spread(of, **options):
    return lambda f: jax.jit(of(f, **options))


EXACT = {
    "shapley_exact": _spread(jxai.shapley_exact),
    "kernel_shap": _spread(jxai.kernel_shap, samples=100),
    "owen_exact/apart": _spread(jxai.owen_exact, partition=(0, 1, 2)),
    "owen_exact/together": _spread(jxai.owen_exact, partition=(0, 0, 0)),
}
exact = pytest.mark.parametrize("name", EXACT)


@exact
def test_sh1_and_sh3_shapley(name):
    explain = EXACT[name](mlp)
    close(explain(X3, key=KEY), [76.6667, 196.6667, 116.6667], atol=1e-4)
    close(explain(jnp.array([2.0, 10.0, 3.0]), key=KEY), [7, 32.5, 10.5])


@exact
def test_linear_and_null_models(name):
    x, mean = jnp.array([1.0, 4.0, -2.0]), jnp.array([0.5, 1.0, 3.0])
    close(EXACT[name](lambda x: x[0] + 2 * x[1])(x, key=KEY, baseline=mean), (x - mean) * jnp.array([1.0, 2.0, 0.0]))
    close(EXACT[name](lambda x: 0 * x.sum())(x, key=KEY), 0)


SAMPLED = {
    "shapley_sampling": _spread(jxai.shapley_sampling, permutations=7),
    "shapley_sampling/antithetic": _spread(jxai.shapley_sampling, permutations=6, antithetic=True),
    "shapley_estimate": lambda f: jax.jit(lambda *a, **k: jxai.shapley_estimate(f, permutations=4)(*a, **k).values),
    "owen_sampling": _spread(jxai.owen_sampling, partition=(0, 0, 1, 1, 1, 2), permutations=7),
    "kernel_shap": _spread(jxai.kernel_shap, samples=40),
    "kernel_shap/unpaired": _spread(jxai.kernel_shap, samples=40, paired=False),
    "kernel_shap/few": _spread(jxai.kernel_shap, samples=4),
    "shapley_exact": _spread(jxai.shapley_exact),
    "owen_exact": _spread(jxai.owen_exact, partition=(0, 0, 1, 1, 1, 2)),
}
sampled = pytest.mark.parametrize("name", SAMPLED)


def smooth(x, w):
    return jnp.tanh(w @ x) + jnp.sin(x[0] * x[1]) * x[3]


@sampled
def test_completeness(name):
    x, b, w = vector(6, 1), vector(6, 2), vector(6, 3)
    got = SAMPLED[name](smooth)(x, w, key=KEY, baseline=b)
    assert float(got.sum()) == pytest.approx(float(smooth(x, w) - smooth(b, w)), abs=1e-12)


LINEAR = {name: SAMPLED[name] for name in SAMPLED if name != "kernel_shap/few"} | {
    "ablation": _spread(jxai.ablation),
    "occlusion": _spread(jxai.occlusion, window=1, stride=1),
    "lime": _spread(jxai.lime, samples=40, fit=regression.ridge(0.0)),
    "lime/spans": _spread(
        jxai.lime, samples=40, sampler=coalitions.spans(0.1, 0.6, following=1), fit=regression.ridge(0)
    ),
    "permutation_importance": lambda f: jax.jit(
        lambda x, w, key, baseline: jxai.permutation_importance(f)(
            x, w, key=key, backgrounds=jnp.stack([baseline - 1, baseline + 1])
        )
    ),
}


@pytest.mark.parametrize("name", LINEAR)
def test_a_linear_score_in_closed_form(name):
    x, b, w = vector(6, 1), vector(6, 2), vector(6, 3)
    close(LINEAR[name](lambda x, w: w @ x)(x, w, key=KEY, baseline=b), w * (x - b), atol=1e-6)


@pytest.mark.parametrize("name", [name for name in LINEAR if name not in ("kernel_shap/unpaired", "shapley_estimate")])
def test_linearity_in_the_score(name):
    x, b, w = vector(6, 1), vector(6, 2), vector(6, 3)
    explain = LINEAR[name](lambda x, w: w[6] * smooth(x, w[:6]) + w[7] * jnp.cos(x * w[:6]).sum())
    both, one, two = (
        explain(x, jnp.append(w, jnp.array(c)), key=KEY, baseline=b) for c in ([2.0, -3.0], [1.0, 0.0], [0.0, 1.0])
    )
    close(both, 2.0 * one - 3.0 * two, atol=1e-9)
    assert np.abs(both).max() > 0.1


DUMMY = [name for name in LINEAR if not name.startswith(("kernel_shap", "lime"))]  # least squares: only in expectation


@pytest.mark.parametrize("name", DUMMY)
def test_dummy_a_group_without_influence_gets_nothing(name):
    x, b = vector(6, 1), vector(6, 2)
    got = LINEAR[name](lambda x, w: jnp.tanh(x[0]) * x[2] + x[1] * x[3] * x[5])(x, 0, key=KEY, baseline=b)
    assert abs(float(got[4])) < 1e-12 and abs(float(got[0])) > 1e-3


@pytest.mark.parametrize("name", ["shapley_exact", "owen_exact", "ablation"])
def test_symmetry_interchangeable_groups_get_equal_shares(name):
    score = lambda x, w: jnp.tanh(x[0] + x[1]) * jnp.sin(x[0] * x[1] + x[2]) + x[4] * x[5]  # noqa: E731
    got = LINEAR[name](score)(jnp.array([0.7, 0.7, 0.2, 0.1, 0.5, 0.3]), 0, key=KEY, baseline=jnp.zeros(6))
    assert float(got[0]) == pytest.approx(float(got[1]), rel=1e-10) and abs(float(got[0])) > 0.01


def test_antithetic_orders_are_exact_for_pairwise_interactions():
    """A group precedes another in one order of a pair and follows it in the other."""
    q, x = vector((5, 5), 4), vector(5, 1)
    quadratic = lambda x: x @ q @ x  # noqa: E731
    got = jax.jit(jxai.shapley_sampling(quadratic, permutations=2, antithetic=True))(x, key=KEY)
    close(got, x * ((q + q.T) @ x) / 2, atol=1e-10)


def test_paired_kernel_shap_is_exact_for_pairwise_interactions():
    q, x = vector((5, 5), 4), vector(5, 1)
    got = jax.jit(jxai.kernel_shap(lambda x: x @ q @ x, samples=28))(x, key=KEY)
    close(got, x * ((q + q.T) @ x) / 2, atol=1e-6)


def test_a_union_gets_its_shapley_value():
    x, b, w = vector(6, 1), vector(6, 2), vector(6, 3)
    partition = jnp.array([0, 1, 1, 0, 2, 2])
    owen = jax.jit(jxai.owen_exact(smooth, partition=partition.tolist()))(x, w, baseline=b)
    unions = jax.jit(lambda x: jxai.shapley_exact(smooth)(x, w, baseline=b, groups=partition))(x)
    for union in range(3):
        close(owen[partition == union].sum(), unions[partition == union][0], atol=1e-10)
