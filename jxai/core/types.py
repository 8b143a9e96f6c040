"""The three kinds of function that jxai is made of.

Score    (x, *args) -> number                            one example, never a batch
Explain  (x, *args, key=None, **inputs) -> attribution   positional: the score's; keyword: the explainer's
Measure  (attribution, x, *args, key=None) -> number     argument 0 is the thing measured
"""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

__all__ = ["Explain", "Key", "Labels", "Measure", "Score"]

Score = Callable[..., jax.Array]
Explain = Callable[..., Any]
Measure = Callable[..., jax.Array]
Key = jax.Array
Labels = jax.Array | np.ndarray  # whole numbers over the space: groups, segments
