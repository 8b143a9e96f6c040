"""Models with weights from a file."""

import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jxai.models.model import Model, Params
from jxai.models.norms import fold_arrays
from jxai.models.table import ROWS
from jxai.models.vit import resize_positions
from jxai.models.weights.arrays import checked, flatten, load_arrays, nest
from jxai.models.weights.recognise import recognise
from jxai.models.weights.sizes import options_from, size_beside

__all__ = ["MODELS", "into", "load"]

MODELS: dict[str, Callable[..., Model]] = {row.name: row.function for row in ROWS if row.explains == "images"}


def load(name: str, path: str | pathlib.Path | Mapping[str, Any], **overrides: Any) -> tuple[Model, Params]:
    """Builds a model for a weight file and fills it.

    Reads, as safetensors or npz, jxai's own files; the parameter names of torchvision (AlexNet, VGG, ResNet,
    SqueezeNet 1.0, vision transformers), timm (VGG, ResNet, vision transformers, DeiT without distillation) and
    Hugging Face (ResNet, vision transformers); the MobileNet and Caffe SqueezeNet files described in the
    README. The number of classes and, where the architecture has them, widths and the depth of a transformer
    follow from the arrays; a vision transformer is taken to have heads of 64 channels. The input side is read
    from a `.json` of the same name next to the file (`{"input": {"shape": [1, 128, 128, 3]}}`), or, for a vision
    transformer, from its positions; otherwise it is the architecture's default. A transformer loaded with
    another `size` gets interpolated positions (`resize_positions`).

    The convention of naming also decides what no array tells: torchvision's transformers get `imagenet_standard`
    colours, Hugging Face's their epsilon. Files that jxai wrote hold arrays only: give such options again.

    Args:
        name: one of `MODELS`.
        path: the weight file; or its arrays by name, such as `{name: t.numpy() for name, t in
            net.state_dict().items()}` of a PyTorch network.
        **overrides: options of the constructor, instead of what the file says (`size=128`, `heads=6`);
            `batch_norm=False` folds a file's batch normalisation into the convolutions.

    Returns:
        The model, and its parameters as a nested dict of float32 arrays.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the name is unknown, the file damaged, of an unknown kind, or of another model.
    """
    if name not in MODELS:
        raise ValueError(f"no model is called {name!r}; there are {', '.join(MODELS)}")
    arrays, file = _read(path)
    layout = recognise(arrays)
    if layout.models and name not in layout.models:
        raise ValueError(f"{file} is a file of {layout.title}, not of {name}; load it as {' or '.join(layout.models)}")
    try:
        flat = layout.convert(arrays)
        options = {**options_from(name, flat), **_beside(name, path), **layout.options, **overrides}
        model = MODELS[name](**options)
        flat = _adapted(flat, options, overrides)
        wanted = flatten(jax.eval_shape(model.init, jax.random.key(0)))
        _check(wanted, flat, layout.origins(arrays))
    except ValueError as error:
        raise ValueError(f"{file} does not fit {name}: {error}") from error
    return model, _filled(wanted, flat)


def _read(path: str | pathlib.Path | Mapping[str, Any]) -> tuple[dict[str, np.ndarray], str]:
    """The arrays, and what to call where they come from."""
    if isinstance(path, Mapping):
        return checked({name: np.asarray(array) for name, array in path.items()}, "the mapping"), "the mapping"
    return load_arrays(path), pathlib.Path(path).name


def _beside(name: str, path: str | pathlib.Path | Mapping[str, Any]) -> dict[str, int]:
    return {} if isinstance(path, Mapping) else size_beside(name, path)


def _adapted(flat: Mapping[str, Any], options: Mapping[str, Any], overrides: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arrays for a model that the caller asks to differ from the file's: folded, or of another size."""
    if overrides.get("batch_norm") is False and any(name.endswith("norm/variance") for name in flat):
        flat = fold_arrays(flat)
    if "positions" in flat and "size" in overrides and "patch" in options:
        positions = resize_positions(jnp.asarray(flat["positions"]), options["size"] // options["patch"])
        flat = {**flat, "positions": positions}
    return flat


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
    ours = {name: rename(name) if rename else name for name in arrays}
    given = {ours[name]: array for name, array in arrays.items()}
    wanted = flatten(template)
    _check(wanted, given, {ours[name]: [name] for name in arrays})
    return _filled(wanted, given)


def _filled(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> Params:
    return nest({name: jnp.asarray(given[name], jnp.dtype(leaf.dtype)) for name, leaf in wanted.items()})


# --- what does not fit --------------------------------------------------------------------------------


def _check(wanted: Mapping[str, Any], given: Mapping[str, Any], origins: Mapping[str, list[str]]) -> None:
    """Raises with everything that is missing, unexpected or of another shape."""

    def named(name: str) -> str:
        theirs = [other for other in origins.get(name, []) if other != name]
        return f"{name} (from {', '.join(theirs)})" if theirs else name

    shapes = [
        f"{named(name)} is {tuple(given[name].shape)} instead of {tuple(wanted[name].shape)}"
        for name in wanted
        if name in given and tuple(given[name].shape) != tuple(wanted[name].shape)
    ]
    missing = [f"{name} {tuple(wanted[name].shape)}" for name in sorted(set(wanted) - set(given))]
    unexpected = [f"{named(name)} {tuple(given[name].shape)}" for name in sorted(set(given) - set(wanted))]
    complaints = {"missing": missing, "unexpected": unexpected, "of another shape": shapes}
    lines = [f"{len(names)} {what}: {_some(names)}" for what, names in complaints.items() if names]
    if lines:
        raise ValueError(
            f"expected {len(wanted)} arrays, {len(given)} came; {'; '.join(lines)}. Take the file of this very "
            "architecture and depth, or name the one of the file; drop what is not part of the classifier"
        )


def _some(names: list[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
