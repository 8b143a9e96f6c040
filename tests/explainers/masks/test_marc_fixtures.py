"""MaRC against trajectories of the released program (`fixtures/marc_*.npz`), with its numbers and its stop rules.

The files hold the example, a toy network and the losses of each step, made by running the authors' code
(inas-argumentation/Explainability) on an image of 48 x 48 and a text of 60 words, without noise, in float64
(`log32`, `step100_m32`: float32).
"""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import scores
from jxai.explainers.masks.grid_mask import image_mask
from jxai.explainers.masks.marc import marc_trace
from jxai.explainers.masks.text_mask import sequence_mask
from jxai.signal.words import word_mean
from tests.paths import FIXTURES

FOLDER = FIXTURES


pytestmark = pytest.mark.optimised  # hundreds of steps


@cache
def image():
    return dict(np.load(FOLDER / "marc_image.npz"))


def convolutions(params, x):
    """Three convolutions with ReLU, the mean, a dense layer: `[48, 48, 3] -> [10]`."""
    a = x.transpose(2, 0, 1)[None]
    for name, side in (("c1", 2), ("c2", 1), ("c3", 1)):
        a = jax.lax.conv_general_dilated(a, params[f"{name}.weight"], (2, 2), [(side, side)] * 2)
        a = jax.nn.relu(a + jnp.broadcast_to(params[f"{name}.bias"][None, :, None, None], a.shape))
    return params["fc.weight"] @ a[0].mean((1, 2)) + params["fc.bias"]


def image_found(dtype, steps=600, radius=20, **options):
    data = {name: jnp.asarray(v, dtype) for name, v in image().items() if name != "label"}
    x = data["image"]
    backgrounds = jnp.stack([jnp.broadcast_to(c, x.shape) for c in (data["white"], data["black"], jnp.zeros(3, dtype))])
    score = scores.log_mixture(convolutions, softmax=0.9)
    explain = marc_trace(score, mask=image_mask(variant="released", radius=radius), steps=steps, chunk=6, **options)
    return jax.jit(explain)(x, int(image()["label"]), data, backgrounds=backgrounds)


@cache
def image_in_double():
    return image_found(jnp.float64)


def test_image_trajectory_in_double_precision():
    found, log = image_in_double(), image()["log"]
    assert int(found.steps) == len(log) == 251 and not found.failed
    close = lambda got, column: np.testing.assert_allclose(got[:251], log[:, column], rtol=0, atol=1e-12)  # noqa: E731
    for column, name in enumerate(("loss", "sufficiency", "comprehensiveness", "sigma", "sparsity", "neighbours")):
        close(getattr(found.terms, name), column)
    np.testing.assert_allclose(found.areas[:251] * 48 * 48, log[:, 6], rtol=1e-12)
    assert np.isnan(found.terms.loss[251:]).all()


def test_image_mask_in_double_precision():
    np.testing.assert_allclose(image_in_double().mask, image()["final_mask"], rtol=0, atol=1e-10)


def test_image_mask_with_a_smaller_window():
    found = image_found(jnp.float64, radius=10)
    np.testing.assert_allclose(found.mask, image()["final_mask"], rtol=0, atol=4e-9)


def test_image_sources_after_a_hundred_steps():
    found = image_found(jnp.float64, steps=100, stop=False)
    np.testing.assert_allclose(found.sources.w, image()["step100_w"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.sources.sigma, image()["step100_s"], rtol=0, atol=1e-10)


def test_image_trajectory_in_single_precision():
    """A hundred steps: afterwards rounding decides."""
    found, log = image_found(jnp.float32, steps=101, stop=False), image()["log32"]
    np.testing.assert_allclose(found.terms.loss, log[:, 0], rtol=0, atol=1e-5)
    np.testing.assert_allclose(found.mask, image()["step100_m32"], rtol=0, atol=1e-4)


@cache
def text():
    return dict(np.load(FOLDER / "marc_text.npz"))


def recurrent(params, x):
    """`h = tanh(x_t W1 + x_{t+1} A)`, the mean over t, one logit."""
    following = jnp.concatenate([x[1:], x[-1:]])
    return 6 * jnp.tanh(x @ params["W1"] + following @ params["A"]).mean(0)[None] @ params["W2"]


@pytest.fixture(scope="module")
def text_found():
    data = text()
    params = {name: jnp.asarray(data[name]) for name in ("W1", "A", "W2")}
    pieces, table = data["word_ntok"], jnp.asarray(data["E"])
    x = table[np.concatenate([[1], data["tokens"], [2]])]
    background = table[np.concatenate([[1], np.zeros(len(data["tokens"]), int), [2]])]
    groups = jnp.asarray(np.concatenate([[-1], np.repeat(np.arange(len(pieces)), pieces), [-1]]))
    assert int(data["label"]) == 1  # so that the sigmoid of the logit is the label's probability
    mask = sequence_mask(variant="released", count=len(pieces))
    explain = marc_trace(scores.log_sigmoid(recurrent), mask=mask, chunk=2)
    return jax.jit(explain)(x, 0, params, backgrounds=background[None], groups=groups), groups


def test_text_trajectory(text_found):
    found, log = text_found[0], text()["log"]
    assert int(found.steps) == len(log) == 201
    terms = [a[:201] for a in found.terms]
    for got, column in ((terms[0], 2), (terms[1] + terms[2], 3), (terms[3], 4), (terms[4], 5), (found.areas[:201], 6)):
        np.testing.assert_allclose(got, log[:, column], rtol=0, atol=1e-12)


def test_text_mask(text_found):
    found, groups = text_found
    words = word_mean(found.mask, groups, words=60)
    np.testing.assert_allclose(words, text()["result"], rtol=0, atol=1e-10)
