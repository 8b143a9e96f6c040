"""Important channels, the tree behind them, weighted features: against Jacobians, the paper and its program."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai.language import decision_features, flatten, minimum_set
from tests.paths import FIXTURES
from tests.references.decisions import whole_tree
from tests.references.deep import WIDTHS, both, convolved, explained

FIXTURE = np.load(FIXTURES / "flex_relevance.npz")


def test_the_slip_of_the_program_makes_a_difference():
    net, score, _, _ = both()
    options = {"layers": net.names, "at": "mean", "k": 4, "variant": "released"}
    right, slip = (jax.jit(decision_features(score, **options, reference_quirks=quirk)) for quirk in (False, True))
    differ = 0
    for seed in range(6):
        _, _, x, params = both(seed)
        one, other = (explain(x, net.label, params).relevant for explain in (right, slip))
        np.testing.assert_array_equal(one["layer3"], other["layer3"])
        np.testing.assert_array_equal(one["layer2"], other["layer2"])  # the second: not yet
        differ += bool((flatten(one) != flatten(other)).any())
    assert differ


def test_with_all_channels_going_on_it_is_the_papers_tree():
    net, score, x, params = both(3)
    found = explained(net, score, x, params, k=2, breadth=max(WIDTHS))
    expected = whole_tree(net, np.asarray(x), [found.beta[name] for name in net.names], 2)
    for name, channels in zip(net.names, expected, strict=True):
        assert set(np.flatnonzero(found.relevant[name]).tolist()) == channels


def test_children_by_the_whole_jacobian():
    """Every parent by itself: d(sum of its activation) / d(each number of the layer before), no cotangent involved."""
    net, score, x, params = both(1)
    found = explained(net, score, x, params, k=3, layers=("layer2", "layer3"))
    below = jxai.reap(score, "layer2")(x, net.label, params)["layer2"]
    next_layer = lambda a: jax.nn.relu(convolved(a, params["kernels"][3], 1))  # noqa: E731
    jacobian = jax.jit(jax.jacfwd(next_layer))(below)  # [h, w, 9, h, w, 8]
    slopes = jacobian.sum((0, 1)).mean((1, 2))
    children = set()
    for parent in np.argsort(-np.asarray(found.beta["layer3"]))[:3]:
        children |= set(np.argsort(-np.asarray(slopes[parent]))[:3].tolist())
    assert set(np.flatnonzero(found.relevant["layer2"]).tolist()) == children
    assert len(children) > 3  # the parents disagree: each has its own


def test_weights_are_finite_differences():
    net, _, x, _ = both()
    x, gradients, h = np.asarray(x), net.gradients(np.asarray(x)), 1e-6

    def moved(step):  # all of channel 4 of layer1 by `step`
        _, after = net.run(x)
        a = after[1] + step * (np.arange(WIDTHS[1]) == 4)
        for layer in (2, 3):
            a = np.maximum(np.asarray(convolved(jnp.asarray(a), jnp.asarray(net.kernels[layer]), 1)), 0)
        return a.mean((0, 1)) @ net.w[:, net.label]

    slope = (moved(h) - moved(-h)) / (2 * h)
    assert gradients[1][..., 4].sum() == pytest.approx(slope, rel=1e-6)


def test_a_penultimate_vector():
    """Released: of a dense layer the gradient is the class's row, divided by its root mean square."""
    net, score, x, params = both()
    row = net.w[:, net.label]
    plain = net.run(np.asarray(x))[1][-1].mean((0, 1))
    found = explained(net, score, x, params, at="mean", k=2)
    np.testing.assert_allclose(found.visual, np.maximum(row, 0) * plain, rtol=1e-9)
    assert sorted(found.alpha) == sorted(net.names)
    found = explained(net, score, x, params, at="mean", k=2, variant="released")
    np.testing.assert_allclose(found.visual, np.maximum(row / (np.sqrt((row**2).mean()) + 1e-5), 0) * plain, rtol=1e-9)


def test_a_channel_without_effect_is_no_child():
    """A parent that is dead in this image has no children; one that listens to a single channel has that one."""
    w = jnp.array([[1.0, 0.0], [0.0, -1.0], [0.0, 0.0]])

    def score(x):
        first = jxai.tap(x, "first")
        return jxai.tap(jax.nn.relu(first @ w), "last") @ jnp.array([1.0, 2.0])

    explain = decision_features(score, layers=("first", "last"), at="last", k=2)
    found = jax.jit(explain)(jnp.ones((2, 3)).sum(0))
    assert found.relevant["last"].tolist() == [True, True]
    assert found.relevant["first"].tolist() == [True, False, False]


# ------------------------------------------------------------------------------------------------ the minimum set


def test_selection_of_the_authors_program():
    beta = jax.nn.softmax(FIXTURE["gap_weights"])
    released = minimum_set(beta, eta=0.8, variant="released")
    assert set(np.flatnonzero(released)) == set(FIXTURE["selected"]) and released.sum() == FIXTURE["n_selected_ref"]
    assert minimum_set(beta, eta=0.8).sum() == FIXTURE["n_needed_by_paper"]


def test_ends_of_the_minimum_set():
    beta = jnp.array([0.25, 0.5, 0.25])
    assert minimum_set(beta, eta=0.5).tolist() == [True, True, False]  # more than eta; of equals the first
    assert minimum_set(beta, eta=0.5, variant="released").tolist() == [False, True, False]
    assert minimum_set(beta, eta=1.0).all()
    assert minimum_set(jnp.full(1000, 1e-3, jnp.float32), eta=1.0).all()
    assert minimum_set(jnp.array([0.9, 0.1]), eta=0.2, variant="released").tolist() == [True, False]
