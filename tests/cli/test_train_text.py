"""`jxai train text`, and `jxai text` on what it trained."""

import dataclasses
import json
from pathlib import Path

import jax
import pytest
import tyro

from jxai import models
from jxai.cli.app import main
from jxai.cli.settings.train import TrainText
from jxai.data.tokens import SPECIAL
from jxai.pipelines.checkpoints import load_weights
from jxai.run.outputs import load_maps
from jxai.train.config import FINE_TUNING, TextConfig
from tests.tiny_runs import fewer_examples

pytest.importorskip("tokenizers", reason="tokenizers (extra `text`) is not installed")

PIECES = [*SPECIAL, "a", "the", "film", "fine", "dull", "no", "##e", "."]


@pytest.fixture(autouse=True)
def leave_jax_as_it_is(monkeypatch, tmp_path):
    for module in ("train_text", "job"):
        monkeypatch.setattr(f"jxai.cli.{module}.prepare", lambda devices=None: None)
    fewer_examples(monkeypatch, "reviews", 16, 4, 4)
    monkeypatch.setenv("JXAI_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def encoder(tmp_path):
    """A folder as Hugging Face's: weights, configuration, vocabulary."""
    folder = tmp_path / "encoder"
    folder.mkdir()
    model = models.bert(depth=1, width=8, heads=2, vocabulary=len(PIECES), length=16)
    models.save_arrays(
        folder / "model.safetensors", jax.tree.map(lambda leaf: 10 * leaf, model.init(jax.random.key(0)))
    )
    (folder / "vocab.txt").write_text("\n".join(PIECES))
    return folder


@pytest.fixture
def sentences(tmp_path):
    folder = tmp_path / "sst"
    folder.mkdir()
    for name in ("train", "dev", "test"):
        (folder / f"{name}.tsv").write_text("sentence\tlabel\n" + "a fine film .\t1\nthe film no dull dull\t0\n" * 8)
    return folder


def said(capsys, *arguments):
    main([str(argument) for argument in arguments])
    return capsys.readouterr().out


def refused(capsys, *arguments):
    with pytest.raises(SystemExit, match="2"):
        main([str(argument) for argument in arguments])
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_from_scratch_and_explained(tmp_path, capsys):
    out = tmp_path / "run"
    train = [
        "train",
        "text",
        "--data",
        "reviews",
        "--epochs",
        "1",
        "--batch",
        "8",
        "--length",
        "64",
        "--vocabulary",
        "300",
    ]
    assert "test accuracy" in said(capsys, *train, "--out", out)
    assert sorted(path.name for path in out.iterdir()) == [
        "best",
        "data.json",
        "labels.txt",
        "latest",
        "metrics.jsonl",
        "model.json",
        "vocab.txt",
    ]
    stamp = (out / "metrics.jsonl").read_text()
    assert set(json.loads(stamp)) >= {"loss", "validation_accuracy"}
    said(capsys, *train, "--out", out)
    assert (out / "metrics.jsonl").read_text() == stamp
    about = (out / "model.json").read_text()
    assert "vocab.txt is another vocabulary" in refused(capsys, *train[:-1], "200", "--out", out)
    assert "holds the run of a text_transformer with other settings" in refused(
        capsys, *train, "--length", "32", "--out", out
    )
    assert (out / "model.json").read_text() == about
    shown = said(capsys, "text", "The film is never dull.", "--weights", out, "--method", "gradient", "--no-colour",
                 "--target", "negative", "positive", "--out", tmp_path / "explained")  # fmt: skip
    assert "negative\n" in shown and "positive\n" in shown
    raw, about = load_maps(tmp_path / "explained" / "attributions.npz")
    assert about["targets"] == ["negative", "positive"] and raw["gradient/words/0"].shape == (6,)
    assert "holds a text_transformer, not a bert" in refused(
        capsys, "text", "A film.", "--weights", out, "--model", "bert"
    )
    with pytest.raises(ValueError, match="a model of texts; explain texts by jxai text"):
        load_weights(None, out)


def test_fine_tuned_and_explained(tmp_path, capsys, encoder, sentences):
    out = tmp_path / "run"
    train = [
        "train",
        "text",
        "--data",
        "sst",
        "--source",
        sentences,
        "--weights",
        encoder,
        "--length",
        "16",
        "--batch",
        "4",
    ]
    train += ["--epochs", "6", "--learning-rate", "0.02", "--examples", "12"]
    assert "does not follow from model.safetensors" in refused(capsys, *train, "--out", out)
    assert "the model takes 16 tokens" in refused(capsys, *train, "--heads", "2", "--length", "17", "--out", out)
    assert "test accuracy 100.0%" in said(capsys, *train, "--heads", "2", "--out", out)
    about = json.loads((out / "model.json").read_text())
    assert about["options"] | {"classes": 2, "depth": 1, "heads": 2, "length": 16} == about["options"]
    shown = said(capsys, "text", "The film: no dull.", "--weights", out, "--method", "gradient", "--no-colour")
    assert shown.startswith("negative") and "no" in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ["text", "--shift", "2"],
        ["text", "--no-flip"],
        ["text", "--data", "birds"],
        ["classifier", "--length", "20"],
        ["classifier", "--examples", "20"],
        ["classifier", "--fine"],
        ["classifier", "--data", "reviews"],
    ],
)
def test_what_others_have_cannot_be_typed(tmp_path, capsys, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        main(["train", *arguments])
    assert arguments[1] in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_defaults_follow_the_weights():
    assert TrainText().config == TextConfig()
    assert TrainText(weights=Path("w")).config == FINE_TUNING
    own = tyro.cli(TrainText, args=["--weights", "w", "--learning-rate", "0.002"]).config
    assert own == dataclasses.replace(FINE_TUNING, learning_rate=0.002)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "movies"], "name the archive or folder of movies by --source"),
        (["--data", "movies", "--source", "none.tar.gz"], "no folder or archive at none.tar.gz"),
        (["--data", "reviews", "--source", "x"], "reviews are made here"),
        (["--data", "reviews", "--fine"], "reviews: there is no option 'fine'"),
        (["--data", "reviews", "--model", "bert"], "bert is trained from a pretrained encoder"),
        (["--data", "reviews", "--model", "small_cnn"], "unknown text model 'small_cnn'"),
        (["--data", "reviews", "--examples", "17"], "expected 1 to 16, the size of the training set, got 17"),
        (["--data", "reviews", "--length", "1"], "expected length in 3"),
        (["--data", "reviews", "--weights", "none.npz"], "no weight file at none.npz"),
        (["--data", "reviews", "--weights", "."], "expected one weight file"),
    ],
)
def test_refuses(tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in refused(capsys, "train", "text", *arguments, "--out", "run")
    assert not (tmp_path / "run").exists()
