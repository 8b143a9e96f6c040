"""The cached scenes: random access, splits, several processes, bad arguments."""

import numpy as np
import pytest

from jxai.data import worker
from jxai.data.scenes.draw import draw_scene
from jxai.data.scenes.source import scenes
from jxai.data.scenes.worker import encoded

COUNTS = {"train": 5, "val": 3, "test": 4}


def test_examples_are_those_that_are_drawn(tmp_path):
    source = scenes("val", folder=tmp_path, size=48, **COUNTS)
    assert len(source) == 3 and source.meta.frequencies.shape == (14, len(source.meta.objects))
    for index, example in enumerate(source):
        expected = draw_scene("val", index, size=48)
        assert example.keys() == expected.keys()
        for field in ("image", "masks"):
            np.testing.assert_array_equal(example[field], expected[field], err_msg=field)
        for field in ("label", "id", "activity", "captions"):
            assert example[field] == expected[field]
        for one, other in zip(example["instances"], expected["instances"], strict=True):
            assert one[::2] == other[::2]
            np.testing.assert_allclose(one.box, other.box, rtol=1e-6)
    assert source[-1]["id"] == source[2]["id"]
    with pytest.raises(IndexError, match="expected an index below 3"):
        source[3]


def test_splits_share_no_example(tmp_path):
    every = [example for split in COUNTS for example in scenes(split, folder=tmp_path, **COUNTS)]
    assert len({example["id"] for example in every}) == len({example["image"].tobytes() for example in every}) == 12


def test_other_arguments_have_their_own_files(tmp_path):
    folders = {scenes("test", folder=tmp_path, **COUNTS).folder, scenes("test", folder=tmp_path, **COUNTS).folder}
    folders |= {scenes("test", folder=tmp_path, seed=1, **COUNTS).folder}
    folders |= {scenes("test", folder=tmp_path, size=32, **COUNTS).folder}
    assert len(folders) == 3


def test_several_processes_draw_what_one_draws(monkeypatch):
    monkeypatch.setattr(worker, "FEW", 0)
    monkeypatch.setattr(worker, "cores", lambda: 2)
    several = list(worker.in_processes("jxai.data.scenes.worker", "test", 5, size=32, seed=0))
    alone = [encoded("test", index, size=32, seed=0) for index in range(5)]
    assert [example["image"] for example in several] == [example["image"] for example in alone]
    assert [example["captions"] for example in several] == [example["captions"] for example in alone]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"split": "dev"}, "expected a split of"),
        ({"size": 8}, "expected a size of 16 to 1024"),
        ({"val": 0}, "examples in 'val'"),
    ],
)
def test_bad_arguments(tmp_path, change, message):
    arguments = {"split": "train", "folder": tmp_path} | change
    with pytest.raises(ValueError, match=message):
        scenes(arguments.pop("split"), **arguments)
    assert not list(tmp_path.iterdir())
