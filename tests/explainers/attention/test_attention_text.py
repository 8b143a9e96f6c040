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
def test_padding_gets_nothing_and_changes_nothing_for_the_words(name):
    x = case_of("tokens").x
    padded = explained(name, x.at[WORDS:].set(9.0), jnp.arange(PADDED) < WORDS)
    assert padded.shape == (PADDED,) and padded[WORDS:].tolist() == [0, 0]
    assert np.abs(padded[:WORDS]).max() > 1e-4
    np.testing.assert_allclose(padded[:WORDS], explained(name, x[:WORDS], jnp.ones(WORDS, bool)), rtol=1e-7)
