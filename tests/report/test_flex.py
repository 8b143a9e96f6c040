"""Sentences as pictures and in a page: words marked, labels apart, maps on their image."""

import re

import numpy as np
import pytest

from jxai.report.colours import PALETTE
from jxai.report.drawing import Piece, flow, length, shorten
from jxai.report.flex import Justification, Sentence, Word, WordMap, source
from jxai.report.flex_figures import annotation_figure, mistake_figure, sentences_figure, words_figure
from jxai.report.labels import Place, labels
from jxai.report.pages import render
from jxai.report.sections import Note, Page, Picture, Prediction
from tests.browser import dom_of, in_browser, needs_browser

RNG = np.random.default_rng(0)
GREY = np.full((48, 64, 3), 120, np.uint8)
EVIL = "<script>alert('x')</script>"
BLUE = tuple(int(PALETTE[0][k : k + 2], 16) for k in (1, 3, 5))
GREEN = tuple(int(PALETTE[2][k : k + 2], 16) for k in (1, 3, 5))


def sentence(text="this bird has a red crown , and black wings .", decisive=("crown",), method="FLEX"):
    return Sentence(tuple(Word(w, w in decisive, 1.25 if w in decisive else None) for w in text.split()), method)


def blob(y=12, x=20):
    rows, columns = np.mgrid[:24, :32]
    return np.exp(-((rows - y / 2) ** 2 + (columns - x / 2) ** 2) / 8)


def justification(**given):
    usual = {
        "title": "one",
        "picture": Picture(GREY, "seen"),
        "claim": "This is a Cardinal because",
        "label": "Cardinal",
        "sentences": (sentence(), sentence("a bird .", (), "GVE")),
    }
    return Justification(**(usual | given))


def full(**given):
    more = {
        "heat": blob(),
        "predictions": (Prediction("Cardinal", 0.7), Prediction("Tanager", 0.2, True)),
        "truth": "Tanager",
        "typical": (GREY, GREY[:40]),
        "maps": (WordMap("crown", blob(), "block3, channel 4"), WordMap(f"red {EVIL}", blob(30, 50))),
        "places": (Place("crown", (0.3, 0.2)), Place("beak", (0.31, 0.22)), Place(EVIL[:12], (0.9, 0.8))),
    }
    return justification(**(more | given))


def of_colour(picture, colour):
    return np.abs(picture.astype(int) - np.array(colour)).max(-1) < 40


def test_a_sentence_reads_as_written():
    assert sentence().text == "This bird has a red crown, and black wings."
    with pytest.raises(ValueError, match="GVE said nothing"):
        Sentence((), "GVE")


def test_relevant_words_are_ranked_and_named_once():
    words = (Word("red", True, 0.5), Word("the", False, 0.0), Word("crown", True, 2.0), Word("red", True, 0.5))
    given = justification(sentences=(Sentence(words), Sentence(words)))
    assert [word.text for word in given.relevant] == ["crown", "red"]


def test_mistaken_is_about_the_truth():
    assert full().mistaken and not full(truth="Cardinal").mistaken and not justification().mistaken


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: justification(sentences=()), "expected a sentence or more"),
        (lambda: justification(heat=-blob()), "'one': expected a finite map"),
        (lambda: WordMap("beak", np.array([[np.nan]])), "'beak': expected a finite map"),
        (lambda: WordMap("beak", np.ones(3)), r"got shape \(3,\)"),
        (lambda: Place("beak", (0.5, 1.2)), r"within 0..1, got \(0.5, 1.2\)"),
        (lambda: words_figure(GREY, []), "expected a word"),
        (lambda: sentences_figure([]), "expected a justification"),
        (lambda: mistake_figure(justification()), "typical images of Cardinal, got none"),
    ],
)
def test_refusals(make, says):
    with pytest.raises(ValueError, match=says):
        make()


@pytest.mark.parametrize("count", [1, 2, 7, 30])
@pytest.mark.parametrize("crowd", [0.0, 0.02, 1.0])
def test_labels_stand_apart_beside_the_picture(count, crowd):
    points = 0.5 + crowd * (RNG.random((count, 2)) - 0.5)
    found = labels([Place(f"word {k}", tuple(point)) for k, point in enumerate(points.tolist())], gap=0.1)
    assert sorted(label.point for label in found) == sorted(tuple(point) for point in points.tolist())
    for side in (True, False):
        column = [label for label in found if label.left == side]
        heights = [label.y for label in column]
        gap = min(0.1, 1 / max(len(column), 1))
        assert (np.diff(heights) > gap - 1e-9).all()
        assert all(gap / 2 - 1e-9 <= y <= 1 - gap / 2 + 1e-9 for y in heights)
        assert [label.point[1] for label in column] == sorted(label.point[1] for label in column)
    if count <= 10 and crowd == 1.0:
        assert all(label.left == (label.point[0] < 0.5) for label in found)


def test_labels_with_room_stay_at_their_points_height():
    places = [Place("eye", (0.1, 0.2)), Place("foot", (0.2, 0.9)), Place("a very long name of a part", (0.8, 0.5))]
    found = labels(places)
    assert [label.y for label in found] == pytest.approx([0.2, 0.9, 0.5])
    assert len(found[2].word) <= 16 and found[2].word.endswith("…")


def test_text_flows_within_its_width_and_keeps_what_is_glued():
    pieces = [Piece(" ", word) for word in "a small bird with grey wings and a black tail".split()] + [Piece("", ",")]
    lines = flow(pieces, 1.2)
    assert (
        len(lines) > 2
        and " ".join(p.text for line in lines for p in line) == "a small bird with grey wings and a black tail ,"
    )
    assert all(line[-1].x + length(line[-1].text) <= 1.2 for line in lines)
    assert lines[-1][-2].text == "tail" and lines[-1][-1].x == pytest.approx(lines[-1][-2].x + length("tail"))
    assert [[p.text for p in line] for line in flow([Piece("", "word")], 0.01)] == [["word"]]
    assert shorten("upperparts", 0.4).endswith("…") and length(shorten("upperparts", 0.4)) <= 0.4


def test_figure_of_sentences_marks_decisive_words():
    marked, plain = (sentences_figure([justification(sentences=(sentence(decisive=d),))]) for d in (("crown",), ()))
    assert of_colour(marked, BLUE).sum() > 50 and of_colour(plain, BLUE).sum() == 0
    rows = np.flatnonzero(of_colour(marked, BLUE).sum(1) > 25)
    assert len(rows)  # the line below the word
    hot = sentences_figure([justification(heat=blob())]).astype(int)
    assert (hot[..., 0] - hot[..., 2]).max() > 100 > (plain[..., 0].astype(int) - plain[..., 2]).max()  # orange
    assert sentences_figure([justification(), full()]).shape[0] > marked.shape[0] * 1.8


def test_figure_grows_with_long_sentences():
    many = tuple(sentence(" ".join(["speckled"] * 40), (), method) for method in ("FLEX", "GVE", "MME"))
    assert sentences_figure([justification(sentences=many)]).shape[0] > sentences_figure([justification()]).shape[0]


def test_figure_of_a_mistake_has_typical_images():
    narrow, wide = (mistake_figure(full(typical=(GREY,) * count)) for count in (2, 3))
    assert wide.shape[1] > narrow.shape[1] and wide.shape[0] == narrow.shape[0]
    assert mistake_figure(full(typical=(GREY,) * 9)).shape == wide.shape


def test_figure_of_words_has_a_tile_for_each():
    one, four = (words_figure(GREY, [WordMap("beak", blob(), "block1")] * count) for count in (1, 4))
    assert four.shape[0] > 1.8 * one.shape[0]
    assert one.max() == 255 and (source(full(), blob()) == source(full(), 7 * blob())).all()  # each its own scale


def test_figure_of_places_has_dots_where_the_points_are():
    tall = np.full((80, 40, 3), (255, 0, 0), np.uint8)
    picture = annotation_figure(tall, [Place("beak", (0.25, 0.75))])
    inside = of_colour(picture, (255, 0, 0)).nonzero()
    top, left, bottom, right = inside[0].min(), inside[1].min(), inside[0].max(), inside[1].max()
    found = np.argwhere(of_colour(picture, GREEN)).mean(0)
    expected = top + 0.75 * (bottom - top), left + 0.25 * (right - left)
    np.testing.assert_allclose(found, expected, atol=3)
    assert annotation_figure(GREY, []).shape[0] == annotation_figure(GREY, [Place("beak", (0.1, 0.1))]).shape[0]


def test_page_escapes_everything_and_has_no_script():
    text = render(Page("Words", (full(text=EVIL, claim=EVIL), Note("How", ("x",)))))
    assert "<script" not in text and "&lt;script" in text
    assert not re.search(r"https?://(?!www\.w3\.org)|@import|url\(", text)
    assert re.search(r"<mark[^>]*>crown</mark>, and black wings\.", text)
    assert "relevance 1.2" in text and "✗ mistaken" in text and text.count("<circle") == 3
    bare = render(Page("Words", (justification(), Note("How", ("x",)))))
    assert "<svg" not in bare and "Where the words come from" not in bare and "Grad-CAM" not in bare
    assert ".reasons" not in render(Page("Other", (Note("How", ("x",)),)))


LABELS = """
const boxes = [...document.querySelectorAll('svg text')].map(text => text.getBoundingClientRect());
const image = document.querySelector('svg image').getBoundingClientRect();
const svg = document.querySelector('svg').getBoundingClientRect();
const over = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom - 2 && b.top < a.bottom - 2;
return { onImage: boxes.some(box => over(box, image)),
  within: boxes.every(box => box.left >= svg.left - 1 && box.right <= svg.right + 1),
  overlaps: boxes.some((box, k) => boxes.slice(k + 1).some(other => over(box, other))),
  overflow: document.documentElement.scrollWidth - innerWidth, count: boxes.length };
"""


@needs_browser
def test_labels_in_the_page_lie_on_nothing(tmp_path):
    names = ("crown", "primary coverts", "beak", "WWWWWWWWWWWWWWWW", "tail", "left wing", "feet", "eye", "nape")
    places = tuple(Place(name, (0.3 + 0.02 * k, 0.5 + 0.01 * k)) for k, name in enumerate(names))
    found = in_browser(render(Page("Words", (full(places=places),))), LABELS, tmp_path)
    assert found["count"] == 9 and not found["onImage"] and not found["overlaps"] and found["within"]
    assert found["overflow"] <= 0


@needs_browser
def test_policy_lets_the_page_show_its_pictures(tmp_path):
    text = render(Page("Words", (full(),)))
    assert "<svg" in dom_of(text, tmp_path) and "img-src data:" in text
