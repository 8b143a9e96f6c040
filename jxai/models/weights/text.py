"""Text models with weights from a file."""

import json
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from jxai.models.model import Params
from jxai.models.table import ROWS
from jxai.models.text import TextModel
from jxai.models.weights.arrays import load_arrays
from jxai.models.weights.bert import is_roberta, pooler_of
from jxai.models.weights.load import into
from jxai.models.weights.recognise import recognise

__all__ = ["TEXT_MODELS", "load_text", "with_head"]

TEXT_MODELS: dict[str, Callable[..., TextModel]] = {row.name: row.function for row in ROWS if row.explains == "texts"}

ROBERTA = ("roberta", "xlm-roberta", "camembert")
EXPECTED = {  # in config.json; the first is its default
    "model_type": ("bert", "distilbert", *ROBERTA),
    "hidden_act": ("gelu",),
    "activation": ("gelu",),
    "position_embedding_type": ("absolute",),
}

Arrays = Mapping[str, np.ndarray]
Config = Mapping[str, Any]


def load_text(name: str, path: str | pathlib.Path, **overrides: Any) -> tuple[TextModel, Params]:
    """Builds a text model for a weight file and fills it.

    Reads jxai's own files and Hugging Face's BERT, RoBERTa and DistilBERT (all as "bert"), with or without the prefix
    `bert.`, as transformers and sentence-transformers save them (`model.safetensors`), or as npz. Sizes, pooler and
    classes follow from the arrays; heads of pre-training (`cls.*`) are left out. The number of attention heads and
    the epsilon of the layer norms do not: they are read from Hugging Face's `config.json` in the file's folder, or
    given as options. jxai's own files hold neither; the default epsilon is BERT's 1e-12 or RoBERTa's 1e-5. RoBERTa's
    positions begin at row 2 of its table; the rows before are left out.

    Args:
        name: one of `TEXT_MODELS`.
        path: the weight file.
        **overrides: options of the constructor, in place of the files' (`heads=12`).

    Returns:
        The model, and its parameters as a nested dict of float32 arrays.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the name or the number of heads is unknown; the file is damaged, of an unknown kind, or of
            another model; or names are missing or unexpected or shapes differ: the message lists them.
    """
    options, flat = _read(name, pathlib.Path(path), overrides)
    return _build_and_fill(name, pathlib.Path(path).name, options, flat)


def with_head(
    name: str, path: str | pathlib.Path, *, classes: int, **overrides: Any
) -> tuple[TextModel, Callable[[PRNGKeyArray], Params], dict[str, Any]]:
    """A pretrained encoder with a new head, for fine-tuning.

    Args:
        name: one of `TEXT_MODELS`.
        path: the weight file, as for `load_text`; a classifier in it is left out.
        classes: number of logits.
        **overrides: options of the constructor, in place of the files'.

    Returns:
        The model; `init(key) -> params`, the file's with a random `classify`; and the constructor's options.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: as `load_text`.
    """
    path = pathlib.Path(path)
    options, flat = _read(name, path, overrides)
    flat = {key: array for key, array in flat.items() if not key.startswith("classify/")}
    _, body = _build_and_fill(name, path.name, options | {"classes": None}, flat)
    options |= {"classes": classes}
    model = TEXT_MODELS[name](**options)
    return model, lambda key: {**model.init(key), **body}, options


def _read(name: str, path: pathlib.Path, overrides: dict[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The constructor's options, and the arrays of a file under our names."""
    if name not in TEXT_MODELS:
        raise ValueError(f"no text model is called {name!r}; there are {', '.join(TEXT_MODELS)}")
    arrays = load_arrays(path)
    config = _config(path.parent) if name == "bert" and "embedding/words" not in arrays else {}
    flat = _ours(name, path.name, arrays, config)
    options = _sizes(name, flat) | _facts(name, arrays, config) | overrides
    # Not width // 64: MiniLM has heads of 32 channels, and a wrong number would go unnoticed
    if "heads" not in options:
        raise ValueError(
            f"the number of attention heads does not follow from {path.name}; give it (heads=12), or put the "
            "config.json of the model beside the file"
        )
    return options, flat


def _build_and_fill(name: str, file: str, options: Mapping[str, Any], flat: Arrays) -> tuple[TextModel, Params]:
    try:
        model = TEXT_MODELS[name](**options)
        return model, into(jax.eval_shape(model.init, jax.random.key(0)), flat)
    except ValueError as error:
        raise ValueError(f"{file} does not fit {name}: {error}") from error


def _ours(name: str, file: str, arrays: Arrays, config: Config) -> dict[str, np.ndarray]:
    """The arrays under our names."""
    if "embedding/words" in arrays:
        return dict(arrays)
    layout = recognise(arrays)
    if name not in layout.models:
        models = " or ".join(layout.models) or "a model of images"
        raise ValueError(f"{file} is a file of {layout.title}, not of {name}; load it as {models}")
    flat = layout.convert(arrays)
    if _of_roberta(arrays, config) and "embedding/positions" in flat:
        # Rows 0 and 1 are for padding and never looked up by a sentence
        flat["embedding/positions"] = flat["embedding/positions"][2:]
    return flat


def _sizes(name: str, flat: Arrays) -> dict[str, Any]:
    """The options that follow from the shapes; a missing array leaves the default, and `into` reports it."""
    shapes = {key: array.shape for key, array in flat.items() if array.ndim == 2}
    rows = {"vocabulary": "embedding/words", "length": "embedding/positions", "types": "embedding/types"}
    columns = {"width": "embedding/words", "classes": "classify/kernel"}
    columns |= {"hidden": "block0/expand/kernel"} if name == "bert" else {}
    options: dict[str, Any] = {option: shapes[key][0] for option, key in rows.items() if key in shapes}
    options |= {option: shapes[key][1] for option, key in columns.items() if key in shapes}
    options["depth"] = len({key.split("/")[0] for key in flat if key.startswith("block")})
    return {"classes": None} | options


def _facts(name: str, arrays: Arrays, config: Config) -> dict[str, Any]:
    """The options of BERT that follow from names and configuration."""
    if name != "bert":
        return {}
    heads = config.get("num_attention_heads", config.get("n_heads"))
    default = 1e-5 if _of_roberta(arrays, config) else 1e-12
    facts: dict[str, Any] = {"pooler": pooler_of(arrays), "epsilon": float(config.get("layer_norm_eps", default))}
    return facts if heads is None else facts | {"heads": int(heads)}


def _of_roberta(arrays: Arrays, config: Config) -> bool:
    return is_roberta(arrays) or config.get("model_type") in ROBERTA


def _config(folder: pathlib.Path) -> Config:
    """Hugging Face's `config.json`, {} where there is none; refuses networks that are not BERT's."""
    path = folder / "config.json"
    if not path.is_file():
        return {}
    try:
        config = dict(json.loads(path.read_text()))
    except (ValueError, TypeError):
        raise ValueError(
            f"{path} is not the configuration of a model; repair it, or remove it and give heads="
        ) from None
    for key, values in EXPECTED.items():
        if config.get(key, values[0]) not in values:
            raise ValueError(f"{path} says {key} {config[key]!r}; this BERT has {' or '.join(values)} only")
    return config
