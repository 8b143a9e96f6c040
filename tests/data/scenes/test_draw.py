"""The drawn scenes: determinism, masks, boxes, profiles, activities and captions."""

import hashlib
import re
import subprocess
import sys

import numpy as np
import pytest

from jxai.data.scenes.activities import ACTIVITIES
from jxai.data.scenes.captions import NOUNS
from jxai.data.scenes.draw import draw_scene
from jxai.data.scenes.profiles import CLASSES, OBJECTS, PROFILES, draw_kinds, frequencies
from jxai.data.scenes.source import object_frequencies, scenes_meta
from jxai.data.schema import part_mask

COUNT = 140
META = scenes_meta()


@pytest.fixture(scope="module")
def examples():
    """Ten pictures of each class."""
    return [draw_scene("train", i) for i in range(COUNT)]


def digest(split, index, **options):
    example = draw_scene(split, index, **options)
    text = repr((example["instances"], example["activity"], example["captions"], example["label"], example["id"]))
    return hashlib.sha256(example["image"].tobytes() + example["masks"].tobytes() + text.encode()).hexdigest()


def test_same_bytes_in_a_new_process():
    code = (
        "import sys; sys.path.insert(0, 'tests/data/scenes'); import test_draw as t; "
        "print(t.digest('val', 7), t.digest('val', 3, seed=3))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [digest("val", 7), digest("val", 3, seed=3)]


def test_another_seed_split_or_index_is_another_picture():
    assert len({digest("val", 7), digest("val", 7, seed=1), digest("test", 7), digest("val", 21)}) == 4


def test_fields(examples):
    assert len(META.classes) == 14 and len(META.objects) == len(set(META.objects)) == len(OBJECTS)
    assert META.activities[0] == "none" and len(META.activities) == len(ACTIVITIES) + 1
    for place, example in enumerate(examples[:14]):
        assert example["label"] == place and example["id"] == place
        assert example["image"].shape == (64, 64, 3) and example["image"].dtype == np.uint8
        assert example["masks"].shape == (64, 64) and example["masks"].dtype == np.uint8
        assert example["image"].std() > 10


def test_the_map_of_objects_agrees_with_the_instances(examples):
    for example in examples:
        kinds = {one.kind for one in example["instances"]}
        assert {int(v) - 1 for v in np.unique(example["masks"]) if v} == kinds
        for kind in kinds:
            boxes = [one.box for one in example["instances"] if one.kind == kind]
            rows, columns = np.nonzero(part_mask(example, kind))
            inside = np.zeros(len(rows), bool)
            for x, y, w, h in boxes:
                assert 0 <= x and 0 <= y and x + w <= 64 and y + h <= 64 and w > 0 and h > 0
                inside |= (columns + 1 > x) & (columns < x + w) & (rows + 1 > y) & (rows < y + h)
                assert part_mask(example, kind)[int(y) : int(np.ceil(y + h)), int(x) : int(np.ceil(x + w))].any()
            assert inside.all(), OBJECTS[kind]


def test_nearly_every_pixel_shows_an_object(examples):
    assert np.mean([example["masks"] == 0 for example in examples]) < 0.01


def test_another_size_shows_the_same_scene():
    for index in range(14):
        small, large = draw_scene("test", index), draw_scene("test", index, size=160)
        assert large["captions"] == small["captions"] and large["activity"] == small["activity"]
        assert [one.kind for one in large["instances"]] == [one.kind for one in small["instances"]]
        boxes = [np.array([one.box for one in example["instances"]]) for example in (small, large)]
        np.testing.assert_allclose(boxes[1], boxes[0] * 2.5, rtol=1e-6)
        shrunk = large["image"].reshape(32, 5, 32, 5, 3).mean((1, 3))
        halved = small["image"].reshape(32, 2, 32, 2, 3).mean((1, 3))
        assert np.abs(shrunk - halved).mean() < 5  # of 255
        assert np.mean(large["masks"][1::5, 1::5] == small["masks"][::2, ::2]) > 0.9


def test_objects_are_drawn_as_often_as_the_profiles_say():
    draws, wanted = 600, frequencies()
    assert wanted.shape == (14, len(OBJECTS)) and 0 <= wanted.min() and wanted.max() <= 1
    for label in (0, 7, 10):
        rng, found = np.random.default_rng(label), np.zeros(len(OBJECTS))
        for _ in range(draws):
            found[[OBJECTS.index(kind) for kind in draw_kinds(CLASSES[label], rng)]] += 1 / draws
        deviation = np.sqrt(wanted[label] * (1 - wanted[label]) / draws)
        assert (np.abs(found - wanted[label]) <= 4.5 * deviation + 1e-6).all()


def test_grounds_are_one_of_several():
    for name, profile in PROFILES.items():
        assert profile.indoors == (not profile.ground)
        assert profile.indoors or sum(profile.ground.values()) == pytest.approx(1)
        assert not set(profile.ground) & set(profile.objects), name


def test_what_is_drawn_is_mostly_seen(examples):
    seen = object_frequencies(examples, 14, len(OBJECTS))
    assert np.abs(seen - META.frequencies).max() < 0.62  # ten pictures of a class
    assert seen.sum() > 0.85 * META.frequencies.sum()
    assert (seen.max(0) > 0).sum() >= 44
    assert (seen[:, OBJECTS.index("bed")] > 0.5).sum() == 1


def test_pairs_of_classes_share_objects():
    """The nearest class of each by the objects that both often have is the other of its pair."""
    often = META.frequencies >= 0.3
    shared = (often[:, None] & often[None]).sum(-1) / (often[:, None] | often[None]).sum(-1)
    for a, b in (("kitchen", "dining room"), ("living room", "bedroom"), ("street", "highway"), ("beach", "harbour")):
        i, j = CLASSES.index(a), CLASSES.index(b)
        rest = np.delete(shared[i], i)
        assert shared[i, j] > np.median(rest) and shared[i, j] > 0.3, (a, b, shared[i, j])


def test_activities_involve_a_person_and_their_objects(examples):
    busy = [example for example in examples if example["activity"]]
    assert len(busy) > COUNT / 2
    assert len({example["activity"] for example in busy}) > 14
    for example in examples:
        involved = {OBJECTS[one.kind] for one in example["instances"] if one.involved}
        if not example["activity"]:
            assert not involved
            continue
        activity = ACTIVITIES[META.activities[example["activity"]]]
        assert "person" in involved and len(involved) == 1 + len(activity.needs)
        assert all(involved & set(options) for options in activity.needs)


def words_of(caption):
    """The kinds of objects that a sentence names."""
    plural = {"bookshelf": "bookshel(?:f|ves)"}
    return {
        kind
        for kind, nouns in NOUNS.items()
        for noun in nouns
        if re.search(rf"\b{plural.get(noun, noun)}(?:s|es)?\b", caption)
    }


def test_captions_name_what_is_seen_alone(examples):
    people = re.compile(r"\b(man|woman|boy|girl|person|somebody)\b")
    named = 0
    for example in examples:
        seen = {OBJECTS[one.kind] for one in example["instances"]}
        for caption in example["captions"]:
            assert words_of(caption) <= seen, (caption, words_of(caption) - seen)
            assert not people.search(caption) or "person" in seen, caption
            named += len(words_of(caption))
            assert caption.endswith(".") and "{" not in caption
    assert named > 5 * COUNT


def test_captions_tell_the_activity(examples):
    for example in examples:
        involved = {OBJECTS[one.kind] for one in example["instances"] if one.involved} - {"person"}
        for caption in example["captions"]:
            assert involved & words_of(caption) or not involved, (caption, involved)


def test_counts_in_captions_are_true(examples):
    numbers, checked = {"two": 2, "three": 3, "four": 4}, 0
    for example in examples:
        kinds = [OBJECTS[one.kind] for one in example["instances"]]
        for caption in example["captions"]:
            for number, noun in re.findall(r"\b(two|three|four) ([a-z]+(?: light| lamp)?)(?:e?s)\b", caption):
                found = {kind for kind in words_of(noun)}
                if len(found) == 1:
                    checked += 1
                    assert kinds.count(found.pop()) == numbers[number], caption
    assert checked > 10


def test_captions_vary(examples):
    assert np.mean([len(set(example["captions"])) for example in examples]) > 4.5


def test_frequencies_of_objects():
    masks = [np.array([[0, 2]], np.uint8), np.array([[1, 2]], np.uint8)]
    found = object_frequencies([{"label": 1, "masks": each} for each in masks], 2, 3)
    assert found[1].tolist() == [0.5, 1.0, 0.0] and np.isnan(found[0]).all()
    with pytest.raises(ValueError, match="examples with 'masks'"):
        object_frequencies([{"label": 0}], 1, 1)
    with pytest.raises(ValueError, match="got label 2 and 2"):
        object_frequencies([{"label": 2, "masks": masks[0]}], 2, 3)
    with pytest.raises(ValueError, match="masks up to 1, got label 1 and 2"):
        object_frequencies([{"label": 1, "masks": masks[0]}], 2, 1)
