"""The table of methods: one row a method, plain data, read by the command line, tests, benchmarks and documentation.

    >>> from jxai.methods import METHODS
    >>> METHODS["rise"].title, METHODS["rise"].count, METHODS["rise"].draws
    ('RISE', 'masks', True)

How to add a row: `jxai/docs/pages/adding.md`.
"""

from jxai.methods import attention, backprop, coalitions, gradients, layers, masks
from jxai.methods.method import MAPS, Method

__all__ = ["FAMILIES", "MAPS", "METHODS", "TOOLS", "Method"]

FAMILIES = {
    "gradients": "Gradients",
    "paths": "Paths",
    "backprop": "Backward rules",
    "cams": "Class activation maps",
    "layers": "Layers",
    "perturbation": "Perturbation",
    "coalitions": "Surrogates and Shapley values",
    "masks": "Masks by optimisation",
    "attention": "Attention",
    "deliberative": "Insecurities",
    "regions": "Segments",
    "comparison": "For comparison",
}
"""Title of each family, in the order in which they are shown."""

_ROWS = (*gradients.ROWS, *backprop.ROWS, *layers.ROWS, *coalitions.ROWS, *masks.ROWS, *attention.ROWS)
METHODS: dict[str, Method] = {row.name: row for row in sorted(_ROWS, key=lambda row: list(FAMILIES).index(row.family))}

TOOLS = frozenset(
    {
        "coalitions", "deliberation_maps", "insecurities", "metrics", "reap", "regression", "rule", "rules", "scores",
        "signal", "split", "tap", "values_and_grads",
    }
)  # fmt: skip
"""What of the face is no method: modules, taps, and functions of arrays."""
