"""Readers of real sets of texts: on a few texts made here, on bad files, and on the real ones where they are."""

import json
import shutil
import tarfile

import pytest
import tensorflow_datasets as tfds

from jxai.data.builder import Made, prepared
from jxai.data.movies import movies
from jxai.data.sst import sst

REVIEWS = {"posR_001.txt": "a fine film\nsays my aunt , a fine film .\n", "negR_002.txt": "what a bore !\n"}
EVIDENCE = {"posR_001.txt": [(8, 11, "fine film ."), (0, 2, "a fine"), (3, 3, "")], "negR_002.txt": [(1, 3, "a bore")]}
TREES = "(3 (2 a) (4 (3 fine) (2 film)))\n(2 (2 -LRB-) (2 and\\/or))\n\n(0 (2 no) (1 .))\n"


def annotation(name):
    evidences = [[{"docid": name, "start_token": a, "end_token": b, "text": text}] for a, b, text in EVIDENCE[name]]
    return json.dumps(
        {"annotation_id": name, "classification": "POS" if "pos" in name else "NEG", "evidences": evidences}
    )


@pytest.fixture
def eraser(tmp_path):
    folder = tmp_path / "movies"
    (folder / "docs").mkdir(parents=True)
    for name, text in REVIEWS.items():
        (folder / "docs" / name).write_text(text)
    for split in ("train", "val", "test"):
        (folder / f"{split}.jsonl").write_text("".join(annotation(name) + "\n" for name in REVIEWS))
    return folder


@pytest.mark.parametrize("kind", ["folder", "gztar", "zip"])
def test_movies(eraser, tmp_path, kind):
    source = eraser if kind == "folder" else shutil.make_archive(tmp_path / "packed", kind, tmp_path, "movies")
    found = movies("val", source)
    assert len(found) == 2 and [example["label"] for example in found] == [1, 0]
    assert found[0]["words"] == ["a", "fine", "film", "says", "my", "aunt", ",", "a", "fine", "film", "."]
    assert [example["rationale"] for example in found] == [[(0, 2), (8, 11)], [(1, 3)]]
    ids = {example["id"] for split in ("train", "val", "test") for example in movies(split, source)}
    assert len(ids) == 6


class Prepared(Made):
    VERSION, name = tfds.core.Version("0.1.0"), "movie_rationales"

    def choice(self):
        return "plain"

    def fields(self):
        features = tfds.features
        label = features.ClassLabel(names=["NEG", "POS"])
        return {"review": features.Text(), "label": label, "evidences": features.Sequence(features.Text())}

    def examples(self, split, count):
        for name, text in list(REVIEWS.items())[:count]:
            marks = [text for *_, text in EVIDENCE[name] if text]
            yield {"review": text, "label": "POS" if "pos" in name else "NEG", "evidences": marks}


def test_movies_that_tfds_prepared(eraser, tmp_path):
    prepared(Prepared, {"train": 2, "validation": 2, "test": 1}, {}, folder=tmp_path / "tfds")
    for split, count in (("train", 2), ("val", 2), ("test", 1)):
        made, read = movies(split, tmp_path / "tfds"), movies(split, eraser)
        assert [dict(example) for example in made] == [dict(read[k]) for k in range(count)]


def spoiled(eraser, change):
    file = eraser / "test.jsonl"
    if change == "shifted":
        file.write_text(file.read_text().replace('"start_token": 1', '"start_token": 0'))
    elif change == "cut":
        file.write_text(file.read_text()[:-20])
    elif change == "review":
        (eraser / "docs" / "negR_002.txt").unlink()
    elif change == "missing":
        file.unlink()
    elif change == "latin":
        (eraser / "docs" / "negR_002.txt").write_bytes(b"caf\xe9")
    elif change == "label":
        file.write_text(file.read_text().replace("NEG", "NEUTRAL"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("shifted", "evidence of negR_002.txt at words 0..3 is 'a bore', but there stands 'what a bore'"),
        ("cut", "test.jsonl line 2 is no annotation of ERASER"),
        ("label", "line 2 is no annotation of ERASER .KeyError: 'NEUTRAL'"),
        ("review", "docs/negR_002.txt is missing"),
        ("missing", "there is no test.jsonl"),
        ("latin", "not UTF-8"),
    ],
)
def test_bad_movies(eraser, change, message):
    spoiled(eraser, change)
    with pytest.raises(ValueError, match=message):
        movies("test", eraser)


def test_bad_archives(tmp_path, eraser):
    with pytest.raises(FileNotFoundError, match="no folder or archive"):
        movies("test", tmp_path / "none.tar.gz")
    with tarfile.open(tmp_path / "cut.tar.gz", "w:gz") as archive:
        archive.add(eraser, "movies")
    whole = (tmp_path / "cut.tar.gz").read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"text"):
        (tmp_path / "cut.tar.gz").write_bytes(content)
        with pytest.raises(ValueError, match="no archive that can be read"):
            movies("test", tmp_path / "cut.tar.gz")
    with pytest.raises(ValueError, match="expected a split of"):
        movies("dev", eraser)


def test_sst_trees(tmp_path):
    (tmp_path / "dev.txt").write_text(TREES)
    fine, two = sst("val", tmp_path, fine=True), sst("val", tmp_path)
    assert [example["label"] for example in fine] == [3, 2, 0] and [example["label"] for example in two] == [1, 0]
    assert fine[0]["words"] == ["a", "fine", "film"] and fine[1]["words"] == ["(", "and/or"]
    assert fine[0]["phrases"] == [(0, 1, 2), (1, 2, 3), (2, 3, 2), (1, 3, 4), (0, 3, 3)]
    assert len(fine.classes) == 5 and two.classes == ("negative", "positive")


def test_sst2(tmp_path):
    (tmp_path / "train.tsv").write_text('sentence\tlabel\na " fine film \t1\nno .\t0\n')
    found = sst("train", tmp_path)
    assert [(example["words"], example["label"]) for example in found] == [
        (["a", '"', "fine", "film"], 1),
        (["no", "."], 0),
    ]
    with pytest.raises(ValueError, match="five classes need trees"):
        sst("train", tmp_path, fine=True)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("dev.txt", "(3 (2 a)", "dev.txt line 1 cannot be read .its brackets do not match"),
        ("dev.txt", "(3 (2 a))\n(7 b)", "dev.txt line 2 cannot be read .expected a label 0..4"),
        ("dev.txt", "(3 (2 a)))", "dev.txt line 1 cannot be read"),
        ("dev.tsv", "sentence\tlabel\nfine\n", "dev.tsv line 2 cannot be read"),
        ("dev.tsv", "sentence\tlabel\nfine\t2\n", "expected a sentence, a tab, and 0 or 1"),
        ("other.txt", "", "expected dev.txt .trees. or dev.tsv"),
    ],
)
def test_bad_sst(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=message):
        sst("val", tmp_path)


def test_real_texts(shared_data):
    folder = shared_data / "text"
    found = {split: movies(split, folder / "movies.tar.gz") for split in ("train", "val", "test")}
    assert [len(source) for source in found.values()] == [1600, 200, 199]
    spans = [(a, b) for source in found.values() for e in source for a, b in e["rationale"]]
    assert len(spans) == 17_442 and min(stop - start for start, stop in spans) > 0  # 20 marks of no word
    assert [len(sst(split, folder / "sst_trees", fine=True)) for split in found] == [8544, 1101, 2210]
    assert [len(sst(split, folder / "sst2")) for split in found] == [60_614, 6735, 872]
    for example in sst("val", folder / "sst_trees", fine=True):
        assert example["phrases"][-1] == (0, len(example["words"]), example["label"])
