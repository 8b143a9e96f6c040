"""Weight files: round trips, other people's layouts, and one clear message for each way to be wrong."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from jxai import models
from jxai.models.weights.arrays import flatten

TINY_VIT = dict(depth=1, width=64, patch=2, size=6, classes=3)


def drawn(model):
    numbers = np.random.default_rng(0)
    template = jax.eval_shape(model.init, jax.random.key(0))
    return jax.tree.map(lambda p: jnp.asarray(numbers.normal(0, 0.1, p.shape), p.dtype), template)


def assert_same(a, b):
    assert jax.tree.structure(a) == jax.tree.structure(b)
    jax.tree.map(np.testing.assert_array_equal, a, b)


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
@pytest.mark.parametrize(
    "name, options",
    [
        ("small_cnn", dict(classes=7, widths=(4, 6, 8))),
        ("vit", dict(TINY_VIT, heads=1)),
        ("mobilenet_v1", dict(width=0.25, classes=4)),
        ("squeezenet", dict(classes=4)),
    ],
)
def test_our_own_files_come_back(tmp_path, name, options, ending):
    model = models.MODELS[name](**options)
    params = drawn(model)
    models.save_arrays(tmp_path / f"w.{ending}", params)
    loaded, again = models.load(name, tmp_path / f"w.{ending}")
    assert_same(params, again)
    assert loaded[2:7] == model[2:7]  # taps, size, channels, classes, features


def test_half_precision_is_widened(tmp_path):
    np.savez(tmp_path / "w.npz", a=np.ones(2, np.float16))
    assert models.load_arrays(tmp_path / "w.npz")["a"].dtype == np.float32


def timm(params):
    """Our parameters of a one-block transformer under timm's names and layouts."""
    p, b = params, params["block0"]
    arrays = {
        "cls_token": p["token"][None],
        "pos_embed": p["positions"][None],
        "patch_embed.proj.weight": p["patches"]["kernel"].reshape(2, 2, 3, -1).transpose(3, 2, 0, 1),
        "patch_embed.proj.bias": p["patches"]["bias"],
    }
    norms = {"norm": p["norm"], "blocks.0.norm1": b["norm1"], "blocks.0.norm2": b["norm2"]}
    layers = {
        "head": p["classify"],
        "blocks.0.attn.qkv": b["attention"]["qkv"],
        "blocks.0.attn.proj": b["attention"]["project"],
        "blocks.0.mlp.fc1": b["expand"],
        "blocks.0.mlp.fc2": b["contract"],
    }
    for name, layer in norms.items():
        arrays |= {f"{name}.weight": layer["scale"], f"{name}.bias": layer["bias"]}
    for name, layer in layers.items():
        arrays |= {f"{name}.weight": layer["kernel"].T, f"{name}.bias": layer["bias"]}
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def test_timm_as_safetensors(tmp_path):
    params = drawn(models.vit(**TINY_VIT, heads=1))
    save_file(timm(params), tmp_path / "w.safetensors")
    model, loaded = models.load("vit_tiny", tmp_path / "w.safetensors")
    assert_same(loaded, params)
    assert (model.size, model.classes, model.features) == (6, 3, "block0/grid")


def numbered(params, order):
    arrays = {}
    for i, prefix in enumerate(order):
        layer = params
        for key in prefix.split("/"):
            layer = layer[key]
        kernel = layer["kernel"]
        kernel = kernel.transpose(0, 1, 3, 2) if "depthwise" in prefix else kernel
        arrays[f"{i:03}_w"] = kernel if kernel.ndim == 4 else kernel[None, None]
        arrays[f"{i:03}_b"] = layer["bias"]
    return arrays


def test_numbered_mobilenet_takes_its_size_from_the_json(tmp_path):
    params = drawn(models.mobilenet_v1(width=0.25, classes=4))
    blocks = [f"block{i}/{part}" for i in range(1, 14) for part in ("depthwise", "project")]
    np.savez(tmp_path / "w.npz", **numbered(params, ["stem", *blocks, "classify"]))
    (tmp_path / "w.json").write_text(json.dumps({"input": {"shape": [1, 96, 96, 3]}}))
    model, loaded = models.load("mobilenet_v1", tmp_path / "w.npz")
    assert_same(loaded, params)
    assert (model.size, model.classes) == (96, 4)
    assert models.load("mobilenet_v1", tmp_path / "w.npz", size=64)[0].size == 64
    with pytest.raises(ValueError, match="does not fit mobilenet_v2: .*missing"):
        models.load("mobilenet_v2", tmp_path / "w.npz")


def test_label_offset():
    assert models.mobilenet_v1().label_offset == 1
    assert models.mobilenet_v2(classes=965).label_offset == 0
    assert models.mobilenet_v2(classes=1001, label_offset=0).label_offset == 0


def test_into_reports_everything_at_once():
    template = {"a": {"kernel": np.zeros((2, 3)), "bias": np.zeros(3)}, "b": np.zeros(1)}
    with pytest.raises(ValueError) as error:
        models.into(template, {"a.w": np.zeros((3, 2)), "c": np.zeros(1)}, rename=lambda n: n.replace(".w", "/kernel"))
    message = str(error.value)
    assert message.startswith("expected 3 arrays, 2 came; 2 missing: a/bias (3,), b (1,); 1 unexpected: c (1,); ")
    assert "1 of another shape: a/kernel (from a.w) is (3, 2) instead of (2, 3). Take the file of this" in message


def test_into_renames_and_transforms():
    filled = models.into(
        {"a": {"kernel": np.zeros((2, 3), np.float32)}},
        {"a.w": np.arange(6.0).reshape(3, 2)},
        rename=lambda name: "a/kernel",
        transform=lambda name, array: array.T if name == "a.w" else array,
    )
    assert filled["a"]["kernel"].tolist() == [[0, 2, 4], [1, 3, 5]]
    assert filled["a"]["kernel"].dtype == jnp.float32


def test_more_complaints_than_fit_are_counted():
    with pytest.raises(ValueError, match=r"8 missing: a \(1,\), b \(1,\), .*, f \(1,\) and 2 more\."):
        models.into({name: np.zeros(1) for name in "abcdefgh"}, {})


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_a_damaged_file(tmp_path, ending):
    path = tmp_path / f"w.{ending}"
    models.save_arrays(path, {"a": np.arange(1000.0)})
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ValueError, match="is damaged or not a"):
        models.load_arrays(path)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="is damaged or not a"):
        models.load_arrays(path)


def test_python_objects_are_never_opened(tmp_path):
    np.savez(tmp_path / "w.npz", a=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match=r"damaged or not a .npz file of plain arrays \(Object arrays"):
        models.load_arrays(tmp_path / "w.npz")
    with pytest.raises(ValueError, match=r"\.safetensors or \.npz files, not 'model.pth'"):
        models.load_arrays(tmp_path / "model.pth")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_none(tmp_path, bad):
    models.save_arrays(tmp_path / "w.npz", {"good": np.ones(2), "bad": np.array([1, bad])})
    with pytest.raises(ValueError, match="NaN or infinity in bad;"):
        models.load_arrays(tmp_path / "w.npz")


def test_wrong_files(tmp_path):
    path = tmp_path / "w.npz"
    for absent in (path, tmp_path / "run"):
        with pytest.raises(FileNotFoundError, match="no weight file at"):
            models.load("squeezenet", absent)
    np.savez(path, **timm(drawn(models.vit(**TINY_VIT, heads=1))))
    with pytest.raises(ValueError, match="a file of timm vision transformers .*, not of squeezenet; load it as vit"):
        models.load("squeezenet", path)
    with pytest.raises(ValueError, match="no model is called 'resnet'; there are small_cnn"):
        models.load("resnet", path)
    np.savez(path, weight=np.ones(2))
    with pytest.raises(ValueError, match="unknown kind of weight file: it holds weight"):
        models.load("vit", path)
    models.save_arrays(path, drawn(models.small_cnn(widths=(4,))))
    with pytest.raises(ValueError, match="does not fit squeezenet: .*missing: .*; 3 of another shape: block0/bias is "):
        models.load("squeezenet", path)
    np.savez(path, **{"classify/kernel": np.ones(2)})
    with pytest.raises(ValueError, match="no final layer"):
        models.load("vit", path)


def test_flat_names():
    assert flatten({"a": {"b": 1}, "c": 2}) == {"a/b": 1, "c": 2}
