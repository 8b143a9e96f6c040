"""Models with weights from a file."""

import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Shaped

from jxai.models.model import Model, Params
from jxai.models.norms import fold_arrays
from jxai.models.table import ROWS
from jxai.models.vit import resize_positions
from jxai.models.weights.arrays import flatten, load_arrays, nest, require_finite
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
    follow from the arrays. The heads of a vision transformer are assumed to have 64 channels (ViT-H has 80: give
    `heads=16`). The input side is read from a `.json` of the same name next to the file (`{"input": {"shape": [1, 128,
    128, 3]}}`), or, for a vision transformer, from its positions; otherwise it is the architecture's default. A
    transformer loaded with another `size` gets interpolated positions (`resize_positions`).

    Some options follow from the convention of naming alone: torchvision's transformers get `imagenet_standard` colours,
    Hugging Face's their epsilon. timm's ViT and DeiT have the same names: DeiT's colours need the name `deit_*`. Files
    of jxai hold arrays only: give such options again.

    Args:
        name: one of `MODELS`.
        path: the weight file; or its arrays by name, such as `{name: t.numpy() for name, t in
            net.state_dict().items()}` of a PyTorch network.
        **overrides: options of the constructor, in place of the file's (`size=128`, `heads=6`);
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
        flat = _adapt(flat, options, overrides)
        # Shapes and dtypes alone: nothing is drawn for weights that the file replaces
        leaves = flatten(jax.eval_shape(model.init, jax.random.key(0)))
        _check(leaves, flat, layout.origins(arrays))
    except ValueError as error:
        raise ValueError(f"{file} does not fit {name}: {error}") from error
    return model, _fill(leaves, flat)


def _read(path: str | pathlib.Path | Mapping[str, Any]) -> tuple[dict[str, np.ndarray], str]:
    """The arrays, and the name of their origin for messages."""
    if isinstance(path, Mapping):
        return require_finite({name: np.asarray(array) for name, array in path.items()}, "the mapping"), "the mapping"
    return load_arrays(path), pathlib.Path(path).name


def _beside(name: str, path: str | pathlib.Path | Mapping[str, Any]) -> dict[str, int]:
    return {} if isinstance(path, Mapping) else size_beside(name, path)


def _adapt(flat: Mapping[str, Any], options: Mapping[str, Any], overrides: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arrays for a model that differs from the file's as the caller asked: folded, or of another size."""
    if overrides.get("batch_norm") is False and any(name.endswith("norm/variance") for name in flat):
        flat = fold_arrays(flat)
    if "positions" in flat and "size" in overrides and "patch" in options:
        positions = resize_positions(jnp.asarray(flat["positions"]), options["size"] // options["patch"])
        flat = {**flat, "positions": positions}
    return flat


def into(
    template: Params,
    arrays: Mapping[str, Shaped[np.ndarray, "..."]],
    *,
    rename: Callable[[str], str] | None = None,
    transform: Callable[[str, Shaped[np.ndarray, "..."]], Shaped[np.ndarray, "..."]] | None = None,
) -> Params:
    """Fills a model's parameters with named arrays, all of them and nothing else.

    Args:
        template: parameters, or `jax.eval_shape(model.init, key)`; sets names, shapes and dtypes.
        arrays: arrays by name.
        rename: from a name in `arrays` to one of ours, such as `block1/depthwise/kernel`.
        transform: from a name in `arrays` and the array to the array to use, for example its transpose.

    Returns:
        Parameters with the structure and the dtypes of the template.

    Raises:
        ValueError: names are missing or unexpected, or shapes differ; the message lists them.

    Example:
        >>> import numpy as np
        >>> into({"a": {"kernel": np.zeros(2, np.float32)}}, {"a.w": np.ones(2)}, rename=lambda _: "a/kernel")
        {'a': {'kernel': Array([1., 1.], dtype=float32)}}
    """
    arrays = {name: transform(name, a) if transform else a for name, a in arrays.items()}
    ours = {name: rename(name) if rename else name for name in arrays}
    flat = {ours[name]: array for name, array in arrays.items()}
    leaves = flatten(template)
    _check(leaves, flat, {ours[name]: [name] for name in arrays})
    return _fill(leaves, flat)


def _fill(leaves: Mapping[str, Any], flat: Mapping[str, Any]) -> Params:
    return nest({name: jnp.asarray(flat[name], jnp.dtype(leaf.dtype)) for name, leaf in leaves.items()})


# --- mismatches ---------------------------------------------------------------------------------------


def _check(leaves: Mapping[str, Any], flat: Mapping[str, Any], origins: Mapping[str, list[str]]) -> None:
    """Raises with everything that is missing, unexpected or of another shape."""

    def with_origin(name: str) -> str:
        theirs = [other for other in origins.get(name, []) if other != name]
        return f"{name} (from {', '.join(theirs)})" if theirs else name

    shapes = [
        f"{with_origin(name)} is {tuple(flat[name].shape)} instead of {tuple(leaves[name].shape)}"
        for name in leaves
        if name in flat and tuple(flat[name].shape) != tuple(leaves[name].shape)
    ]
    missing = [f"{name} {tuple(leaves[name].shape)}" for name in sorted(set(leaves) - set(flat))]
    surplus = [f"{with_origin(name)} {tuple(flat[name].shape)}" for name in sorted(set(flat) - set(leaves))]
    complaints = {"missing": missing, "unexpected": surplus, "of another shape": shapes}
    lines = [f"{len(names)} {what}: {_some(names)}" for what, names in complaints.items() if names]
    if lines:
        raise ValueError(
            f"expected {len(leaves)} arrays, {len(flat)} came; {'; '.join(lines)}. Take the file of this very "
            "architecture and depth, or name the one of the file; drop what is not part of the classifier"
        )


def _some(names: list[str], most: int = 6) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
