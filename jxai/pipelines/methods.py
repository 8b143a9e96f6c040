"""Methods by name, from the table of methods: what the command line and the experiments may call."""

import dataclasses
import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import jxai
from jxai.core.types import Explain, Score
from jxai.methods import METHODS, Method
from jxai.models import Model
from jxai.pipelines.marc import background_names, log_score, mask_settings
from jxai.pipelines.options import Options
from jxai.pipelines.regions import GROUPS, MAKERS
from jxai.signal import baselines, maps

__all__ = [
    "BASELINES",
    "SCORES",
    "attribution",
    "build_explainer",
    "methods",
    "regional",
    "require_known",
    "score_name",
    "to_space",
]

SCORES = ("logit", "log_probability", "probability", "log_sigmoid", "mixture", "log_mixture")
BASELINES: dict[str, Callable[[Array], Array]] = {
    "black": baselines.black,
    "white": baselines.white,
    "mean": baselines.mean_colour,
    "blur": lambda image: baselines.blurred(image, 0.05 * image.shape[0]),
}

LARGE = 128  # px: from here on a CPU's caches hold few evaluations side by side


def methods() -> dict[str, str]:
    """Name -> one line of description, of every method that can be called by name."""
    return {name: row.description for name, row in sorted(METHODS.items()) if row.by_name}


def require_known(names: Iterable[str], choices: Iterable[str], what: str) -> None:
    """Raise `ValueError` for the first name that is not among the choices, with similar ones."""
    choices = list(choices)
    for name in names:
        if name not in choices:
            close = difflib.get_close_matches(name, choices, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(choices)}."
            raise ValueError(f"unknown {what} {name!r}; {hint}")


def attribution(name: str, model: Model, options: Options, regions: Mapping[str, np.ndarray]) -> Callable[..., Array]:
    """A method as a function of one image.

    Args:
        name: one of `methods()`.
        model: what is explained.
        options: settings.
        regions: for each of `regional(name, ...)`, the integers of all images, `[n, ...]`; only the largest matters.

    Returns:
        Function `(image, label, against, params, key, **regions) -> attribution`; `image` is `[h, w, 3]` in 0..1,
        `label` an output of the model, `against` the class that `contrast` compares with, `regions` those of the image.
        The result is the method's own: the shape of the model's input, or `[*space]` or the shape of a layer.

    Raises:
        ValueError: an unknown name, score, baseline or layer.
    """
    counts = [int(values.max()) + 1 for values in regions.values()]
    explain, inputs = _build(name, model, options, max(counts, default=None))
    if METHODS[name].blurs and options.baseline is None:
        inputs = inputs - {"baseline"}
    masked = _base(name, options) == "marc"
    backgrounds = background_names(model, options) if masked else tuple(BASELINES)

    def attribute(image: Array, label: Array, against: Array, params: Any, key: Array, **regions: Array) -> Array:
        absent = {kind: model.preprocess(make(image)) for kind, make in BASELINES.items()}
        inputs_by_name = {
            "baseline": absent[options.baseline or "black"],
            "baselines": jnp.stack(list(absent.values())),
            "backgrounds": jnp.stack([absent[kind] for kind in backgrounds]),
            "against": against,
            **regions,
        }
        own = {name: inputs_by_name[name] for name in inputs}
        return explain(model.preprocess(image), label, params, key=key, **own)

    return attribute


def regional(name: str, model: Model, options: Options) -> tuple[str, ...]:
    """Which regions of the image the method takes, of `jxai.pipelines.regions.MAKERS`; errors as `attribution`."""
    _, inputs = _build(name, model, options, None)
    return tuple(kind for kind in MAKERS if kind in inputs)


def to_space(attribution: Array, space: tuple[int, int]) -> Array:
    """An attribution as a map over the image: channels added up, a layer's map enlarged."""
    if attribution.ndim == 3:
        attribution = maps.channel_sum(attribution)
    if attribution.ndim != 2:
        raise ValueError(
            f"expected an attribution over the picture [h, w] or [h, w, c], got {attribution.shape}; choose a layer "
            f"with a feature map (at)."
        )
    return attribution if attribution.shape == space else maps.upsample(attribution, space)


def _build(name: str, model: Model, options: Options, count: int | None) -> tuple[Explain, set[str]]:
    """The explainer, and the names of the inputs that it takes beside the score's."""
    require_known([options.baseline or "black"], BASELINES, "baseline")
    require_known([options.groups], GROUPS, "kind of groups")
    require_known([options.at or model.features], model.taps, "layer")
    every = {**dataclasses.asdict(options), "features": model.features, "count": count}
    every["chunk"] = _side_by_side(model) if options.chunk is None else options.chunk
    score = getattr(jxai.scores, score_name(name, model, options))(model.apply)
    if _base(name, options) != "marc":
        explain, inputs = build_explainer(name, score, every)
        return explain, set(inputs)
    own = {option: value for option, value in mask_settings(model, options).items() if every.get(option) is None}
    explain, inputs = build_explainer(name, score, every | own)
    return explain, set(inputs) - {"groups"}  # a mask of pixels; groups are a text's words


def _side_by_side(model: Model) -> int | None:
    """On a CPU two evaluations of a large picture, more of which do not stay in its caches; else the method's own."""
    return 2 if jax.default_backend() == "cpu" and model.size >= LARGE else None


def score_name(name: str, model: Model, options: Options) -> str:
    """The score that a method explains: the options', or where they name none the method's own, or the logit.

    Raises:
        ValueError: an unknown method or score, or one that the method cannot explain.
    """
    require_known([options.score or "logit"], SCORES, "score")
    if _base(name, options) == "marc":
        return log_score(model, options.score)
    return METHODS[name].scores[0] if METHODS[name].scores else options.score or "logit"


def _base(name: str, options: Options) -> str:
    """The method of a score: the one named, or for a combinator the one it builds on."""
    require_known([name], methods(), "method")
    return (options.over or METHODS[name].over) if METHODS[name].over else name


def build_explainer(name: str, score: Score, every: Mapping[str, Any]) -> tuple[Explain, dict[str, bool]]:
    """A method by name, of a score.

    Args:
        name: one of `methods()`.
        score: what is explained.
        every: settings of all methods; this one takes its own. None stands for the default.
            Among them `at`, `features` (the last feature map, or None where the model has none), `over` and `path`.

    Returns:
        The explainer, and for each input beside the score's whether it is required.

    Raises:
        ValueError: an unknown name, a layer that nobody named, or a combinator over a combinator.
    """
    require_known([name], methods(), "method")
    row, over = METHODS[name], every["over"] or METHODS[name].over or "gradient"
    require_known([over, every["path"]], methods(), "method")
    settings = {option: every[option] for option in row.settings if every.get(option) is not None}
    if every["at"] is None and row.at in ("required", "preferred"):
        if every["features"] is None and row.at == "required":
            raise ValueError(f"{name} explains a layer; name a tap by --at, such as block0.")
        settings["at"] = every["features"]
    if row.takes == "explainer":
        if METHODS[over].takes == "explainer":
            raise ValueError(f"over must be a method of a score; {over} builds on another explainer.")
        inner, inputs = build_explainer(over, score, every)
        return row.function(inner, **settings), inputs | _inputs(row)
    if name == "idgi":
        path = METHODS[every["path"]]
        # its paths differ in their settings: only those that the path has
        numbers = {option: every[option] for option in ("steps", "chunk") if every.get(option) is not None}
        settings = {option: value for option, value in numbers.items() if option in path.settings}
        return row.function(score, over=path.function, **settings), _inputs(path)
    return row.function(score, **settings), _inputs(row)


def _inputs(row: Method) -> dict[str, bool]:
    return dict.fromkeys(row.inputs, False) | dict.fromkeys(row.needs, True)
