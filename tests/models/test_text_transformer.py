"""The small text transformer learns from scratch, and its explanation finds what it learned."""

import jax
import jax.numpy as jnp
import optax

import jxai
from jxai import models, scores


def test_the_small_transformer_learns_from_scratch():
    """Whether token 5 stands anywhere in six; the explanation then finds it."""
    model = models.text_transformer(depth=1, width=16, heads=2, vocabulary=12, length=7)
    params = model.init(jax.random.key(0))
    optimiser = optax.adam(1e-2)

    def batch(key):
        tokens = jax.random.randint(key, (64, 7), 6, 12).at[:, 0].set(2)
        places, labels = jax.random.randint(key, (64,), 1, 7), jax.random.bernoulli(key, shape=(64,)).astype(int)
        planted = jnp.where(labels > 0, 5, tokens[jnp.arange(64), places])
        return tokens.at[jnp.arange(64), places].set(planted), places, labels

    def loss(params, tokens, labels):
        logits = jax.vmap(lambda t: model.apply(params, model.embed(params, t)))(tokens)
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean(), logits

    @jax.jit
    def step(carry, key):
        params, state = carry
        tokens, _, labels = batch(key)
        gradient, _ = jax.grad(loss, has_aux=True)(params, tokens, labels)
        with jax.numpy_dtype_promotion("standard"):  # optax mixes whole numbers and floats
            updates, state = optimiser.update(gradient, state)
        return (optax.apply_updates(params, updates), state), None

    (params, _), _ = jax.lax.scan(step, (params, optimiser.init(params)), jax.random.split(jax.random.key(1), 150))
    explain = jxai.integrated_gradients(scores.logit(model.apply), steps=8)

    @jax.jit
    def judged(params, key):
        tokens, places, labels = batch(key)
        xs = jax.vmap(model.embed, in_axes=(None, 0))(params, tokens)
        maps = jax.vmap(explain, (0, None, None))(xs, 1, params)
        return loss(params, tokens, labels)[1], maps, places, labels

    logits, maps, places, labels = judged(params, jax.random.key(2))
    assert float((logits.argmax(1) == labels).mean()) > 0.95
    found = maps.sum(-1)[:, 1:].argmax(1) + 1
    assert float((found == places)[labels > 0].mean()) > 0.9
