"""Scores of captions: against sacrebleu, against definitions written out, cases made by hand, and what is refused."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jxai.metrics import CaptionScores, bleu4, caption_scores, caption_tokens, cider_d, meteor_exact_stem, rouge_l

SAID = ["this bird has a red crown and a black bill", "a small brown bird with white spots", "the gull is grey"]
PEOPLE = [
    ["this bird has a red crown and a short black bill .", "A red bird, with a black bill."],
    ["a small bird with brown wings and white spots", "brown bird with spots", "this is a small brown bird"],
    ["a grey gull with yellow legs"],
]
SCORES = (bleu4, meteor_exact_stem, rouge_l, cider_d)


def test_bleu_equals_sacrebleus():
    sacrebleu = pytest.importorskip("sacrebleu")
    said = [" ".join(caption_tokens(sentence)) for sentence in SAID]
    people = [[" ".join(caption_tokens(sentence)) for sentence in of_image] for of_image in PEOPLE]
    streams = [[of[k] if k < len(of) else None for of in people] for k in range(3)]
    wanted = sacrebleu.corpus_bleu(said, streams, tokenize="none", smooth_method="none", force=True)
    assert bleu4(SAID, PEOPLE) == pytest.approx(wanted.score, abs=1e-4) and wanted.score > 10


def test_bleu_by_hand():
    """5 of 6 words, 4 of 5 pairs, 3 of 4, 2 of 3; candidate of 6 words, closest reference of 7."""
    said, people = ["a b c d e x"], [["a b c d e f g", "a b"]]
    precisions = (5 / 6) * (4 / 5) * (3 / 4) * (2 / 3)
    assert bleu4(said, people) == pytest.approx(100 * math.exp(1 - 7 / 6) * precisions**0.25, rel=1e-6)


def test_bleu_is_of_the_corpus_not_a_mean():
    one, two = bleu4(SAID[:1], PEOPLE[:1]), bleu4(SAID[1:2], PEOPLE[1:2])
    assert abs(bleu4(SAID[:2], PEOPLE[:2]) - (one + two) / 2) > 1


def test_meteor_by_hand():
    """Five words aligned, all of six in order but for one: one chunk; then stems count as words do."""
    fmean, penalty = (5 / 6) * 1 / (0.9 * (5 / 6) + 0.1), 0.5 * (1 / 5) ** 3
    assert meteor_exact_stem(["a b c d e f"], [["a b c d e"]]) == pytest.approx(100 * fmean * (1 - penalty))
    assert meteor_exact_stem(["red wings"], [["red wing"]]) == pytest.approx(100 * (1 - 0.5 / 8))
    assert meteor_exact_stem(["big wings"], [["large wings"]]) == pytest.approx(50 * 0.5), "no synonyms"


def test_meteor_takes_the_best_reference():
    alone = [meteor_exact_stem(SAID[:1], [[reference]]) for reference in PEOPLE[0]]
    assert meteor_exact_stem(SAID[:1], PEOPLE[:1]) == pytest.approx(max(alone))


def test_rouge_by_hand():
    """Common subsequences of 3 of 4 and 3 of 5 words: the best precision and the best recall."""
    precision, recall = 3 / 4, 3 / 5
    wanted = 100 * (1 + 1.44) * precision * recall / (recall + 1.44 * precision)
    assert rouge_l(["a b c x"], [["a y b z c"]]) == pytest.approx(wanted)
    assert rouge_l(["a b"], [["x y"]]) == 0


def test_cider_by_hand():
    """Two images, weights log 2 where one image has the word, 0 where both have: of words 1, of pairs 1, no more."""
    said, people = ["a red bird", "a blue car"], [["a red bird"], ["a blue car"]]
    assert cider_d(said, people) == pytest.approx(100 * 10 * 3 / 4), "no 4-gram: three of four are 1"
    swapped = cider_d(said, people[::-1])
    assert swapped == 0, "only the word of weight 0 is shared"
    longer = cider_d(["a red bird here", said[1]], people)
    share = [(2 / math.sqrt(2 * 3)), (2 / math.sqrt(2 * 3)), (1 / math.sqrt(2))]
    gauss = math.exp(-1 / 72)
    assert longer == pytest.approx(1000 * (sum(share) * gauss + 3) / 4 / 2)


def test_all_at_once_are_the_four():
    found = caption_scores(SAID, PEOPLE)
    wanted = (bleu4(SAID, PEOPLE), meteor_exact_stem(SAID, PEOPLE), cider_d(SAID, PEOPLE), rouge_l(SAID, PEOPLE))
    assert found == CaptionScores(*wanted) and all(isinstance(score, float) for score in found)


@pytest.mark.parametrize("score", SCORES)
def test_case_and_punctuation_do_not_count(score):
    loud = [f"{sentence.capitalize()}!" for sentence in SAID]
    assert score(loud, PEOPLE) == pytest.approx(score(SAID, PEOPLE))


def test_a_tokeniser_of_ones_own():
    assert bleu4(["a.b.c.d.e"], [["a.b.c.d.x"]], tokenise=lambda sentence: sentence.split(".")) == pytest.approx(
        100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25, rel=1e-6
    )


WORDS = st.lists(st.sampled_from("red blue bird wing wings bill".split()), min_size=1, max_size=9).map(" ".join)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(WORDS, st.lists(WORDS, min_size=1, max_size=3)), min_size=2, max_size=4))
def test_within_range_and_best_for_a_copy(images):
    said, people = [own for own, _ in images], [of_image for _, of_image in images]
    for score in (bleu4, meteor_exact_stem, rouge_l):
        assert -1e-9 <= score(said, people) <= 100 + 1e-9
    copied = [[own, *of_image] for own, of_image in images]
    assert rouge_l(said, copied) == pytest.approx(100)
    assert meteor_exact_stem(said, copied) >= meteor_exact_stem(said, people) - 1e-9
    assert 0 <= cider_d(said, people) <= 1000 + 1e-6


@pytest.mark.parametrize(
    ("said", "people", "message"),
    [
        ([], [], "0 sentences and the references of 0 images"),
        (["a bird"], [["a"], ["b"]], "1 sentences and the references of 2 images"),
        (["a bird", "a car"], [["a"], []], "1 have none, image 1 first"),
        (["a bird", " ."], [["a"], ["b"]], "a generated one of image 1 has none: ' .'"),
        (["a bird", "a car"], [["a"], ["b", "?!"]], "a reference one of image 1 has none: .\\?!"),
        (["a bird"], ["a bird"], "a string came for a list"),
        ("a bird", [["a"]] * 6, "a string came for a list"),
    ],
)
@pytest.mark.parametrize("score", [bleu4, caption_scores])
def test_refusals(score, said, people, message):
    with pytest.raises(ValueError, match=message):
        score(said, people)


def test_cider_of_one_image_is_refused():
    with pytest.raises(ValueError, match="at least two images"):
        cider_d(["a bird"], [["a bird"]])


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("This bird's bill isn't 2.5 cm; short.", ["this", "bird", "'s", "bill", "is", "n't", "2.5", "cm", "short"]),
        ("white-crowned, black/white (male)", ["white-crowned", "black", "white", "male"]),
        ("a wing.the tail", ["a", "wing", "the", "tail"]),
        ("it\u2019s ...", ["it", "'s"]),
        ("it 's 'small' , is n't it ?", ["it", "'s", "small", "is", "n't", "it"]),
        ("", []),
    ],
)  # fmt: skip
def test_tokens(sentence, words):
    assert caption_tokens(sentence) == words


def test_tokens_of_real_captions_are_the_treebanks(shared_data):
    """But for punctuation, and marks that the Treebank leaves on a word, as the stop within a text."""
    treebank = pytest.importorskip("nltk.tokenize.treebank").TreebankWordTokenizer()
    captions = json.loads((shared_data / "cub" / "captions.json").read_text())
    sentences = [sentence for of_image in list(captions.values())[::40] for sentence in of_image]
    plain = [s for s in sentences if all(c.isalnum() or c in " ,.'-" for c in s) and "." not in s.rstrip(". ")]
    same = [caption_tokens(s) == [w for w in treebank.tokenize(s.lower()) if any(map(str.isalnum, w))] for s in plain]
    assert len(plain) > 500 and sum(same) / len(same) > 0.98


def test_people_describe_birds_alike(shared_data):
    """One of ten sentences against the others: as far as these scores go with people; to spot a wrong scale."""
    captions = json.loads((shared_data / "cub" / "captions.json").read_text())
    some = list(captions.values())[::60]
    found = caption_scores([of_image[0] for of_image in some], [of_image[1:] for of_image in some])
    assert 20 < found.bleu4 < 60 and 20 < found.meteor_exact_stem < 60 and 30 < found.rouge_l < 80
    assert 10 < found.cider_d < 200
