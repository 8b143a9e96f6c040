"""The small settings with which every method of `jxai.methods` is tested over a small tapped network.

The facts are those of the method's row. A new method gets its settings in the table of its family in `tests/tables`,
and is thereby tested by `test_contracts.py`; a test there compares the two tables.
"""

from tests.tables import attention, backprop, coalitions, deliberative, gradients, marc, masks

__all__ = ["METHODS"]

METHODS = (
    *gradients.METHODS,
    *backprop.METHODS,
    *coalitions.METHODS,
    *masks.METHODS,
    *marc.METHODS,
    *attention.METHODS,
    *deliberative.METHODS,
)
