"""Class activation maps: cases with known answers, precision, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai.explainers.deliberative.order import integrated_maps, location_maps
from jxai.methods import METHODS
from jxai.signal.maps import upsample
from tests.references.example import close, vector


def test_score_cam_needs_a_layer_with_the_axes_of_the_input():
    score = lambda x: jxai.tap(x.reshape(-1), "flat").sum()  # noqa: E731
    with pytest.raises(ValueError, match=r"score_cam needs a layer .* 'flat' is \(8,\), x \(2, 4\)"):
        jxai.score_cam(score, at="flat")(jnp.ones((2, 4)))


def test_eigen_cam_of_a_layer_of_low_rank_is_differentiable():
    """Sixteen places, rank two: the other singular values coincide (they are 0)."""
    u, v = vector((16, 2), 1), vector((2, 6), 2)
    explain = jax.jit(jxai.eigen_cam(lambda x: jxai.tap(x @ v, "layer").sum(), at="layer"))
    direction, h = vector((16, 2), 3), 1e-6
    got = jax.jvp(lambda u: explain(u).sum(), (u,), (direction,))[1]
    slope = (explain(u + h * direction).sum() - explain(u - h * direction).sum()) / (2 * h)
    assert abs(slope) > 1e-3 and float(got) == pytest.approx(float(slope), rel=1e-5)


def test_eigen_cam_in_half_precision():
    a = vector((5, 5, 3), 4)
    explain = jxai.eigen_cam(lambda x: jxai.tap(x, "layer").sum(), at="layer")
    half = explain(a.astype(jnp.bfloat16))
    assert half.dtype == jnp.bfloat16
    np.testing.assert_allclose(half.astype(jnp.float64), explain(a), atol=0.1)


def test_grad_cam_equals_cam_for_pooling_and_a_dense_layer():
    """Zhou et al. 2016: with global pooling the map is the class weights' sum over channels, divided by the places."""
    a, w = vector((4, 4, 3), 1), vector((3, 2), 2)
    score = lambda x, k: (jxai.tap(x, "layer").mean((0, 1)) @ w)[k]  # noqa: E731
    close(jxai.grad_cam(score, at="layer")(a, 1), a @ w[:, 1] / 16)


def test_hires_cam_sums_to_a_linear_head():
    a, w = vector((4, 4, 3), 1), vector((4, 4, 3), 2)
    score = lambda x: (jxai.tap(x, "layer") * w).sum()  # noqa: E731
    assert float(jxai.hires_cam(score, at="layer")(a).sum()) == pytest.approx(float(score(a)), rel=1e-12)


def _classify(x, w):
    """Logits by two layers; works with axes in front of an image `[h, w, 3]`."""
    a = jxai.tap(jax.nn.relu(x[..., ::2, ::2, :] @ w + 0.1), "layer")
    return (a**2).mean((-3, -2)) @ vector((4, 3), 7)


_OF_SPACE = {
    **{n: METHODS[n].function for n in ("grad_cam", "grad_cam_pp", "hires_cam", "layer_cam", "eigen_cam", "score_cam")},
    "guided_grad_cam": jxai.guided_grad_cam,
    "first_order": jxai.first_order,
    "second_order": jxai.second_order,
    "integrated_maps": integrated_maps(steps=3),
    "location_maps": location_maps(jxai.integrated_gradients),
}


@pytest.mark.parametrize("name", _OF_SPACE)
def test_a_batch_of_one_inside_the_model_is_left_out(name):
    x, w = vector((8, 6, 3), 1), vector((3, 4), 2)
    plain, batch = (
        (lambda x, w: jax.nn.softmax(_classify(x, w))[1]),
        (lambda x, w: jax.nn.softmax(_classify(x[None], w)[0])[1]),
    )
    right, map_ = (_OF_SPACE[name](score, at="layer")(x, w) for score in (plain, batch))
    assert np.abs(right).max() > 1e-4
    np.testing.assert_allclose(map_, right, rtol=1e-9, atol=1e-12)


def test_a_layer_of_one_place_keeps_its_axes():
    x, tokens = jnp.ones((4, 4, 3)), jnp.array([2])
    assert jxai.grad_cam(lambda x: jxai.tap(x[:1, :1], "layer").sum(), at="layer")(x).shape == (1, 1)
    of_tokens = lambda t, e: jxai.tap(e[t], "layer").sum()  # noqa: E731
    assert jxai.grad_cam(of_tokens, at="layer")(tokens, vector((4, 3), 1)).shape == (1,)
    batch = lambda t, e: jxai.tap(e[t[None]], "layer").sum()  # noqa: E731
    assert jxai.grad_cam(batch, at="layer")(tokens, vector((4, 3), 1)).shape == (1,)
    assert upsample(jnp.ones((1, 2, 2)), (4, 4)).shape == (4, 4)
    with pytest.raises(ValueError, match="one size for each of the map's 3 axes"):
        upsample(jnp.ones((2, 2, 2)), (4, 4))
