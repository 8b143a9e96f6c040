"""What sentences state of birds: cases by hand, and the sentences of drawn birds against their attributes."""

import json

import numpy as np
import pytest

from jxai.data import bird_features, birds_meta, cub, stated_features
from jxai.data.birds.attributes import ATTRIBUTE_NAMES
from jxai.data.birds.draw import draw_example
from jxai.metrics import insight


def short(sentence):
    """Features by their first attribute, without has_."""
    return [feature[0].removeprefix("has_") for feature in stated_features(sentence)]


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("a short black bill.", ["bill_length::shorter_than_head", "bill_color::black"]),
        ("a white throat, breast and belly", ["throat_color::white", "breast_color::white", "belly_color::white"]),
        ("a black and white wing", ["wing_color::black", "wing_color::white"]),
        ("a red crown and a black bill", ["crown_color::red", "bill_color::black"]),
        ("eyes are red and legs are grey", ["eye_color::red", "leg_color::grey"]),
        ("a black throat and eyes that are red", ["throat_color::black", "eye_color::red"]),
        ("wings that are black and white belly", ["wing_color::black", "belly_color::white"]),
        ("a bird with a belly that is white, and red eyes", ["belly_color::white", "eye_color::red"]),
        ("this bird is small and has a forked tail", ["size::small_(5_-_9_in)", "tail_shape::forked_tail"]),
        ("a white eye ring and a crest on its crown", ["head_pattern::eyering", "head_pattern::crested"]),
        ("white wing bars, a black cheek patch and feathers", []),
        ("a long tail, brown spots on the breast", []),
        ("THE NECK IS GRAY", ["nape_color::grey"]),
        ("", []),
    ],
)
def test_by_hand(sentence, wanted):
    assert short(sentence) == wanted


def test_alternatives_of_a_word():
    (beak,) = stated_features("a hooked beak")
    assert beak == ("has_bill_shape::hooked", "has_bill_shape::hooked_seabird")
    assert {name for feature in stated_features("a tiny bird") for name in feature} == {
        "has_size::very_small_(3_-_5_in)"
    }


def test_sentences_about_drawn_birds_are_true_of_them():
    """At least one attribute of each stated feature is the bird's, for hundreds of sentences of the grammar."""
    count = wrong = 0
    for index in range(60):
        example = draw_example("val", index, size=32)
        has = {name for name, one in zip(ATTRIBUTE_NAMES, example["attributes"], strict=True) if one}
        for sentence in example["captions"]:
            features = stated_features(sentence)
            count += len(features)
            wrong += sum(not has & set(feature) for feature in features)
    assert count > 1500 and wrong <= 0.005 * count, (wrong, count)


def test_features_of_sentences_and_classes():
    meta = birds_meta()
    sentences = ["a bird with a red crown", "nothing of it", "a red crown and black eyes"]
    found = bird_features(sentences, meta, least=60)
    assert found.features == (("has_crown_color::red",), ("has_eye_color::black",))
    assert found.said.tolist() == [[True, False], [False, False], [True, True]]
    red = meta.attribute_names.index("has_crown_color::red")
    np.testing.assert_array_equal(found.classes[:, 0], meta.class_attributes[:, red] >= 60)
    assert found.classes.shape == (len(meta.classes), 2) and found.classes[:, 0].any()
    empty = bird_features(["nothing"], meta)
    assert empty.features == () and empty.said.shape == (1, 0) and empty.classes.shape == (len(meta.classes), 0)
    with pytest.raises(ValueError, match="without has_crown_color::red"):
        bird_features(sentences, meta._replace(attribute_names=("striped",)))


def test_they_go_into_insight():
    meta = birds_meta()
    found = bird_features(["a red crown"] * 2, meta)
    have = np.flatnonzero(found.classes[:, 0])
    lack = np.flatnonzero(~found.classes[:, 0])
    truth, predicted = np.array([have[0], have[0]]), np.array([have[1], lack[0]])
    assert insight(found.said, truth, predicted, found.classes).each.tolist() == [100, 0]


def test_real_sentences_state_features(shared_data):
    """Two of three sentences of people state one, and most are of a class of the image's own."""
    file = shared_data / "cub" / "cub100_crops128_jpeg.npz"
    source, captions = cub("test", file), json.loads((shared_data / "cub" / "captions.json").read_text())
    index = {name.split(".", 1)[1]: k for k, name in enumerate(source.meta.classes)}
    rows = [
        (index[name.split("/")[0].split(".", 1)[1]], said)
        for name, said in captions.items()
        if name.split("/")[0].split(".", 1)[1] in index
    ]
    sentences = [one for _, said in rows for one in said][::10]
    labels = np.array([label for label, said in rows for _ in said])[::10]
    found = bird_features(sentences, source.meta, least=20)
    assert found.said.any(1).mean() > 0.66
    own = found.said & found.classes[labels]
    other = found.said & found.classes[np.roll(labels, 300)]
    assert own.sum() > 1.5 * other.sum() and own.sum() > 0.5 * found.said.sum()
