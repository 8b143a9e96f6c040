"""The three kinds of function that jxai is made of.

Score    (x, *args) -> number                            one example, never a batch
Explain  (x, *args, key=None, **inputs) -> attribution   positional: the score's; keyword: the explainer's
Measure  (attribution, x, *args, key=None) -> number     argument 0 is the thing measured
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from jax import Array
from jaxtyping import Float, PRNGKeyArray, PyTree, Shaped

__all__ = ["Explain", "Inputs", "Key", "Labels", "Measure", "Score"]

Score = Callable[..., Float[Array, ""]]
Explain = Callable[..., Any]
Measure = Callable[..., Float[Array, ""]]
Key = PRNGKeyArray
Inputs = PyTree[Shaped[Array, "..."] | Shaped[np.ndarray, "..."]]  # of one example: an array, or several in a pytree
Labels = Shaped[Array, "..."] | Shaped[np.ndarray, "..."]  # whole numbers over the space: groups, segments
