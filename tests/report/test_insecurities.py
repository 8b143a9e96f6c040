"""Insecurities as pictures and in a page: the region is that of the explainer, at every coverage."""

import base64
import hashlib
import re

import jax.numpy as jnp
import numpy as np
import pytest

from jxai.explainers.deliberative import insecurities as signal
from jxai.report.insecurities import Candidate, Deliberation, Insecurity, Shared, entry_coverage, levels, region
from jxai.report.insecurity_figures import figure
from jxai.report.pages import render
from jxai.report.sections import Note, Page, Picture, Prediction
from tests.browser import dom_of, in_browser, needs_browser

RNG = np.random.default_rng(0)
MAP = RNG.normal(size=(20, 30)) * 1e-30
WHITE = np.full((40, 60, 3), 255, np.uint8)
GREEN = [0, 158, 115]
EVIL = "<script>alert('x')</script>"


def green(picture):
    """How many pixels are (nearly) of the colour of dots: pictures are resized in a figure."""
    return int((np.abs(picture.astype(int) - GREEN).max(-1) < 25).sum())


def smooth_map():
    y, x = np.mgrid[:48, :64] / 16
    return np.sin(x) * np.cos(y) + 0.3 * np.sin(2.3 * x + y)


def insecurity(map=MAP, coverage=0.1, shared=(), examples=2):
    example = np.full((16, 16, 3), 180, np.uint8)
    sides = (Candidate(name, p, (example,) * examples) for name, p in (("gull", 0.6), (f"tern {EVIL}", 0.25)))
    return Insecurity(map, entry_coverage(map) <= coverage, *sides, 1.5e-7, shared)


def page(*insecurities, image=WHITE):
    predictions = (Prediction("gull", 0.6, True), Prediction("tern", 0.25, False))
    section = Deliberation("one", Picture(image, "seen"), predictions, insecurities, "hesitancy 0.40")
    return Page("Insecurities", (section, Note("How", (EVIL,))))


@pytest.mark.parametrize("map", [MAP, np.round(MAP * 1e30), np.zeros((4, 5)), np.array([[1.0]])])
def test_entry_coverage_is_the_explainers_region_at_every_coverage(map):
    entry = entry_coverage(map)
    for coverage in (0.01, 0.1, 0.33, 0.5, 0.9, 1.0):
        expected = np.asarray(signal.region(jnp.asarray(map)[None], coverage=coverage)[0])
        places = int(coverage * map.size)
        np.testing.assert_array_equal(entry <= places / map.size if places else np.zeros_like(expected), expected)


def test_levels_give_the_same_regions():
    map = RNG.normal(size=(20, 50))  # 1000 places: every half percent is five of them
    for half in (2, 20, 101, 180):
        np.testing.assert_array_equal(levels(map) <= half, entry_coverage(map) <= half / 200 + 1e-12)
    assert levels(np.zeros((300, 200))).shape == (112, 75)
    np.testing.assert_array_equal(levels(map), levels(map * 1e-60))


def test_region_shows_itself_and_dims_or_hides_the_rest():
    mask = np.zeros((40, 60), bool)
    mask[10:30, 20:40] = True
    dimmed, hidden = region(WHITE, mask), region(WHITE, mask, surround="hidden")
    assert (dimmed[13:27, 23:37] == 255).all() and (hidden[mask] == 255).all()
    assert (dimmed[:8] == dimmed[0, 0]).all() and dimmed[0, 0, 0] < 128
    assert (hidden[~mask] == 127).all()
    line = dimmed[20, 20]
    assert line[0] > 200 and line[2] < 100  # the outline, inside
    np.testing.assert_array_equal(region(WHITE, mask[::2, ::2], surround="hidden"), hidden)


def test_dots_lie_where_the_points_are():
    picture = region(np.zeros((90, 180, 3), np.uint8), np.ones((9, 9), bool), points=((0.25, 0.5),))
    found = np.argwhere((picture == GREEN).all(-1))
    np.testing.assert_allclose(found.mean(0), (45, 45), atol=1)


def test_figure_shows_region_examples_and_words_within_the_region():
    row, column = np.argwhere(insecurity().mask)[0]
    within = Shared("beak", ("shape: hooked",), ((column + 0.5) / 30, (row + 0.5) / 20))
    outside = tuple(1 - number for number in within.point)
    plain, dotted, no = (
        figure(WHITE, insecurity(shared=shared))
        for shared in ((), (within,), (Shared("tail", (), outside), Shared("leg")))
    )
    assert dotted.dtype == np.uint8 and dotted.shape[1] > plain.shape[1]
    assert green(dotted) > 10 and green(plain) == 0
    assert no.shape == plain.shape and green(no) == 0
    objects = figure(WHITE, insecurity(shared=(Shared("wall"), Shared("floor"))))
    assert objects.shape == dotted.shape  # Figure 4: objects without points are listed
    assert figure(WHITE, insecurity(examples=0)).shape == plain.shape


def test_page_escapes_everything_and_allows_its_own_script_alone():
    text = render(page(insecurity(shared=(Shared(EVIL, (EVIL,), (0.5, 0.5)),))))
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(scripts) == 1 and "alert" not in scripts[0]
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
    assert not re.search(r"https?://|@import|url\(", text)
    assert "script-src" not in render(Page("Without", (Note("How", ("x",)),)))


def test_refusals():
    with pytest.raises(ValueError, match=r"finite map \[h, w\]"):
        Insecurity(np.full((2, 2), np.nan), np.ones((2, 2), bool), Candidate("a"), Candidate("b"), 1.0)
    with pytest.raises(ValueError, match="mask .* of bool, got float64"):
        Insecurity(MAP, MAP, Candidate("a"), Candidate("b"), 1.0)
    with pytest.raises(ValueError, match="coverage within 0.01..0.9, got 10"):
        Deliberation("one", Picture(WHITE, "seen"), (), (), coverage=10)
    with pytest.raises(ValueError, match="'dimmed' or 'hidden'"):
        region(WHITE, np.ones((2, 2), bool), surround="gone")


SLIDE = """
const slider = document.querySelector('.coverage'), canvas = document.querySelector('canvas.region'), found = [];
for (const value of [10, 40, 90]) {
  slider.value = value;
  slider.dispatchEvent(new Event('input'));
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let bits = '';  // white: the photograph; yellow: the outline within the region
  for (let k = 0; k < pixels.length; k += 4) bits += pixels[k] > 200 ? 1 : 0;
  const dots = [...document.querySelectorAll('.shared .dot')].map(dot => dot.classList.contains('inside'));
  found.push({ width: canvas.width, height: canvas.height, bits, dots, share: +canvas.dataset.share,
    told: document.querySelector('output').textContent, where: document.querySelector('.where').textContent });
}
slider.focus();
return { found, focused: document.activeElement === slider, label: slider.labels[0].textContent.trim(),
  overflow: document.documentElement.scrollWidth - innerWidth };
"""


@needs_browser
def test_slider_changes_the_region_in_the_page(tmp_path):
    map = smooth_map()
    best = np.unravel_index(map.argmax(), map.shape)
    worst = np.unravel_index(map.argmin(), map.shape)
    points = [((j + 0.5) / 64, (i + 0.5) / 48) for i, j in (best, worst)]
    shared = (Shared("beak", (), points[0]), Shared("tail", (), points[1]), Shared("leg"))
    told = in_browser(render(page(insecurity(map, shared=shared), image=WHITE[:, :53])), SLIDE, tmp_path)
    assert told["focused"] and told["label"] == "Coverage of each region" and told["overflow"] <= 0
    for coverage, got in zip((0.1, 0.4, 0.9), told["found"], strict=True):
        drawn = np.array(list(got["bits"]), int).reshape(got["height"], got["width"]) > 0
        rows, columns = np.mgrid[: got["height"], : got["width"]]
        mask = entry_coverage(map) <= coverage
        expected = mask[rows * 48 // got["height"], columns * 64 // got["width"]]
        assert (drawn & expected).sum() / (drawn | expected).sum() > 0.9
        assert got["share"] == pytest.approx(100 * coverage, abs=1)
        assert got["told"] == f"{100 * coverage:.0f} %"
        assert got["dots"] == [True, False, False] and got["where"] == "in the region"


@needs_browser
def test_policy_lets_the_page_draw(tmp_path):
    text = render(page(insecurity(smooth_map())))
    assert re.search(r'data-share="(9|10)\.', dom_of(text, tmp_path))
    assert "data-share=" not in dom_of(text.replace("'use strict';", "'use strict'; 1;"), tmp_path)  # another script
