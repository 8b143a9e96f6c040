"""Names and layouts of MobileNets numbered by operation, and of SqueezeNet as converted from Caffe."""

import re

import numpy as np

from jxai.models.weights.layout import Arrays, Layout

__all__ = ["LAYOUTS"]

# --- MobileNets, numbered in the order of the operations --------------------------------------------


def _numbers(arrays: Arrays) -> list[str]:
    return sorted({name[:3] for name in arrays})


def _from_numbers(arrays: Arrays) -> dict[str, np.ndarray]:
    numbers = _numbers(arrays)
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
)
