"""Random programs, by hypothesis (which shrinks a failing one) and by a seed: both make the same choices."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from tests.programs.families import FAMILIES
from tests.programs.program import READOUTS, SCORES, SHAPES, Layer, Program

__all__ = ["program_of_seed", "programs"]

Choose = Callable[[Sequence], Any]
# what most networks are made of comes more often
COMMON = ("dense", "dense", "dense", "relu", "relu", "relu", "residual", "layer_norm", "rms_norm", "attention", "stack")


def _program(choose: Choose, seed: int, **fixed: Any) -> Program:
    kind = choose(list(SHAPES))
    names = [name for name, family in FAMILIES.items() if kind in family.kinds]
    names += [name for name in COMMON if name in names]
    chosen: list[Layer] = []
    for _ in range(choose(range(1, 6))):
        pooled = any("pool" in layer.family for layer in chosen)
        chosen.append(_layer(choose, [name for name in names if not (pooled and "pool" in name)]))
    return Program(
        kind,
        tuple(chosen),
        seed,
        readout=choose(list(READOUTS)),
        **{
            "score": choose(list(SCORES)),
            "biased": choose([True, False]),
            "batched": choose([False, False, False, True]),
            **fixed,
        },
    )


def _layer(choose: Choose, names: Sequence[str]) -> Layer:
    family = choose(names)
    mapped = "pointwise" in FAMILIES[family].traits and choose([False, False, True])
    return Layer(family, choose(list(FAMILIES[family].spellings)), mapped)


def program_of_seed(seed: int, **fixed: Any) -> Program:
    """The program of a seed, whatever happens elsewhere."""
    r = np.random.default_rng(seed)
    return _program(lambda options: options[r.integers(len(options))], seed, **fixed)


@st.composite
def programs(draw: st.DrawFn, **fixed: Any) -> Program:
    """A strategy: programs with what is `fixed`, such as `biased=False`."""
    return _program(lambda options: draw(st.sampled_from(options)), draw(st.integers(0, 99)), **fixed)
