"""The table of all methods: each explainer of the face over a small tapped network, and what the contract must know.

A new explainer is added to the table of its family in `tests/tables`, and is thereby tested by `test_contracts.py`; a
test there compares the table with the face.
"""

from tests.tables import attention, backprop, coalitions, deliberative, gradients, marc, masks

__all__ = ["METHODS", "TOOLS"]

TOOLS = {
    "coalitions",
    "deliberation_maps",
    "insecurities",
    "metrics",
    "reap",
    "regression",
    "rule",
    "rules",
    "scores",
    "signal",
    "split",
    "tap",
    "values_and_grads",
}  # no explainers
METHODS = (
    *gradients.METHODS,
    *backprop.METHODS,
    *coalitions.METHODS,
    *masks.METHODS,
    *marc.METHODS,
    *attention.METHODS,
    *deliberative.METHODS,
)
