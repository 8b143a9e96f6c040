"""Other people's names without their libraries: order of the blocks, flattening, fused layers, complaints."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jxai import models
from jxai.models.weights.recognise import LAYOUTS, recognise


def kernels(*shape):
    return np.random.default_rng(0).normal(0, 0.1, shape).astype(np.float32)


def torch_dense(name, inputs, outputs):
    return {f"{name}.weight": kernels(outputs, inputs), f"{name}.bias": np.arange(outputs, dtype=np.float32)}


def torch_conv(name, inputs, outputs, kernel, bias=True):
    arrays = {f"{name}.weight": kernels(outputs, inputs, kernel, kernel)}
    return arrays | ({f"{name}.bias": np.arange(outputs, dtype=np.float32)} if bias else {})


def torch_norm(name, channels):
    arrays = {f"{name}.{kind}": np.ones(channels, np.float32) for kind in ("weight", "bias", "running_var")}
    mean = np.arange(channels, dtype=np.float32)
    return arrays | {f"{name}.running_mean": mean, f"{name}.num_batches_tracked": np.asarray(3)}


def alexnet(width=2, hidden=5, classes=3):
    convolutions = ((0, 3, 1, 11), (3, 1, 3, 5), (6, 3, 6, 3), (8, 6, 4, 3), (10, 4, 4, 3))
    arrays = {}
    for place, inputs, outputs, kernel in convolutions:
        arrays |= torch_conv(f"features.{place}", inputs * (width if place else 1), outputs * width, kernel)
    dense = ((1, 4 * width * 36, hidden), (4, hidden, hidden), (6, hidden, classes))
    for place, inputs, outputs in dense:
        arrays |= torch_dense(f"classifier.{place}", inputs, outputs)
    return arrays


def resnet18(width=2, classes=3):
    arrays = torch_conv("conv1", 3, width, 7, bias=False) | torch_norm("bn1", width)
    inputs = width
    for group in range(1, 5):
        outputs = width * 2 ** (group - 1)
        for place in range(2):
            prefix = f"layer{group}.{place}"
            arrays |= torch_conv(f"{prefix}.conv1", inputs, outputs, 3, bias=False) | torch_norm(
                f"{prefix}.bn1", outputs
            )
            arrays |= torch_conv(f"{prefix}.conv2", outputs, outputs, 3, bias=False) | torch_norm(
                f"{prefix}.bn2", outputs
            )
            if inputs != outputs:
                arrays |= torch_conv(f"{prefix}.downsample.0", inputs, outputs, 1, bias=False)
                arrays |= torch_norm(f"{prefix}.downsample.1", outputs)
            inputs = outputs
    return arrays | torch_dense("fc", inputs, classes)


def face_vit(width=64, classes=3):
    vit = "vit.encoder.layer.0"
    arrays = torch_conv("vit.embeddings.patch_embeddings.projection", 3, width, 2)
    arrays |= {"vit.embeddings.cls_token": kernels(1, 1, width)}
    arrays |= {"vit.embeddings.position_embeddings": kernels(1, 10, width)}
    for i, kind in enumerate(("query", "key", "value")):
        arrays |= torch_dense(f"{vit}.attention.attention.{kind}", width, width)
        arrays[f"{vit}.attention.attention.{kind}.bias"] = np.full(width, i, np.float32)
    arrays |= torch_dense(f"{vit}.attention.output.dense", width, width)
    arrays |= torch_dense(f"{vit}.intermediate.dense", width, 4 * width)
    arrays |= torch_dense(f"{vit}.output.dense", 4 * width, width) | torch_dense("classifier", width, classes)
    for name in ("vit.layernorm", f"{vit}.layernorm_before", f"{vit}.layernorm_after"):
        arrays |= {f"{name}.weight": np.ones(width, np.float32), f"{name}.bias": np.zeros(width, np.float32)}
    return arrays


def test_the_first_dense_layer_reads_channels_last():
    arrays = alexnet()
    model, params = models.load("alexnet", arrays, size=63)
    assert (model.size, model.classes, params["dense0"]["kernel"].shape) == (63, 3, (8 * 36, 5))
    for channel, row, column in ((0, 0, 0), (5, 1, 3), (7, 5, 5)):
        theirs = arrays["classifier.1.weight"][:, channel * 36 + row * 6 + column]
        np.testing.assert_array_equal(params["dense0"]["kernel"][(row * 6 + column) * 8 + channel], theirs)
    weight = arrays["features.3.weight"]
    assert params["block1"]["kernel"][4, 1, 0, 5] == weight[5, 0, 4, 1]


def test_blocks_are_numbered_through_the_groups():
    arrays = resnet18()
    model, params = models.load("resnet18", arrays)
    assert (model.size, model.classes) == (224, 3)
    np.testing.assert_array_equal(params["block4"]["second"]["norm"]["mean"], arrays["layer2.1.bn2.running_mean"])
    shortcut = params["block3"]["shortcut"]["conv"]["kernel"]
    np.testing.assert_array_equal(shortcut, arrays["layer2.0.downsample.0.weight"][:, :, 0, 0].T)
    assert "shortcut" not in params["block2"]


def test_queries_keys_and_values_are_fused_in_this_order():
    _, params = models.load("vit_base", dict(sorted(face_vit().items())))
    bias = params["block0"]["attention"]["qkv"]["bias"]
    np.testing.assert_array_equal(bias, np.repeat([0, 1, 2], 64))


def test_complaints_name_both_sides():
    arrays = resnet18()
    arrays["layer9.weight"] = arrays.pop("layer1.0.conv1.weight")
    arrays["layer1.0.conv1.weight"] = arrays["layer2.0.conv2.weight"]
    del arrays["fc.bias"], arrays["bn1.running_mean"]
    with pytest.raises(ValueError) as error:
        models.load("resnet18", arrays)
    assert str(error.value) == (
        "the mapping does not fit resnet18: expected 102 arrays, 101 came; 2 missing: classify/bias (3,), "
        "stem/norm/mean (2,); 1 unexpected: layer9.weight (2, 2, 3, 3); 1 of another shape: block1/first/conv/kernel "
        "(from layer1.0.conv1.weight) is (3, 3, 4, 4) instead of (3, 3, 2, 2). Take the file of this very architecture "
        "and depth, or name the one of the file; drop what is not part of the classifier"
    )


def test_a_part_of_a_fused_layer_is_missed():
    arrays = face_vit()
    del arrays["vit.encoder.layer.0.attention.attention.key.bias"]
    with pytest.raises(
        ValueError, match=r"1 of another shape: .*qkv/bias \(from vit.*query.bias, vit.*value.bias\) is"
    ):
        models.load("vit", arrays)


def test_another_depth_and_another_architecture():
    with pytest.raises(ValueError, match=r"does not fit resnet34: expected 182 arrays, 102 came; 95 missing: block10/"):
        models.load("resnet34", resnet18())
    with pytest.raises(ValueError, match="is a file of torchvision's AlexNet .*, not of vgg16; load it as alexnet"):
        models.load("vgg16", alexnet())
    arrays = resnet18()
    arrays["bn1.weight"] = np.full(2, np.nan, np.float32)
    with pytest.raises(ValueError, match="the mapping holds NaN or infinity in bn1.weight"):
        models.load("resnet18", arrays)


def test_two_conventions_in_one_file():
    arrays = {"encoder.layers.encoder_layer_0.mlp.0.bias": np.ones(4)}
    arrays["encoder.layers.encoder_layer_0.mlp.linear_1.bias"] = np.ones(4)
    with pytest.raises(ValueError, match="two arrays are block0/expand/bias, .*linear_1.bias is the second"):
        models.load("vit", arrays)


def test_what_only_the_convention_tells(tmp_path):
    model, params = models.load("vit", face_vit())
    sharp = models.vit(depth=1, width=64, heads=1, patch=2, size=6, classes=3, epsilon=1e-12)
    image = jnp.asarray(np.random.default_rng(0).normal(size=(6, 6, 3)), jnp.float32) * 1e-3
    np.testing.assert_array_equal(model.apply(params, image), sharp.apply(params, image))
    blunt = models.vit(depth=1, width=64, heads=1, patch=2, size=6, classes=3, epsilon=1.0)
    assert jnp.abs(model.apply(params, image) - blunt.apply(params, image)).max() > 1e-3


def test_every_layout_names_models_that_exist():
    for layout in LAYOUTS:
        assert set(layout.models) <= {*models.MODELS, *models.TEXT_MODELS}, layout.title
    assert recognise(alexnet()).models == ("alexnet",)


def test_deit_is_a_vit_with_the_colours_of_imagenet():
    grey = jnp.full((1, 1, 3), 0.5)
    assert models.deit_tiny(depth=1).preprocess(grey).tolist() == models.imagenet_standard(grey).tolist()
    assert models.vit_tiny(depth=1).preprocess(grey).tolist() == [[[0, 0, 0]]]
    sizes = [
        jax.eval_shape(build(depth=1).init, jax.random.key(0))["token"].shape[1]
        for build in (models.deit_small, models.deit_base)
    ]
    assert sizes == [384, 768]
