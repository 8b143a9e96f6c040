"""Live parity with Captum on one small random network: ablation, occlusion, Shapley values, LIME, KernelSHAP."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import coalitions, regression
from jxai.signal.draws import uniform

torch = pytest.importorskip("torch")
attr = pytest.importorskip("captum.attr")
pytest.importorskip("sklearn")
from captum._utils.models.linear_model import SkLearnLasso, SkLearnRidge  # noqa: E402

N, KEY = 4, jax.random.key(1)
RNG = np.random.default_rng(0)
V, W, X, B = (RNG.normal(size=shape) for shape in ((72, 9), (9,), (6, 6, 2), (6, 6, 2)))
GROUPS = np.arange(36).reshape(6, 6) // 9
GIVEN = {"baseline": jnp.asarray(B), "groups": jnp.asarray(GROUPS)}
MASK = torch.tensor(np.broadcast_to(GROUPS[..., None], X.shape).copy())[None]
THEIRS = {"baselines": torch.tensor(B)[None], "feature_mask": MASK}


def score(x):
    return jnp.sin(jnp.tanh(x.reshape(-1) @ V / 8) @ W)


def forward(x):
    return torch.sin(torch.tanh(x.reshape(len(x), -1) @ torch.tensor(V) / 8) @ torch.tensor(W))


def compare(explain, attributed, **given):
    """To 1e-4; Captum's map repeats every place's value for each channel."""
    ours = jax.jit(lambda x: explain(x, key=KEY, **(given or GIVEN)))(jnp.asarray(X))
    theirs = attributed.numpy()[0]
    np.testing.assert_allclose(np.broadcast_to(ours[..., None], X.shape), theirs, rtol=0, atol=1e-4)
    assert np.abs(theirs).max() > 0.05


def test_ablation():
    compare(jxai.ablation(score), attr.FeatureAblation(forward).attribute(torch.tensor(X)[None], **THEIRS))


@pytest.mark.parametrize(("window", "stride"), [((3, 2), (2, 1)), ((4, 4), (3, 4))])
def test_occlusion(window, stride):
    theirs = attr.Occlusion(forward).attribute(
        torch.tensor(X)[None], (*window, 2), (*stride, 1), baselines=torch.tensor(B)[None]
    )
    compare(jxai.occlusion(score, window=window, stride=stride), theirs, baseline=jnp.asarray(B))


def test_permutation_importance_of_one_permutation():
    """Captum permutes the batch once; two examples that exchange their features are each other's background."""
    both = torch.tensor(np.stack([X, B]))
    theirs = attr.FeaturePermutation(forward, lambda x, mask: torch.where(mask, x.flip(0), x))
    attributed = theirs.attribute(both, feature_mask=MASK)[:1]
    backgrounds = jnp.asarray(B)[None]
    compare(jxai.permutation_importance(score), attributed, groups=GIVEN["groups"], backgrounds=backgrounds)


def test_shapley_exact():
    compare(jxai.shapley_exact(score), attr.ShapleyValues(forward).attribute(torch.tensor(X)[None], **THEIRS))


def test_shapley_sampling_of_the_same_orders():
    places = [np.asarray(jax.random.permutation(jax.random.fold_in(KEY, p), N)) for p in range(5)]
    theirs = attr.ShapleyValueSampling(forward)
    theirs.permutation_generator = lambda features, samples: [np.argsort(place).tolist() for place in places]
    attributed = theirs.attribute(torch.tensor(X)[None], n_samples=5, **THEIRS)
    compare(jxai.shapley_sampling(score, permutations=5), attributed)


def feed(rows):
    """A perturbation function for Captum that hands out given coalitions."""

    def generate(original, **kwargs):
        for row in rows:
            yield torch.tensor(np.asarray(row)[None]).long()

    return generate


@pytest.mark.parametrize("fitted", ["ridge", "lasso"])
def test_lime_of_the_same_coalitions_and_weights(fitted):
    rows = [coalitions.coin()(jax.random.fold_in(KEY, i), N) for i in range(40)]
    fit, model = {
        "ridge": (regression.ridge(0.5), SkLearnRidge(alpha=0.5)),
        "lasso": (regression.lasso(0.02), SkLearnLasso(alpha=0.02, tol=1e-9)),
    }[fitted]
    kernel = coalitions.exponential(0.6)
    theirs = attr.Lime(
        forward,
        interpretable_model=model,
        similarity_func=lambda original, changed, row, **kwargs: float(kernel(jnp.asarray(row[0].numpy(), float))),
        perturb_func=feed(rows),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        attributed = theirs.attribute(torch.tensor(X)[None], n_samples=40, **THEIRS)
    compare(jxai.lime(score, samples=40, proximity=kernel, fit=fit), attributed)


@pytest.mark.parametrize("samples", [14, 10])
def test_kernel_shap_of_the_same_coalitions(samples):
    """14: all coalitions, each as often as the kernel says (1/4, 1/8, 1/4 by size); 10: drawn ones."""
    every = [[bool(code >> g & 1) for g in range(N)] for code in range(1, 15)]
    rows = [row for row in every for _ in range({1: 2, 2: 1, 3: 2}[sum(row)])] if samples == 14 else drawn(samples)
    theirs = attr.KernelShap(forward)
    theirs.perturb_func = feed([[True] * N, [False] * N, *rows])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        attributed = theirs.attribute(torch.tensor(X)[None], n_samples=len(rows) + 2, **THEIRS)
    compare(jxai.kernel_shap(score, samples=samples), attributed)


def drawn(samples):
    """The coalitions that `kernel_shap` draws: every second one is the complement of the one before."""
    chances, rows = np.float32(coalitions.shapley_sizes(N).cumsum()), []
    for i in range(samples // 2):
        numbers = np.asarray(uniform(jax.random.fold_in(KEY, i), (N + 1,), jnp.float32))
        size = 1 + int(np.searchsorted(chances[:-1], numbers[0]))
        row = np.isin(np.arange(N), np.argsort(numbers[1:])[:size])
        rows += [row, ~row]
    return rows
