"""Texts of different lengths: what is padding gets nothing, and its content does not matter."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from tests.cases import LABEL, case_of

WORDS, PADDED = 3, 5
METHODS = {
    "raw_attention": jxai.raw_attention,
    "attention_rollout": jxai.attention_rollout,
    "attention_relevance": jxai.attention_relevance,
    "attention_relevance/lrp": lambda score: jxai.attention_relevance(score, rule="lrp"),
    "transition_attention_maps": lambda score: jxai.transition_attention_maps(score, steps=3),
}


def score(x, mask, label, p):
    """Post-norm blocks of one head over the words that the mask lets through; a pooler reads the first."""
    for i in range(2):
        query, key, value = (x @ p[name + str(i)] for name in "qkv")
        scores = jnp.where(mask[None], query @ key.T / 2.0, jnp.finfo(x.dtype).min)
        attention = jxai.tap(jax.nn.softmax(scores)[None], f"block{i}/attention")[0]
        x = norm(x + attention @ value @ p[f"out{i}"])
        x = norm(x + jax.nn.gelu(x @ p[f"up{i}"]) @ p[f"down{i}"])
    return (jnp.tanh(x[0]) @ p["w"])[label]


def norm(x):
    centred = x - x.mean(-1, keepdims=True)
    return centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)


def explained(name, x, mask):
    params = case_of("tokens").params
    return np.asarray(jax.jit(METHODS[name](score))(x, mask, LABEL, params))


@pytest.mark.parametrize("name", METHODS)
def test_padding_gets_nothing(name):
    x = case_of("tokens").x
    mask = jnp.arange(PADDED) < WORDS
    padded = explained(name, x, mask)
    assert padded.shape == (PADDED,) and padded[WORDS:].tolist() == [0, 0]
    assert np.abs(padded[:WORDS]).max() > 1e-4
    np.testing.assert_allclose(explained(name, x.at[WORDS:].set(9.0), mask), padded, rtol=1e-9)


@pytest.mark.parametrize("name", [name for name in METHODS if name != "attention_relevance/lrp"])
def test_padding_changes_nothing_for_the_words(name):
    x = case_of("tokens").x
    padded = explained(name, x, jnp.arange(PADDED) < WORDS)
    np.testing.assert_allclose(padded[:WORDS], explained(name, x[:WORDS], jnp.ones(WORDS, bool)), rtol=1e-9)


def test_padding_changes_nothing_for_relevance_sent_to_words():
    """The sums of eq. 9 run over all tokens; padding has none of the relevance and so no part in them."""
    x = case_of("tokens").x
    padded = explained("attention_relevance/lrp", x, jnp.arange(PADDED) < WORDS)
    whole = explained("attention_relevance/lrp", x[:WORDS], jnp.ones(WORDS, bool))
    np.testing.assert_allclose(padded[:WORDS], whole, rtol=1e-6)
