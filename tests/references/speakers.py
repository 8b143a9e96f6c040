"""The speakers of a class and the classifier of sentences, word after word, gate by gate."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from jxai.language import gve, mme, pointing, sentence_classifier, teacher_forced
from tests.references.registry import replicates

__all__ = ["SEEN", "SIZES", "TOKENS", "VISUAL", "drawn", "image_of"]

TOKENS = jnp.asarray([3, 6, 2, 4, 0, 0], jnp.int32)
NUMBERS = np.random.default_rng(0)
SEEN, VISUAL = NUMBERS.normal(size=(2, 3, 5)), NUMBERS.normal(size=5)
SIZES = dict(embedding=4, image_embedding=3, hidden=6)


def drawn(captioner, dtype=jnp.float64):
    """Parameters of a size at which everything counts."""
    numbers = np.random.default_rng(1)
    template = jax.eval_shape(captioner.init, jax.random.key(0))
    return jax.tree.map(lambda p: jnp.asarray(numbers.normal(0, 0.7, p.shape), dtype), template)


def image_of(field, values, label=1):
    return {field: jnp.asarray(values), "label": jnp.asarray(label)}


def of_speaker(method, literal, field, values, **options):
    """The logits of a sentence for every class."""
    captioner = method(7, 5, 4, **SIZES, **options)
    params = drawn(captioner)
    arrays = jax.tree.map(np.asarray, params)
    scored = jax.jit(lambda image: teacher_forced(captioner, params, image, TOKENS))
    found = np.stack([scored(image_of(field, values, label)) for label in range(4)])
    return found, np.stack([literal(arrays, values, label, np.asarray(TOKENS)) for label in range(4)])


def of_attention(method, literal):
    params = drawn(mme(7, 5, 4, width=4, **SIZES))
    arrays = jax.tree.map(np.asarray, params["pointing"])
    found = np.stack([method(params, image_of("map", SEEN, label)) for label in range(4)])
    return found, np.stack([literal(arrays, SEEN, label) for label in range(4)])


PROJECTIONS = False, True
SAY = functools.partial(of_speaker, field="visual", values=VISUAL, class_embedding=3)
LOOK = functools.partial(of_speaker, field="map", values=SEEN, width=4)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def dense(p, x):
    return x @ p["kernel"] + p["bias"]


def lstm(p, memory, output, x):
    """One step; each unit for itself."""
    gates = x @ p["dense_i"]["kernel"] + output @ p["dense_h"]["kernel"] + p["dense_h"]["bias"]
    n = len(memory)
    new_memory, new_output = np.zeros(n), np.zeros(n)
    for k in range(n):
        enter, keep, candidate, leave = gates[k], gates[n + k], gates[2 * n + k], gates[3 * n + k]
        new_memory[k] = sigmoid(keep) * memory[k] + sigmoid(enter) * np.tanh(candidate)
        new_output[k] = sigmoid(leave) * np.tanh(new_memory[k])
    return new_memory, new_output


def said(p, condition, tokens):
    """The logits of every word of a sentence, from the condition."""
    hidden = p["first"]["dense_h"]["kernel"].shape[0]
    first, second = (np.zeros(hidden), np.zeros(hidden)), (np.zeros(hidden), np.zeros(hidden))
    seen, before, logits = dense(p["image"], condition), 0, []
    for token in tokens:
        first = lstm(p["first"], *first, p["words"]["embedding"][before])
        joined = np.concatenate([first[1], seen])
        if "join" in p:
            joined = dense(p["join"], joined)
        second = lstm(p["second"], *second, joined)
        logits.append(dense(p["scores"], second[1]))
        before = token
    return np.stack(logits)


@replicates(gve, cases=[functools.partial(SAY, projection=projection) for projection in PROJECTIONS])
def gve_literal(p, visual, label, tokens):
    return said(p["decoder"], np.concatenate([visual, p["classes"][label]]), tokens)


def rooted(x):
    """Signed square root, then unit length."""
    rooted = np.sign(x) * np.sqrt(np.abs(x))
    return rooted / np.sqrt((rooted**2).sum())


def answer(p, label):
    return dense(p["answer"], np.maximum(p["classes"][label], 0))


@replicates(pointing, cases=[of_attention], rtol=0.0, atol=1e-4)  # the signed root's epsilon is 1e-6 of the products
def pointing_literal(p, seen, label):
    asked = dense(p["ask"], answer(p, label))
    scores = np.zeros(seen.shape[:2])
    for i in range(seen.shape[0]):
        for j in range(seen.shape[1]):
            joint = rooted(dense(p["look"], seen[i, j]) * asked)
            scores[i, j] = dense(p["score"], np.maximum(dense(p["weigh"], joint), 0))[0]
    return softmax(scores)


@replicates(
    mme, cases=[functools.partial(LOOK, projection=projection) for projection in PROJECTIONS], rtol=0.0, atol=1e-4
)
def mme_literal(p, seen, label, tokens):
    places = pointing_literal(p["pointing"], seen, label)
    attended = sum(places[i, j] * seen[i, j] for i in range(seen.shape[0]) for j in range(seen.shape[1]))
    joint = dense(p["attended"], attended) * dense(p["answered"], answer(p["pointing"], label))
    return said(p["decoder"], rooted(joint), tokens)


def of_sentences(method, literal):
    reader = method(8, 3, embedding=4, hidden=5)
    params = drawn(reader)
    arrays = jax.tree.map(np.asarray, params)
    texts = [TOKENS, TOKENS[:4], jnp.asarray([3, 5, 4, 2, 1, 7], jnp.int32)]
    return tuple(reader.apply(params, text) for text in texts), tuple(
        literal(arrays, np.asarray(text)) for text in texts
    )


@replicates(sentence_classifier, cases=[of_sentences])
def sentence_classifier_literal(p, tokens):
    """The sentence's words alone, without what is behind them."""
    hidden = p["lstm"]["dense_h"]["kernel"].shape[0]
    state = (np.zeros(hidden), np.zeros(hidden))
    for token in tokens:
        if token == 0:
            break
        state = lstm(p["lstm"], *state, p["words"]["embedding"][token])
    return dense(p["classify"], state[1])
