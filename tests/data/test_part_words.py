"""Words of parts and objects: that the sentences of the sets take them, and what they leave out."""

import json

import pytest

from jxai.data import BIRD_WORDS, SCENE_WORDS, scenes_meta, words_of
from jxai.data.birds.attributes import PARTS
from jxai.data.birds.draw import draw_example as draw_bird
from jxai.data.part_words import plural
from jxai.data.scenes.draw import draw_scene
from jxai.metrics import mentioned_terms, object_terms


def test_every_part_and_every_object_has_words():
    assert tuple(BIRD_WORDS) == PARTS
    assert set(SCENE_WORDS) == set(scenes_meta().objects)
    for words in (*BIRD_WORDS.values(), *SCENE_WORDS.values()):
        assert len(words) > 1 and len(set(words)) == len(words)


def test_no_word_names_two_parts_but_for_sides():
    terms = object_terms(words_of(PARTS))
    assert len(terms.words) == 12, "three pairs share their words"
    every = [word for words in terms.words for word in words]
    assert len(set(every)) == len(every)
    for side in ("eye", "leg", "wing"):
        assert BIRD_WORDS[f"left {side}"] == BIRD_WORDS[f"right {side}"]


def test_what_no_table_has_is_named_by_its_name():
    assert words_of(("racket", "Rolling pin")) == (("racket", "rackets"), ("rolling pin", "rolling pins"))
    assert words_of(("beak",), {"beak": ("nib",)}) == (("nib",),)


@pytest.mark.parametrize(
    ("noun", "many"),
    [
        ("woman", "women"),
        ("box", "boxes"),
        ("glasses", "glasses"),
        ("city", "cities"),
        ("boy", "boys"),
        ("bus", "buses"),
    ],
)
def test_plurals(noun, many):
    assert plural(noun) == many


def test_sentences_about_a_bird_name_visible_parts_only():
    terms = object_terms(words_of(PARTS))
    for index in range(40):
        example = draw_bird("val", index, size=32)
        said = mentioned_terms([example["captions"]], terms.words)[0]
        seen = (terms.names & (example["parts"][:, 2:] > 0)).any(0)
        assert not (said & ~seen).any(), (
            example["captions"],
            [w for w, s in zip(terms.words, said & ~seen, strict=True) if s],
        )
        assert said.any()


def test_sentences_about_a_scene_name_objects_that_are_seen():
    meta = scenes_meta()
    terms = object_terms(words_of(meta.objects))
    named = 0
    for index in range(20):
        example = draw_scene("val", index, size=32)
        kinds = {one.kind for one in example["instances"]}
        said = mentioned_terms([example["captions"]], terms.words)[0]
        wrong = [terms.words[k] for k in said.nonzero()[0] if not kinds & set(terms.names[:, k].nonzero()[0].tolist())]
        assert not wrong, (example["captions"], wrong)
        named += said.sum()
    assert named > 40


def test_people_name_parts_of_real_birds(shared_data):
    """Nearly every image's ten sentences name a part by these words, and beak, wing and belly more than half."""
    captions = json.loads((shared_data / "cub" / "captions.json").read_text())
    terms = object_terms(words_of(PARTS))
    found = mentioned_terms(list(captions.values())[::5], terms.words)
    assert found.any(1).mean() > 0.99
    share = {words[0]: part for words, part in zip(terms.words, found.mean(0), strict=True)}
    assert min(share["beak"], share["wing"], share["belly"]) > 0.5
    assert min(share.values()) > 0, "foreheads are seldom named"
