"""The methods of MaRC's Table 2 with the settings of its evaluation, and the paper's numbers."""

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from jxai.models import Model
from jxai.pipelines.images import Explained
from jxai.pipelines.options import Options

__all__ = ["METHODS", "PAPER", "Effort", "Method", "Settings", "is_transformer", "map_of", "rows"]

SIDE = 224  # the paper gives pixels for images of this size


@dataclasses.dataclass(frozen=True)
class Effort:
    """How much is computed for one image.

    Attributes:
        steps: Updates of MaRC on images below 128 px.
        large: Updates of MaRC on larger ones; the paper's program stops between 250 and 7500.
        rate: MaRC's learning rate; the paper's program has 0.03.
        perturb: Updates of meaningful perturbation; the paper's 300 (CNN) or 500.
        path: Steps of integrated gradients; the paper's 100.
        across: Windows of occlusion along a side; the paper's 56.
        fractions: Shares of pixels at which the measures are taken, evenly between 0 and 1; the paper's 19.
    """

    steps: int = 600
    large: int = 600
    rate: float = 0.03
    perturb: int = 60
    path: int = 16
    across: int = 14
    fractions: int = 5

    def updates(self, model: Model) -> int:
        """The updates of MaRC for images of the model's size."""
        return self.steps if model.size < 128 else self.large


@dataclasses.dataclass(frozen=True)
class Settings(Options):
    """The settings of the methods on the command line, and those that only experiments change."""

    learning_rate: float | None = None
    window: int | None = None
    stride: int | None = None
    cell: int | None = None
    smooth: float | None = None
    sigma: float | None = None
    jitter: int | None = None
    rule: str | None = None


class Method(NamedTuple):
    """A row of the table.

    Attributes:
        name: in jxai.
        kinds: the networks that it explains, `"cnn"` and `"vit"`.
        settings: from the model and the effort to the options.
        reduce: how an attribution becomes a map: `"l1"` over the channels, or `"sum"`.
    """

    name: str
    kinds: tuple[str, ...] = ("cnn", "vit")
    settings: Callable[[Model, Effort], dict[str, Any]] = lambda model, effort: {}
    reduce: str = "sum"


def _marc(model: Model, effort: Effort) -> dict[str, Any]:
    return {"steps": effort.updates(model), "learning_rate": effort.rate}


def _perturbation(model: Model, effort: Effort) -> dict[str, Any]:
    scale = model.size / SIDE
    sizes = {"cell": max(1, round(8 * scale)), "smooth": 5 * scale, "sigma": 10 * scale, "jitter": round(4 * scale)}
    return {"score": "probability", "steps": effort.perturb, **sizes}


def _occlusion(model: Model, effort: Effort) -> dict[str, Any]:
    window = round(model.size / 9)
    stride = min(window, max(1, round(model.size / effort.across)))
    return {"score": "probability", "baseline": "blur", "window": window, "stride": stride}


METHODS = {
    "MaRC": Method("marc", settings=_marc),
    "M-Perturb": Method("meaningful_perturbation", settings=_perturbation),
    "Grad-CAM": Method("grad_cam"),
    "Exc-BP": Method("excitation_backprop", ("cnn",), lambda model, effort: {"at": model.taps[0]}),
    "Saliency": Method("gradient", reduce="l1"),
    "InputXGrad": Method("times_input", reduce="l1"),
    "Guided BP": Method("guided_backprop", ("cnn",), reduce="l1"),
    "IntGrads": Method(
        "integrated_gradients", settings=lambda model, effort: {"baseline": "blur", "steps": effort.path}, reduce="l1"
    ),
    "Occlusion": Method("occlusion", settings=_occlusion),
    "Attention": Method("raw_attention", ("vit",)),
    "Attribution": Method("attention_relevance", ("vit",), lambda model, effort: {"rule": "lrp"}),
    "Rollout": Method("attention_rollout", ("vit",)),
    "TAM": Method("transition_attention_maps", ("vit",), lambda model, effort: {"baseline": "mean"}),
    "random": Method("random_map"),
}
# Brinner and Zarriess 2023, Table 2: sufficiency and comprehensiveness of ResNet-101 and of ViT-B/16.
PAPER: dict[str, dict[str, tuple[float, float]]] = {
    "cnn": {
        "MaRC": (0.196, 0.612), "M-Perturb": (0.260, 0.605), "Grad-CAM": (0.197, 0.600), "Exc-BP": (0.302, 0.600),
        "Saliency": (0.442, 0.599), "InputXGrad": (0.430, 0.586), "Guided BP": (0.343, 0.630),
        "IntGrads": (0.344, 0.641), "Occlusion": (0.324, 0.606),
    },
    "vit": {
        "MaRC": (0.139, 0.596), "M-Perturb": (0.174, 0.572), "Grad-CAM": (0.161, 0.640), "Saliency": (0.355, 0.528),
        "InputXGrad": (0.366, 0.506), "IntGrads": (0.261, 0.641), "Occlusion": (0.194, 0.486),
        "Attention": (0.241, 0.562), "Attribution": (0.176, 0.608), "Rollout": (0.205, 0.580), "TAM": (0.146, 0.658),
    },
}  # fmt: skip


def is_transformer(model: Model) -> bool:
    """Whether the network has attention maps."""
    return any(tap.endswith("/attention") for tap in model.taps)


def rows(model: Model) -> dict[str, Method]:
    """The methods that explain the network."""
    kind = "vit" if is_transformer(model) else "cnn"
    return {label: method for label, method in METHODS.items() if kind in method.kinds}


def map_of(method: Method, explained: Explained) -> np.ndarray:
    """The maps `[n, h, w]` that are measured, largest magnitude 1."""
    values = np.abs(explained.attributions).sum(-1) if method.reduce == "l1" else explained.maps
    largest = np.abs(values).max((1, 2), keepdims=True)
    return values / np.where(largest > 0, largest, 1)
