"""Written reviews: schema, evidence, splits, the cache."""

import re
from functools import cache

import numpy as np
import pytest

from jxai.data.reviews import records as reviews_records
from jxai.data.reviews.sentences import SENTENCES
from jxai.data.reviews.source import reviews
from jxai.data.reviews.words import OPINIONS
from jxai.data.reviews.write import write_review
from jxai.data.schema import TextExample

COUNTS = {"train": 6, "val": 3, "test": 4}


@cache
def many():
    """Three hundred reviews, written where a test asks for them first."""
    return [write_review("train", index) for index in range(300)]


SAID = {  # what stands there agrees with the label, or is denied
    r"I found it (\S+)": ("adj", True),
    r"gives an? (\S+) performance": ("adj", True),
    r"is full of (\S+)": ("matter", True),
    r"is never (\S+)": ("adj", False),
    r"anything but (\S+)": ("adj", False),
    r"free of (\S+)": ("matter", False),
}


def evidence(example):
    return [" ".join(example["words"][start:stop]) for start, stop in example["rationale"]]


def test_fields_and_lengths():
    for index, example in enumerate(many()):
        assert set(example) == set(TextExample.__annotations__) - {"phrases"}
        assert example["label"] == index % 2 and 100 <= len(example["words"]) <= 400
        assert all(word and not re.search(r"[\s\[\]{}]", word) for word in example["words"])


def test_spans_lie_apart_in_order_and_are_a_part_of_the_text():
    for example in many():
        bounds = [bound for span in example["rationale"] for bound in span]
        assert len(bounds) >= 6 and bounds == sorted(set(bounds)) and bounds[-1] <= len(example["words"])
    shares = [sum(stop - start for start, stop in e["rationale"]) / len(e["words"]) for e in many()]
    assert 0.15 < np.mean(shares) < 0.45


def test_the_evidence_takes_the_side_of_the_label():
    """In the clauses of evidence, no words of an opinion are drawn at random, and the label decides the rest."""
    for name, rules in SENTENCES.items():
        marked = [part for rule in rules for part in re.findall(r"\[(.*?)\]", rule)]
        assert all("?}" not in part for part in marked)
        assert name in ("evidence", "contrast", "conceded", "verdict") or not marked
        assert all(re.search(r"\w[+]\}", part) for part in marked), marked
    seen = set()
    for example in many():
        for text in evidence(example):
            for pattern, (kind, agrees) in SAID.items():
                for word in re.findall(pattern, text):
                    assert word in OPINIONS[kind][example["label"] if agrees else 1 - example["label"]], text
                    seen.add(pattern)
    assert seen == set(SAID)


def test_single_words_mislead():
    """Words of both sides occur in reviews of both labels, and about as often outside of the evidence."""
    for word in ("dull", "brilliant", "witty", "clumsy"):
        assert {example["label"] for example in many() if word in example["words"]} == {0, 1}


def test_articles():
    text = " ".join(" ".join(example["words"]) for example in many()).lower()
    assert not re.search(r"\ba [aeio]\w*(?<!one)\b", text) and not re.search(r"\ban [^aeiouh\W]", text)


def test_examples_are_those_that_are_written(tmp_path):
    source = reviews("val", folder=tmp_path, **COUNTS)
    assert [dict(example) for example in source] == [dict(write_review("val", index)) for index in range(3)]
    assert source[-1] == source[2] and source.classes == ("negative", "positive")
    with pytest.raises(IndexError, match="expected an index below 3"):
        source[3]


def test_splits_and_seeds_share_nothing(tmp_path, monkeypatch):
    every = [example for split in COUNTS for example in reviews(split, folder=tmp_path, **COUNTS)]
    assert len({example["id"] for example in every}) == len({" ".join(e["words"]) for e in every}) == 13
    assert write_review("train", 0, seed=1)["words"] != many()[0]["words"]
    monkeypatch.setattr(reviews_records, "write_review", lambda *a, **k: pytest.fail("written again"))
    assert len(reviews("test", folder=tmp_path, **COUNTS)) == 4


@pytest.mark.parametrize(
    ("change", "message"), [({"split": "dev"}, "expected a split of"), ({"val": 0}, "examples in 'val', got 0")]
)
def test_refuses(tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        reviews(**{"split": "train", "folder": tmp_path, **COUNTS, **change})
