"""`jxai train words`: from a classifier's run to a checkpoint that explains its pictures, and what it refuses."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai.cli.app import main
from jxai.data.birds.source import birds
from jxai.data.spec import load
from jxai.models import save_arrays, small_cnn
from jxai.pipelines.checkpoints import load_weights
from jxai.pipelines.words.captioners import class_weights
from jxai.pipelines.words.checkpoint import load_flex
from jxai.pipelines.words.explainer import describe_images
from jxai.pipelines.words.layers import default_layers, reading_of
from jxai.pipelines.words.prepare import prepare_words
from jxai.pipelines.words.settings import FlexSettings
from jxai.pipelines.words.train import train_explainer
from jxai.run import checkpoints
from tests.tiny_runs import COUNTS, birds_data, birds_run, fewer_examples

SIZES = {"epochs": 1, "batch": 32, "captions": 2, "embedding": 6, "image_embedding": 6, "hidden": 6}
SMALL = [word for name, value in SIZES.items() for word in (f"--{name.replace('_', '-')}", str(value))]
SMALL += ["--k", "1", "--layers", "features", "--samples", "2", "--per-device", "8"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder for the drawn birds, a classifier's run, and the explainers."""
    place = tmp_path_factory.mktemp("flex")
    birds_run(place / "run")
    return place


@pytest.fixture(scope="module", autouse=True)
def leave_jax_as_it_is(place):
    """The command line sets up JAX for its own process; tests have done so already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jxai.cli.train_words.prepare", lambda devices=None: None)
        fewer_examples(patch, "birds", *COUNTS.values())
        patch.setenv("JXAI_CACHE", str(place / "cache"))
        yield


def train(place, *more, out="trained", weights="run"):
    main(["train", "words", "--weights", str(place / weights), "--out", str(place / out), *SMALL, *more])
    return place / out


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(["train", "words", *arguments])
    assert stop.value.code == 2
    return capsys.readouterr().err


@pytest.fixture(scope="module")
def trained(place, leave_jax_as_it_is):
    """The explainer of `test_explains_what_it_was_trained_for`, trained here where that did not run."""
    return place / "trained" if (place / "trained" / "best").exists() else train(place)


def pictures():
    return np.stack([example["image"] for example in birds("test", species=6, size=32, **COUNTS)])


def test_explains_what_it_was_trained_for(place, capsys):
    out = train(place)
    said, lines = capsys.readouterr().out, (out / "metrics.jsonl").read_text()
    assert "BLEU-4" in said and said.count("This is a") == 2
    speaker = load_flex(out)
    heard = describe_images(speaker, pictures(), channels=True, per_device=8)
    loaded = load_weights(None, place / "run")
    xs = pictures().astype(np.float32) / 255
    logits = jax.vmap(lambda x: loaded.model.apply(loaded.params, loaded.model.preprocess(x)))(xs)
    assert [one.label for one in heard] == logits.argmax(1).tolist()
    for one in heard:
        assert one.because.endswith(f"{speaker.classes[one.label]} because {one.sentence}")
        stop = one.tokens.tolist().index(speaker.vocabulary.stop)
        assert not one.tokens[stop + 1 :].any()
        assert one.relevant.sum() == 1 and one.relevant.shape == (sum(speaker.layers.values()),)  # k = 1, one layer
    assert len(lines.splitlines()) == 1
    assert speaker.data == birds_data().complete()


def test_speaks_under_jit_and_vmap_of_either_kind_of_picture(trained):
    speaker, images = load_flex(trained), pictures()[:3]
    one = speaker.describe(images[0], speaker.params)
    many = jax.jit(jax.vmap(speaker.describe, in_axes=(0, None)))(images.astype(np.float32) / 255, speaker.params)
    np.testing.assert_array_equal(many.tokens[0], one.tokens)
    wider = load_flex(trained, width=3)
    assert wider.describe(images[0], wider.params).tokens.shape == one.tokens.shape


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
    with pytest.raises(ValueError, match="is not at .*gone; name its weights"):
        load_flex(tmp_path)


@pytest.fixture(scope="module")
def prepared(place, leave_jax_as_it_is):
    """What explainers learn from, of two layers, without the first class, with maps."""
    loaded = load_weights(None, place / "run")
    sources = load(birds_data(), 32).sources
    reading = reading_of(loaded, layers=("block3", "features"), k=2)
    return prepare_words(loaded, sources, reading, captions=2, without=[0], places=True, per_device=8)


def test_held_out_classes_are_tested_alone(prepared):
    splits = prepared.splits
    assert set(splits["train"].data.labels) == set(splits["val"].data.labels) == {1, 2, 3, 4, 5}
    assert set(splits["test"].data.labels) == {0} and prepared.trained_classes.tolist() == [False] + [True] * 5
    assert prepared.left_out == {}
    train = splits["train"]
    assert (train.decided & ~train.spoken).sum() == 0  # as released: words of the picture's own captions
    assert train.z.min() == 0 and train.z.max() == 1 and (train.z > 0)[train.decided].all()
    assert train.features.chosen.shape == (50, sum(prepared.layers.values())) and train.features.map.ndim == 4
    np.testing.assert_allclose(train.features.map.mean((1, 2)), train.features.plain, rtol=1e-4, atol=1e-5)
    assert splits["test"].features.chosen is None and train.tokens.shape[0] == 100


@pytest.mark.parametrize("method", ["gve", "mme"])
def test_the_baselines_are_told_the_class(place, prepared, method):
    run = {"folder": place / method, "settings": FlexSettings(**SIZES), "classifier": place / "run"}
    speaker, trained = train_explainer(method, prepared, **run)
    again, _ = train_explainer(method, prepared, **run)  # finished: returned
    loaded = load_flex(place / method)
    assert trained.epoch == 1 and loaded.method == method
    image = pictures()[0]
    params = speaker.params
    tokens = jax.jit(speaker.describe)(image, params).tokens
    for other in (again, loaded):
        np.testing.assert_array_equal(jax.jit(other.describe)(image, other.params).tokens, tokens)
    without = prepared._replace(
        splits={k: v._replace(features=v.features._replace(map=None)) for k, v in prepared.splits.items()}
    )
    with pytest.raises(ValueError, match="places=True"):
        train_explainer("mme", without, folder=place / "none")


def test_what_is_shown_of_the_predicted_class():
    learnt = jnp.array([False, True, True])
    assert class_weights(jnp.array([0.0, 2.0, 1.0]), learnt).tolist() == [0, 1, 0]
    mixed = class_weights(jnp.log(jnp.array([0.5, 0.1, 0.4])), learnt)
    np.testing.assert_allclose(mixed, [0, 0.2, 0.8], rtol=1e-6)


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
        (["--data", "ade20k"], "invalid choice 'ade20k'"),
        (["--without", "top"], "name classes"),
        (["--without", "Dodo"], "no class is called 'Dodo'"),
        (["--least", "100000"], "no word occurs"),
    ],
)
def test_refuses(place, trained, capsys, more, says):
    given = ["--weights", str(place / "run"), *SMALL]
    assert says in refused(capsys, *given, "--out", str(place / "new"), *more)
    assert not (place / "new").exists()
    assert "settings differ" in refused(capsys, *given, "--out", str(trained), "--relevance", "0.5")


def test_layers(place):
    loaded = load_weights(None, place / "run")
    assert default_layers(loaded) == ("block0", "block1", "block2", "block3", "features")  # block4 is features
    assert reading_of(loaded, layers=("features", "block1")).layers == ("block1", "features")
