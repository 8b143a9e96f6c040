"""Sentences to tokens and back."""

import numpy as np
import pytest

from jxai.language import START, UNKNOWN, because, decode, encode, longest, tokenise, vocabulary

CAPTIONS = [
    "This bird has a red crown, and a black beak.",
    "small red bird with black cheekpatch and striped belly",
    "A red-crowned bird!",
]


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("A bird", ["a", "bird", "."]),
        ("a bird .", ["a", "bird", "."]),
        ("a  'red' (dark)\nbird...", ["a", "red", "dark", "bird", "."]),
        ("Is it red? It's red!", ["is", "it", "red", ".", "it's", "red", "."]),
        ("3.5 inch, medium-sized", ["3.5", "inch", ",", "medium-sized", "."]),
        ("a 5-inch Bélier; wings: 2", ["a", "5-inch", "bélier", ";", "wings", ":", "2", "."]),
        ("white/grey & black -- bird", ["white", "grey", "&", "black", "bird", "."]),
    ],
)
def test_words_of_a_sentence(sentence, words):
    assert tokenise(sentence) == words


def test_frequent_words_in_alphabetical_order():
    assert vocabulary(CAPTIONS, least=2).words == ("<s>", "<unk>", ".", "a", "and", "bird", "black", "red")
    everything = vocabulary(CAPTIONS, least=1)
    assert everything.words[START] == "<s>" and everything.words[UNKNOWN] == "<unk>"
    assert list(everything.words[2:]) == sorted({word for caption in CAPTIONS for word in tokenise(caption)})
    assert everything.words[everything.stop] == "." and everything.tokens["red"] == everything.words.index("red")
    assert vocabulary(iter(CAPTIONS), least=3).words == ("<s>", "<unk>", ".", "a", "bird")


def test_the_stop_is_always_a_word():
    assert "." in vocabulary(["red red"], least=2).words


@pytest.mark.parametrize("sentence", CAPTIONS)
def test_there_and_back(sentence):
    words = vocabulary(CAPTIONS, least=1)
    tokens = encode(words, sentence, longest(CAPTIONS) + 3)
    assert tokens.dtype == np.int32 and tokens.shape == (longest(CAPTIONS) + 3,)
    assert decode(words, tokens) == sentence.lower().rstrip(".!") + "."
    end = tokens.tolist().index(words.stop)
    assert not tokens[end + 1 :].any() and START not in tokens[: end + 1]


def test_longest_is_just_enough():
    words = vocabulary(CAPTIONS, least=1)
    assert longest(CAPTIONS) == len(tokenise(CAPTIONS[0]))
    assert encode(words, CAPTIONS[0], longest(CAPTIONS))[-1] == words.stop
    with pytest.raises(ValueError, match=f"has {longest(CAPTIONS)} tokens"):
        encode(words, CAPTIONS[0], longest(CAPTIONS) - 1)


def test_of_two_sentences_the_first_is_encoded():
    words = vocabulary(CAPTIONS, least=1)
    assert decode(words, encode(words, "A red bird. It has a beak.", 12)) == "a red bird."


def test_an_unseen_word():
    words = vocabulary(CAPTIONS, least=1)
    assert encode(words, "a turquoise bird", 4).tolist()[1] == UNKNOWN
    assert decode(words, encode(words, "a turquoise bird", 4)) == "a <unk> bird."


def test_tokens_without_a_stop_end_all_the_same():
    words = vocabulary(CAPTIONS, least=1)
    a, bird = words.tokens["a"], words.tokens["bird"]
    assert decode(words, [a, bird]) == decode(words, [a, bird, words.stop, a, a]) == "a bird."
    assert decode(words, [words.stop]) == decode(words, []) == "."


@pytest.mark.parametrize(
    ("name", "article"),
    [
        ("Cardinal", "a"), ("Orchard Oriole", "an"), ("American Goldfinch", "an"), ("European Starling", "a"),
        ("Ivory Gull", "an"), ("Upland Sandpiper", "an"), ("unicorn", "a"), ("hour", "an"), ("one-legged man", "a"),
        ("umbrella", "an"), ("Ewe", "a"), ("ultramarine bird", "an"), ("uninvited guest", "an"),
    ],
)  # fmt: skip
def test_articles(name, article):
    assert because(name, "it is.") == f"This is {article} {name} because it is."


def test_bad_input():
    words = vocabulary(CAPTIONS, least=1)
    for empty in ("", "  ", "...", '"'):
        with pytest.raises(ValueError, match="at least one word"):
            tokenise(empty)
    with pytest.raises(ValueError, match="caption 1: a sentence needs"):
        vocabulary(["a bird", ""])
    with pytest.raises(TypeError):
        vocabulary(["a bird", float("nan")])
    with pytest.raises(TypeError, match="one string came"):
        vocabulary("a bird")
    for function in (vocabulary, longest):
        with pytest.raises(ValueError, match="at least one caption"):
            function([])
    with pytest.raises(ValueError, match="no word occurs 3 times or more in 1 sentences"):
        vocabulary(["a bird"])
    with pytest.raises(ValueError, match="least must be above zero"):
        vocabulary(CAPTIONS, least=0)
    for tokens in ([[3, 4]], [99], [-1]):
        with pytest.raises(ValueError, match="tokens are a vector"):
            decode(words, tokens)
