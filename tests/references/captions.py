"""Literal references: scores of captions counted n-gram by n-gram, tokens character by character."""

import functools
import math
from collections import Counter

import numpy as np

from jxai import metrics
from tests.references.registry import as_given, replicates

SAID = ["this bird has a red crown and a black bill", "a small brown bird with white spots", "the gull is grey"]
PEOPLE = [
    ["this bird has a red crown and a short black bill .", "A red bird, with a black bill."],
    ["a small bird with brown wings and white spots", "brown bird with spots", "this is a small brown bird"],
    ["a grey gull with yellow legs"],
]
RNG = np.random.default_rng(0)
WORDS = "red blue bird wing wings bill a the".split()
TEXTS = [
    "This bird's bill isn't 2.5 cm; short.",
    "white-crowned, black/white (male)",
    "a wing.the tail",
    "it\u2019s ...",
    "it 's 'small' , is n't it ?",
    "they'll say: we've 1,000 birds of 3-4 kinds, haven't we",
]


def sentence():
    return " ".join(RNG.choice(WORDS, RNG.integers(4, 9)))


def images(count):
    return [sentence() for _ in range(count)], [[sentence() for _ in range(RNG.integers(1, 4))] for _ in range(count)]


SETS = [as_given(SAID, PEOPLE), as_given(SAID[:2], PEOPLE[:2]), *(as_given(*images(count)) for count in (2, 3, 4))]
CLITICS = "s", "m", "d", "re", "ve", "ll"


@replicates(metrics.caption_tokens, cases=[as_given(text) for text in TEXTS])
def caption_tokens(sentence):
    text, words, i = sentence.lower().replace("\u2019", "'"), [], 0
    while i < len(text):
        stop = word_end(text, i)
        if stop > i:
            words += without_clitic(text[i:stop])
        i = max(stop, i + 1)
    return words


def word_end(text, i):
    """Where the word that starts at i ends; i where none does."""
    at = lambda k: text[k : k + 1]
    if at(i) == "'":
        ends = [i + 1 + len(clitic) for clitic in CLITICS if text[i + 1 :].startswith(clitic)]
        return next((end for end in ends if not at(end).isalnum()), i)
    if not at(i).isalnum():
        return i
    while at(i).isalnum() or (at(i) in ("-", "'") and at(i + 1).isalnum()) or (at(i) in ".," and at(i + 1).isdigit()):
        i += 1
    return i


def without_clitic(word):
    for clitic in ("n't", *("'" + one for one in CLITICS)):
        if word.endswith(clitic):
            return [part for part in (word[: -len(clitic)], clitic) if part]
    return [word]


def counts(words, n):
    return Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))


def tokenised(said, people):
    return [caption_tokens(own) for own in said], [[caption_tokens(one) for one in of_image] for of_image in people]


@replicates(metrics.bleu4, cases=SETS, rtol=1e-5, atol=1e-3)
def bleu4(said, people):
    """Papineni et al. 2002: clipped counts over the test set, the closest reference's length."""
    own, wanted = tokenised(said, people)
    logs = 0.0
    for n in range(1, 5):
        matched = total = 0
        for words, of_image in zip(own, wanted, strict=True):
            for gram, count in counts(words, n).items():
                matched += min(count, max(counts(one, n)[gram] for one in of_image))
                total += count
        logs += math.log(max(matched, 1e-9) / total) / 4
    closest = [
        min((abs(len(one) - len(words)), len(one)) for one in of_image)[1]
        for words, of_image in zip(own, wanted, strict=True)
    ]
    length = sum(len(words) for words in own)
    return 100 * math.exp(logs) * min(1.0, math.exp(1 - sum(closest) / length))


def matched(own, other):
    """Pairs of places with equal words, taken from the end, and what is left of both."""
    own, other, pairs = list(own), list(other), []
    for place in reversed(own):
        found = next((there for there in reversed(other) if there[1] == place[1]), None)
        if found:
            pairs.append((place[0], found[0]))
            other.remove(found)
    taken = {i for i, _ in pairs}
    return pairs, [place for place in own if place[0] not in taken], other


@functools.cache
def stem(word):
    from nltk.stem.porter import PorterStemmer

    return PorterStemmer().stem(word)


def meteor(words, reference):
    stemmed = lambda places: [(i, stem(word)) for i, word in places]
    pairs, own, other = matched(enumerate(words), enumerate(reference))
    more, _, _ = matched(stemmed(own), stemmed(other))
    pairs = sorted(pairs + more)
    if not pairs:
        return 0.0
    chunks = 1 + sum((c, d) != (a + 1, b + 1) for (a, b), (c, d) in zip(pairs[:-1], pairs[1:], strict=True))
    precision, recall = len(pairs) / len(words), len(pairs) / len(reference)
    mean = precision * recall / (0.9 * precision + 0.1 * recall)
    return mean * (1 - 0.5 * (chunks / len(pairs)) ** 3)


@replicates(metrics.meteor_exact_stem, cases=SETS)
def meteor_exact_stem(said, people):
    """Banerjee and Lavie 2005, without synonyms."""
    pairs = zip(*tokenised(said, people), strict=True)
    return 100 * np.mean([max(meteor(words, one) for one in of_image) for words, of_image in pairs])


def common(a, b):
    """Length of the longest common subsequence."""
    if not a or not b:
        return 0
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, one in enumerate(a):
        for j, other in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if one == other else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@replicates(metrics.rouge_l, cases=SETS)
def rouge_l(said, people):
    """Lin 2004, beta 1.2; the best precision and the best recall."""
    scores = []
    for words, of_image in zip(*tokenised(said, people), strict=True):
        precision = max(common(words, one) / len(words) for one in of_image)
        recall = max(common(words, one) / len(one) for one in of_image)
        under = recall + 1.44 * precision
        scores.append(2.44 * precision * recall / under if under else 0.0)
    return 100 * np.mean(scores)


@replicates(metrics.cider_d, cases=SETS, rtol=1e-6)
def cider_d(said, people):
    """Vedantam et al. 2015, eq. 1 to 4 and 7 to 8."""
    own, wanted = tokenised(said, people)
    images = len(own)

    def weighted(words, n):
        known = lambda gram: sum(any(counts(one, n)[gram] for one in of_image) for of_image in wanted)
        return {gram: k * math.log(images / max(known(gram), 1)) for gram, k in counts(words, n).items()}

    def likeness(words, reference, n):
        a, b = weighted(words, n), weighted(reference, n)
        norms = math.sqrt(sum(v * v for v in a.values())) * math.sqrt(sum(v * v for v in b.values()))
        clipped = sum(min(value, b.get(gram, 0.0)) * b.get(gram, 0.0) for gram, value in a.items())
        return clipped / (norms or 1.0) * math.exp(-((len(words) - len(reference)) ** 2) / 72)

    scores = [
        np.mean([likeness(words, one, n) for one in of_image for n in range(1, 5)])
        for words, of_image in zip(own, wanted, strict=True)
    ]
    return 1000 * np.mean(scores)


@replicates(metrics.caption_scores, cases=SETS, rtol=1e-5, atol=1e-3)
def caption_scores(said, people):
    return tuple(score(said, people) for score in (bleu4, meteor_exact_stem, cider_d, rouge_l))
