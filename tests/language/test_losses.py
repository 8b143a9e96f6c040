"""FLEX's losses against loops, against finite differences, and where padding counts."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import language
from jxai.language import flex, flex_objective, log_likelihood, teacher_forced
from tests.jitted import jitted

flex_loss = jitted(language.flex_loss)
WORDS, PLACES = 7, 6
TOKENS = jnp.asarray([5, 3, 2, 0, 0, 0], jnp.int32)
RNG = np.random.default_rng(0)
LOGITS = jnp.asarray(RNG.normal(size=(PLACES, WORDS)))
Z = jnp.asarray(np.where(RNG.random(WORDS) < 0.5, RNG.random(WORDS), 0.0))
SILENT = jnp.asarray(RNG.normal(size=WORDS))


def softmax(row):
    exponentials = np.exp(row - row.max())
    return exponentials / exponentials.sum()


def literal_paper(logits, tokens, z, weight):
    loss = 0.0
    for row, token in zip(logits, tokens, strict=True):
        if token == 0:
            break
        p = softmax(row)
        loss += -np.log(p[token]) - weight * max(z[word] * p[word] for word in range(len(p)))
    return loss


def literal_released(logits, tokens, z, weight, silent):
    """What the specification says of the code: cross-entropy over words + 1 steps, the reward over all."""
    steps = min(sum(token != 0 for token in tokens) + 1, len(tokens))
    surprise = reward = 0.0
    for t, row in enumerate(logits):
        p = softmax(row if t < steps or silent is None else silent)
        reward += max(z[word] * p[word] for word in range(len(p)))
        if t < steps:
            surprise -= np.log(p[tokens[t]])
    return (surprise - weight * reward) / steps


@pytest.mark.parametrize("weight", [0.0, 0.1, 2.0])
def test_equals_the_loops(weight):
    given = np.asarray(LOGITS), TOKENS.tolist(), np.asarray(Z), weight
    np.testing.assert_allclose(flex_loss(LOGITS, TOKENS, Z, weight=weight), literal_paper(*given), rtol=1e-12)
    for silent in (None, SILENT):
        found = flex_loss(LOGITS, TOKENS, Z, weight=weight, variant="released", silent=silent)
        expected = literal_released(*given, None if silent is None else np.asarray(silent))
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_reward_is_subtracted():
    """A relevant word that grows likelier lowers the loss, also where it is not the word that was said."""
    word = int(jnp.argmax(Z))
    assert word != 5
    slope = jax.jit(jax.grad(lambda z: flex_loss(LOGITS, TOKENS, z, weight=0.5)))(Z)
    assert slope.max() <= 0 and slope.min() < 0
    plain = jax.jit(jax.grad(lambda row: flex_loss(LOGITS.at[0].set(row), TOKENS, Z, weight=0.0)))(LOGITS[0])
    loss = lambda row: flex_loss(LOGITS.at[0].set(row), TOKENS, jnp.eye(WORDS)[word])  # noqa: E731
    rewarded = jax.jit(jax.grad(loss))(LOGITS[0])
    assert rewarded[word] < plain[word]


@pytest.mark.parametrize("variant", ["paper", "released"])
def test_gradient_equals_finite_differences(variant):
    captioner = flex(WORDS, 3, embedding=2, image_embedding=3, hidden=3)
    drawn = captioner.init(jax.random.key(0))
    params = jax.tree.map(lambda leaf: leaf.astype(jnp.float64) + 0.05, drawn)
    silent = (lambda params: params["scores"]["bias"]) if variant == "released" else None
    objective = flex_objective(captioner, weight=0.5, variant=variant, silent=silent)
    image = {"visual": jnp.asarray([0.3, -1.0, 0.7]), "z": Z}
    flat, unflatten = jax.flatten_util.ravel_pytree(params)

    def loss(flat):
        return objective(unflatten(flat), image, TOKENS, jax.random.key(5))  # dropout and all

    gradient = jax.jit(jax.grad(loss))(flat)
    step = 1e-6 * jnp.eye(flat.size)
    differences = jax.jit(jax.vmap(lambda d: (loss(flat + d) - loss(flat - d)) / 2e-6))(step)
    np.testing.assert_allclose(gradient, differences, rtol=1e-5, atol=1e-8)
    assert np.count_nonzero(np.abs(gradient) > 1e-6) > flat.size // 3


@pytest.mark.parametrize("more", [1, 5])
def test_padding_counts_for_nothing(more):
    padded = jnp.concatenate([TOKENS, jnp.zeros(more, jnp.int32)])
    logits = jnp.concatenate([LOGITS, jnp.asarray(RNG.normal(size=(more, WORDS)))])
    np.testing.assert_allclose(flex_loss(logits, padded, Z), flex_loss(LOGITS, TOKENS, Z), rtol=1e-12)
    slope = jax.jit(jax.grad(flex_loss))(logits, padded, Z)
    assert not slope[3:].any() and slope[:3].any(axis=1).all()
    released = flex_loss(logits, padded, Z, variant="released")
    assert released < flex_loss(LOGITS, TOKENS, Z, variant="released")  # there it earns rewards


def test_the_released_code_learns_one_zero_after_the_stop():
    slope = jax.jit(jax.grad(lambda logits: flex_loss(logits, TOKENS, 0 * Z, variant="released")))(LOGITS)
    assert slope[:4].any(axis=1).all() and not slope[4:].any()
    assert slope[3].argmin() == 0


def test_likelihood_of_a_sentence():
    captioner = flex(WORDS, 3, embedding=2, image_embedding=3, hidden=3)
    params, image = captioner.init(jax.random.key(0)), {"visual": jnp.ones(3)}
    logits = np.asarray(teacher_forced(captioner, params, image, TOKENS), np.float64)
    expected = sum(np.log(softmax(logits[t])[token]) for t, token in enumerate((5, 3, 2)))
    np.testing.assert_allclose(log_likelihood(captioner)(params, image, TOKENS), expected, rtol=1e-5)
    objective = flex_objective(captioner, weight=0.0)  # without "z"
    np.testing.assert_allclose(objective(params, image, TOKENS), -expected, rtol=1e-5)


def test_the_released_objective_has_room_for_the_zero():
    captioner = flex(WORDS, 3, embedding=2, image_embedding=3, hidden=3)
    params = captioner.init(jax.random.key(0))
    image = {"visual": jnp.ones(3), "z": Z.astype(jnp.float32)}
    objective = flex_objective(captioner, variant="released", silent=lambda params: params["scores"]["bias"])
    whole = jnp.asarray([5, 3, 2], jnp.int32)
    logits = teacher_forced(captioner, params, image, jnp.asarray([5, 3, 2, 0], jnp.int32))
    expected = literal_released(np.asarray(logits), [5, 3, 2, 0], np.asarray(Z), 0.1, None)
    np.testing.assert_allclose(objective(params, image, whole), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weight": -0.1}, "weight must be zero or above"),
        ({"variant": "code"}, "'paper' or 'released'; 'code' came"),
        ({"z": jnp.ones(WORDS - 1)}, r"z \[words\] of one sentence; \[6, 7\], \[6\] and \[6\] came"),
        ({"tokens": TOKENS[:3]}, r"\[6, 7\], \[3\] and \[7\] came"),
    ],
)
def test_refuses(changes, message):
    given = {"logits": LOGITS, "tokens": TOKENS, "z": Z} | changes
    with pytest.raises(ValueError, match=message):
        inspect.unwrap(flex_loss)(**given)  # the tests' check of types would come first
