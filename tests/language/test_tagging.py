"""Nouns and adjectives, variants, and who mentions them."""

import numpy as np
import pytest

from jxai.language import (
    content_words,
    mention_table,
    mentions,
    read_variants,
    textblob_tagger,
    variant_matrix,
    vocabulary,
)

CAPTIONS = [
    "this bird has a red crown and a black beak.",
    "a small red bird with black cheeks and striped wings",
    "the bird has a long tail, and its wing is very dark",
]
WORDS = vocabulary(CAPTIONS, least=1)
VARIANTS = {"wing": ("wings", "winged"), "stripes": ("striped",), "crown": ("crest",)}


def named(found):
    return {word for word, there in zip(WORDS.words, found, strict=True) if there}


def test_nouns_and_adjectives():
    expected = {"bird", "crown", "black", "beak", "small", "cheeks", "striped", "wings", "long", "tail", "wing", "dark"}
    assert named(content_words(WORDS, CAPTIONS)) == expected | {"red"}
    assert named(content_words(WORDS, CAPTIONS, exclude=["bird"])) == (expected | {"red"}) - {"bird"}


def test_participles_are_adjectives_right_before_a_noun():
    tags = textblob_tagger("a grey-crowned spotted bird perched on a branch .".split())
    assert tags[1:5] == ["JJ", "JJ", "NN", "VBN"] or tags[1:4] == ["JJ", "JJ", "NN"]
    assert not tags[4].startswith("JJ")


def test_a_tagger_of_ones_own_decides_by_the_majority():
    """`red` is a noun twice and a verb once, `a` once an adjective and three times not."""
    seen = []

    def tagger(words):
        seen.append(list(words))
        first = len(seen) == 1
        return [
            "VB" if first and w == "red" else "NNS" if w == "red" else "JJ" if first and w == "a" else "DT"
            for w in words
        ]

    captions = ["a red a", "a red", "red bird", "a bird"]
    words = vocabulary(captions, least=1)
    found = content_words(words, captions, tagger=tagger)
    assert [w for w, there in zip(words.words, found, strict=True) if there] == ["red"]
    assert seen == [["a", "red", "a", "."], ["a", "red", "."], ["red", "bird", "."], ["a", "bird", "."]]


def test_equal_sentences_count_each_but_are_tagged_once():
    calls = []

    def tagger(words):
        calls.append(words)
        return ["NN" if len(words) == 2 and word == "red" else "DT" for word in words]

    captions = ["red", "red", "a red"]
    words = vocabulary(captions, least=1)
    assert content_words(words, captions, tagger=tagger)[words.tokens["red"]]
    assert len(calls) == 2


def test_punctuation_is_no_content_whatever_the_tagger_says():
    found = content_words(WORDS, CAPTIONS, tagger=lambda words: ["NN"] * len(words))
    assert named(found) == set(WORDS.words) - {"<s>", "<unk>", ".", ","}


def test_tagging_that_fails():
    with pytest.raises(ValueError, match="no word of the vocabulary is a noun or an adjective"):
        content_words(WORDS, CAPTIONS, tagger=lambda words: ["DT"] * len(words))
    with pytest.raises(ValueError, match="returned 1 tags for 11 words"):
        content_words(WORDS, CAPTIONS, tagger=lambda words: ["NN"])
    with pytest.raises(ValueError, match="words of the vocabulary; ostrich came"):
        content_words(WORDS, CAPTIONS, exclude=["bird", "ostrich"])


def test_mentions():
    assert named(mentions(WORDS, CAPTIONS[:1])) == {
        "this",
        "bird",
        "has",
        "a",
        "red",
        "crown",
        "and",
        "black",
        "beak",
        ".",
    }
    content = content_words(WORDS, CAPTIONS)
    assert named(mentions(WORDS, CAPTIONS[:1], content)) == {"bird", "red", "crown", "black", "beak"}
    assert named(mentions(WORDS, ["an emerald-green bird"], content)) == {"bird"}  # an unseen word


def test_a_variant_counts_as_its_word_where_the_vocabulary_has_that():
    found = named(mentions(WORDS, ["striped wings with a crest"], variants=VARIANTS))
    assert found == {"striped", "wing", "with", "a", "crown", "."}


def test_images_without_captions():
    table = mention_table(WORDS, [CAPTIONS[:1], CAPTIONS[1:]])
    np.testing.assert_array_equal(table, [mentions(WORDS, CAPTIONS[:1]), mentions(WORDS, CAPTIONS[1:])])
    with pytest.raises(ValueError, match="images without captions: 1, 3:"):
        mention_table(WORDS, [CAPTIONS, [], CAPTIONS, ()])
    with pytest.raises(ValueError, match=r"8, 9, \.\.\. \(12 in all\)"):
        mention_table(WORDS, [[]] * 12)
    with pytest.raises(ValueError, match="the image has no captions"):
        mentions(WORDS, [])
    with pytest.raises(ValueError, match="at least one word"):
        mentions(WORDS, ["a bird", ""])
    with pytest.raises(TypeError, match="one string came"):
        mentions(WORDS, "a bird")


def test_the_matrix_of_variants():
    found = variant_matrix(WORDS, VARIANTS)
    rows, columns = found.nonzero()
    assert [(WORDS.words[r], WORDS.words[c]) for r, c in zip(rows, columns, strict=True)] == [("wing", "wings")]


def test_a_file_of_variants(tmp_path):
    file = tmp_path / "lemma.txt"
    file.write_text("wings#wing\nStriped#stripes\n\nspecked#speckled\nspeckled#speckles\nbeak#beak\na#b\nb#a\n")
    found = read_variants(file)
    assert found["wing"] == ("wings",) and found["stripes"] == ("striped",) and "beak" not in found
    assert found["speckles"] == ("specked", "speckled")
    for line in ("wings wing", "wings#", "#wing", "a#b#c"):
        file.write_text(f"wings#wing\n{line}\n")
        with pytest.raises(ValueError, match="line 2: expected 'variant#word'"):
            read_variants(file)
    with pytest.raises(FileNotFoundError):
        read_variants(tmp_path / "none.txt")


def test_the_released_variants(shared_data):
    found = read_variants(shared_data / "cub" / "lemma.txt")
    assert "wings" in found["wing"] and {"striped", "stripe", "streaks"} <= set(found["stripes"])
    assert sum(map(len, found.values())) >= 150
