"""Score-CAM: a class activation map without gradients.

sum_c A_c softmax_c(f(x * H_c)),  H_c = A_c resized to x and stretched to 0..1
"""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.chunks import map_over
from jxai.core.errors import about_space, require_array, require_baseline, require_positive
from jxai.core.evaluate import evaluate, explainer
from jxai.core.inputs import takes_space, without_batch
from jxai.core.taps import reap
from jxai.core.types import Explain, Inputs, Key, Score
from jxai.signal.filters import resize
from jxai.signal.maps import min_max
from jxai.signal.masks import keep

__all__ = ["score_cam"]


@explainer
@takes_space
def score_cam(score: Score, *, at: str, space: int | None = None, chunk: int = 4) -> Explain:
    r"""Score-CAM: channels weighted by the score of the input masked with them; needs no gradient.

    `phi = sum_c A_c w_c`, `w = softmax_c f(b + H_c (x - b))`, `H_c` channel c resized to `x` and stretched to 0..1

    Args:
        score: function `(x, *args) -> number` that taps its intermediates.
        at: the tap of a layer `[*space, c]`, of as many spatial axes as `x`.
        space: how many axes of x are space; None: all but the last (2 for a picture without channels).
        chunk: the most masked inputs evaluated side by side; peak memory depends on it, not on the channels.

    Returns:
        Explain `(x, *args, key=None, baseline=None) -> attribution` of shape `[*space]` of the layer, in units of the
        layer. `baseline` is like `x`, or a number; None is zeros. The paper's subtraction of `f(b)` cancels in the
        softmax.

    Raises:
        UnusedTap: when called, the score reaches no such tap.
        ValueError: `chunk` not positive, or the layer's space has not the axes of `x`.

    Reference:
        Wang et al. 2020, "Score-CAM: score-weighted visual explanations for convolutional neural networks".

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x: 100.0 * tap(x, "layer")[0, 0]
        >>> score_cam(score, at="layer")(jnp.array([[1.0, 0.0], [0.0, 1.0]])).tolist()
        [1.0, 0.0]
    """
    del space  # `takes_space` brings x into the form [*space, c]
    require_positive(chunk=chunk)

    def explain(
        x: Float[Array, "*shape"], *args: Any, key: Key | None = None, baseline: Inputs | float | None = None
    ) -> Float[Array, "..."]:
        del key
        require_array(x, "score_cam")
        b = require_baseline(x, baseline)
        a = reap(score, at)(x, *args)[at]
        a = jnp.moveaxis(without_batch(jnp.moveaxis(a, -1, 0), a, x), 0, -1)
        if a.ndim != x.ndim or a.ndim < 2:
            raise ValueError(
                f"score_cam needs a layer [*space, c] with the axes of x; {at!r} is {a.shape}, x {x.shape}."
                f"{about_space(x)}"
            )

        def score_of_masked(channel: Float[Array, "*grid"]) -> Float[Array, ""]:
            return evaluate(score, keep(x, min_max(resize(channel, x.shape[:-1])), b), *args)

        scores = map_over(score_of_masked, jnp.moveaxis(a, -1, 0), chunk=chunk)
        return a @ jax.nn.softmax(scores).astype(a.dtype)

    return explain
