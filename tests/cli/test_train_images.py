"""`jxai train classifier` on scenes, CUB and ADE20K."""

import numpy as np
import pytest
from PIL import Image

from jxai.cli.app import main
from jxai.data.spec import DataSpec
from jxai.pipelines.run_data import data_of_run
from tests.tiny_runs import fewer_examples


@pytest.fixture(autouse=True)
def leave_jax_as_it_is(monkeypatch, tmp_path):
    monkeypatch.setattr("jxai.cli.train_classifier.prepare", lambda devices=None: None)
    fewer_examples(monkeypatch, "scenes", 16, 4, 4)
    monkeypatch.setenv("JXAI_CACHE", str(tmp_path / "cache"))


def test_scenes(tmp_path, capsys):
    main(
        [
            "train",
            "classifier",
            "--data",
            "scenes",
            "--size",
            "32",
            "--epochs",
            "1",
            "--batch",
            "8",
            "--out",
            str(tmp_path / "run"),
        ]
    )
    assert "test accuracy" in capsys.readouterr().out
    assert (tmp_path / "run" / "model.json").read_text().count("living room") == 1
    assert data_of_run(tmp_path / "run") == DataSpec("scenes", options={"train": 16, "val": 4, "test": 4}).complete()


def test_a_folder(tmp_path, capsys):
    root, rows = tmp_path / "ade", []
    for kind, part, count in (("train", "training", 20), ("val", "validation", 4)):
        for n in range(1, count + 1):
            for top, ending in (("images", "jpg"), ("annotations", "png")):
                file = root / top / part / f"ADE_{kind}_{n:08d}.{ending}"
                file.parent.mkdir(parents=True, exist_ok=True)
                shape = (36, 40, 3) if ending == "jpg" else (36, 40)
                Image.fromarray(np.full(shape, n % 2, np.uint8)).save(file)
            rows.append(f"ADE_{kind}_{n:08d} {('a', 'b')[n % 2]}\n")
    (root / "sceneCategories.txt").write_text("".join(rows))
    (root / "objectInfo150.txt").write_text("Idx\tName\n1\twall\n")
    options = ["--size", "32", "--epochs", "1", "--batch", "8", "--out", str(tmp_path / "run")]
    train = ["train", "classifier", "--data", "ade20k"]
    main([*train, "--source", str(root), *options])
    assert "test accuracy" in capsys.readouterr().out
    assert data_of_run(tmp_path / "run") == DataSpec("ade20k", str(root))
    moved = root.rename(tmp_path / "moved")
    main([*train, "--source", str(moved), *options])  # finished: returned, and the new place is written down
    assert data_of_run(tmp_path / "run").source == str(moved)
    with pytest.raises(SystemExit, match="2"):
        main(["train", "classifier", "--data", "scenes", *options])
    assert "holds a run on ade20k, not on scenes" in capsys.readouterr().err


def test_the_sets_are_listed(capsys):
    main(["list"])
    said = capsys.readouterr().out
    assert all(name in said for name in ("scenes", "cub", "ade20k"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "cub"], "name the folder of cub by --source"),
        (["--data", "cub", "--source", "absent"], "no folder or file at absent"),
        (["--data", "ade20k", "--source", "absent"], "no folder at absent"),
        (["--data", "scenes", "--source", "x"], "scenes are made here: leave --source out"),
        (["--data", "birds", "--source", "x"], "birds are made here: leave --source out"),
        (["--data", "scenes", "--species", "8"], "scenes: there is no option 'species'"),
    ],
)
def test_refuses(tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        main(["train", "classifier", *arguments, "--out", "run"])
    assert message in capsys.readouterr().err.strip().splitlines()[-1]
    assert not (tmp_path / "run").exists()
