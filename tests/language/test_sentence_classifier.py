"""The classifier of sentences: learns a toy language; what follows a sentence is nothing."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from jxai.language import START, class_reward, classification_loss, sentence_classifier

TOKENS = jnp.asarray([3, 5, 4, 2, 0, 0], jnp.int32)
READER = sentence_classifier(8, 3, embedding=4, hidden=5)


@pytest.fixture(scope="module")
def params():
    numbers = np.random.default_rng(0)
    template = jax.eval_shape(READER.init, jax.random.key(0))
    return jax.tree.map(lambda p: jnp.asarray(numbers.normal(0, 0.8, p.shape)), template)


def test_padding_changes_nothing_and_every_word_counts(params):
    logits = READER.apply(params, TOKENS)
    np.testing.assert_allclose(READER.apply(params, TOKENS[:4]), logits, atol=1e-14)
    for place in range(4):
        assert np.abs(READER.apply(params, TOKENS.at[place].set(7)) - logits).max() > 1e-4


def test_batches_compiled_and_sharded(params):
    batch = jax.vmap(READER.apply, (None, 0))
    tokens = jnp.stack([jnp.roll(TOKENS[:4], i) for i in range(4)])
    found = jax.jit(batch)(params, tokens)
    for i in range(4):
        np.testing.assert_allclose(found[i], READER.apply(params, tokens[i]), atol=1e-12)
    mesh = jax.make_mesh((4,), ("i",), axis_types=(jax.sharding.AxisType.Auto,))
    spec, whole = jax.sharding.PartitionSpec("i"), jax.sharding.PartitionSpec()
    sharded = jax.shard_map(batch, mesh=mesh, in_specs=(whole, spec), out_specs=spec)
    np.testing.assert_allclose(jax.jit(sharded)(params, tokens), found, atol=1e-12)


def test_loss_and_reward_are_of_the_same_probability(params):
    objective, reward = classification_loss(READER), class_reward(READER, params)
    chances = jax.nn.softmax(READER.apply(params, TOKENS))
    for label in range(3):
        image = {"label": jnp.asarray(label)}
        np.testing.assert_allclose(objective(params, image, TOKENS), -jnp.log(chances[label]), rtol=1e-12)
        np.testing.assert_allclose(reward(TOKENS, image), chances[label], rtol=1e-12)
    with_dropout = objective(params, {"label": jnp.asarray(0)}, TOKENS, jax.random.key(0))
    assert abs(with_dropout + jnp.log(chances[0])) > 1e-4
    named = classification_loss(READER, label="truth")
    np.testing.assert_allclose(named(params, {"truth": 1, "label": 2}, TOKENS), -jnp.log(chances[1]), rtol=1e-12)


def toy():
    """Words 3 to 7; the class is how the first word and the last go together: the order counts."""
    first, middle, last = (x.ravel() for x in np.meshgrid(*[np.arange(3, 8)] * 3, indexing="ij"))
    tokens = np.zeros((len(first), 5), np.int32)
    tokens[:, :4] = np.stack([first, middle, last, np.full_like(first, 2)], 1)
    return jnp.asarray(tokens), jnp.asarray(np.where(first < last, 0, np.where(first == last, 1, 2)))


@pytest.mark.optimised
def test_it_learns_a_toy_set_by_heart():
    reader = sentence_classifier(8, 3, embedding=8, hidden=16, dropout=0.0)
    tokens, labels = toy()
    objective, update = classification_loss(reader), optax.adam(0.02)

    def loss(params):
        return jax.vmap(lambda tokens, label: objective(params, {"label": label}, tokens))(tokens, labels).mean()

    def step(state, _):
        params, moments = state
        with jax.numpy_dtype_promotion("standard"):
            changes, moments = update.update(jax.grad(loss)(params), moments)
            return (optax.apply_updates(params, changes), moments), None

    begin = reader.init(jax.random.key(0))
    train = jax.jit(lambda begin: jax.lax.scan(step, (begin, update.init(begin)), None, length=150)[0][0])
    right = lambda params: np.mean(jax.vmap(reader.apply, (None, 0))(params, tokens).argmax(-1) == labels)
    assert right(begin) < 0.7
    assert right(train(begin)) == 1


def test_what_is_wrong_is_said(params):
    objective = classification_loss(READER)
    with pytest.raises(ValueError, match="label 3 is out of range: the model has 3 classes"):
        objective(params, {"label": 3}, TOKENS)
    with pytest.raises(ValueError, match="classification_loss needs an image with 'label'; .* came"):
        objective(params, {"visual": 3}, TOKENS)
    with pytest.raises(ValueError, match="class_reward needs an image with 'label'"):
        class_reward(READER, params)(TOKENS, {})
    for options in ({"dropout": -0.1}, {"hidden": 0}):
        with pytest.raises(ValueError, match="dropout|hidden"):
            sentence_classifier(8, 3, **options)
    with pytest.raises(ValueError, match="classes"):
        sentence_classifier(8, 0)


def test_an_empty_sentence_is_read_as_nothing(params):
    empty = READER.apply(params, jnp.full(4, START, jnp.int32))
    np.testing.assert_allclose(empty, params["classify"]["bias"], atol=1e-14)
