"""Live parity with Captum on random networks, and its silent errors that jxai does not share."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai import rules
from jxai.models.pooling import max_pool

torch = pytest.importorskip("torch")
attr = pytest.importorskip("captum.attr")
captum_rules = pytest.importorskip("captum.attr._utils.lrp_rules")

close = lambda got, expected: np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-8)  # noqa: E731
RNG = np.random.default_rng(0)
K1, B1 = RNG.normal(size=(4, 2, 3, 3)) / 3, RNG.normal(size=4) / 3
K2, B2 = RNG.normal(size=(5, 4, 3, 3)) / 4, RNG.normal(size=5) / 3
W, C = RNG.normal(size=(3, 45)) / 5, RNG.normal(size=3)
X = RNG.normal(size=(2, 6, 6))
BASES = 0.5 * RNG.normal(size=(3, 2, 6, 6))
CLASS = 1


def module(*, functional=False, bias=True, pool=False):
    """Two convolutions with ReLU, pooling and a dense layer; the ReLUs as modules or as functions."""

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.conv2 = torch.nn.Conv2d(2, 4, 3, padding=1), torch.nn.Conv2d(4, 5, 3, padding=1)
            self.relu1, self.relu2 = torch.nn.ReLU(), torch.nn.ReLU()
            self.pool = torch.nn.MaxPool2d(2) if pool else torch.nn.AvgPool2d(2)
            self.dense = torch.nn.Linear(45, 3)

        def forward(self, x):
            one = torch.relu if functional else self.relu1
            two = torch.nn.functional.relu if functional else self.relu2
            return self.dense(torch.flatten(self.pool(two(self.conv2(one(self.conv1(x))))), 1))

    net = Net().double().eval()
    with torch.no_grad():
        for layer, w, b in ((net.conv1, K1, B1), (net.conv2, K2, B2), (net.dense, W, C)):
            layer.weight.copy_(torch.tensor(w))
            layer.bias.copy_(torch.tensor(b if bias else 0 * b))
    return net


def score_of(*, bias=True, pool=False, label=CLASS):
    """The same network's logit in JAX, channels last; in and out in PyTorch's order."""

    def convolve(x, kernel, b):
        y = jax.lax.conv_general_dilated(
            x[None], jnp.asarray(kernel.transpose(2, 3, 1, 0)), (1, 1), "SAME",
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
        )[0]  # fmt: skip
        return y + jnp.asarray(bias * b)[None, None]

    def score(x):
        a = jax.nn.relu(convolve(x, K1, B1))
        a = jxai.tap(jax.nn.relu(convolve(a, K2, B2)), "last")
        a = max_pool(a) if pool else a.reshape(3, 2, 3, 2, 5).mean((1, 3))
        return jnp.asarray(W[label]) @ a.transpose(2, 0, 1).reshape(-1) + bias * C[label]

    return score


def ours(explain, x=X, **inputs):
    moved = {k: jnp.moveaxis(jnp.asarray(v), -3, -1) for k, v in inputs.items()}
    return np.moveaxis(np.asarray(explain(jnp.asarray(np.moveaxis(x, 0, -1)), **moved)), -1, 0)


def theirs(method, x=X, label=CLASS, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = torch.tensor(x[None], requires_grad=True)
        return method.attribute(given, target=label, **options).detach().numpy()[0]


def test_the_two_networks_are_one():
    for pool in (False, True):
        expected = module(pool=pool)(torch.tensor(X[None]))[0, CLASS].item()
        assert float(score_of(pool=pool)(jnp.asarray(np.moveaxis(X, 0, -1)))) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("pool", [False, True])
def test_guided_backpropagation_and_deconvolution(pool):
    net = module(pool=pool)
    close(ours(jxai.guided_backprop(score_of(pool=pool))), theirs(attr.GuidedBackprop(net)))
    close(ours(jxai.deconvnet(score_of(pool=pool))), theirs(attr.Deconvolution(net)))


def test_guided_grad_cam():
    net, largest = module(), 0.0
    for label in range(3):
        expected = theirs(attr.GuidedGradCam(net, net.relu2), label=label, interpolate_mode="nearest")
        close(ours(jxai.guided_grad_cam(score_of(label=label), at="last", method="nearest")), expected)
        largest = max(largest, np.abs(expected).max())
    assert largest > 1e-6


PARITY = {
    "epsilon": (lambda: captum_rules.EpsilonRule(0.01), rules.epsilon(0.01), True, X),
    "gamma": (lambda: captum_rules.GammaRule(0.3), rules.gamma(0.3, generalised=False), False, np.abs(X)),
    "alpha1beta0": (lambda: captum_rules.Alpha1_Beta0_Rule(set_bias_to_zero=True), rules.zplus, True, np.abs(X)),
}


@pytest.mark.parametrize("name", PARITY)
def test_lrp(name):
    theirs_of, rule, bias, x = PARITY[name]
    net = module(bias=bias)
    for layer in (net.conv1, net.conv2):
        layer.rule = theirs_of()
    net.dense.rule = captum_rules.EpsilonRule(1e-9)
    net.pool.rule = captum_rules.EpsilonRule(1e-9)
    composite = rules.relevance(lambda place: rule if place.name == "conv_general_dilated" else rules.epsilon(1e-9))
    close(ours(jxai.lrp(score_of(bias=bias), composite=composite), x), theirs(attr.LRP(net), x))


def test_deep_lift():
    expected = theirs(attr.DeepLift(module()), baselines=torch.tensor(BASES[:1]))
    close(ours(jxai.deep_lift(score_of()), baseline=BASES[0]), expected)


def test_deep_lift_is_complete_through_max_pooling_and_captum_is_not():
    score = score_of(pool=True)
    x, base = (jnp.asarray(np.moveaxis(a, 0, -1)) for a in (X, BASES[0]))
    gap = float(score(x) - score(base))
    assert ours(jxai.deep_lift(score), baseline=BASES[0]).sum() == pytest.approx(gap, rel=1e-9)
    captum = theirs(attr.DeepLift(module(pool=True)), baselines=torch.tensor(BASES[:1]))
    assert abs(captum.sum() - gap) > 0.1


def test_deep_lift_shap():
    expected = theirs(attr.DeepLiftShap(module()), baselines=torch.tensor(BASES))
    close(ours(jxai.deep_shap(score_of()), baselines=BASES), expected)


def test_gradient_shap():
    """Both average draws of one quantity: one baseline, no noise, many draws of the place; then within four errors."""
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - what Captum draws from
    draws = 4000
    expected = theirs(attr.GradientShap(module()), baselines=torch.tensor(BASES[:1]), n_samples=draws, stdevs=0.0)
    explain = jxai.gradient_shap(score_of(), samples=draws, chunk=100)
    got = ours(lambda x, **inputs: explain(x, key=jax.random.key(0), **inputs), baselines=BASES[:1])
    exact = ours(jxai.integrated_gradients(score_of(), steps=500, chunk=100), baseline=BASES[0])
    scale = np.abs(exact).max()
    assert np.abs(got - expected).max() < 0.05 * scale
    assert np.abs(got - exact).max() < 0.03 * scale and np.abs(expected - exact).max() < 0.03 * scale


def test_functional_relus_are_overlooked_by_captum_and_not_here():
    """Captum returns the plain gradient for guided backpropagation, and a DeepLIFT that is not complete."""
    net, score = module(functional=True), score_of()
    x = jnp.asarray(np.moveaxis(X, 0, -1))
    overlooked = theirs(attr.GuidedBackprop(net))
    close(overlooked, ours(jxai.gradient(score)))
    assert np.abs(overlooked - ours(jxai.guided_backprop(score))).max() > 0.01
    base = jnp.asarray(np.moveaxis(BASES[0], 0, -1))
    gap = float(score(x) - score(base))
    assert ours(jxai.deep_lift(score), baseline=BASES[0]).sum() == pytest.approx(gap, rel=1e-9)
    assert abs(theirs(attr.DeepLift(net), baselines=torch.tensor(BASES[:1])).sum() - gap) > 0.01
