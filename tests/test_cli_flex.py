"""`jxai train flex`: from a classifier's run to a checkpoint that explains its pictures, and what it refuses."""

import json

import jax
import numpy as np
import pytest

from jxai.cli import main
from jxai.commands.flex_checkpoint import load_flex
from jxai.commands.flex_data import captioned, held_out
from jxai.commands.flex_reading import default_layers, reading_of
from jxai.commands.flex_speaker import say
from jxai.commands.flex_words import fitting_length, words_of
from jxai.commands.weights import load_weights
from jxai.data.birds import birds
from jxai.models import save_arrays, small_cnn
from jxai.run import checkpoints
from tests.tiny_runs import COUNTS, birds_run

SMALL = ["--epochs", "1", "--batch", "32", "--captions", "2", "--embedding", "6", "--image-embedding", "6"]
SMALL += ["--hidden", "6", "--k", "2", "--layers", "block1", "features", "--samples", "2"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder for the drawn birds, a classifier's run, and the explainers."""
    place = tmp_path_factory.mktemp("flex")
    birds_run(place / "run")
    return place


@pytest.fixture(autouse=True)
def leave_jax_as_it_is(monkeypatch, place):
    """The command line sets up JAX for its own process; tests have done so already."""
    monkeypatch.setattr("jxai.commands.train_flex.prepare", lambda devices=None: None)
    monkeypatch.setattr("jxai.commands.train.BIRDS", COUNTS)
    monkeypatch.setenv("JXAI_CACHE", str(place / "cache"))


def train(place, *more, out="flex", weights="run"):
    main(["train", "flex", "--weights", str(place / weights), "--out", str(place / out), *SMALL, *more])
    return place / out


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["train", "flex", *arguments])
    assert stop.value.code == 2
    return capsys.readouterr().err


@pytest.fixture(scope="module")
def trained(place):
    """An explainer of one epoch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jxai.commands.train_flex.prepare", lambda devices=None: None)
        patch.setattr("jxai.commands.train.BIRDS", COUNTS)
        patch.setenv("JXAI_CACHE", str(place / "cache"))
        return train(place)


def pictures():
    return np.stack([example["image"] for example in birds("test", species=6, size=32, **COUNTS)])


def test_explains_what_it_was_trained_for(place, trained, capsys):
    lines = (trained / "metrics.jsonl").read_text()
    train(place)  # finished: returned
    said = capsys.readouterr().out
    assert (trained / "metrics.jsonl").read_text() == lines
    assert "BLEU-4" in said and said.count("This is a") == 2
    speaker = load_flex(trained)
    heard = say(speaker, pictures())
    loaded = load_weights(None, place / "run")
    logits = jax.vmap(loaded.model.apply, in_axes=(None, 0))(loaded.params, loaded.model.preprocess(pictures() / 255.0))
    assert [said.label for said in heard] == logits.argmax(1).tolist()
    for one in heard:
        assert one.because == f"This is a {speaker.classes[one.label]} because {one.sentence}".replace(
            "a Olive", "an Olive"
        )
        stop = one.tokens.tolist().index(speaker.vocabulary.stop)
        assert not one.tokens[stop + 1 :].any() and one.relevant.shape == (sum(speaker.layers.values()),)


def test_speaks_under_jit_and_vmap_of_either_kind_of_picture(trained):
    speaker, images = load_flex(trained), pictures()[:3]
    one = speaker.speak(images[0], speaker.params)
    many = jax.jit(jax.vmap(speaker.speak, in_axes=(0, None)))(images.astype(np.float32) / 255, speaker.params)
    np.testing.assert_array_equal(many.tokens[0], one.tokens)
    wider = load_flex(trained, width=3)
    assert wider.speak(images[0], wider.params).tokens.shape == one.tokens.shape


def test_refuses_a_classifier_that_it_was_not_trained_for(place, trained):
    other = load_weights(None, place / "run")
    changed = jax.tree.map(lambda leaf: leaf + 1, other.params)
    with pytest.raises(ValueError, match="explains another classifier.*train an explainer of this one"):
        load_flex(trained, other._replace(params=changed))
    with pytest.raises(ValueError, match=r"has no flex\.json"):
        load_flex(place / "run")


def test_refuses_a_damaged_or_unfinished_run(trained, tmp_path):
    about = json.loads((trained / "flex.json").read_text())
    (tmp_path / "flex.json").write_text(json.dumps(about))
    (tmp_path / "associations.npz").write_bytes((trained / "associations.npz").read_bytes())
    with pytest.raises(ValueError, match="has not finished an epoch"):
        load_flex(tmp_path)
    (tmp_path / "flex.json").write_text(json.dumps({**about, "associations": "0"}))
    with pytest.raises(checkpoints.CheckpointError, match="not what was saved"):
        load_flex(tmp_path)
    (tmp_path / "flex.json").write_text(json.dumps({**about, "format": 0}))
    with pytest.raises(ValueError, match="format 0"):
        load_flex(tmp_path)
    moved = {**about, "classifier": {**about["classifier"], "path": str(tmp_path / "gone")}}
    (tmp_path / "flex.json").write_text(json.dumps(moved))
    with pytest.raises(ValueError, match="is no longer; name its weights"):
        load_flex(tmp_path)


@pytest.mark.parametrize("method", ["gve", "mme"])
def test_the_baselines_are_told_the_class(place, method, capsys):
    out = train(place, "--method", method, "--without", "0", out=method)
    assert f"{method}, best epoch 1 of 1" in capsys.readouterr().out
    speaker = load_flex(out)
    assert speaker.params["learnt"].tolist() == [False] + [True] * 5
    assert len(say(speaker, pictures()[:2])) == 2


def test_pretrained_weights_get_a_last_layer_for_the_classes(place, capsys):
    save_arrays(place / "weights.npz", small_cnn(classes=9, size=32).init(jax.random.key(3)))
    (place / "weights.json").write_text(json.dumps({"input": {"shape": [1, 32, 32, 3]}}))
    more = ["--model", "small_cnn", "--data", "birds", "--species", "6", "--method", "baseline"]
    out = train(place, *more, out="fitted", weights="weights.npz")
    speaker = load_flex(out)
    assert speaker.model.classes == 6 and len(speaker.classes) == 6
    assert (out / "classifier" / "model.json").is_file()
    wrong = ["--weights", str(place / "weights.npz"), "--out", str(place / "kept"), *SMALL, *more, "--keep-head"]
    assert "9 outputs for classes, the data have 6" in refused(capsys, *wrong)


@pytest.mark.parametrize(
    "more, says",
    [
        (["--layers", "block9"], "unknown layer 'block9'"),
        (["--layers", "logits"], "has no channels over places"),
        (["--data", "ade20k"], "data set with captions"),
        (["--without", "top"], "name classes"),
        (["--without", "Dodo"], "no class is called 'Dodo'"),
        (["--relevance", "0.5"], "settings differ"),
        (["--least", "100000"], "no word occurs"),
    ],
)
def test_refuses(place, trained, capsys, more, says):
    given = ["--weights", str(place / "run"), "--out", str(trained), *SMALL]
    assert says in refused(capsys, *given, *more)


def test_refuses_what_stands_before_flex(place, capsys):
    with pytest.raises(SystemExit):
        main(["train", "--data", "scenes", "flex", "--weights", str(place / "run")])
    assert "come after the word flex" in capsys.readouterr().err


def source_of(rows):
    image = np.zeros((4, 4, 3), np.uint8)
    return [{"image": image, "label": k % 2, "id": k, "captions": captions} for k, captions in enumerate(rows)]


def test_pictures_without_captions_are_left_out():
    rows = source_of([["a red bird"], [], ["", "..."], ["a crown.", ""]])
    del rows[1]["captions"]
    found = captioned(rows, offset=1)
    assert found.left_out == 2 and found.captions == [["a red bird"], ["a crown."]]
    assert found.labels.tolist() == [1, 2] and found.places.tolist() == [0, 3]
    with pytest.raises(ValueError, match="none of the 1 pictures has a caption"):
        captioned(source_of([[]]))
    rows[0]["image"] = np.zeros((5, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="pictures of one size"):
        captioned(rows)


def test_held_out_classes_are_apart():
    data = captioned(source_of([["a bird"]] * 4))
    seen, unseen = held_out({"train": data}, [1])
    assert seen["train"].labels.tolist() == [0, 0] and unseen["train"].places.tolist() == [1, 3]
    with pytest.raises(ValueError, match="0 of 4 pictures"):
        held_out({"train": data}, [5])


def test_a_vocabulary_needs_nouns():
    with pytest.raises(ValueError, match="noun"):
        words_of(captioned(source_of([["it is and was"]] * 3)), least=1)
    assert fitting_length(["a bird"] * 99 + ["a b c d e f g"]) == 3


def test_layers(place):
    loaded = load_weights(None, place / "run")
    assert default_layers(loaded) == ("block0", "block1", "block2", "block3", "features")  # block4 is features
    assert reading_of(loaded, layers=("features", "block1")).layers == ("block1", "features")
