"""The speakers of a class and the classifier of sentences on the one loop of training."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.language import (
    class_reward,
    classification_loss,
    expected_reward,
    flex_objective,
    greedy,
    gve,
    gve_loss,
    log_likelihood,
    mme,
    pointing,
    sentence_classifier,
)
from jxai.train.sentences import SentenceConfig, Sentences, train_sentences

pytestmark = pytest.mark.usefixtures("compiled_once")

WORDS, STOP, CLASSES = 9, 2, 3
SIZES = dict(embedding=8, image_embedding=8, hidden=12, dropout=0.0)


def made(count, seed):
    """Half of the sentences name the class (5, 6, 7), the other half say 4 of every class; the word 3 begins both."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    tokens = np.zeros((2 * count, 4), np.int64)
    tokens[:, 0], tokens[:, 2] = 3, STOP
    tokens[::2, 1], tokens[1::2, 1] = 4, 5 + labels
    maps = rng.normal(0, 0.1, (count, 2, 2, 4)).astype(np.float32)
    maps[np.arange(count), rng.integers(2, size=count), rng.integers(2, size=count), 0] += 2
    images = {"label": labels.astype(np.int32), "visual": maps.mean((1, 2)), "map": maps}
    return Sentences(tokens, np.repeat(np.arange(count), 2), images)


DATA, HELD_OUT = made(96, 0), made(9, 1)


def trained(folder, init, objective, likelihood, epochs):
    config = SentenceConfig(epochs=epochs, batch=8, learning_rate=0.03)
    options = dict(validation=HELD_OUT, likelihood=likelihood, folder=folder, config=config, devices=jax.devices()[:1])
    return train_sentences(init, objective, DATA, **options)


def test_a_reward_makes_gve_name_the_class(tmp_path):
    reader = sentence_classifier(WORDS, CLASSES, embedding=8, hidden=8, dropout=0.0)
    objective = classification_loss(reader)
    negative = lambda params, image, tokens: -objective(params, image, tokens)
    read = trained(tmp_path / "reader", reader.init, objective, negative, 4)
    reward = class_reward(reader, jax.tree.map(jnp.asarray, read.params))
    for label in range(CLASSES):
        image = {"label": jnp.asarray(label)}
        assert float(reward(jnp.asarray([3, 5 + label, STOP, 0]), image)) > 0.9
        assert abs(float(reward(jnp.asarray([3, 4, STOP, 0]), image)) - 1 / 3) < 0.2

    speaker = gve(WORDS, 4, CLASSES, class_embedding=4, **SIZES)
    objective = gve_loss(speaker, reward, stop=STOP, weight=6.0, samples=2, baseline="others")
    said = trained(tmp_path / "gve", speaker.init, objective, log_likelihood(speaker), 6)
    params = jax.tree.map(jnp.asarray, said.params)
    estimate = expected_reward(speaker, reward, length=4, stop=STOP, samples=50)
    images = jax.tree.map(jnp.asarray, HELD_OUT.images)
    found = jax.vmap(estimate, (None, 0, 0))(params, images, jax.random.split(jax.random.key(0), 9))
    assert found.mean() > 0.8, "people's sentences have 2/3"


def test_mme_learns_the_sentences_of_its_class(tmp_path):
    speaker = mme(WORDS, 4, CLASSES, width=8, **SIZES)
    objective = flex_objective(speaker, weight=0.0)
    said = trained(tmp_path / "mme", speaker.init, objective, log_likelihood(speaker), 8)
    assert said.accuracy > 0.7, "of three words one has two possibilities: the best is 1/2 to the power of a third"
    params, images = (jax.tree.map(jnp.asarray, tree) for tree in (said.params, HELD_OUT.images))
    tokens = np.asarray(jax.vmap(greedy(speaker, length=4, stop=STOP), (None, 0))(params, images))
    assert all(row[1] in (4, 5 + label) and row[0] == 3 for row, label in zip(tokens, images["label"], strict=True))
    places = jax.vmap(pointing, (None, 0))(params, images)
    np.testing.assert_allclose(places.sum((1, 2)), 1, rtol=1e-5)
