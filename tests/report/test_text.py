"""Highlighted text: escaped, readable in every mode, and without colour."""

import re

import numpy as np
import pytest

from jxai.report.colours import DIVERGING, DIVERGING_DARK, ink
from jxai.report.pages import render
from jxai.report.sections import Page, Passage, Prediction, Words, WordsGroup
from jxai.report.text import STYLE, html, terminal
from tests.report.test_colours import DEUTERANOPIA, linear, luminance
from tests.report.test_pages import EVIL, Reader

WORDS = ("A", "dull", EVIL, "film", ",", "but", "charming")
VALUES = np.array([0.0, -0.6, 0.1, 0.02, -0.1, 0.25, 0.75])
SPACES = (True, True, True, False, True, True, True)


def example(**changes):
    return Words(**dict(words=WORDS, values=VALUES, caption="lime", detail=f"0.1 s {EVIL}", spaces=SPACES) | changes)


def spans(text):
    """Word -> its attributes, of the highlighted words."""
    found = re.findall(r'<span title="([^"]*)" style="([^"]*)">([^<]*)</span>', text)
    return {word: (title, dict(part.split(":", 1) for part in style.split(";"))) for title, style, word in found}


def test_every_word_has_its_value_and_text_is_escaped():
    text = html(example())
    reader = Reader(text)
    assert "<script" not in text and not reader.open
    assert "A dull " + EVIL + " film, but charming" in "".join(reader.words)
    found = spans(text)
    assert found["dull"][0] == "dull: −0.6" and found["charming"][0] == "charming: +0.75"
    assert len(found) == len(WORDS)


def test_colours_are_those_of_the_maps_and_the_bar_tells_the_sign():
    found = {word: style for word, (_, style) in spans(html(example())).items()}
    assert found["A"]["--light"] == "#ffffff"
    assert found["charming"]["--light"] == "#" + "".join(f"{round(255 * c):02x}" for c in DIVERGING(1.0)[:3])
    assert found["charming"]["border-top-width"] == "3px" and "border-bottom-width" not in found["charming"]
    assert found["dull"]["border-bottom-width"] == "2px" and "border-top-width" not in found["dull"]
    assert found["but"]["border-top-width"] == "1px"
    assert not any(name.startswith("border") for name in found["film"])


def test_a_limit_of_ones_own_is_a_shared_scale():
    found = {word: style for word, (_, style) in spans(html(example(), limit=1.5)).items()}
    assert found["charming"]["border-top-width"] == "2px"
    assert "−1.5" in html(example(), limit=1.5) and "−0.75" in html(example())
    beyond = spans(html(example(), limit=0.1))["charming"][1]
    assert beyond["--light"] == spans(html(example()))["charming"][1]["--light"]
    for view in (html, terminal):
        with pytest.raises(ValueError, match="limit must be above zero; limit=0 came"):
            view(example(), limit=0)


@pytest.mark.parametrize("colours", [DIVERGING, DIVERGING_DARK])
def test_words_are_read_on_every_colour(colours):
    for colour in colours(np.linspace(0, 1, 511)):
        pair = sorted([float(luminance(colour)), {"#000000": 0.0, "#ffffff": 1.0}[ink(colour)]])
        assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5


@pytest.mark.parametrize("sight", [np.eye(3), DEUTERANOPIA])
def test_the_dark_colours_brighten_evenly_and_differ_for_colour_blind_eyes(sight):
    light = luminance(DIVERGING_DARK(np.linspace(0, 1, 511)))
    assert (np.diff(light[:255]) < 0).all() and (np.diff(light[256:]) > 0).all()
    np.testing.assert_allclose(np.cbrt(light), np.cbrt(light[::-1]), atol=0.08)
    against, favour = (linear(DIVERGING_DARK(level)) @ sight.T for level in (0.2, 0.8))
    assert np.abs(against - favour).max() > 0.25


def test_the_strongest_words_stand_in_a_table():
    text = re.sub(r"\s+", " ", " ".join(Reader(html(example())).words))
    table = text[text.index("Values of the words") :]
    assert re.search(r"Word Place Value charming 7 \+0\.75 dull 2 −0\.6 but 6 \+0\.25", table)
    many = Words([f"w{i}" for i in range(50)], np.arange(50.0))
    assert "Values of the 20 strongest words" in html(many) and html(many).count("<tr>") == 21


def test_terminal_without_colour():
    lines = terminal(example(words=(*WORDS[:2], "\x1b[31mred", *WORDS[3:])), colour=False).split("\n")
    assert lines[0] == f"lime 0.1 s {EVIL}"
    assert lines[1] == "A dull-- �[31mred film, but+ charming+++"
    assert lines[2] == "+++ for, --- against; full strength 0.75"
    assert lines[3].startswith("strongest: charming +0.75, dull −0.6, but +0.25")


def test_terminal_colours_the_same_text():
    plain, coloured = (terminal(example(), colour=colour) for colour in (False, True))
    assert "\x1b[" not in plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    strongest = re.search(r"\x1b\[38;2;255;255;255;48;2;(\d+);(\d+);(\d+)mcharming", coloured)
    np.testing.assert_allclose([int(c) for c in strongest.groups()], 255 * np.array(DIVERGING(1.0)[:3]), atol=1)


def test_terminal_breaks_lines_between_words():
    lines = terminal(Words(["word"] * 30, np.ones(30)), colour=False, width=40).split("\n")
    assert max(map(len, lines)) <= 40 and sum(line.count("word+++") for line in lines) >= 30


def test_nothing_at_all_and_unsigned():
    assert "no effect" in html(Words(("a", "b"), np.zeros(2)))
    assert "a b" in terminal(Words(("a", "b"), np.zeros(2)), colour=False)


def test_a_page_of_texts():
    group = WordsGroup(f"positive {EVIL}", (example(), example(caption="rise")), EVIL)
    page = Page("Texts", (Passage("review 3", (Prediction("positive", 0.9, True),), (group, group)),))
    text = render(page)
    reader = Reader(text)
    assert "<script" not in text and not reader.open and STYLE in text
    assert text.count('<figure class="jxai-text">') == 4 and text.count("✓ true label") == 1
    assert not re.search(r"https?://|@import|url\(", text)
    without = render(Page("None", ()))
    assert "jxai-text" not in without


def test_refusals():
    with pytest.raises(ValueError, match=r"each of 7 words, got values of shape \(6,\) and 0 spaces; .*word_sum"):
        Words(WORDS, VALUES[:6])
    with pytest.raises(ValueError, match="each of 7 words, got values .* and 2 spaces"):
        example(spaces=(True, False))
    with pytest.raises(ValueError, match="at least one word and finite values"):
        Words(("a",), np.array([np.nan]))
    with pytest.raises(ValueError, match="at least one word"):
        Words((), np.zeros(0))
