"""What `decision_features` costs, how it composes, and what it refuses."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, PartitionSpec

import jxai
from jxai.core.errors import UnusedTap
from jxai.language import decision_features, minimum_set
from tests.references.deep import both


class Counter:
    """A layer that counts how often it runs forwards and backwards, for each example of a batch."""

    def __init__(self):
        self.forward = self.backward = 0

    def layer(self, weights):
        def bump(name, a):
            setattr(self, name, getattr(self, name) + 1)
            return np.asarray(a)

        def told(name, a):
            return jax.pure_callback(partial(bump, name), a, a, vmap_method="sequential")

        @jax.custom_vjp
        def run(x):
            return told("forward", jax.nn.relu(x @ weights))

        def back(x, g):
            return (told("backward", jnp.where(x @ weights > 0, g, jnp.zeros_like(g)) @ weights.T),)

        run.defvjp(lambda x: (run(x), x), back)
        return run


@pytest.mark.parametrize(("variant", "k"), [("paper", 3), ("paper", 5), ("released", 4)])
def test_one_backward_pass_and_k_segments_a_layer(variant, k):
    counters = [Counter() for _ in range(4)]
    rng = np.random.default_rng(0)
    layers = [counter.layer(jnp.asarray(rng.normal(size=(8, 8)) + 1)) for counter in counters]
    names = tuple(f"layer{i}" for i in range(4))

    def score(x):
        for name, layer in zip(names, layers, strict=True):
            x = jxai.tap(layer(x), name)
        return x.sum()

    found = jax.jit(decision_features(score, layers=names, at=names[-1], k=k, variant=variant))(jnp.ones((2, 8)))
    jax.block_until_ready(found)
    jax.effects_barrier()
    assert [c.backward for c in counters] == [0, *[1 + k] * 3]  # the first layer is no segment's; x needs no gradient
    assert counters[0].forward == 1 and all(c.forward <= 2 for c in counters)


def test_images_side_by_side_and_over_devices():
    net, score, x, params = both()
    explain = jax.jit(decision_features(score, layers=net.names, at="mean", k=3))
    xs, labels = jnp.stack([x, -x, 2 * x, x.swapaxes(0, 1)]), jnp.array([0, 1, 2, 3])
    many = jax.jit(jax.vmap(explain, in_axes=(0, 0, None)))(xs, labels, params)
    for i in range(4):
        jax.tree.map(
            lambda one, all, i=i: np.testing.assert_allclose(one, all[i], rtol=1e-9),
            explain(xs[i], labels[i], params), many,
        )  # fmt: skip
    mesh = Mesh(np.array(jax.devices()[:4]), ("n",))
    spec = PartitionSpec("n")
    shared = jax.shard_map(
        jax.vmap(explain, in_axes=(0, 0, None)), mesh=mesh, in_specs=(spec, spec, PartitionSpec()), out_specs=spec
    )
    jax.tree.map(
        lambda one, other: np.testing.assert_allclose(one, other, rtol=1e-9), jax.jit(shared)(xs, labels, params), many
    )


@pytest.mark.parametrize("variant", ["paper", "released"])
def test_half_precision_goes_in_and_single_comes_out(variant):
    net, score, x, params = both()
    single, half = (
        jax.tree.map(lambda a, kind=kind: a.astype(kind), (x, params)) for kind in (jnp.float32, jnp.bfloat16)
    )
    explain = jax.jit(decision_features(score, layers=net.names, at="layer3", k=3, variant=variant))
    one, other = explain(single[0], 2, single[1]), explain(half[0], 2, half[1])
    assert other.visual.dtype == other.alpha["layer0"].dtype == jnp.float32
    np.testing.assert_allclose(other.visual, one.visual, rtol=0.1, atol=0.02)


def test_gradients_through_the_weighted_features():
    net, score, x, params = both()
    explain = decision_features(score, layers=net.names, at="layer1", k=2, variant="released")
    f = jax.jit(lambda x: explain(x, net.label, params).visual @ jnp.arange(1.0, 8.0))
    h, way = 1e-6, jnp.asarray(np.random.default_rng(1).normal(size=x.shape))
    slope = (f(x + h * way) - f(x - h * way)) / (2 * h)
    assert float((jax.jit(jax.grad(f))(x) * way).sum()) == pytest.approx(float(slope), rel=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"eta": 0.0}, "eta is a share above 0"),
        ({"eta": 1.2}, "eta is a share above 0"),
        ({"k": 0}, "k must be above zero"),
        ({"breadth": 0}, "breadth must be above zero"),
        ({"variant": "caffe"}, 'variant must be "paper" or "released"'),
        ({"layers": ()}, "layers are one or more"),
        ({"layers": ("layer0", "layer0")}, "layers are one or more"),
        ({"reference_quirks": True}, "belong to"),
    ],
)
def test_options_out_of_range(options, message):
    net, score, _, _ = both()
    with pytest.raises(ValueError, match=message):
        decision_features(score, **{"layers": net.names, "at": "layer3", **options})
    if "eta" in options:
        with pytest.raises(ValueError, match=message):
            minimum_set(jnp.ones(1), eta=options["eta"])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"layers": ("layer0", "conv9")}, UnusedTap, "conv9"),
        ({"at": "pool"}, UnusedTap, "pool"),
        ({"layers": ("layer2", "layer1")}, UnusedTap, "'layer2' does not come before 'layer1'"),
        ({"k": 7}, ValueError, "k=7 is more than the 6 channels of the layer 'layer0'"),
    ],
)
def test_layers_that_do_not_fit(options, error, message):
    net, score, x, params = both()
    explain = decision_features(score, **{"layers": net.names, "at": "layer3", "k": 2, **options})
    with pytest.raises(error, match=message):
        explain(x, 0, params)


def test_a_layer_without_channels():
    score = lambda x: jxai.tap(jxai.tap(x, "first").sum(), "last")  # noqa: E731
    with pytest.raises(ValueError, match="without channels"):
        decision_features(score, layers=("first", "last"), at="first", k=1)(jnp.ones(3))
