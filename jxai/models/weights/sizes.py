"""Options of an architecture that follow from the shapes in a weight file."""

import json
import pathlib
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Shaped

__all__ = ["options_from", "size_beside"]

# The layer that gives the width multiplier: its name, and its channels at width 1. Not the first layer: MobileNets
# round narrow layers, so these do not give the multiplier exactly.
WIDEST = {"mobilenet_v1": ("block13/project/kernel", 1024), "mobilenet_v2": ("block17/project/kernel", 320)}
FIRST = {"alexnet": "block0/kernel", "vgg": "block0/conv/kernel", "resnet": "stem/conv/kernel"}
TRANSFORMERS = ("vit", "deit")


def options_from(name: str, flat: Mapping[str, Shaped[np.ndarray, "..."]]) -> dict[str, Any]:
    """The constructor's options that follow from the shapes.

    Args:
        name: the architecture, one of `MODELS`.
        flat: the arrays under our names.

    Raises:
        ValueError: if there is no final layer.
    """
    shapes = {key: array.shape for key, array in flat.items()}
    if len(shapes.get("classify/kernel", ())) != 2:
        some = ", ".join(list(flat)[-3:])
        raise ValueError(
            f"the file has no final layer: expected classify/kernel in jxai's names, {len(flat)} others such as {some} "
            "came; take the file of a classifier, not of its features alone"
        )
    options: dict[str, Any] = {"classes": shapes["classify/kernel"][1]}
    if name in WIDEST:
        return options | _mobilenet_width(name, shapes)
    if name == "small_cnn":
        return options | _cnn_widths(shapes)
    if name.startswith(TRANSFORMERS):
        return options | _vit_sizes(shapes)
    if name.startswith("resnet"):
        options |= {"batch_norm": "stem/norm/variance" in shapes}
    family = next((family for family in FIRST if name.startswith(family)), None)
    return options | _first_and_hidden(shapes, FIRST[family]) if family else options


def _first_and_hidden(shapes, first: str) -> dict[str, Any]:
    """Channels of the first convolution; width of the hidden dense layers, if any."""
    layers = {"width": first, "hidden": "dense0/kernel"}
    return {option: shapes[layer][-1] for option, layer in layers.items() if layer in shapes}


def _mobilenet_width(name: str, shapes) -> dict[str, Any]:
    """The multiplier of the channels; nothing if the layer is missing, which the check of names reports."""
    layer, channels = WIDEST[name]
    return {"width": shapes[layer][-1] / channels} if layer in shapes else {}


def _cnn_widths(shapes) -> dict[str, Any]:
    kernels = {int(key[5:-7]): shape for key, shape in shapes.items() if re.fullmatch(r"block\d+/kernel", key)}
    return {"widths": tuple(kernels[i][-1] for i in sorted(kernels))} if kernels else {}


def _vit_sizes(shapes) -> dict[str, Any]:
    if len(shapes.get("patches/kernel", ())) != 2 or len(shapes.get("positions", ())) != 2:
        return {}
    inputs, width = shapes["patches/kernel"]  # inputs = patch^2 colours
    patch, side = round((inputs / 3) ** 0.5), round((shapes["positions"][0] - 1) ** 0.5)
    depth = len({key.split("/")[0] for key in shapes if key.startswith("block")})
    # The number of heads is in no shape; 64 channels a head is right for all but ViT-H
    return {"width": width, "heads": max(1, width // 64), "patch": patch, "size": patch * side, "depth": depth}


def size_beside(name: str, path: str | pathlib.Path) -> dict[str, int]:
    """The input side from the list of operations next to the file, if there is one."""
    beside = pathlib.Path(path).with_suffix(".json")
    if name.startswith(TRANSFORMERS) or not beside.is_file():
        return {}
    try:
        return {"size": int(json.loads(beside.read_text())["input"]["shape"][1])}
    except (ValueError, KeyError, IndexError, TypeError):
        return {}  # somebody else's file
