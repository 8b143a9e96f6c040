"""What a mask shows and what it leaves, as pictures, and how likely the model finds each."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import jxai
from jxai.core.chunks import mean_over
from jxai.models import Model
from jxai.pipelines.images import Cases
from jxai.pipelines.marc import background_names
from jxai.pipelines.methods import BASELINES
from jxai.pipelines.options import Options
from jxai.report.pictures import enlarge
from jxai.report.sections import Picture
from jxai.run.map import map_examples
from jxai.signal.masks import keep

__all__ = ["Rationales", "evaluate_masks"]


class Rationales(NamedTuple):
    """What the soft mask of each case keeps and leaves, and how likely its class is in each.

    Attributes:
        rationales: `[n, size, size, 3]` in 0..1, `m x + (1 - m) b` with the first background.
        complements: `[n, size, size, 3]`, `(1 - m) x + m b`.
        probabilities: `[n, 3]` of the class, for the picture, the rationale and the complement, the latter two means
            over the backgrounds.
    """

    rationales: Array | np.ndarray
    complements: Array | np.ndarray
    probabilities: Array | np.ndarray

    def pictures(self, case: int) -> dict[str, Picture]:
        """The rationale and its complement by name, for a page."""
        shown = {"rationale": self.rationales[case], "complement": self.complements[case]}
        likely = dict(zip(shown, self.probabilities[case][1:], strict=True))
        return {
            name: Picture(enlarge(np.asarray(image)), f"marc: {name}", detail=f"probability {likely[name]:.1%}")
            for name, image in shown.items()
        }

    def text(self, case: int) -> str:
        """The three probabilities in a sentence."""
        whole, rationale, complement = self.probabilities[case]
        left = f"{complement:.1%} for what is left"
        return f"By marc: {whole:.1%} for the picture, {rationale:.1%} for its rationale, {left}."


def evaluate_masks(
    model: Model, params: Any, cases: Cases, masks: np.ndarray, *, options: Options, per_device: int = 1
) -> Rationales:
    """Show the model what the masks keep and what they leave, before the backgrounds they were optimised with.

    Args:
        model: what was explained.
        params: its parameters.
        cases: images and labels.
        masks: `[n, size, size]` in 0..1.
        options: settings of the method.
        per_device: cases that a device works on at once.
    """
    names = background_names(model, options)
    probability = jxai.scores.probability(model.apply)

    def one(mask: Array, image: Array, label: Array, params: Any) -> Rationales:
        backgrounds = jnp.stack([BASELINES[name](image) for name in names])
        masks = jnp.stack([jnp.ones_like(mask), mask, 1 - mask])

        def probabilities(background: Array) -> Array:
            shown = [model.preprocess(keep(image, mask, background)) for mask in masks]
            return jax.lax.map(lambda x: probability(x, label, params), jnp.stack(shown))

        kept, left = (keep(image, mask, backgrounds[0]) for mask in masks[1:])
        return Rationales(kept, left, mean_over(probabilities, backgrounds, chunk=1))

    devices = jax.local_devices()[: len(masks)]
    mapped = map_examples(one, in_axes=(0, 0, 0, None), per_device=per_device, devices=devices)
    return mapped(masks, cases.images, cases.labels, params)
