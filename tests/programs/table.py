"""The checks by name, with what the programs of each must have."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.programs import sums, taps, transforms
from tests.programs.program import Program

__all__ = ["CHECKS", "Check"]


class Check(NamedTuple):
    """What to compute of a program, how many programs of the suite it gets, and what these must have."""

    run: Callable[[Program], None]
    examples: int
    fixed: dict[str, Any] = {}


CHECKS = {
    "deep_lift": Check(sums.check_deep_lift_completeness, 30),
    "integrated_gradients": Check(sums.check_integrated_gradients_completeness, 10),
    "lrp": Check(sums.check_lrp_conservation, 25, {"biased": False}),
    "spellings": Check(sums.check_spellings, 30),
    "guided": Check(sums.check_guided, 25),
    "float16": Check(sums.check_dtypes, 6, {"dtype": "float16"}),
    "bfloat16": Check(sums.check_dtypes, 6, {"dtype": "bfloat16"}),
    "float32": Check(sums.check_dtypes, 6, {"dtype": "float32"}),
    "taps": Check(taps.check_taps, 30),
    "second_order": Check(taps.check_second_order, 10),
    "jit_and_vmap": Check(transforms.check_jit_and_vmap, 10),
    "chunks": Check(transforms.check_chunks, 8),
    "derivatives": Check(transforms.check_derivatives, 8),
}
