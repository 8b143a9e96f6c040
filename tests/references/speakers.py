"""The speakers of a class and the classifier of sentences, word after word, gate by gate."""

import numpy as np

from jxai.language import gve, mme, pointing, sentence_classifier
from tests.references.registry import replicates

__all__ = ["gve_literal", "mme_literal", "pointing_literal", "sentence_classifier_literal"]


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


@replicates(gve)
def gve_literal(p, visual, label, tokens):
    return said(p["decoder"], np.concatenate([visual, p["classes"][label]]), tokens)


def rooted(x):
    """Signed square root, then unit length."""
    rooted = np.sign(x) * np.sqrt(np.abs(x))
    return rooted / np.sqrt((rooted**2).sum())


def answer(p, label):
    return dense(p["answer"], np.maximum(p["classes"][label], 0))


@replicates(pointing)
def pointing_literal(p, seen, label):
    asked = dense(p["ask"], answer(p, label))
    scores = np.zeros(seen.shape[:2])
    for i in range(seen.shape[0]):
        for j in range(seen.shape[1]):
            joint = rooted(dense(p["look"], seen[i, j]) * asked)
            scores[i, j] = dense(p["score"], np.maximum(dense(p["weigh"], joint), 0))[0]
    return softmax(scores)


@replicates(mme)
def mme_literal(p, seen, label, tokens):
    places = pointing_literal(p["pointing"], seen, label)
    attended = sum(places[i, j] * seen[i, j] for i in range(seen.shape[0]) for j in range(seen.shape[1]))
    joint = dense(p["attended"], attended) * dense(p["answered"], answer(p["pointing"], label))
    return said(p["decoder"], rooted(joint), tokens)


@replicates(sentence_classifier)
def sentence_classifier_literal(p, tokens):
    """The sentence's words alone, without what is behind them."""
    hidden = p["lstm"]["dense_h"]["kernel"].shape[0]
    state = (np.zeros(hidden), np.zeros(hidden))
    for token in tokens:
        if token == 0:
            break
        state = lstm(p["lstm"], *state, p["words"]["embedding"][token])
    return dense(p["classify"], state[1])
