"""`jxai describe`: what it says and writes, that it is the library's result, and what it refuses."""

import json
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

import jxai
from jxai import language
from jxai.cli.app import main
from jxai.data.birds.source import birds
from jxai.data.photos import fit, read_photo
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.words.checkpoint import load_flex
from jxai.pipelines.words.explain import explain_sentences
from jxai.pipelines.words.explainer import describe_images
from jxai.pipelines.words.parts import parts_of
from jxai.run.outputs import load_maps
from jxai.signal.maps import positive
from tests.tiny_runs import COUNTS, birds_run, flex_run


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a photograph, a classifier's run, two explainers of it, and pictures of a class."""
    place = tmp_path_factory.mktemp("words")
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 48, 3), np.uint8)).save(place / "photo.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JXAI_CACHE", str(place / "cache"))
        run = birds_run(place / "run")
        flex_run(place / "flex", run)
        flex_run(place / "gve", run, "gve", seed=1)
    (place / "examples" / "0").mkdir(parents=True)
    Image.fromarray(np.full((9, 9, 3), 200, np.uint8)).save(place / "examples" / "0" / "one.png")
    return place


@pytest.fixture(autouse=True)
def leave_jax_as_it_is(monkeypatch, place):
    """The command line sets up JAX for its own process; tests have done so already."""
    monkeypatch.setattr("jxai.cli.job.prepare", lambda devices=None: None)
    monkeypatch.setenv("JXAI_CACHE", str(place / "cache"))


def describe(place, out, *more, photo="photo.png"):
    photos = [str(place / photo)] if photo else []
    main(["describe", *photos, "--explainer", str(place / "flex"), "--out", str(out), *more])


def refused(capsys, call, out):
    with pytest.raises(SystemExit, match="2"):
        call()
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("jxai: ")]
    assert not out.exists()
    return line


def page_words(page):
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page.read_text(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


def test_a_photograph_as_the_library_has_it(place, tmp_path, capsys):
    out = tmp_path / "out"
    describe(place, out, "--beside", str(place / "gve"), "--samples", "2", "--beam", "2")
    speaker = load_flex(place / "flex", width=2)
    image = fit(read_photo(place / "photo.png"), 32, crop=speaker.model.crop, resample=speaker.model.resample)
    (expected,) = describe_images(speaker, image[None], channels=True)
    record = json.loads((out / "photo.json").read_text())
    assert record["tokens"] == expected.tokens.tolist() and record["because"] == expected.because
    said = capsys.readouterr().out
    assert f"photo: {expected.because}" in said and "GVE: " in said and said.count("drawn") == 2
    assert [other["method"] for other in record["others"]] == ["FLEX, drawn 1", "FLEX, drawn 2", "GVE"]

    score, x, own = jxai.scores.logit(speaker.model.apply), speaker.model.preprocess(jnp.asarray(image)), speaker.params
    raw, _ = load_maps(out / "photo.npz")
    heat = positive(jxai.grad_cam(score, at="features")(x, expected.label, own["classifier"]))
    np.testing.assert_allclose(raw["grad_cam"], heat, atol=1e-4 * float(heat.max()))
    decided = language.decision_words(jnp.asarray(expected.relevant), speaker.associations)
    np.testing.assert_array_equal(raw["decided"], decided)
    worth = -np.log(np.asarray(decided).sum() / len(speaker.vocabulary.words))
    for word in record["words"]:
        token = speaker.vocabulary.tokens[word["word"]]
        assert word["decided"] == bool(decided[token])
        assert word["relevance"] == pytest.approx(worth if decided[token] else 0.0, rel=1e-5)

    names = {path.name for path in out.iterdir()}
    assert {"photo_sentence.png", "photo_parts.png", "provenance.json", "report.html"} <= names
    assert record["places"] and all(0 <= part["x"] <= 1 and 0 <= part["y"] <= 1 for part in record["places"])
    text = page_words(out / "report.html")
    assert record["because"].split(" because ")[0] in text and "GVE" in text
    assert expected.sentence.capitalize().rstrip(".") in text.replace(" , ", ", ")


def test_the_map_of_a_word_is_made_of_its_own_channels(place):
    speaker = load_flex(place / "flex")
    image = np.random.default_rng(1).random((32, 32, 3)).astype(np.float32)
    label = np.array([3])
    heard = explain_sentences(speaker, image[None], label, named=parts_of(speaker, None).named, threshold=0.5)
    score, x, own = (
        jxai.scores.logit(speaker.model.apply),
        speaker.model.preprocess(jnp.asarray(image)),
        speaker.params["classifier"],
    )
    decision = language.decision_features(score, layers=("block1", "features"), at="features", k=2, variant="released")
    found = decision(x, 3, own)
    values = jxai.reap(lambda x: speaker.model.apply(own, x), "block1", "features")(x)
    carried = 0
    for place_, token in enumerate(heard.tokens[0].tolist()):
        expected, count, start = np.zeros((32, 32)), 0, 0
        mine = {}
        for name in ("block1", "features"):
            alpha = np.asarray(found.alpha[name])
            word = np.asarray(speaker.associations.word)[start : start + len(alpha)]
            mine[name] = (word == token) & (alpha > 0) & (token > 1), np.asarray(found.relevant[name])
            start += len(alpha)
        any_relevant = any((own_ & relevant).any() for own_, relevant in mine.values())
        for name, (own_, relevant) in mine.items():
            chosen = own_ & relevant if any_relevant else own_
            heat = np.asarray(values[name]) * np.asarray(found.alpha[name])
            heat = np.where(heat >= 0.5 * heat.clip(0).max((0, 1)), heat, 0).clip(0)
            whole = heat.sum(-1).mean() or 1.0
            summed = jnp.asarray(heat[..., chosen].sum(-1) / whole)
            expected += np.asarray(jax.nn.relu(jxai.signal.filters.resize(summed, (32, 32))))
            count += int(chosen.sum())
        assert heard.channels[0][place_] == count
        np.testing.assert_allclose(heard.maps[0][place_], expected, atol=1e-3 * max(expected.max(), 1))
        carried += count
    assert heard.probabilities.shape == (1, 6) and carried >= 0


def test_another_class_and_one_that_was_not_learnt(place, tmp_path, capsys):
    out = tmp_path / "out"
    describe(place, out, "--target", "0", "5", "--examples", str(place / "examples"), "--weights", str(place / "run"))
    said = capsys.readouterr().out
    assert "The network takes it for" in said
    names = load_flex(place / "flex").classes
    records = sorted((json.loads(file.read_text()) for file in out.glob("photo_*.json")), key=lambda one: one["output"])
    assert [record["class"] for record in records] == [names[0], names[5]]
    assert [record["learnt"] for record in records] == [True, False]
    text = page_words(out / "report.html")
    assert f"no picture of {names[5]} in its training" in text and f"Typical images of {names[0]}" in text


def test_images_that_the_classifier_is_wrong_about(place, tmp_path, monkeypatch, capsys):
    out, asked = tmp_path / "out", []

    def searching(*given, **options):
        asked.append(options["length_penalty"])
        return language.beam(*given, **options)

    monkeypatch.setattr("jxai.pipelines.words.explain.beam", searching)
    describe(place, out, "--wrong", "2", "--length-penalty", "0.3", photo=None)
    assert asked == [0.3]
    model, params, classes = load_weights(None, place / "run")
    source = birds("test", species=6, size=32, **COUNTS)
    images = np.stack([example["image"] for example in source]) / np.float32(255)
    predicted = np.asarray(jax.vmap(lambda i: model.apply(params, model.preprocess(i)))(jnp.asarray(images))).argmax(1)
    labels = np.array([example["label"] for example in source])
    wrong = np.flatnonzero(predicted != labels)[:2]
    assert re.findall(r"^test_(\d+):", capsys.readouterr().out, re.MULTILINE) == [str(k) for k in wrong]
    record = json.loads((out / f"test_{wrong[0]}.json").read_text())
    assert record["true"] == classes[labels[wrong[0]]] and record["predicted"] == classes[predicted[wrong[0]]]
    assert len(list(out.glob("*_mistake.png"))) == 2
    assert "mistaken for" in page_words(out / "report.html")


def test_a_sentence_without_features_says_so(place, tmp_path, monkeypatch, capsys):
    load = load_flex

    def silent(folder, loaded=None):
        speaker = load(folder, loaded)
        word = np.zeros_like(speaker.associations.word)
        return speaker._replace(associations=speaker.associations._replace(word=word))

    monkeypatch.setattr("jxai.cli.describe.load_flex", silent)
    describe(place, tmp_path / "out")
    assert "No word of the sentence goes with a feature" in capsys.readouterr().out
    assert not list((tmp_path / "out").glob("*_words.png")) and not list((tmp_path / "out").glob("*_parts.png"))


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--beam", "0"], "--beam: expected one sentence or more"),
        (["--length-penalty", "-1"], "--length-penalty: expected a power of 0 or more"),
        (["--samples", "-1"], "--samples: expected a number"),
        (["--least", "2"], "--least: expected a share"),
        (["--wrong", "-1"], "--wrong: expected a number"),
        (["--test", "1"], "either photographs, or test images"),
        (["--target", "dodo"], "no class is called 'dodo'"),
        (["--beside", "nowhere"], "expected the folder of a jxai train words run"),
        (["--data", "cub"], "--source"),
    ],
)
def test_wrong_words_get_one_line(place, tmp_path, capsys, more, says):
    assert says in refused(capsys, lambda: describe(place, tmp_path / "out", *more), tmp_path / "out")


def test_wrong_places_get_one_line(place, tmp_path, capsys):
    out = tmp_path / "out"
    assert "no such file" in refused(capsys, lambda: describe(place, out, photo="absent.png"), out)
    (tmp_path / "photo.jpg").write_text("no picture")
    assert "photo.jpg" in refused(
        capsys, lambda: describe(tmp_path, out, "--explainer", str(place / "flex"), photo="photo.jpg"), out
    )
    assert "either photographs" in refused(capsys, lambda: describe(place, out, photo=None), out)
    assert "test images 0 to 11" in refused(capsys, lambda: describe(place, out, "--test", "12", photo=None), out)
    other = birds_run(tmp_path / "other", species=8)
    says = refused(capsys, lambda: describe(place, out, "--weights", str(other)), out)
    assert "explains another classifier" in says
