"""The same random weights in torchvision, timm and transformers and here: the same logits in inference mode."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from jxai import models

torch = pytest.importorskip("torch")

CLASSES = 7


def quiet(build):
    """Foreign constructors warn about their own past."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return build()


def drawn(net, seed=0):
    """Fills every parameter and statistic, so that none could be left out unnoticed; returns them by name."""
    numbers = np.random.default_rng(seed)

    def values(name, array):
        if array.dtype.kind == "i":
            return np.asarray(array + 7)  # the count of batches, which must not matter
        if name.endswith("running_var") or (array.ndim == 1 and name.endswith("weight")):
            return numbers.uniform(0.5, 1.5, array.shape)
        spread = 0.1 if array.ndim == 1 else (2 / max(array[0].size, 1)) ** 0.5
        return numbers.normal(0, spread, array.shape)

    arrays = {name: tensor.numpy() for name, tensor in net.state_dict().items()}
    arrays = {name: values(name, array).astype(array.dtype) for name, array in arrays.items()}
    net.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
    net.eval()
    return arrays


def compare(net, model, params, dtype="float64", tolerance=1e-9):
    """Largest difference of the logits, relative to the largest; also that they depend on the image."""
    image = np.random.default_rng(1).normal(size=(2, model.size, model.size, model.channels))
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        output = net.to(getattr(torch, dtype))(torch.tensor(image.transpose(0, 3, 1, 2).astype(dtype)))
    theirs = getattr(output, "logits", output).numpy()
    params = jax.tree.map(lambda p: p.astype(dtype), params)
    ours = jax.jit(model.apply)(params, jnp.asarray(image[0].astype(dtype)))
    scale = np.abs(theirs[0]).max()
    assert theirs.shape == (2, CLASSES) and np.abs(theirs[0] - theirs[1]).max() > 1e-3 * scale
    np.testing.assert_allclose(ours / scale, theirs[0] / scale, rtol=0, atol=tolerance)


def agrees(name, net, dtype="float64", tolerance=1e-9, **options):
    compare(net, *models.load(name, drawn(net), **options), dtype, tolerance)


# --- torchvision -------------------------------------------------------------------------------------


def torchvision_net(name, **options):
    torchvision = pytest.importorskip("torchvision")
    return quiet(lambda: getattr(torchvision.models, name)(num_classes=CLASSES, **options))


def narrow(net, pixels, places, hidden=16):
    """Hidden dense layers of 4096 would be most of the work; theirs go by the same names here."""
    first, second, last = places
    net.classifier[first] = torch.nn.Linear(pixels, hidden)
    net.classifier[second] = torch.nn.Linear(hidden, hidden)
    net.classifier[last] = torch.nn.Linear(hidden, CLASSES)
    return net


def torchvision_vgg(name):
    vgg = pytest.importorskip("torchvision.models.vgg")
    letter = {"vgg11": "A", "vgg13": "B", "vgg16": "D", "vgg19": "E"}[name.removesuffix("_bn")]
    layers = vgg.make_layers(vgg.cfgs[letter], batch_norm=name.endswith("bn"))
    with torch.device("meta"):  # without drawing the dense layers that are replaced
        net = vgg.VGG(torch.nn.Sequential(), CLASSES, init_weights=False)
    net.features = layers
    return narrow(net, 512 * 49, (0, 3, 6))


@pytest.mark.parametrize("size", [63, 150])
def test_torchvision_alexnet(size):
    agrees("alexnet", narrow(torchvision_net("alexnet"), 256 * 36, (1, 4, 6)), size=size)


@pytest.mark.parametrize(
    "name, size",
    [
        ("vgg11", 32),
        ("vgg16", 45),
        ("vgg11_bn", 32),
        ("vgg16_bn", 100),
        *(pytest.param(name, 32, marks=pytest.mark.slow) for name in ("vgg13", "vgg19", "vgg13_bn", "vgg19_bn")),
    ],
)
def test_torchvision_vgg(name, size):
    agrees(name, torchvision_vgg(name), size=size)


@pytest.mark.parametrize(
    "name, size",
    [
        ("resnet18", 75),
        ("resnet34", 33),
        ("resnet50", 45),
        ("resnet101", 32),
        pytest.param("resnet152", 32, marks=pytest.mark.slow),
    ],
)
def test_torchvision_resnet(name, size):
    agrees(name, torchvision_net(name), size=size)


@pytest.mark.parametrize("name, net", [("vgg16_bn", torchvision_vgg), ("resnet18", torchvision_net)])
def test_folded_batch_normalisation(name, net):
    agrees(name, net(name), tolerance=1e-5, size=33, batch_norm=False)  # folded in float32


@pytest.mark.parametrize("patch, size", [(8, 32), (16, 64), (32, 64), (16, 384)])
def test_torchvision_vit(patch, size):
    torchvision = pytest.importorskip("torchvision")
    net = torchvision.models.VisionTransformer(size, patch, 2, 2, 128, 512, num_classes=CLASSES)
    model, params = models.load("vit_base", drawn(net))
    assert model.size == size and model.preprocess is models.imagenet_standard
    compare(net, model, params)


def test_torchvision_squeezenet():
    agrees("squeezenet1_0", torchvision_net("squeezenet1_0"), size=64)


@pytest.mark.parametrize("name, theirs", [("alexnet", "alexnet"), ("resnet50", "resnet50"), ("vit_base", "vit_b_16")])
def test_float32_as_released(name, theirs):
    options = {"image_size": 64} if theirs.startswith("vit") else {}
    agrees(name, torchvision_net(theirs, **options), "float32", 1e-4, size=64)


def test_colours_are_those_of_torchvision():
    torchvision = pytest.importorskip("torchvision")
    transform = torchvision.models.ResNet50_Weights.IMAGENET1K_V1.transforms()
    image = np.random.default_rng(0).uniform(size=(4, 5, 3))
    theirs = (image - np.array(transform.mean)) / np.array(transform.std)
    np.testing.assert_allclose(models.imagenet_standard(jnp.asarray(image)), theirs)


# --- timm ---------------------------------------------------------------------------------------------


def timm_net(name, **options):
    timm = pytest.importorskip("timm")
    return quiet(lambda: timm.create_model(name, pretrained=False, num_classes=CLASSES, **options))


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_timm_resnet(name):
    agrees(name, timm_net(name), size=32)


@pytest.mark.parametrize("name", ["vgg11", "vgg16_bn"])
def test_timm_vgg(name):
    net = timm_net(name)
    net.pre_logits.fc1, net.pre_logits.fc2 = torch.nn.Conv2d(512, 16, 7), torch.nn.Conv2d(16, 16, 1)
    net.head.fc = torch.nn.Linear(16, CLASSES)
    agrees(name, net, size=64)


@pytest.mark.parametrize(
    "name, theirs, options",
    [
        ("vit_tiny", "vit_tiny_patch16_224", {}),
        ("vit_tiny", "vit_tiny_patch16_384", {}),
        ("vit_small", "vit_small_patch32_224", {}),
        ("vit_small", "vit_small_patch8_224", {"img_size": 64}),
        ("vit_base", "vit_base_patch16_384", {"img_size": 96}),
        ("vit_large", "vit_large_patch16_224", {"img_size": 32}),
        ("deit_tiny", "deit_tiny_patch16_224", {}),
    ],
)
def test_timm_vit(name, theirs, options):
    agrees(name, timm_net(theirs, depth=2, **options))


def test_positions_for_another_size_are_those_of_timm():
    timm = pytest.importorskip("timm")
    arrays = drawn(timm_net("vit_tiny_patch16_224", depth=1))
    for side in (10, 24):
        old = torch.tensor(arrays["pos_embed"])
        theirs = timm.layers.resample_abs_pos_embed(old, new_size=[side, side], old_size=[14, 14]).numpy()[0]
        model, params = models.load("vit_tiny", arrays, size=16 * side)
        assert model.size == 16 * side
        np.testing.assert_allclose(params["positions"], theirs, atol=1e-5)


# --- Hugging Face --------------------------------------------------------------------------------------


def face_vit():
    transformers = pytest.importorskip("transformers")
    sizes = dict(hidden_size=128, num_hidden_layers=2, num_attention_heads=2, intermediate_size=512)
    config = transformers.ViTConfig(**sizes, image_size=48, patch_size=16, num_labels=CLASSES)
    return quiet(lambda: transformers.ViTForImageClassification(config))


def face_resnet(layer, depths, widens):
    transformers = pytest.importorskip("transformers")
    widths = [8 * widens * 2**i for i in range(4)]
    config = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=widths, depths=depths, layer_type=layer, num_labels=CLASSES
    )
    return quiet(lambda: transformers.ResNetForImageClassification(config))


def test_hugging_face_vit():
    agrees("vit_base", face_vit())


@pytest.mark.parametrize(
    "name, layer, depths, widens",
    [
        ("resnet18", "basic", [2, 2, 2, 2], 1),
        ("resnet34", "basic", [3, 4, 6, 3], 1),
        ("resnet50", "bottleneck", [3, 4, 6, 3], 4),
    ],
)
def test_hugging_face_resnet(name, layer, depths, widens):
    agrees(name, face_resnet(layer, depths, widens), size=64)


@pytest.mark.parametrize("name, net", [("vit_base", face_vit), ("resnet18", lambda: face_resnet("basic", [2] * 4, 1))])
def test_hugging_face_files(tmp_path, name, net):
    """The names in the files that transformers writes are not those in memory."""
    net = net()
    drawn(net)
    quiet(lambda: net.save_pretrained(tmp_path))
    options = {} if name.startswith("vit") else {"size": 64}
    compare(net, *models.load(name, tmp_path / "model.safetensors", **options))


# --- files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["safetensors", "npz"])
def test_files_of_a_state_dict_and_our_own(tmp_path, ending):
    arrays, path = drawn(torchvision_net("resnet18")), tmp_path / f"torch.{ending}"
    save_file(arrays, path) if ending == "safetensors" else np.savez(path, **arrays)
    model, params = models.load("resnet18", path, size=32)
    models.save_arrays(tmp_path / f"own.{ending}", params)
    again, copy = models.load("resnet18", tmp_path / f"own.{ending}", size=32)
    jax.tree.map(np.testing.assert_array_equal, params, copy)
    assert again[2:7] == model[2:7]
    np.testing.assert_array_equal(params["block1"]["first"]["norm"]["variance"], arrays["layer1.0.bn1.running_var"])
