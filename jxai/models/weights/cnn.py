"""Names and layouts of torchvision, timm and Hugging Face for the arrays of convolutional networks."""

import functools
import re

import numpy as np

from jxai.models.weights.layout import Arrays, by_layer, torch_kernel

__all__ = ["LAYOUTS"]

RESNETS = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
VGGS = ("vgg11", "vgg13", "vgg16", "vgg19", "vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn")

NORM = {"weight": "scale", "bias": "bias", "running_mean": "mean", "running_var": "variance"}
PLAIN = {"weight": "kernel", "bias": "bias"}


def _parameter(layer: str, kind: str) -> str | None:
    """Our name of a layer's parameter; None where such a layer has no such parameter."""
    kinds = NORM if layer.endswith("/norm") else PLAIN
    return f"{layer}/{kinds[kind]}" if kind in kinds else None


# --- ResNet ----------------------------------------------------------------------------------------

UNITS = ("first", "second", "third")
TORCH_BLOCK = re.compile(r"layer(\d)\.(\d+)\.(?:(conv|bn)([123])|downsample\.([01]))")
FACE_BLOCK = re.compile(
    r"resnet\.encoder\.stages\.(\d)\.layers\.(\d+)\.(?:layer\.([012])|(shortcut))\.(convolution|normalization)"
)
ENDS = {
    "conv1": "stem/conv",
    "bn1": "stem/norm",
    "fc": "classify",
    "resnet.embedder.embedder.convolution": "stem/conv",
    "resnet.embedder.embedder.normalization": "stem/norm",
    "classifier.1": "classify",
}


def _resnet_layer(layer: str) -> tuple[tuple[int, int], str] | None:
    """Group and index of a block, and the layer in it."""
    torch, face = TORCH_BLOCK.fullmatch(layer), FACE_BLOCK.fullmatch(layer)
    if torch:
        group, place, kind, number, shortcut = torch.groups()
        unit = "shortcut" if shortcut else UNITS[int(number) - 1]
        part = "conv" if kind == "conv" or shortcut == "0" else "norm"
    elif face:
        group, place, number, shortcut, kind = face.groups()
        unit = "shortcut" if shortcut else UNITS[int(number)]
        part = "conv" if kind == "convolution" else "norm"
    else:
        return None
    return (int(group), int(place)), f"{unit}/{part}"


def _resnet_names(arrays: Arrays) -> dict[str, str]:
    layers = {name: _resnet_layer(name.rpartition(".")[0]) for name in arrays}
    places = sorted({place[0] for place in layers.values() if place})
    # They number blocks within a group, we number them through (block0 is the stem)
    numbers = {place: i for i, place in enumerate(places, 1)}

    def ours(name: str) -> str | None:
        layer, kind = name.rpartition(".")[::2]
        place = layers[name]
        prefix = f"block{numbers[place[0]]}/{place[1]}" if place else ENDS.get(layer)
        return _parameter(prefix, kind) if prefix else None

    return {name: ours(name) or name for name in arrays}


def _kernel(ours: str, array: np.ndarray) -> np.ndarray:
    return torch_kernel(array) if ours.endswith("kernel") else array


# --- VGG and AlexNet: a numbered list of layers, then dense layers ------------------------------------

ALEXNET_DENSE = {"classifier.1": "dense0", "classifier.4": "dense1", "classifier.6": "classify"}
VGG_DENSE = {
    "classifier.0": "dense0",
    "classifier.3": "dense1",
    "classifier.6": "classify",
    "pre_logits.fc1": "dense0",  # timm's
    "pre_logits.fc2": "dense1",
    "head.fc": "classify",
}


def _listed_names(dense: dict[str, str], conv: str, arrays: Arrays) -> dict[str, str]:
    """Numbers the convolutions in the order of the list; a normalisation follows its convolution by one."""
    places = (re.fullmatch(r"features\.(\d+)\.weight", name) for name in arrays)
    convolutions = sorted(int(place[1]) for place in places if place and arrays[place[0]].ndim == 4)
    layers = dict(dense)
    for i, place in enumerate(convolutions):
        layers |= {f"features.{place}": f"block{i}{conv}", f"features.{place + 1}": f"block{i}/norm"}

    def ours(name: str) -> str | None:
        layer, kind = name.rpartition(".")[::2]
        return _parameter(layers[layer], kind) if layer in layers else None

    return {name: ours(name) or name for name in arrays}


def _channels_last_dense(side: int, ours: str, array: np.ndarray) -> np.ndarray:
    """The kernel of the first dense layer: its inputs, a map of `side * side` pixels, with channels last."""
    if ours == "dense0/kernel" and array.ndim == 2 and array.shape[1] % side**2 == 0:
        array = array.reshape(array.shape[0], -1, side, side)
    if ours == "dense0/kernel" and array.ndim == 4:  # timm keeps this layer as a convolution
        return array.transpose(2, 3, 1, 0).reshape(-1, array.shape[0])
    return _kernel(ours, array)


# --- SqueezeNet --------------------------------------------------------------------------------------

# Their index in the list of layers, pools included, and the number of our block
FIRES = dict(zip(("3", "4", "5", "7", "8", "9", "10", "12"), range(1, 9), strict=True))
FIRE = {"squeeze": "squeeze", "expand1x1": "expand1", "expand3x3": "expand3"}


def _squeezenet_names(arrays: Arrays) -> dict[str, str]:
    layers = {"features.0": "block0", "classifier.1": "classify"}
    for place, block in FIRES.items():
        layers |= {f"features.{place}.{theirs}": f"block{block}/{ours}" for theirs, ours in FIRE.items()}

    def ours(name: str) -> str | None:
        layer, kind = name.rpartition(".")[::2]
        return _parameter(layers[layer], kind) if layer in layers else None

    return {name: ours(name) or name for name in arrays}


LAYOUTS = (
    by_layer(
        "torchvision's and timm's ResNets (layer1.0.conv1.weight ...)",
        RESNETS,
        lambda arrays: "layer1.0.conv1.weight" in arrays,
        _resnet_names,
        _kernel,
    ),
    by_layer(
        "Hugging Face ResNets (resnet.embedder.embedder.convolution.weight ...)",
        RESNETS,
        lambda arrays: any(name.startswith("resnet.encoder.") for name in arrays),
        _resnet_names,
        _kernel,
    ),
    by_layer(
        "torchvision's SqueezeNet (features.3.squeeze.weight ...)",
        ("squeezenet1_0",),
        lambda arrays: "features.3.squeeze.weight" in arrays,
        _squeezenet_names,
        _kernel,
    ),
    by_layer(
        "torchvision's AlexNet (features.0.weight, classifier.1.weight ...)",
        ("alexnet",),
        lambda arrays: {"features.0.weight", "classifier.1.weight"} <= set(arrays),
        functools.partial(_listed_names, ALEXNET_DENSE, ""),
        functools.partial(_channels_last_dense, 6),
    ),
    by_layer(
        "torchvision's and timm's VGGs (features.0.weight, classifier.0.weight or pre_logits.fc1.weight ...)",
        VGGS,
        lambda arrays: (
            "features.0.weight" in arrays
            and any(name in arrays for name in ("classifier.0.weight", "pre_logits.fc1.weight"))
        ),
        functools.partial(_listed_names, VGG_DENSE, "/conv"),
        functools.partial(_channels_last_dense, 7),
    ),
)
