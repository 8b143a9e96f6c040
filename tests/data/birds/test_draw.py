"""The drawn examples: determinism, geometry, attributes and captions."""

import hashlib
import re
import subprocess
import sys

import numpy as np
import pytest

from jxai.data.birds.attributes import ATTRIBUTE_NAMES, COLOURS, PARTS
from jxai.data.birds.draw import draw_example

COUNT = 48


@pytest.fixture(scope="module")
def examples():
    """Birds of all body plans: one species of each of sixteen families and more."""
    return [draw_example("train", 4 * i, species=64) for i in range(COUNT)]


def digest(split, index, **options):
    example = draw_example(split, index, **options)
    text = b"".join(np.asarray(example[k]).tobytes() for k in ("image", "masks", "parts", "box", "attributes"))
    return hashlib.sha256(text + "".join(example["captions"]).encode()).hexdigest()


def test_same_bytes_in_a_new_process():
    code = (
        "import sys; sys.path.insert(0, 'tests/data/birds'); import test_draw as t; "
        "print(t.digest('val', 7), t.digest('val', 7, seed=3))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [digest("val", 7), digest("val", 7, seed=3)]


def test_another_seed_split_or_index_is_another_image():
    assert len({digest("val", 7), digest("val", 7, seed=1), digest("test", 7), digest("val", 27)}) == 4


def test_fields_and_ids(examples):
    for example in examples[:5]:
        assert example["image"].shape == (64, 64, 3) and example["image"].dtype == np.uint8
        assert example["masks"].shape == (64, 64) and example["masks"].dtype == np.uint8
        assert example["parts"].shape == (15, 3) and example["parts"].dtype == np.float32
        assert example["box"].shape == (4,) and example["box"].dtype == np.float32
        assert example["attributes"].shape == (312,) and set(example["attributes"].tolist()) == {0, 1}
        assert len(example["captions"]) == 10
    ids = [draw_example(split, i)["id"] for split in ("train", "val", "test") for i in range(3)]
    assert len(set(ids)) == 9 and max(ids) < 2**31


def test_visible_parts_lie_on_their_mask_and_in_the_box(examples):
    for example in examples:
        x0, y0, width, height = example["box"]
        assert 0 <= x0 and 0 <= y0 and x0 + width <= 64 and y0 + height <= 64
        pixels = [(int(y), int(x)) for x, y, visible in example["parts"] if visible]
        for part, (x, y, visible) in enumerate(example["parts"]):
            if visible:
                alone = pixels.count((int(y), int(x))) == 1  # legs may meet in one pixel
                assert example["masks"][int(y), int(x)] == part + 1 or not alone, PARTS[part]
                assert x0 <= x <= x0 + width and y0 <= y <= y0 + height, PARTS[part]
            else:
                assert x == y == 0


def test_every_part_is_seen_somewhere_and_most_parts_are_visible(examples):
    visible = np.mean([example["parts"][:, 2] for example in examples], axis=0)
    assert (visible > 0.1).all()
    assert visible[[PARTS.index(name) for name in ("beak", "crown", "breast", "tail", "throat", "nape")]].min() > 0.7
    hidden = [example["parts"][:, 2].sum() for example in examples]
    assert len(set(hidden)) > 3  # clutter and pose hide different numbers of parts


def test_parts_lie_as_in_a_bird(examples):
    for example in examples:
        where = {name: row[:2] for name, row in zip(PARTS, example["parts"], strict=True) if row[2]}
        if {"crown", "throat"} <= set(where):
            assert where["crown"][1] < where["throat"][1]
        if {"beak", "nape", "tail"} <= set(where):  # the bill is on the far side of the head from the tail
            assert abs(where["beak"][0] - where["tail"][0]) > abs(where["nape"][0] - where["tail"][0])
        legs = [name for name in where if name.endswith("leg")]
        assert all(where[leg][1] > where["crown"][1] for leg in legs if "crown" in where)


def test_another_size_shows_the_same_bird():
    for index in range(0, 24, 4):
        small, large = draw_example("test", index), draw_example("test", index, size=160)
        np.testing.assert_allclose(large["parts"][:, :2], small["parts"][:, :2] * 2.5, rtol=1e-5)
        np.testing.assert_array_equal(large["parts"][:, 2], small["parts"][:, 2])
        np.testing.assert_allclose(large["box"], small["box"] * 2.5, rtol=1e-5)
        np.testing.assert_array_equal(large["attributes"], small["attributes"])
        assert large["captions"] == small["captions"] and large["id"] == small["id"]
        shrunk = large["image"].reshape(32, 5, 32, 5, 3).mean((1, 3))
        halved = small["image"].reshape(32, 2, 32, 2, 3).mean((1, 3))
        assert np.abs(shrunk - halved).mean() < 4  # of 255


def test_the_bird_has_the_colours_of_its_attributes():
    """Where a bird is red, green or blue in its attributes, its breast is so in the image."""
    seen = set()
    for index in range(0, 400, 4):
        example = draw_example("test", index, species=200)
        names = [n for n, a in zip(ATTRIBUTE_NAMES, example["attributes"], strict=True) if a]
        colour = next(n.split("::")[1] for n in names if n.startswith("has_breast_color"))
        pixels = example["image"][example["masks"] == PARTS.index("breast") + 1]
        if colour not in ("red", "yellow", "blue", "white", "black") or len(pixels) < 20:
            continue
        seen.add(colour)
        r, g, b = np.median(pixels, axis=0)
        held = {"red": r > 1.5 * max(g, b), "yellow": min(r, g) > 1.3 * b, "blue": b > max(r, g)}
        held |= {"white": min(r, g, b) > 100, "black": max(r, g, b) < 110}
        assert held[colour], (index, colour, (r, g, b))
    assert len(seen) >= 3


WORDS = {"crown": ("crown",), "forehead": ("forehead",), "nape": ("nape",), "throat": ("throat",)}
WORDS |= {"breast": ("breast",), "belly": ("belly",), "back": ("back",), "tail": ("tail",), "bill": ("beak",)}
WORDS |= {"beak": ("beak",), "cap": ("crown",), "wings": ("left wing", "right wing")}
WORDS |= {"legs": ("left leg", "right leg")}
WORDS |= {word: ("left eye", "right eye") for word in ("eye", "eyes", "eyebrow", "eyering", "eyeline")}
GROUP = {"wings": "wing", "legs": "leg", "eyes": "eye", "beak": "bill", "cap": "crown", "tail": "upper_tail"}
HEADS = {"eyebrow": "eyebrow", "above its eye": "eyebrow", "ring": "eyering", "eyering": "eyering"}
HEADS |= {"through its eye": "eyeline", "eyeline": "eyeline", "mask around": "masked", "moustache": "malar"}
HEADS |= {"malar": "malar", "crest": "crested", "crested": "crested", "cap": "capped"}


def test_captions_mention_visible_parts_only(examples):
    for example in examples:
        visible = {name for name, row in zip(PARTS, example["parts"], strict=True) if row[2]}
        for caption in example["captions"]:
            for word in re.findall(r"[a-z]+", caption):
                assert word not in WORDS or visible & set(WORDS[word]), (caption, visible)


def test_captions_say_what_is_true(examples):
    checked = 0
    for example in examples:
        true = {name for name, a in zip(ATTRIBUTE_NAMES, example["attributes"], strict=True) if a}
        for caption in example["captions"]:
            part = "|".join(sorted(WORDS, key=len, reverse=True))
            for colour, parts in re.findall(rf"({'|'.join(COLOURS)}) ((?:(?:{part})\b(?:, | and )?)+)", caption):
                for word in re.findall(r"\w+", parts.replace(" and ", " ")):
                    checked += 1
                    assert f"has_{GROUP.get(word, word)}_color::{colour}" in true, caption
            for word, value in HEADS.items():
                assert not re.search(rf"\b{word}\b", caption) or f"has_head_pattern::{value}" in true, caption
            for colour in re.findall(rf"({'|'.join(COLOURS)}) (?:and \w+ )?bird", caption):
                assert f"has_primary_color::{colour}" in true, caption
    assert checked > 400


def test_captions_vary(examples):
    for example in examples:
        assert len(set(example["captions"])) >= 8
    starts = {caption.split()[0] for example in examples for caption in example["captions"]}
    assert starts >= {"this", "a", "the"}
