"""The questionnaire: it can be answered with the keyboard's own controls, and the file holds what was chosen."""

import base64
import hashlib
import json
import re

import numpy as np
import pytest

from jxai.report.study import ANSWERS, Choice, Question, Questionnaire, render_study
from tests.browser import in_browser, needs_browser

EVIL = "<script>alert('x')</script>"
PICTURE = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
CHOICES = tuple(Choice(name, PICTURE) for name in ("gull", "tern", "auk", EVIL, "owl"))


def study(count=3):
    return Questionnaire("ab12cd", tuple(Question(f"q{k}", PICTURE, CHOICES) for k in range(count)))


def test_page_is_self_contained_and_escaped():
    text = render_study(study())
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 1 and "alert" not in scripts[0]
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
    assert not re.search(r"https?://|@import|url\(|fetch|XMLHttp|sendBeacon", text)
    assert text.count("Don't know</span>") == 3 and text.count('type="checkbox"') == 3 * 6


def test_refusals():
    with pytest.raises(ValueError, match="three classes or more, got 2"):
        Question("q", PICTURE, CHOICES[:2])
    with pytest.raises(ValueError, match="different names"):
        Questionnaire("s", (Question("q", PICTURE, CHOICES),) * 2)


ANSWER = """
const files = [], said = [], make = URL.createObjectURL;
URL.createObjectURL = blob => { files.push(blob.text()); return make(blob); };
let name = null;
HTMLAnchorElement.prototype.click = function () { name = this.download; };  // a headless browser may hang on downloads
const cards = [...document.querySelectorAll('section.card')];
const shown = () => cards.filter(s => !s.hidden).map(s => s.dataset.question ?? s.id);
const here = () => document.querySelector('.asked:not([hidden])');
const boxes = () => [...here().querySelectorAll('input')];
const next = () => { here().querySelector('.next').click(); said.push(shown()[0]); };
document.getElementById('start').click();
said.push(shown()[0] + ': ' + document.querySelector('#begin .said').textContent);
document.querySelector('[value=%s]').click();
document.getElementById('start').click();
boxes()[3].click(); next();                                   // one is not enough
boxes()[1].click(); boxes()[0].click();                       // a third is not taken
said.push(here().querySelector('.said').textContent, boxes().map(b => +b.checked).join(''));
next();
boxes()[2].click(); boxes()[5].click(); next();               // don't know takes the choice back
here().querySelector('.back').click(); said.push(shown()[0]);
next();
boxes()[5].click(); boxes()[4].click(); boxes()[0].click(); next();
document.getElementById('download').click();
const link = document.querySelector('#end .said').textContent;
return { said, file: await files[0], link, name,
  progress: document.getElementById('progress').value, all: document.getElementById('content').value };
"""


@needs_browser
@pytest.mark.parametrize("who", ["person", "program"])
def test_it_can_be_answered_and_the_download_is_right(tmp_path, who):
    text = render_study(study())
    # a headless browser is taken for a program: a person's can only be tried with that test of the page disabled
    page = text.replace("/Headless/.test(navigator.userAgent)", "false") if who == "person" else text
    told = in_browser(page, ANSWER % who, tmp_path)
    assert told["said"] == [
        "begin: Say first who answers.",
        "q0",
        "Two are chosen already: take one of them back first.",
        "010100",
        "q1",
        "q2",
        "q1",
        "q2",
        "end",
    ]
    file = json.loads(told["file"])
    assert {name: file[name] for name in ("format", "version", "study")} == {
        "format": ANSWERS, "version": 1, "study": "ab12cd",
    }  # fmt: skip
    assert file["synthetic"] == (who == "program")
    assert re.fullmatch("[0-9a-f]{32}", file["participant"]) and told["link"] == f"Saved as {told['name']}."
    assert told["name"] == f"answers-ab12cd-{file['participant'][:8]}.json"
    assert [(a["question"], a["choice"]) for a in file["answers"]] == [("q0", [1, 3]), ("q1", None), ("q2", [0, 4])]
    assert file["started"] <= file["finished"] and all(a["seconds"] >= 0 for a in file["answers"])
    assert told["progress"] == 3 and told["all"] == told["file"]


@needs_browser
def test_a_driven_browser_says_so_whatever_was_ticked(tmp_path):
    told = in_browser(render_study(study()), ANSWER % "person", tmp_path)
    assert json.loads(told["file"])["synthetic"] is True
