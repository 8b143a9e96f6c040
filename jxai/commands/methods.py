"""Methods by name, from the face of the library: what the command line and the experiments may call."""

import dataclasses
import difflib
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import jax.numpy as jnp
from jax import Array

import jxai
from jxai.commands.configs import Options
from jxai.core.types import Explain, Score
from jxai.models import Model
from jxai.signal import baselines, maps

__all__ = ["BASELINES", "SCORES", "attribution", "methods", "require_known", "to_space"]

SCORES = ("logit", "log_probability", "probability", "log_sigmoid", "mixture")
BASELINES: dict[str, Callable[[Array], Array]] = {
    "black": baselines.black,
    "white": baselines.white,
    "mean": baselines.mean_colour,
    "blur": lambda image: baselines.blurred(image, 0.05 * image.shape[0]),
}


def methods() -> dict[str, str]:
    """Name -> first line of its description, of every method that can be called by name.

    These are the functions of the face that turn a score, or another explainer, into an explainer of one input.
    """
    found = {}
    for name in jxai.__all__:
        member = getattr(jxai, name)
        first = next(iter(inspect.signature(member).parameters), "") if inspect.isfunction(member) else ""
        if first in ("score", "explain") and _needed(member) <= {first, "at"} and name != "all_classes":
            found[name] = (member.__doc__ or "").partition("\n")[0]
    return found


def require_known(names: Iterable[str], known: Iterable[str], what: str) -> None:
    """Raise `ValueError` for the first name that is not known, with those that come close."""
    known = list(known)
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}."
            raise ValueError(f"unknown {what} {name!r}; {hint}")


def attribution(name: str, model: Model, options: Options) -> Callable[..., Array]:
    """A method as a function of one image.

    Args:
        name: one of `methods()`.
        model: what is explained.
        options: settings.

    Returns:
        Function `(image, label, against, params, key) -> attribution`; `image` is `[h, w, 3]` in 0..1, `label` an
        output of the model, `against` the class that `contrast` compares with. The result is the method's own: the
        shape of the model's input, or `[*space]` or the shape of a layer.

    Raises:
        ValueError: an unknown name, score, baseline or layer.
    """
    require_known([name, options.over, options.path], methods(), "method")
    require_known([options.score], SCORES, "score")
    require_known([options.baseline], BASELINES, "baseline")
    at = options.at or model.features
    require_known([at], model.taps, "layer")
    explain, inputs = _built(name, getattr(jxai.scores, options.score)(model.apply), options, at)

    def attribute(image: Array, label: Array, against: Array, params: Any, key: Array) -> Array:
        absent = {kind: model.preprocess(make(image)) for kind, make in BASELINES.items()}
        given = {
            "baseline": absent[options.baseline],
            "baselines": jnp.stack(list(absent.values())),
            "against": against,
        }
        chosen = {name: given[name] for name in inputs}
        return explain(model.preprocess(image), label, params, key=key, **chosen)

    return attribute


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


def _built(name: str, score: Score, options: Options, at: str) -> tuple[Explain, set[str]]:
    """The explainer, and the names of the inputs that it takes beside the score's."""
    make = getattr(jxai, name)
    settings = {
        option: value
        for option, value in {**dataclasses.asdict(options), "at": at}.items()
        if value is not None and option in _settings(make)
    }
    if _takes_explainer(make):
        if _takes_explainer(getattr(jxai, options.over)):
            raise ValueError(f"over must be a method of a score; {options.over} builds on another explainer.")
        inner, inputs = _built(options.over, score, options, at)
        explain = make(inner, **settings)
        return explain, inputs | _inputs(explain)
    if name == "idgi":
        path = {k: v for k, v in dataclasses.asdict(options).items() if k in ("steps", "chunk") and v is not None}
        over = getattr(jxai, options.path)
        settings = {"over": over} | {k: v for k, v in path.items() if k in _settings(over)}
    explain = make(score, **settings)
    return explain, _inputs(explain)


def _settings(make: Callable) -> set[str]:
    return {p.name for p in inspect.signature(make).parameters.values() if p.kind is p.KEYWORD_ONLY}


def _needed(make: Callable) -> set[str]:
    parameters = inspect.signature(make).parameters.values()
    return {p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD}


def _takes_explainer(make: Callable) -> bool:
    return next(iter(inspect.signature(make).parameters)) == "explain"


def _inputs(explain: Callable) -> set[str]:
    return {"baseline", "baselines", "against"} & set(inspect.signature(explain).parameters)
