"""`jxai text --method marc` on good and bad input."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import models
from jxai.cli.app import main
from jxai.core.scores import log_probability
from jxai.data.tokens import SPECIAL, word_piece
from jxai.pipelines.checkpoints import describe_text_run
from jxai.pipelines.texts.passages import joined, of_passages, passages
from jxai.run import checkpoints
from jxai.run.outputs import load_maps

pytest.importorskip("tokenizers", reason="tokenizers (extra `text`) is not installed")

VOCABULARY = [*SPECIAL, "the", "ja", "##y", "sings", ".", "not"]
SIZES = dict(depth=1, width=8, heads=2, vocabulary=len(VOCABULARY), length=9)
LONG = "The jay sings. " * 4  # 16 words, 20 pieces


@pytest.fixture(autouse=True)
def leave_jax_as_it_is(monkeypatch):
    monkeypatch.setattr("jxai.cli.job.prepare", lambda devices=None: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY))
    for name, classes in (("classifier", 2), ("encoder", None)):
        model = models.bert(**SIZES, classes=classes)
        numbers = np.random.default_rng(1)
        template = jax.eval_shape(model.init, jax.random.key(0))
        params = jax.tree.map(lambda p, draw=numbers: jnp.asarray(draw.normal(0, 0.8, p.shape), p.dtype), template)
        models.save_arrays(folder / f"{name}.npz", params)
        if classes:  # the same as a folder of `jxai train`, which needs no more settings
            about = {"model": "bert", "options": SIZES | {"classes": 2}, "classes": ["bad", "good"]}
            describe_text_run(folder / "run", about | {"cased": False, "length": 9}, VOCABULARY)
            checkpoints.save(folder / "run" / "best", params, {})
    return folder


def explained(capsys, place, *given, weights="classifier"):
    file = "run" if weights == "classifier" else f"{weights}.npz"
    main(["text", *given, "--weights", str(place / file), "--steps", "3", "--heads", "2", "--no-colour"])
    return capsys.readouterr().out


def refused(capsys, place, *given, **where):
    with pytest.raises(SystemExit) as stop:
        explained(capsys, place, *given, "--out", str(place / "out"), **where)
    assert stop.value.code == 2 and not (place / "out").exists()
    (line,) = [line for line in capsys.readouterr().err.strip().splitlines() if line.startswith("jxai: ")]
    return line


def test_rationales_of_short_and_long_texts(capsys, place):
    given = ["Not the jay.", LONG, "--method", "marc", "gradient", "--target", "1", "--out", str(place / "out")]
    said = explained(capsys, place, *given)
    assert said.count("P(rationale)") == 2 and "in 4 passages" in said
    assert "gradient" in said and "only the first 5 of 16 words" in " ".join(said.split())
    raw, about = load_maps(place / "out" / "attributions.npz")
    assert [len(words) for words in about["whole"]] == [4, 16] and len(about["words"][1]) == 5
    assert raw["marc/words/0"].shape == (4,) and raw["marc/words/1"].shape == (16,)
    assert (raw["marc/words/1"] > 0).all() and (raw["marc/words/1"] < 1).all()
    masks = raw["marc/attribution"]
    assert masks.shape[:2] == (2, 4) and not masks[0, 1:].any(), "a short text has one passage"
    assert "P(complement)" in (place / "out" / "report.html").read_text()


def test_what_is_said_of_the_rationale_is_so(capsys, place):
    said = explained(capsys, place, "Not the jay.", "--method", "marc", "--target", "1", "--out", str(place / "out"))
    mask = load_maps(place / "out" / "attributions.npz")[0]["marc/attribution"][0, 0]
    model, params = models.load_text("bert", place / "classifier.npz", heads=2)
    x, absent = (model.embed(params, jnp.array([2, *inner, 3])) for inner in ((10, 5, 6, 7, 9), (0,) * 5))
    shares = mask[: len(x), None]
    for name, mixed in (("rationale", shares * x + (1 - shares) * absent), ("text", x)):
        chance = jax.nn.softmax(model.apply(params, mixed))[1]
        assert f"P({name}) {chance:.2f}" in said


def test_passages_hold_every_word_and_one_that_fits_is_the_text(place):
    model, params = models.load_text("bert", place / "classifier.npz", heads=2)
    tokenize = word_piece(place / "vocab.txt")
    texts = [tokenize(LONG), tokenize("Not the jay.")]
    found = passages(texts, model.embed, params, length=9, absent=0)
    assert found.xs.shape[:2] == found.present.shape and found.present[1].tolist() == [True, False, False, False]
    assert sorted({word for words in found.words[0] for word in words}) == list(range(16))
    for row, text in enumerate(texts):
        numbers = np.where(found.everywhere[row] < 0, 0.0, found.everywhere[row])
        np.testing.assert_allclose(joined(numbers, found.groups[row], found.words[row]), np.arange(len(text.words)))
    alone = texts[1]
    score = of_passages(log_probability(models.masked(model.apply)))
    whole = score(jnp.asarray(found.xs[1]), jnp.asarray(found.present[1]), 0, (params, found.masks[1]))
    expected = jax.nn.log_softmax(model.apply(params, model.embed(params, alone.tokens)))[0]
    np.testing.assert_allclose(whole, expected, rtol=1e-5)
    np.testing.assert_array_equal(found.absent[0][found.groups[0] < 0], found.xs[0][found.groups[0] < 0])


def test_a_text_is_the_same_from_a_file(capsys, place):
    (place / "review.txt").write_text("The jay sings.\n")
    wanted = ["--method", "marc", "--target", "1", "--seed", "5"]
    explained(capsys, place, "The jay sings.", *wanted, "--out", str(place / "one"))
    for number, text in enumerate((f"@{place / 'review.txt'}", str(place / "review.txt"))):
        out = place / f"again{number}"
        assert "P(rationale)" in explained(capsys, place, text, *wanted, "--out", str(out))
        one, other = (load_maps(folder / "attributions.npz")[0] for folder in (place / "one", out))
        np.testing.assert_array_equal(one["marc/words/0"], other["marc/words/0"])
    record = json.loads((place / "again0" / "provenance.json").read_text())["arguments"]
    assert record["texts"] == ["The jay sings.\n"] and record["model"] == "bert" and record["length"] == 9


@pytest.mark.parametrize(
    "given, message",
    [
        (("", "--method", "marc"), "expected sentences with words"),
        (("jay", "--method", "marc"), "a text of two words or more, not 'jay' alone"),
        (("@absent.txt",), "absent.txt cannot be read: No such file"),
        (("absent.txt",), "absent.txt cannot be read: No such file"),
        (("The jay", "--method", "marc", "--score", "probability"), "needs the logarithm of a probability"),
        (("The jay", "--method", "marc", "--score", "logit"), "needs the logarithm of a probability"),
        ((), "expected at least one sentence"),
    ],
)
def test_refusals(capsys, place, given, message):
    assert message in refused(capsys, place, *given)


def test_files_that_are_no_texts(capsys, place):
    (place / "empty.txt").write_text(" \n")
    (place / "bytes.txt").write_bytes(b"The \xff jay")
    assert "holds no words" in refused(capsys, place, f"@{place / 'empty.txt'}")
    assert "is not UTF-8 (byte 4)" in refused(capsys, place, str(place / "bytes.txt"))
    assert "cannot be read" in refused(capsys, place, f"@{place}")


def test_an_encoder_has_no_rationale(capsys, place):
    given = ("The jay", "--method", "marc", "--like", "the jay")
    assert "marc needs a model with classes" in refused(capsys, place, *given, weights="encoder")
