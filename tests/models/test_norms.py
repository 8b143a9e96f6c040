"""Batch normalisation in inference mode against NumPy, and folded away."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jxai import models
from jxai.models.norms import ConvNorm, batch_norm
from jxai.rules.backward import with_rules

SMALL = {
    "resnet18": dict(width=2, size=32, classes=4),
    "resnet50": dict(width=2, size=32, classes=4),
    "vgg11_bn": dict(width=2, hidden=8, size=32, classes=4),
}


def drawn(model, seed=0):
    """Random parameters in float64, variances positive."""
    numbers = np.random.default_rng(seed)

    def value(path, leaf):
        if path[-1].key in ("variance", "scale"):
            return jnp.asarray(numbers.uniform(0.5, 1.5, leaf.shape))
        return jnp.asarray(numbers.normal(0, 0.3, leaf.shape))

    template = jax.eval_shape(model.init, jax.random.key(0))
    return jax.tree_util.tree_map_with_path(value, template)


def image(model):
    return jnp.asarray(np.random.default_rng(1).normal(size=(model.size, model.size, 3)))


def test_is_the_definition():
    numbers = np.random.default_rng(0)
    x = numbers.normal(size=(3, 4, 5))
    scale, bias, mean = numbers.normal(size=(3, 5))
    variance = numbers.uniform(0.1, 2, 5)
    ours = batch_norm(*map(jnp.asarray, (x, scale, bias, mean, variance)), epsilon=1e-3)
    np.testing.assert_allclose(ours, (x - mean) / np.sqrt(variance + 1e-3) * scale + bias, rtol=1e-12)


def test_is_one_named_call_that_a_rule_can_name():
    arrays = [jnp.full(2, float(k)) for k in (3, 1, 2, 4)]

    def score(x):
        return batch_norm(x, *arrays, epsilon=0.0).sum()

    x = jnp.asarray([[[2.0, 4.0]]])
    names = [e.params.get("name") for e in jax.make_jaxpr(batch_norm)(x, *arrays).eqns]
    assert names == ["batch_norm"]
    np.testing.assert_allclose(jax.grad(score)(x), [[[1.5, 1.5]]])
    whole = with_rules(score, {"batch_norm": lambda operation, inputs, output, g: (7 * g, *[None] * 4)})
    np.testing.assert_allclose(jax.grad(whole)(x), [[[7.0, 7.0]]])


def test_statistics_are_not_learned():
    model = models.resnet18(**SMALL["resnet18"])
    params = drawn(model)
    gradients = jax.jit(jax.grad(lambda p: (model.apply(p, image(model)) ** 2).sum()))(params)
    stem = gradients["stem"]["norm"]
    assert not stem["mean"].any() and not stem["variance"].any()
    assert stem["scale"].any() and stem["bias"].any()


@pytest.mark.parametrize("name", SMALL)
def test_folding_keeps_the_logits(name):
    model = models.MODELS[name](**SMALL[name])
    folded = models.MODELS[name](**SMALL[name], batch_norm=False)
    params = drawn(model)
    fewer = models.fold_batch_norm(params)
    assert jax.tree.structure(fewer) == jax.tree.structure(jax.eval_shape(folded.init, jax.random.key(0)))
    expected = jax.jit(model.apply)(params, image(model))
    np.testing.assert_allclose(jax.jit(folded.apply)(fewer, image(model)), expected, rtol=1e-10)
    names = {e.params.get("name") for e in jax.make_jaxpr(folded.apply)(fewer, image(model)).eqns}
    assert "batch_norm" not in names


def test_a_file_is_folded_on_request_and_the_folded_file_is_known(tmp_path):
    model = models.resnet18(**SMALL["resnet18"])
    params = jax.tree.map(lambda p: p.astype(jnp.float32), drawn(model))
    models.save_arrays(tmp_path / "w.npz", params)
    folded, fewer = models.load("resnet18", tmp_path / "w.npz", size=32, batch_norm=False)
    expected = jax.jit(model.apply)(params, image(model))
    np.testing.assert_allclose(jax.jit(folded.apply)(fewer, image(model)), expected, rtol=1e-3)
    models.save_arrays(tmp_path / "folded.npz", fewer)
    _, again = models.load("resnet18", tmp_path / "folded.npz")
    jax.tree.map(np.testing.assert_array_equal, fewer, again)


def test_folding_needs_normalisation_behind_a_convolution():
    with pytest.raises(ValueError, match="expected parameters with batch normalisation .*; none came"):
        models.fold_batch_norm({"block0": {"conv": {"kernel": jnp.ones((1, 1))}}})
    norm = {part: jnp.ones(1) for part in ("scale", "bias", "mean", "variance")}
    with pytest.raises(ValueError, match="expected block0/conv/kernel, .*; block0/conv/kernel did not come"):
        models.fold_batch_norm({"block0": {"norm": norm}})


@pytest.mark.parametrize("kernel, stride", [(1, 1), (1, 2), (3, 1), (3, 2), (7, 2)])
@pytest.mark.parametrize("side", [8, 9])
def test_convolution_pads_both_sides_alike(kernel, stride, side):
    layer = ConvNorm(2, 3, kernel, stride=stride, norm=False, rngs=nnx.Rngs(0))
    x = np.random.default_rng(0).normal(size=(side, side, 2)).astype(np.float32)
    weights = np.asarray(layer.conv.kernel[...]).reshape(kernel, kernel, 2, 3)
    edge = kernel // 2
    padded = np.pad(x, ((edge, edge), (edge, edge), (0, 0)))
    starts = range(0, side + 2 * edge - kernel + 1, stride)
    literal = [[np.einsum("hwc,hwcd", padded[i : i + kernel, j : j + kernel], weights) for j in starts] for i in starts]
    np.testing.assert_allclose(layer(jnp.asarray(x)), literal, atol=1e-5)
