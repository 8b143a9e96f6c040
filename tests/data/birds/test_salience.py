"""What strikes the eye is named more often; how often, and how differently from picture to picture, as in CUB."""

import json

import numpy as np
import pytest

from jxai.data.birds.draw import draw_example
from jxai.data.birds.salience import salience
from jxai.data.part_words import BIRD_WORDS
from jxai.language.vocabulary import tokenise

PLAIN = {f"has_{part}_color": "brown" for part in ("back", "wing", "breast", "belly", "crown", "leg", "upper_tail")}
PLAIN |= {"has_bill_color": "black", "has_bill_shape": "all-purpose", "has_bill_length": "shorter_than_head"}
PLAIN |= {"has_tail_shape": "rounded_tail", "has_wing_pattern": "solid", "has_head_pattern": "plain"}


@pytest.mark.parametrize(
    "part, group, value",
    [
        ("leg", "has_leg_color", "red"),
        ("leg", "has_leg_color", "white"),
        ("wing", "has_wing_pattern", "striped"),
        ("tail", "has_tail_shape", "forked_tail"),
        ("beak", "has_bill_length", "longer_than_head"),
        ("head", "has_head_pattern", "malar"),
    ],
)
def test_what_is_unusual_strikes_the_eye(part, group, value):
    assert salience(part, PLAIN | {group: value}) > 1.5 * salience(part, PLAIN)


def test_what_is_large_in_the_picture_strikes_the_eye():
    shares = (0.01, 0.03, 0.1, 0.3, 0.9)
    found = [salience("tail", PLAIN, share) for share in shares]
    assert found[0] < found[2] < found[3] and found[3] == found[4]  # bounded
    assert min(found) > 0


def rates(told):
    """In which share of a picture's sentences each part is named, `[n, p]`."""
    words = [set(own) for own in BIRD_WORDS.values()]
    return np.array([[np.mean([bool(set(tokenise(s)) & own) for s in said]) for own in words] for said in told])


@pytest.fixture(scope="module")
def drawn():
    return rates([draw_example("train", i).get("captions", []) for i in range(200)])


def spread(found):
    """Standard deviation of the rates between pictures, beyond that of ten sentences at random."""
    return np.sqrt(np.maximum(0, found.var(0) - (found * (1 - found)).mean(0) / 9))


def test_parts_are_not_named_alike_of_all_birds(drawn):
    named = dict(zip(BIRD_WORDS, spread(drawn), strict=True))
    assert named["beak"] > 0.1 and named["left wing"] > 0.1 and named["left eye"] > 0.05
    assert dict(zip(BIRD_WORDS, (drawn > 0).mean(0), strict=True))["tail"] < 0.8


def test_as_often_as_in_cub(drawn, shared_data):
    told = json.loads((shared_data / "cub" / "captions.json").read_text())
    people = rates(list(told.values())[::5])
    close = [part != "forehead" for part in BIRD_WORDS]  # people hardly ever say it, the grammar with the crown
    assert np.abs(drawn.mean(0) - people.mean(0))[close].max() < 0.2
    assert 0.4 < spread(drawn).sum() / spread(people).sum() < 1.5
