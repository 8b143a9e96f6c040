"""Pages: escaped, self-contained, complete; and opened in a browser where there is one."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from urllib.parse import unquote

import numpy as np
import pytest

from jxai.report.pages import render
from jxai.report.pictures import overlay
from jxai.report.sections import (
    Column,
    Gallery,
    Group,
    Item,
    Note,
    Page,
    Photograph,
    Picture,
    Prediction,
    Table,
    Value,
)  # fmt: skip

RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 256, (64, 48, 3), dtype=np.uint8)
NAMES = ("gradient", "integrated_gradients", "blur_integrated_gradients", "grad_cam", "a" * 60)
EVIL = "<script>alert('x')</script>\"&"


def pictures(shape=(48, 64)):
    return tuple(Picture(overlay(IMAGE, RNG.normal(size=shape)), name, detail="0.1 s") for name in NAMES)


def photograph(title="dog_cat.jpg"):
    predictions = (Prediction("golden retriever", 0.7312, True), Prediction(EVIL, 0.2), Prediction("cat", 0.0))
    group = Group(f"golden retriever {EVIL}", pictures(), EVIL)
    return Photograph(title, Picture(IMAGE, "as the model sees it", alt=EVIL), predictions, (group, group))


def gallery():
    right = Item(Picture(IMAGE, "image 3"), "wren", Prediction("wren", 0.9), pictures())
    wrong = Item(Picture(IMAGE, "image 4"), "wren", Prediction("tit", 0.5), pictures())
    return Gallery("Maps", (right, wrong), EVIL)


def table():
    columns = (
        Column("deletion", "lower", "Falls at once."),
        Column("insertion", "higher", "Rises."),
        Column("time", unit="ms", digits=1),
        Column("remark"),
    )
    rows = {
        "gradient": (Value(0.25, 0.01), Value(-0.5, 0.02), 12.34, "fast"),
        "idgi": (Value(0.125), Value(0.75), None, EVIL),
        "broken": (Value(float("nan")), None, 3, ""),
    }
    return Table("Measures", columns, rows, "Mean and standard error.")


def page():
    sections = (Note("How", ("One.", EVIL)), photograph(), gallery(), table())
    return Page(f"Report {EVIL}", sections, lead=EVIL, facts={"Model": EVIL, EVIL: "x"}, footer=EVIL)


class Reader(HTMLParser):
    """Collects tags with their attributes, and text."""

    def __init__(self, text):
        """Read at once."""
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("img", "meta", "link", "wbr", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


def test_every_text_is_escaped_and_every_tag_closed():
    text = render(page())
    assert "<script" not in text
    reader = Reader(text)
    assert not reader.open
    assert "".join(reader.words).count(EVIL) == 14  # title twice; the rest are attributes, or shown once each


def test_nothing_is_loaded_from_elsewhere():
    text = render(page())
    loads = [
        value
        for _, attributes in Reader(text).tags
        for name, value in attributes.items()
        if name in ("src", "href", "srcset", "data", "action", "poster")
    ]
    assert loads and all(value.startswith(("data:", "#")) for value in loads)
    assert not re.search(r"https?://|@import|url\(", text)
    assert "default-src 'none'" in text


def test_images_have_alternatives_and_tables_have_scopes():
    tags = Reader(render(page())).tags
    images = [attributes for tag, attributes in tags if tag == "img"]
    assert len(images) == 1 + 2 * 5 + 2 * 6
    assert all(image["alt"].strip() for image in images)
    assert all(attributes["scope"] in ("row", "col") for tag, attributes in tags if tag == "th")
    identities = [attributes["id"] for _, attributes in tags if "id" in attributes]
    links = [attributes["href"][1:] for tag, attributes in tags if tag == "a"]
    assert len(set(identities)) == len(identities) and set(links) <= set(identities)


def test_sections_of_one_name_have_their_own_anchors():
    text = render(Page("Two", (photograph("a.jpg"), photograph("a.jpg"))))
    assert 'id="s1-a-jpg"' in text and 'id="s2-a-jpg"' in text


def words(text):
    return re.sub(r"\s+", " ", " ".join(Reader(text).words))


def test_table_marks_the_best_and_says_how_to_read():
    text = words(render(Page("Table", (table(),))))
    assert "deletion ↓ lower is better" in text and "insertion ↑ higher is better" in text
    assert re.search(r"gradient\s+0\.250\s+± 0\.010\s+−0\.500\s+± 0\.020\s+12\.3 fast", text)
    assert re.search(r"idgi\s+best\s+0\.125\s+best\s+0\.750\s+–", text)
    assert re.search(r"broken\s+not finite\s+–\s+3", text)
    assert text.count("best") == 2 and "Falls at once." in text


def test_best_of_a_column():
    assert [table().best(i) for i in range(4)] == [{"idgi"}, {"idgi"}, set(), set()]
    column, tie = (Column("a", "lower"),), {"x": (1.0,), "y": (1.0,), "z": (2.0,)}
    assert Table("t", column, tie).best(0) == {"x", "y"}
    assert Table("t", column, {"x": (1.0,)}).best(0) == set()


def test_gallery_tells_right_from_wrong():
    text = words(render(Page("Gallery", (gallery(),))))
    assert re.search(r"✓ correct\s+true\s+wren\s+predicted\s+wren, 90\.0 %", text)
    assert re.search(r"✗ wrong\s+true\s+wren\s+predicted\s+tit, 50\.0 %", text)


def test_refusals():
    with pytest.raises(ValueError, match="expected 1 cells a row, got 2 for 'x'"):
        Table("t", (Column("a"),), {"x": (1, 2)})
    with pytest.raises(ValueError, match="'higher', 'lower' or None, got 'more'"):
        Column("a", "more")
    with pytest.raises(ValueError, match="probability within 0..1, got 73.1"):
        render(Page("p", (Photograph("a", Picture(IMAGE, "a"), (Prediction("dog", 73.1),), ()),)))


def test_a_page_of_many_maps_stays_small():
    smooth = np.kron(RNG.integers(0, 256, (7, 7, 3)), np.ones((32, 32, 1))).astype(np.uint8)
    maps = tuple(Picture(overlay(smooth, RNG.normal(size=(224, 224))), f"m{i}") for i in range(3))
    pages = [Gallery("g", (Item(Picture(smooth, "i"), "a", Prediction("a", 1.0), maps[:n]),)) for n in (1, 3)]
    one, three = (len(render(Page("Many", (page,)))) for page in pages)
    assert (three - one) / 2 * 20 * 12 < 10e6  # maps of white noise, which compress worst


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
MEASURE = """<script>addEventListener('load', () => parent.postMessage({
  width: innerWidth, overflow: document.documentElement.scrollWidth - innerWidth,
  images: document.images.length, broken: [...document.images].filter(i => !i.naturalWidth).length,
  text: document.body.innerText}, '*'))</script>"""
COLLECT = """<body><script>const got = []; addEventListener('message', e => { got.push(e.data);
  document.body.dataset.got = encodeURIComponent(JSON.stringify(got)) })</script>"""


@pytest.mark.skipif(BROWSER is None, reason="chromium is not installed: pages are not opened in a browser")
def test_in_a_browser_at_every_width(tmp_path):
    widths = (320, 400, 768, 1200)
    text = re.sub(r"<meta http-equiv[^>]*>", "", render(page())).replace("</body>", MEASURE + "</body>")
    (tmp_path / "page.html").write_text(text)
    frames = "".join(f'<iframe src="page.html" width={w} height=900 style="border:0"></iframe>' for w in widths)
    (tmp_path / "frames.html").write_text(COLLECT + frames)
    dom = subprocess.run(
        [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1400,900", "--virtual-time-budget=20000",
         "--dump-dom", (tmp_path / "frames.html").as_uri()],
        capture_output=True, text=True, timeout=180, check=True,
    ).stdout  # fmt: skip
    found = {got["width"]: got for got in json.loads(unquote(re.search(r'data-got="([^"]*)"', dom)[1]))}
    assert set(found) == set(widths)
    for got in found.values():
        assert got["overflow"] <= 0 and got["broken"] == 0 and got["images"] == 23
        for word in ("golden retriever", "✓ correct", "✗ wrong", "lower is better", EVIL):
            assert word in got["text"]
