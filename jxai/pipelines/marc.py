"""MaRC for photographs: the score, the mask and the backgrounds that suit a network, where the user names none."""

from typing import Any

from jxai.explainers.masks.grid_mask import image_mask
from jxai.methods import METHODS
from jxai.models import Model
from jxai.pipelines.options import Options

__all__ = ["LOGS", "background_names", "log_score", "mask_settings"]

LOGS = METHODS["marc"].scores
STEPS = 900  # at the rate of the paper's program, at which its stop rule ends most photographs before


def log_score(model: Model, asked: str | None) -> str:
    """The score's name: what was asked for, or the paper's, log_mixture (9 : 1) for CNNs, else log_probability.

    Raises:
        ValueError: what was asked for is no log-probability.
    """
    if asked is None:
        return "log_probability" if _attends(model) else "log_mixture"
    if asked not in LOGS:
        raise ValueError(
            f"marc explains a log-probability, {', '.join(LOGS)}; score {asked} came: leave it out or name one."
        )
    return asked


def mask_settings(model: Model, options: Options) -> dict[str, Any]:
    """The options of `jxai.marc` where none are named: the paper's price of the mask's size for the kind of network.

    Raises:
        ValueError: a variant of another name.
    """
    mask = image_mask(variant=options.variant, sparsity=0.25 if _attends(model) else 0.6)
    return {"mask": mask, "variant": options.variant, "steps": STEPS}


def background_names(model: Model, options: Options) -> tuple[str, ...]:
    """What stands for absence: the baseline asked for, or the paper's: a blur for transformers, else colours."""
    if options.baseline is not None:
        return (options.baseline,)
    return ("blur",) if _attends(model) else ("black", "white", "mean")


def _attends(model: Model) -> bool:
    return any(tap.endswith("/attention") for tap in model.taps)
