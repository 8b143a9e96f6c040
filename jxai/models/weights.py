"""Models with weights from a file."""

import json
import pathlib
import re
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jxai.models.arrays import flatten, load_arrays, nest
from jxai.models.cnn import small_cnn
from jxai.models.layouts import recognise
from jxai.models.mobilenet import mobilenet_v1, mobilenet_v2
from jxai.models.model import Model, Params
from jxai.models.squeezenet import squeezenet
from jxai.models.vit import vit, vit_base, vit_small, vit_tiny

__all__ = ["MODELS", "into", "load"]

MODELS: dict[str, Callable[..., Model]] = {
    "small_cnn": small_cnn,
    "mobilenet_v1": mobilenet_v1,
    "mobilenet_v2": mobilenet_v2,
    "squeezenet": squeezenet,
    "vit": vit,
    "vit_tiny": vit_tiny,
    "vit_small": vit_small,
    "vit_base": vit_base,
}

# One layer whose channels tell the width: its name, and its channels at width 1.
WIDEST = {"mobilenet_v1": ("block13/project/kernel", 1024), "mobilenet_v2": ("block17/project/kernel", 320)}


def load(name: str, path: str | pathlib.Path, **overrides: Any) -> tuple[Model, Params]:
    """Builds a model for a weight file and fills it.

    Reads jxai's own files, timm's vision transformers, and the MobileNet and SqueezeNet files described in
    the README, as safetensors or npz. The number of classes and, where the architecture has them, widths and
    depth follow from the arrays; a vision transformer is taken to have heads of 64 channels. The input side
    is read from a `.json` of the same name next to the file (`{"input": {"shape": [1, 128, 128, 3]}}`), or,
    for a vision transformer, from its positions; otherwise it is the architecture's default.

    Args:
        name: one of `MODELS`.
        path: the weight file.
        **overrides: options of the constructor, instead of what the file says (`size=128`, `heads=6`).

    Returns:
        The model, and its parameters as a nested dict of float32 arrays.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the name is unknown, the file damaged, of an unknown kind, or of another model.
    """
    if name not in MODELS:
        raise ValueError(f"no model is called {name!r}; there are {', '.join(MODELS)}")
    arrays = load_arrays(path)
    layout = recognise(arrays)
    if layout.models and name not in layout.models:
        raise ValueError(
            f"{pathlib.Path(path).name} is a file of {layout.title}, not of {name}; "
            f"load it as {' or '.join(layout.models)}"
        )
    flat = layout.convert(arrays)
    options = _options(name, flat) | _size_beside(name, path) | overrides
    try:
        model = MODELS[name](**options)
        params = into(jax.eval_shape(model.init, jax.random.key(0)), flat)
    except ValueError as error:
        raise ValueError(f"{pathlib.Path(path).name} does not fit {name}: {error}") from error
    return model, params


def into(
    template: Params,
    arrays: Mapping[str, np.ndarray],
    *,
    rename: Callable[[str], str] | None = None,
    transform: Callable[[str, np.ndarray], np.ndarray] | None = None,
) -> Params:
    """Fills a model's parameters with named arrays, all of them and nothing else.

    Args:
        template: parameters, or `jax.eval_shape(model.init, key)`; gives names, shapes and dtypes.
        arrays: arrays by name.
        rename: from a name in `arrays` to one of ours, such as `block1/depthwise/kernel`.
        transform: changes an array, given its name in `arrays`: a transposition, for example.

    Returns:
        Parameters with the structure and the dtypes of the template.

    Raises:
        ValueError: with all names that are missing, unexpected, or of another shape.

    Example:
        >>> import numpy as np
        >>> into({"a": {"kernel": np.zeros(2, np.float32)}}, {"a.w": np.ones(2)}, rename=lambda _: "a/kernel")
        {'a': {'kernel': Array([1., 1.], dtype=float32)}}
    """
    arrays = {name: transform(name, a) if transform else a for name, a in arrays.items()}
    given = {rename(name) if rename else name: a for name, a in arrays.items()}
    wanted = flatten(template)
    _report(wanted, given)
    return nest({name: jnp.asarray(given[name], jnp.dtype(leaf.dtype)) for name, leaf in wanted.items()})


def _report(wanted: Mapping[str, Any], given: Mapping[str, np.ndarray]) -> None:
    shapes = [
        f"{name} is {given[name].shape} instead of {wanted[name].shape}"
        for name in wanted
        if name in given and tuple(given[name].shape) != tuple(wanted[name].shape)
    ]
    complaints = {
        "missing": sorted(set(wanted) - set(given)),
        "unexpected": sorted(set(given) - set(wanted)),
        "of another shape": shapes,
    }
    lines = [f"{_some(names)} {what}" for what, names in complaints.items() if names]
    if lines:
        raise ValueError(f"the arrays are not those of the model: {'; '.join(lines)}")


def _some(names: list[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


# --- what the arrays say about the architecture ------------------------------------------------------


def _options(name: str, flat: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The constructor's options that follow from the shapes."""
    shapes = {key: array.shape for key, array in flat.items()}
    if len(shapes.get("classify/kernel", ())) != 2:
        raise ValueError("the file has no final layer (classify/kernel in jxai's names)")
    options: dict[str, Any] = {"classes": shapes["classify/kernel"][1]}
    if name in WIDEST:
        return options | _mobilenet_width(name, shapes)
    if name == "small_cnn":
        return options | _cnn_widths(shapes)
    return options | _vit_sizes(shapes) if name.startswith("vit") else options


def _mobilenet_width(name: str, shapes) -> dict[str, Any]:
    """The multiplier of the channels; without the layer: leave the default, `into` will say what is missing."""
    layer, channels = WIDEST[name]
    return {"width": shapes[layer][-1] / channels} if layer in shapes else {}


def _cnn_widths(shapes) -> dict[str, Any]:
    kernels = {int(key[5:-7]): shape for key, shape in shapes.items() if re.fullmatch(r"block\d+/kernel", key)}
    return {"widths": tuple(kernels[i][-1] for i in sorted(kernels))} if kernels else {}


def _vit_sizes(shapes) -> dict[str, Any]:
    if len(shapes.get("patches/kernel", ())) != 2 or len(shapes.get("positions", ())) != 2:
        return {}
    inputs, width = shapes["patches/kernel"]
    patch, side = round((inputs / 3) ** 0.5), round((shapes["positions"][0] - 1) ** 0.5)
    depth = len({key.split("/")[0] for key in shapes if key.startswith("block")})
    return {"width": width, "heads": max(1, width // 64), "patch": patch, "size": patch * side, "depth": depth}


def _size_beside(name: str, path: str | pathlib.Path) -> dict[str, int]:
    """The input side that the list of operations next to the file names."""
    beside = pathlib.Path(path).with_suffix(".json")
    if name.startswith("vit") or not beside.is_file():
        return {}
    try:
        return {"size": int(json.loads(beside.read_text())["input"]["shape"][1])}
    except (ValueError, KeyError, IndexError, TypeError):
        return {}  # somebody else's file
