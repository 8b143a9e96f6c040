"""How the known weight files name and lay out their arrays; each is turned into our own names."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from jxai.models.layouts_bert import from_bert, is_bert

__all__ = ["LAYOUTS", "Layout", "recognise"]

Arrays = Mapping[str, np.ndarray]


class Layout(NamedTuple):
    """One convention of naming: who uses it, how to recognise it, how to turn it into ours.

    Attributes:
        title: what to call it in messages.
        models: architectures it can hold; empty: all.
        matches: whether a file with these names follows it.
        convert: arrays under its names to arrays under ours, `kernel` channels-last.
    """

    title: str
    models: tuple[str, ...]
    matches: Callable[[Arrays], bool]
    convert: Callable[[Arrays], dict[str, np.ndarray]]


def recognise(arrays: Arrays) -> Layout:
    """Finds the layout of a weight file.

    Raises:
        ValueError: if it follows none of `LAYOUTS`.
    """
    for layout in LAYOUTS:
        if layout.matches(arrays):
            return layout
    names = ", ".join(list(arrays)[:3]) or "nothing"
    known = "; ".join(layout.title for layout in LAYOUTS)
    raise ValueError(f"unknown kind of weight file: it holds {names} ...; known are: {known}")


# --- timm's vision transformers -------------------------------------------------------------------

TIMM = (
    (r"blocks\.(\d+)\.attn\.qkv\.", r"block\1/attention/qkv/"),
    (r"blocks\.(\d+)\.attn\.proj\.", r"block\1/attention/project/"),
    (r"blocks\.(\d+)\.mlp\.fc1\.", r"block\1/expand/"),
    (r"blocks\.(\d+)\.mlp\.fc2\.", r"block\1/contract/"),
    (r"blocks\.(\d+)\.(norm\d)\.", r"block\1/\2/"),
    (r"patch_embed\.proj\.", "patches/"),
    (r"head\.", "classify/"),
    (r"norm\.", "norm/"),
    (r"cls_token$", "token"),
    (r"pos_embed$", "positions"),
)


def _timm_name(name: str) -> str:
    for pattern, ours in TIMM:
        if re.match(pattern, name):
            name = re.sub("^" + pattern, ours, name)
            break
    weight = "scale" if "norm" in name else "kernel"
    return name.replace("weight", weight)


def _timm_array(name: str, array: np.ndarray) -> np.ndarray:
    if name in ("cls_token", "pos_embed"):
        return array.reshape(array.shape[-2:])
    if array.ndim == 4:  # [d, c, h, w] to [h w c, d], as the patches are cut
        return array.transpose(2, 3, 1, 0).reshape(-1, array.shape[0])
    return array.T


def _from_timm(arrays: Arrays) -> dict[str, np.ndarray]:
    return {_timm_name(name): _timm_array(name, array) for name, array in arrays.items()}


# --- MobileNets, numbered in the order of the operations --------------------------------------------


def _numbered(arrays: Arrays) -> list[str]:
    return sorted({name[:3] for name in arrays})


def _from_numbers(arrays: Arrays) -> dict[str, np.ndarray]:
    numbers = _numbered(arrays)
    kernels = [arrays.get(f"{number}_w", np.zeros(0)) for number in numbers]
    flat = {}
    for number, prefix, kernel in zip(numbers, _mobilenet_prefixes(kernels), kernels, strict=True):
        flat[f"{prefix}/kernel"] = _mobilenet_kernel(prefix, kernel)
        flat[f"{prefix}/bias"] = arrays.get(f"{number}_b", np.zeros(0))
    return flat


def _mobilenet_prefixes(kernels: list[np.ndarray]) -> list[str]:
    """Names the layers: a block ends with the 1x1 convolution behind a depthwise one."""
    prefixes, block = ["stem"], 1
    for i in range(1, len(kernels) - 1):
        if _is_depthwise(kernels[i]):
            prefixes.append(f"block{block}/depthwise")
        elif _is_depthwise(kernels[i - 1]):
            prefixes.append(f"block{block}/project")
            block += 1
        else:
            prefixes.append(f"block{block}/expand" if _is_depthwise(kernels[i + 1]) else "last")
    return [*prefixes, "classify"]


def _is_depthwise(kernel: np.ndarray) -> bool:
    return kernel.ndim == 4 and kernel.shape[0] > 1 and kernel.shape[-1] == 1


def _mobilenet_kernel(prefix: str, kernel: np.ndarray) -> np.ndarray:
    if prefix.endswith("depthwise"):
        return kernel.transpose(0, 1, 3, 2)  # [h, w, c, 1] to [h, w, 1, c]
    if prefix == "stem":
        return kernel
    return kernel.reshape(kernel.shape[-2:])  # 1x1 to dense


# --- SqueezeNet as converted from Caffe --------------------------------------------------------------

CAFFE = {"squeeze1x1": "squeeze", "expand1x1": "expand1", "expand3x3": "expand3"}


def _from_caffe(arrays: Arrays) -> dict[str, np.ndarray]:
    return {_caffe_name(name): _caffe_kernel(array) for name, array in arrays.items()}


def _caffe_name(name: str) -> str:
    *layer, kind = name.split("/")
    kind = {"w": "kernel", "b": "bias"}.get(kind, kind)
    if layer == ["conv1"]:
        return f"block0/{kind}"
    if layer == ["conv10"]:
        return f"classify/{kind}"
    fire = re.fullmatch(r"fire(\d)", layer[0]) if len(layer) == 2 else None
    return f"block{int(fire[1]) - 1}/{CAFFE.get(layer[1], layer[1])}/{kind}" if fire else name


def _caffe_kernel(array: np.ndarray) -> np.ndarray:
    if array.ndim != 4:
        return array
    kernel = array.transpose(2, 3, 1, 0)  # OIHW to HWIO
    return kernel.reshape(kernel.shape[2:]) if kernel.shape[:2] == (1, 1) else kernel


LAYOUTS = (
    Layout(
        "Hugging Face's BERT (encoder.layer.0.attention.self.query.weight ...; read by load_text)",
        ("bert",),
        is_bert,
        from_bert,
    ),
    Layout(
        "timm vision transformers (blocks.0.attn.qkv.weight ...)",
        ("vit", "vit_tiny", "vit_small", "vit_base"),
        lambda arrays: any(name.startswith("blocks.") for name in arrays),
        _from_timm,
    ),
    Layout(
        "MobileNets numbered by operation (000_w, 000_b ...)",
        ("mobilenet_v1", "mobilenet_v2"),
        lambda arrays: bool(arrays) and all(re.fullmatch(r"\d{3}_[wb]", name) for name in arrays),
        _from_numbers,
    ),
    Layout(
        "Caffe's SqueezeNet (fire2/squeeze1x1/w ...)",
        ("squeezenet",),
        lambda arrays: any(name.startswith("fire2/") for name in arrays),
        _from_caffe,
    ),
    Layout(
        "jxai's own (block0/..., classify/kernel)",
        (),
        lambda arrays: "classify/kernel" in arrays,
        dict,
    ),
)
