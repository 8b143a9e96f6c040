"""`jxai text` on good and bad input; and a method that ties the pieces of a word."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import tyro

from jxai import models
from jxai.cli import text as text_command
from jxai.cli.settings.text import Text
from jxai.data.tokens import SPECIAL
from jxai.methods import METHODS, Method
from jxai.run.outputs import load_maps

pytest.importorskip("tokenizers", reason="tokenizers (extra `text`) is not installed")

VOCABULARY = [*SPECIAL, "the", "ja", "##y", "sings", ".", "not"]
SIZES = dict(depth=1, width=8, heads=2, vocabulary=len(VOCABULARY), length=9)
TEXTS = ["The jay sings.", "Not the <b>jay</b>"]


@pytest.fixture(autouse=True)
def leave_jax_as_it_is(monkeypatch):
    monkeypatch.setattr("jxai.cli.job.prepare", lambda devices=None: None)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    (folder / "vocab.txt").write_text("\n".join(VOCABULARY))
    (folder / "labels.txt").write_text("bad\ngood\nodd\n")
    for name, classes in (("classifier", 3), ("encoder", None)):
        model = models.bert(**SIZES, classes=classes)
        numbers = np.random.default_rng(1)
        template = jax.eval_shape(model.init, jax.random.key(0))
        params = jax.tree.map(lambda p, draw=numbers: jnp.asarray(draw.normal(0, 0.8, p.shape), p.dtype), template)
        models.save_arrays(folder / f"{name}.npz", params)
    return folder


def explain(place, *more, texts=TEXTS, weights="classifier", heads=2):
    given = ["--weights", str(place / f"{weights}.npz"), "--no-colour", "--steps", "4", "--samples", "2"]
    given += [] if heads is None else ["--heads", str(heads)]
    text_command.run(tyro.cli(Text, args=[*texts, *given, *more]))


def test_explains_sentences_and_writes_what_it_found(place, capsys):
    methods = ["integrated_gradients", "smoothgrad", "contrast"]
    explain(place, "--method", *methods, "--target", "top", "odd", "--labels", str(place / "labels.txt"),
            "--out", str(place / "out"))  # fmt: skip
    said = capsys.readouterr().out
    assert "odd\n" in said and said.count("strongest: ") >= 2 * 3 and "\x1b[" not in said
    raw, about = load_maps(place / "out" / "attributions.npz")
    cases = len(about["targets"])
    assert 2 <= cases <= 4 and about["words"][0] == ["The", "jay", "sings", "."]
    assert about["words"][-1] == ["Not", "the", "<", "b", ">", "jay"], "the limit of the model cuts whole words"
    for method in methods:
        attribution, words = raw[f"{method}/attribution"], raw[f"{method}/words/0"]
        assert attribution.shape == (cases, 9, 8) and words.shape == (4,)
        pieces = attribution[0].sum(-1)
        np.testing.assert_allclose(words, [pieces[1], pieces[2] + pieces[3], pieces[4], pieces[5]], rtol=1e-4)
        assert not np.any(attribution[0, 7:]), "padding"
    page = (place / "out" / "report.html").read_text()
    assert "<b>" not in page and page.count('<figure class="jxai-text">') == cases * 3
    assert "good" in page and "%" in page


def test_words_are_measured(place, capsys):
    explain(place, "--measure", "deletion", "comprehensiveness", "--target", "2", "--out",
            str(place / "out"), texts=TEXTS[:1])  # fmt: skip
    (line,) = re.findall(r"integrated_gradients: deletion (\S+), comprehensiveness (\S+)", capsys.readouterr().out)
    model, params = models.load_text("bert", place / "classifier.npz", heads=2)
    raw, _ = load_maps(place / "out" / "attributions.npz")
    words = raw["integrated_gradients/words/0"]
    pieces, order = [[5], [6, 7], [8], [9]], np.argsort(-words)

    def probability(gone):
        tokens = [2, *(0 if word in gone else piece for word, one in enumerate(pieces) for piece in one), 3]
        return float(jax.nn.softmax(model.apply(params, model.embed(params, jnp.array(tokens))))[2])

    by_removed = [probability(order[:k]) for k in range(5)]
    curve = np.array([by_removed[round(k * 4 / 32)] for k in range(33)])  # 32 steps, each a whole number of words
    assert float(line[0]) == pytest.approx(np.mean((curve[1:] + curve[:-1]) / 2), abs=2e-3)
    drops = [by_removed[0] - by_removed[round(0.05 * k * 4)] for k in range(1, 20)]
    assert float(line[1]) == pytest.approx(np.mean(drops), abs=2e-3)
    page = (place / "out" / "report.html").read_text()
    assert "comprehensiveness" in page and "the baseline of absent words" in page


def test_integrated_gradients_are_complete_from_absent_words(place):
    explain(place, "--steps", "300", "--target", "2", "--baseline", "mask", "--out", str(place / "out"))
    raw, _ = load_maps(place / "out" / "attributions.npz")
    model, params = models.load_text("bert", place / "classifier.npz", heads=2)
    there, absent = (jnp.array([2, *inner, 3]) for inner in ((5, 6, 7, 8, 9), (4, 4, 4, 4, 4)))
    logits = [model.apply(params, model.embed(params, tokens))[2] for tokens in (there, absent)]
    assert abs(float(logits[0] - logits[1])) > 1e-3
    np.testing.assert_allclose(raw["integrated_gradients/words/0"].sum(), logits[0] - logits[1], rtol=0.02)


def test_methods_that_build_on_others_get_what_those_need(place):
    options = ["--over", "integrated_gradients", "--baseline", "mask", "--steps", "300", "--target", "2"]
    explain(place, "--method", "idgi", "contrast", *options, "--out", str(place / "out"), texts=TEXTS[:1])
    raw, _ = load_maps(place / "out" / "attributions.npz")
    model, params = models.load_text("bert", place / "classifier.npz", heads=2)
    there, absent = (jnp.array([2, *inner, 3]) for inner in ((5, 6, 7, 8, 9), (4, 4, 4, 4, 4)))
    logits = np.stack([model.apply(params, model.embed(params, tokens)) for tokens in (there, absent)])
    change = logits[0] - logits[1]
    np.testing.assert_allclose(raw["idgi/attribution"].sum(), change[2], rtol=1e-3)
    against = np.argmax(logits[0, :2])
    np.testing.assert_allclose(raw["contrast/attribution"].sum(), change[2] - change[against], rtol=0.02)


def test_an_encoder_is_explained_by_similarity(place, capsys):
    explain(place, "--like", "the jay", "--method", "gradient", weights="encoder")
    said = capsys.readouterr().out
    assert said.count("similar to: the jay") == 2 and re.search(r"strongest: .*\d", said)


def _halved(score, *, count=None):
    """Half of the score's drop without a word, on each of its pieces."""

    def explain(x, *args, key=None, baseline, groups):
        del key
        assert count == 4, "groups are traced: their number must come with the options"
        same = groups.reshape(-1, 1) == groups.reshape(1, -1)
        without = jax.vmap(lambda piece: jnp.where(piece.reshape(-1, 1), baseline, x))(same)
        return (score(x, *args) - jax.vmap(lambda w: score(w, *args))(without)) / 2

    return explain


def test_methods_with_groups_give_the_word_its_value_once(place, monkeypatch):
    facts = {"needs": ("baseline", "groups"), "shape": "places", "options": ("count",)}
    monkeypatch.setitem(METHODS, "halved", Method("halved", _halved, "perturbation", "Halved", **facts))
    explain(place, "--method", "halved", "--target", "1", "--out", str(place / "out"), texts=TEXTS[:1])
    raw, _ = load_maps(place / "out" / "attributions.npz")
    attribution, words = raw["halved/attribution"][0], raw["halved/words/0"]
    assert attribution.shape == (7,) and attribution[2] == attribution[3] != 0
    np.testing.assert_allclose(words, attribution[np.array([1, 2, 4, 5])], rtol=1e-6)


@pytest.mark.parametrize(
    "more, where, message",
    [
        ((), dict(texts=[]), "at least one sentence"),
        ((), dict(texts=[" "]), "expected sentences with words"),
        ((), dict(heads=None), "number of attention heads does not follow"),
        ((), dict(weights="encoder"), "name a sentence to be similar to: --like"),
        (("--like", "jay"), {}, "--like is for encoders; this model has 3 classes"),
        (("--method", "gradeint"), {}, "unknown method 'gradeint'; did you mean gradient"),
        (("--measure", "rationale_sufficiency"), {}, "unknown measure of texts 'rationale_sufficiency'"),
        (("--method", "grad_cam"), {}, "grad_cam explains a layer; name a tap by --at"),
        (("--method", "contrast", "--like", "jay"), dict(weights="encoder"), "contrast needs against, which a text"),
        (("--method", "smoothgrad", "--over", "smoothgrad"), {}, "over must be a method of a score"),
        (("--baseline", "black"), {}, "unknown baseline 'black'; there are pad, mask, zero"),
        (("--score", "logits"), {}, "unknown score 'logits'"),
        (("--target", "great"), {}, "no class is called 'great'"),
        (("--vocab", "absent.txt"), {}, "absent.txt"),
    ],
)
def test_refusals(place, more, where, message):
    with pytest.raises((ValueError, OSError), match=message):
        explain(place, *more, "--out", str(place / "out"), **where)
    assert not (place / "out").exists()


def test_a_vocabulary_of_another_model(place):
    (place / "more.txt").write_text("\n".join([*VOCABULARY, "wren"]))
    with pytest.raises(ValueError, match="has a token 11, but the model only 11 tokens; name .* by --vocab"):
        explain(place, "--vocab", str(place / "more.txt"), texts=["the wren"])


def test_what_is_there_stays(place):
    (place / "out").mkdir()
    with pytest.raises(ValueError, match="exists; name another folder by --out"):
        explain(place, "--out", str(place / "out"))
    (place / "vocab.txt").unlink()
    with pytest.raises(ValueError, match="no tokenizer.json or vocab.txt beside classifier.npz; name one by --vocab"):
        explain(place)
