"""Where the taps of a function stand in its program, by name and by the iterations of the loops around them."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from jxai.core.errors import UnusedTap, join_names
from jxai.core.program.interpret import trace
from jxai.core.program.marks import TAP
from jxai.core.program.operations import Operation, Program, walk

__all__ = ["Spot", "find", "loops_around"]


class Spot(NamedTuple):
    """Where a tap stands: the number of its value, the lengths of the loops around it, the iterations asked for."""

    number: int
    lengths: tuple[int, ...]
    index: tuple[int, ...]


def find(fn: Callable, args: tuple, names: tuple[str, ...]) -> tuple[Program, dict[str, Spot]]:
    """The traced function and where the taps `names` (or all) stand."""
    wanted = {*names, *(_parse(name)[0] for name in names)}

    # an inner jit or checkpoint is inlined only where it holds one of the taps
    def holds_tap(operations: list[Operation]) -> bool:
        return any(op.name == TAP and (not names or op.params["name"] in wanted) for op in walk(operations))

    program = trace(fn, args, inline_if=holds_tap)
    taps = list(_taps(program.operations))
    if not taps and not names:
        raise UnusedTap("this function reaches no taps; name intermediates with jxai.tap(value, name).")
    return program, {name: _spot(name, taps) for name in names or [name for name, _ in taps]}


def _taps(operations: Iterable[Operation], lengths: tuple[int, ...] = ()) -> Iterator[tuple[str, Spot]]:
    for op in operations:
        if op.name == TAP:
            yield op.params["name"], Spot(op.outputs[0], lengths, ())
        if op.body is not None:
            yield from _taps(op.body.program.operations, (*lengths, op.body.length))


def _spot(name: str, taps: list[tuple[str, Spot]]) -> Spot:
    present = [tap for tap, _ in taps]
    base, index = (name, ()) if name in present else _parse(name)
    if present.count(base) != 1:
        raise UnusedTap(_not_one(base, present.count(base), present))
    spot = dict(taps)[base]
    if len(index) > len(spot.lengths) or any(not -n <= i < n for i, n in zip(index, spot.lengths, strict=False)):
        raise UnusedTap(
            f"the tap {base!r} stands in {loops_around(spot)}; {name!r} asks for another iteration than there is. Say "
            f"{base!r} for all of them."
        )
    return spot._replace(index=tuple(i % n for i, n in zip(index, spot.lengths, strict=False)))


def _parse(name: str) -> tuple[str, tuple[int, ...]]:
    """`"block[2]"` is the tap `"block"` in iteration 2 of the loop around it."""
    base, indices = re.fullmatch(r"(.*?)((?:\[-?\d+\])*)", name, re.DOTALL).groups()  # type: ignore[union-attr]
    return base, tuple(int(i) for i in re.findall(r"-?\d+", indices))


def _not_one(name: str, times: int, present: list[str]) -> str:
    if times == 0:
        return f"no tap named {name!r} was reached; this function's taps: {join_names(present)}."
    return (
        f"the tap {name!r} was reached {times} times; a tap's name must be unique within one run: give each layer its "
        f"own, and let the score run the model once."
    )


def loops_around(spot: Spot) -> str:
    """The loops around a tap, in words."""
    return f"a loop of {' x '.join(map(str, spot.lengths))} iterations" if spot.lengths else "no loop"
