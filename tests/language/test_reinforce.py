"""The score-function gradient against the exact one, by counting out every sentence of a tiny language."""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.language import (
    START,
    Captioner,
    class_reward,
    expected_reward,
    flex_objective,
    gve,
    gve_loss,
    sample,
    sampling_log_likelihood,
    sentence_classifier,
    teacher_forced,
)

WORDS, STOP, LENGTH = 5, 2, 3  # start, unknown, stop and two words
IMAGE = {"visual": jnp.asarray([0.5, -1.0]), "label": jnp.asarray(1)}


def sentences():
    """Every sentence of at most three tokens, the stop counted; what the last place must be."""
    found = []
    for words in range(LENGTH):
        for chosen in itertools.product((3, 4), repeat=words):
            found.append([*chosen, STOP, *[START] * (LENGTH - words - 1)])
    return jnp.asarray(found, jnp.int32)


ALL = sentences()


@functools.cache
def tiny():
    captioner = gve(WORDS, 2, 2, class_embedding=2, embedding=3, image_embedding=2, hidden=3)
    numbers = np.random.default_rng(0)
    template = jax.eval_shape(captioner.init, jax.random.key(0))
    return captioner, jax.tree.map(lambda p: jnp.asarray(numbers.normal(0, 0.8, p.shape)), template)


@pytest.fixture(scope="module")
def speaker():
    return tiny()


def reward(tokens, image):
    """Of sentences that differ much: begun with 3, then 4."""
    begun, then = ((tokens[place] == word).astype(jnp.float64) for place, word in ((0, 3), (1, 4)))
    return 0.1 + 0.5 * begun + 0.3 * begun * then + 0.1 * image["label"].astype(jnp.float64) * (1 - begun)


@pytest.fixture(scope="module")
def reading():
    """The reward that a classifier of sentences gives."""
    reader = sentence_classifier(WORDS, 2, embedding=3, hidden=3)
    numbers = np.random.default_rng(5)
    template = jax.eval_shape(reader.init, jax.random.key(0))
    return class_reward(reader, jax.tree.map(lambda p: jnp.asarray(numbers.normal(0, 1.5, p.shape)), template))


def flat(tree):
    return jax.flatten_util.ravel_pytree(tree)[0]


@functools.partial(jax.jit, static_argnums=0)
def chances(captioner, params):
    return jnp.exp(jax.vmap(lambda tokens: sampling_log_likelihood(captioner, params, IMAGE, tokens))(ALL))


def exact(captioner, params, reward):
    """E[R], as a sum over every sentence."""
    return chances(captioner, params) @ jax.vmap(lambda tokens: reward(tokens, IMAGE))(ALL)


def test_there_are_seven_sentences_whose_probabilities_sum_to_one(speaker):
    captioner, params = speaker
    assert len(ALL) == 7
    np.testing.assert_allclose(chances(captioner, params).sum(), 1, rtol=1e-12)


def test_a_sentences_probability_is_the_product_of_its_words(speaker):
    captioner, params = speaker
    forced = jax.jit(lambda params, tokens: teacher_forced(captioner, params, IMAGE, tokens))
    for tokens, found in zip(ALL, chances(captioner, params), strict=True):
        logits = np.array(forced(params, tokens))
        product = 1.0
        for place in range(LENGTH - 1):
            if tokens[place] != START:
                possible = np.exp(logits[place, 2:])
                product *= possible[tokens[place] - 2] / possible.sum()
        np.testing.assert_allclose(found, product, rtol=1e-12)


@pytest.mark.optimised
def test_sentences_are_drawn_as_often_as_their_probability_says(speaker):
    captioner, params = speaker
    draw = sample(captioner, length=LENGTH, stop=STOP)
    n = 20_000
    drawn = jax.jit(jax.vmap(draw, (None, None, 0)))(params, IMAGE, jax.random.split(jax.random.key(1), n))
    same = np.all(np.asarray(drawn)[:, None] == np.asarray(ALL)[None], axis=-1)
    assert same.any(1).all(), "a sentence that is none of the seven was drawn"
    likely = np.asarray(chances(captioner, params))
    assert np.all(np.abs(same.mean(0) - likely) < 4.5 * np.sqrt(likely * (1 - likely) / n))


def test_the_score_function_identity_is_exact(speaker):
    """sum_s P(s) R(s) grad log P(s) = grad sum_s P(s) R(s), and the same with R = 1 is zero."""
    captioner, params = speaker
    log = jax.grad(lambda params, tokens: sampling_log_likelihood(captioner, params, IMAGE, tokens))
    score = jax.jit(jax.vmap(lambda params, tokens: flat(log(params, tokens)), (None, 0)))(params, ALL)
    likely = chances(captioner, params)
    rewards = jax.vmap(lambda tokens: reward(tokens, IMAGE))(ALL)
    slope = flat(jax.jit(jax.grad(lambda params: exact(captioner, params, reward)))(params))
    np.testing.assert_allclose((likely * rewards) @ score, slope, atol=1e-12)
    np.testing.assert_allclose(likely @ score, 0, atol=1e-12)
    assert np.abs(slope).max() > 1e-2 and np.ptp(rewards) > 0.1


@functools.cache
def estimates(baseline, samples, n=6000):
    captioner, params = tiny()
    estimate = expected_reward(captioner, reward, length=LENGTH, stop=STOP, samples=samples, baseline=baseline)
    each = jax.vmap(lambda params, key: flatly(jax.value_and_grad(estimate)(params, IMAGE, key)), (None, 0))
    values, slopes = jax.jit(each)(params, jax.random.split(jax.random.key(2), n))
    return np.asarray(values), np.asarray(slopes)


def flatly(found):
    return found[0], flat(found[1])


@pytest.mark.optimised
@pytest.mark.parametrize("baseline, samples", [("none", 1), ("none", 3), ("greedy", 1), ("others", 3)])
def test_the_estimates_mean_is_the_exact_value_and_gradient(speaker, baseline, samples):
    captioner, params = speaker
    values, slopes = estimates(baseline, samples)
    value, slope = jax.jit(jax.value_and_grad(lambda params: exact(captioner, params, reward)))(params)
    error = values.std() / len(values) ** 0.5
    assert abs(values.mean() - value) < 4 * error and error < 0.01
    errors = slopes.std(0) / len(slopes) ** 0.5
    gap, slope = np.abs(slopes.mean(0) - np.asarray(flat(slope))), np.asarray(flat(slope))
    moved = errors > 1e-12  # words that are never said have no gradient
    assert np.all(gap[moved] < 4.5 * errors[moved]) and np.all(gap[~moved] < 1e-12)
    assert np.linalg.norm(errors) < 0.25 * np.linalg.norm(slope), "the test could not fail"


@pytest.mark.optimised
def test_baselines_take_variance_away():
    spread = {
        (baseline, samples): estimates(baseline, samples)[1].var(0).sum()
        for baseline, samples in [("none", 1), ("none", 3), ("greedy", 1), ("others", 3)]
    }
    assert spread["greedy", 1] < 0.7 * spread["none", 1]
    assert spread["others", 3] < 0.7 * spread["none", 3]
    assert spread["none", 3] < 0.5 * spread["none", 1]


def test_the_gradient_of_a_given_draw_is_the_reward_times_the_score(speaker):
    captioner, params = speaker
    key = jax.random.key(11)
    estimate = expected_reward(captioner, reward, length=LENGTH, stop=STOP, samples=2)
    value, slope = jax.jit(jax.value_and_grad(estimate))(params, IMAGE, key)
    draw = jax.jit(sample(captioner, length=LENGTH, stop=STOP))
    log = jax.jit(jax.grad(lambda params, tokens: sampling_log_likelihood(captioner, params, IMAGE, tokens)))
    rewards, expected = [], 0
    for one in jax.random.split(key, 2):
        tokens = draw(params, IMAGE, one)
        rewards.append(float(reward(tokens, IMAGE)))
        expected += rewards[-1] * flat(log(params, tokens)) / 2
    np.testing.assert_allclose(value, np.mean(rewards), rtol=1e-12)
    np.testing.assert_allclose(flat(slope), expected, atol=1e-12)


def test_gve_loss_is_likelihood_minus_weighted_reward(speaker, reading):
    captioner, params = speaker
    tokens, key = jnp.asarray([4, STOP, START], jnp.int32), jax.random.key(4)
    dropping, drawing = jax.random.split(key)
    objective = gve_loss(captioner, reading, stop=STOP, weight=0.3, samples=2, baseline="greedy")
    estimate = expected_reward(captioner, reading, length=LENGTH, stop=STOP, samples=2, baseline="greedy")
    relevance = flex_objective(captioner, weight=0.0)
    expected = lambda params: relevance(params, IMAGE, tokens, dropping) - 0.3 * estimate(params, IMAGE, drawing)
    graded = jax.jit(jax.value_and_grad(objective))
    found = graded(params, IMAGE, tokens, key)
    for mine, other in zip(found, jax.jit(jax.value_and_grad(expected))(params), strict=True):
        np.testing.assert_allclose(flat(mine), flat(other), atol=1e-12)
    keys = jax.random.split(key, 4)
    images = jax.tree.map(lambda leaf: jnp.stack([leaf] * 4), IMAGE)
    each = jax.vmap(objective, (None, 0, 0, 0))
    mesh = jax.make_mesh((4,), ("i",), axis_types=(jax.sharding.AxisType.Auto,))
    spec, whole = jax.sharding.PartitionSpec("i"), jax.sharding.PartitionSpec()
    sharded = jax.shard_map(each, mesh=mesh, in_specs=(whole, spec, spec, spec), out_specs=spec)
    batch = jax.jit(each)(params, images, ALL[3:], keys)
    np.testing.assert_allclose(jax.jit(sharded)(params, images, ALL[3:], keys), batch, atol=1e-12)
    np.testing.assert_allclose(batch[2], graded(params, IMAGE, ALL[5], keys[2])[0], atol=1e-12)


@pytest.mark.optimised
def test_reward_alone_teaches_the_sentence_that_is_rewarded(speaker):
    captioner, params = speaker
    wish = lambda tokens, image: jnp.all(tokens == jnp.asarray([4, 3, STOP], jnp.int32)).astype(jnp.float64)
    estimate = expected_reward(captioner, wish, length=LENGTH, stop=STOP, samples=8, baseline="others")

    def step(params, key):
        slopes = jax.grad(estimate)(params, IMAGE, key)
        return jax.tree.map(lambda p, s: p + s, params, slopes), None

    taught, _ = jax.jit(lambda params, keys: jax.lax.scan(step, params, keys))(
        params, jax.random.split(jax.random.key(6), 150)
    )
    before, after = (float(exact(captioner, given, wish)) for given in (params, taught))
    assert before < 0.1 and after > 0.5


def test_what_is_wrong_is_said(speaker):
    captioner, params = speaker
    options = dict(length=LENGTH, stop=STOP)
    with pytest.raises(ValueError, match="baseline must be one of none, greedy, others; 'mean' came"):
        expected_reward(captioner, reward, baseline="mean", **options)
    with pytest.raises(ValueError, match="samples=2 or more"):
        expected_reward(captioner, reward, baseline="others", **options)
    with pytest.raises(ValueError, match="samples must be above zero"):
        expected_reward(captioner, reward, samples=0, **options)
    with pytest.raises(ValueError, match="expected_reward draws random numbers"):
        expected_reward(captioner, reward, **options)(params, IMAGE, None)
    with pytest.raises(ValueError, match="words"):
        Captioner(*gve(2, 2, 2))


def test_types_of_the_parameters_decide(speaker):
    captioner, params = speaker
    low = jax.tree.map(lambda p: p.astype(jnp.float32), params)
    estimate = expected_reward(captioner, lambda tokens, image: jnp.float32(1), length=LENGTH, stop=STOP)
    value, slope = jax.jit(jax.value_and_grad(estimate))(low, IMAGE, jax.random.key(0))
    assert value.dtype == jnp.float32 and {leaf.dtype for leaf in jax.tree.leaves(slope)} == {jnp.dtype(jnp.float32)}
