"""Decoding: every beam against all sentences there are, and the modes against each other."""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, PartitionSpec

from jxai.core.errors import MissingKey
from jxai.language import START, UNKNOWN, beam, flex, greedy, sample, teacher_forced

WORDS, LENGTH, STOP = 6, 4, 3
CAPTIONER = flex(WORDS, 3, embedding=4, image_embedding=3, hidden=5)
IMAGES = {"visual": jnp.asarray(np.random.default_rng(0).normal(size=(4, 3)))}
OPTIONS = {"length": LENGTH, "stop": STOP}


def params_of(seed, scale=3.0):
    params = CAPTIONER.init(jax.random.key(seed))
    params = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), params)
    params["scores"]["kernel"] = params["scores"]["kernel"] * scale  # decided enough to differ, torn enough to err
    return params


PARAMS = params_of(0)


def image(row):
    return {"visual": IMAGES["visual"][row]}


def every_sentence():
    """All sentences of at most LENGTH tokens with the stop token as their last, padded."""
    others = [word for word in range(WORDS) if word not in (START, UNKNOWN, STOP)]
    for count in range(LENGTH):
        for words in itertools.product(others, repeat=count):
            yield [*words, STOP] + [START] * (LENGTH - count - 1)


SENTENCES = jnp.asarray(list(every_sentence()), jnp.int32)


@functools.partial(jax.jit, static_argnames="counted")
def likelihoods(params, image, counted=LENGTH):
    """Log P of every sentence with START and UNKNOWN left out, of so many places at most."""

    def one(tokens):
        logits = teacher_forced(CAPTIONER, params, image, tokens)[:, 2:]
        each = jnp.take_along_axis(jax.nn.log_softmax(logits), jnp.maximum(tokens[:, None] - 2, 0), 1)[:, 0]
        return jnp.where((tokens != START) & (jnp.arange(LENGTH) < counted), each, 0.0).sum()

    return jax.vmap(one)(SENTENCES)


def expected_best(params, image):
    return SENTENCES[likelihoods(params, image).argmax()].tolist()


@jax.jit
def decoded(params, images):
    decoders = [greedy(CAPTIONER, **OPTIONS), *(beam(CAPTIONER, **OPTIONS, width=width) for width in (1, 3, 200))]
    return [jax.vmap(decode, in_axes=(None, 0))(params, images) for decode in decoders]


@pytest.mark.parametrize("seed", range(6))
def test_beams(seed):
    params = params_of(seed)
    said = decoded(params, IMAGES)
    np.testing.assert_array_equal(said[0], said[1])  # the beam of width 1 is greedy
    sentences = SENTENCES.tolist()
    for row in range(4):
        assert said[3][row].tolist() == expected_best(params, image(row))
        each = likelihoods(params, image(row))
        found = [float(each[sentences.index(way[row].tolist())]) for way in said]
        assert found[3] >= found[2] - 1e-12 and found[3] >= found[0] - 1e-12


@pytest.mark.parametrize("penalty", [0.7, 2.0])
def test_long_sentences_are_not_at_a_disadvantage(penalty):
    widest = jax.jit(jax.vmap(beam(CAPTIONER, **OPTIONS, width=200, length_penalty=penalty), in_axes=(None, 0)))
    changed, tokens = 0, np.asarray(SENTENCES != START).sum(1)
    for seed in range(6):
        params = params_of(seed)
        said = widest(params, IMAGES)
        for row in range(4):
            each = np.asarray(likelihoods(params, image(row)))
            assert said[row].tolist() == SENTENCES[(each / tokens**penalty).argmax()].tolist()
            changed += int(said[row].tolist() != expected_best(params, image(row)))
    assert changed > 0


def test_a_beam_finds_more_than_greedy():
    better = 0
    for seed in range(6):
        said = decoded(params_of(seed), IMAGES)
        better += int((np.asarray(said[0]) != np.asarray(said[3])).any(axis=1).sum())
    assert better > 0


def test_greedy_against_a_loop():
    decode = jax.jit(greedy(CAPTIONER, **OPTIONS))
    for row in range(4):
        words, token, carry = [], START, CAPTIONER.start(PARAMS, image(row))
        while len(words) < LENGTH and STOP not in words:
            carry, logits = CAPTIONER.step(PARAMS, carry, jnp.asarray(token, jnp.int32))
            token = STOP if len(words) == LENGTH - 1 else 2 + int(np.argmax(logits[2:]))
            words.append(token)
        assert decode(PARAMS, image(row)).tolist() == words + [START] * (LENGTH - len(words))


def test_samples_towards_greedy():
    cold = jax.jit(jax.vmap(sample(CAPTIONER, **OPTIONS, temperature=1e-4), in_axes=(None, 0, 0)))
    keys = jax.random.split(jax.random.key(0), 4)
    np.testing.assert_array_equal(cold(PARAMS, IMAGES, keys), decoded(PARAMS, IMAGES)[0])


def test_samples_follow_the_model():
    count = 4000
    draw = jax.jit(jax.vmap(sample(CAPTIONER, **OPTIONS), in_axes=(None, None, 0)))
    drawn = np.asarray(draw(PARAMS, image(0), jax.random.split(jax.random.key(1), count))).tolist()
    sentences = SENTENCES.tolist()
    seen = np.bincount([sentences.index(tokens) for tokens in drawn], minlength=len(sentences)) / count
    each = np.exp(likelihoods(PARAMS, image(0), counted=LENGTH - 1))  # at the last place the stop is certain
    np.testing.assert_allclose(each.sum(), 1, rtol=1e-9)
    assert np.abs(seen - each).max() < 4 * 0.5 / np.sqrt(count)


@pytest.mark.parametrize("make", [greedy, sample, beam])
def test_whole_sentences_on_all_devices(make):
    decode = make(CAPTIONER, length=7, stop=STOP)
    many = jax.vmap(decode, in_axes=(None, 0, 0))
    keys = jax.random.split(jax.random.key(2), 4)
    said = np.asarray(jax.jit(many)(PARAMS, IMAGES, keys))
    assert said.shape == (4, 7) and said.dtype == np.int32
    for tokens in said.tolist():
        end = tokens.index(STOP)
        assert not {START, UNKNOWN} & set(tokens[:end]) and set(tokens[end + 1 :]) <= {START}
    split, whole = PartitionSpec("examples"), PartitionSpec()
    mesh = Mesh(jax.devices(), ("examples",))
    placed = jax.shard_map(many, mesh=mesh, in_specs=(whole, split, split), out_specs=split)
    np.testing.assert_array_equal(jax.jit(placed)(PARAMS, IMAGES, keys), said)
    alone = jax.jit(decode)(jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), PARAMS), image(0), keys[0])
    assert alone.shape == (7,)


def test_a_sentence_of_one_place_is_its_stop():
    for make in (greedy, sample, beam):
        assert make(CAPTIONER, length=1, stop=STOP)(PARAMS, image(0), jax.random.key(0)).tolist() == [STOP]


@pytest.mark.parametrize(
    ("make", "changes", "message"),
    [
        (greedy, {"stop": UNKNOWN}, r"stop must be a word of the vocabulary, 2\.\.5; stop=1 came"),
        (beam, {"stop": WORDS}, "stop=6 came"),
        (sample, {"length": 0}, "length must be above zero"),
        (sample, {"temperature": 0.0}, "temperature must be above zero"),
        (beam, {"width": 0}, "width must be above zero"),
        (beam, {"length_penalty": -1.0}, "length penalty of 0 or more, got -1.0"),
    ],
)
def test_refuses(make, changes, message):
    with pytest.raises(ValueError, match=message):
        make(CAPTIONER, **(OPTIONS | changes))


def test_a_sample_needs_a_key():
    with pytest.raises(MissingKey, match="sample draws random numbers"):
        sample(CAPTIONER, **OPTIONS)(PARAMS, image(0))
