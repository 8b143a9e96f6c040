"""The cached data set: random access, splits, reuse and recovery of the cache."""

import subprocess
import sys
import time

import numpy as np
import pytest

from jxai.data import builder, worker
from jxai.data.birds import records as birds_records
from jxai.data.birds import worker as birds_worker
from jxai.data.birds.draw import draw_example
from jxai.data.birds.source import birds

COUNTS = {"train": 5, "val": 3, "test": 4}


def test_examples_are_those_that_are_drawn(tmp_path):
    source = birds("val", folder=tmp_path, size=48, **COUNTS)
    assert len(source) == 3 and source.meta.class_attributes.shape == (20, 312)
    for index, example in enumerate(source):
        expected = draw_example("val", index, size=48)
        assert example.keys() == expected.keys()
        for field, value in expected.items():
            np.testing.assert_array_equal(example[field], value, err_msg=field)
    assert source[-1]["id"] == source[2]["id"]
    with pytest.raises(IndexError, match="expected an index below 3"):
        source[3]


def test_splits_share_no_example(tmp_path):
    every = [example for split in COUNTS for example in birds(split, folder=tmp_path, **COUNTS)]
    assert len({example["id"] for example in every}) == len({example["image"].tobytes() for example in every}) == 12


def test_the_cache_is_reused_and_other_arguments_have_their_own(tmp_path, monkeypatch):
    folders = {birds("test", folder=tmp_path, **COUNTS).folder}
    folders |= {birds("test", folder=tmp_path, seed=1, **COUNTS).folder}
    folders |= {birds("test", folder=tmp_path, species=8, **COUNTS).folder}
    folders |= {birds("test", folder=tmp_path, size=32, **COUNTS).folder}
    folders |= {birds("test", folder=tmp_path, **(COUNTS | {"train": 6})).folder}
    assert len(folders) == 5
    monkeypatch.setattr(birds_records, "drawn", lambda *a, **k: pytest.fail("drawn again"))
    assert len(birds("train", folder=tmp_path, **COUNTS)) == 5


def test_the_cache_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("JXAI_CACHE", str(tmp_path / "named"))
    assert builder.cache_folder() == tmp_path / "named"
    assert builder.cache_folder(tmp_path / "given") == tmp_path / "given"
    monkeypatch.delenv("JXAI_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert builder.cache_folder() == tmp_path / ".cache" / "jxai"


@pytest.mark.parametrize("damage", ["description", "file", "cut"])
def test_a_damaged_cache_is_drawn_again(tmp_path, damage):
    source = birds("train", folder=tmp_path, **COUNTS)
    expected, file = source[4]["image"], next(source.folder.glob("*-train.array_record*"))
    if damage == "description":
        (source.folder / "dataset_info.json").unlink()
    elif damage == "file":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-4000])
    del source
    np.testing.assert_array_equal(birds("train", folder=tmp_path, **COUNTS)[4]["image"], expected)


def test_a_killed_run_leaves_nothing_that_is_taken_for_whole(tmp_path):
    code = f"from jxai.data import birds; birds('train', folder={str(tmp_path)!r}, train=60, val=2, test=2)"
    process = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("birds/*/incomplete.*/*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert list(tmp_path.glob("birds/*/incomplete.*")), "the run was killed before or after it wrote"
    source = birds("train", folder=tmp_path, train=60, val=2, test=2)
    assert [source[i]["id"] for i in (0, 30, 59)] == [0, 30, 59]


@pytest.fixture
def two_processes(monkeypatch):
    monkeypatch.setattr(worker, "FEW", 0)
    monkeypatch.setattr(worker, "cores", lambda: 2)


def test_several_processes_draw_what_one_draws(two_processes):
    options = {"species": 20, "size": 32, "seed": 0}
    several = list(birds_worker.drawn("test", 5, **options))
    assert [example["id"] for example in several] == [draw_example("test", i, size=32)["id"] for i in range(5)]
    assert several[3].keys() == birds_worker.encoded("test", 3, **options).keys()
    assert several[3]["image"] == birds_worker.encoded("test", 3, **options)["image"]


def test_a_process_that_fails_is_an_error(two_processes):
    with pytest.raises(RuntimeError, match="ended early"):
        list(birds_worker.drawn("test", 4, species=0, size=32, seed=0))


def test_progress_is_reported_and_nothing_is_printed(tmp_path, capfd):
    calls = []
    birds("train", folder=tmp_path, progress=lambda done, total: calls.append((done, total)), **COUNTS)[0]
    assert calls == [(n, 12) for n in range(1, 13)]
    assert "".join(capfd.readouterr()) == ""


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"split": "dev"}, "expected a split of"),
        ({"species": 1}, "expected 2 to 200 species"),
        ({"size": 8}, "expected a size of 16 to 1024"),
        ({"val": 0}, "examples in 'val'"),
    ],
)
def test_bad_arguments(tmp_path, change, message):
    arguments = {"split": "train", "folder": tmp_path} | change
    with pytest.raises(ValueError, match=message):
        birds(arguments.pop("split"), **arguments)
    assert not list(tmp_path.iterdir())
