"""Softmax, its logarithm and log-sum-exp as one operation each, in any spelling.

Recognised are a quotient by a sum of exponentials, a difference with the logarithm of such a sum, and that logarithm,
each with or without a shift by the largest value. A candidate counts once it has been computed, and is what it seems.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jxai.core.program.activations import prune
from jxai.core.program.elementwise import BLIND, SHAPES
from jxai.core.program.operations import Operation, Program, Ref, reachable, with_bodies
from jxai.core.program.regions import Producers, Region, between, producers

__all__ = ["fuse_softmax"]

_KINDS = {
    ("div", (True, True)): "softmax",
    ("sub", (True, True)): "log_softmax",
    ("log", (True,)): "logsumexp",
    ("add", (True, False)): "logsumexp",
    ("add", (False, True)): "logsumexp",
}
_PARTS = SHAPES | set("exp log abs reduce_sum reduce_max max stop_gradient is_finite select_n sub mul".split())
_REFERENCES: dict[str, Callable] = {
    "softmax": jax.nn.softmax,
    "log_softmax": jax.nn.log_softmax,
    "logsumexp": jax.nn.logsumexp,
}
_seen: dict[Any, bool] = {}


def fuse_softmax(program: Program, depends: set[int]) -> list[Operation]:
    """The operations; softmax and its logarithm become one, `"softmax"`, and log-sum-exp one, `"logsumexp"`.

    Their `params` hold the `kind` and the `axes`; `depends` the numbers of the values that depend on the input.
    """
    operations = with_bodies(program.operations, lambda body: fuse_softmax(body, depends))
    start = depends.intersection(program.inputs)
    active, producer = reachable(operations, start, blind=BLIND), producers(operations)

    def is_shift(number: int) -> bool:
        """Whether a value is `x - max(x)`: the region must go back to x itself."""
        op = producer[number][1] if number in producer else None
        return op is not None and op.name == "sub" and op.inputs[1].number in depends - active

    def fuse(op: Operation) -> Operation:
        kind = _KINDS.get((op.name, tuple(ref.number in active for ref in op.inputs)))
        # the sum in `log(sum exp(x - max)) + max`: both depend on x; a sum with a constant is no log-sum-exp
        if kind is None or op.name == "add" and not all(ref.number in depends for ref in op.inputs):
            return op
        region = _region(op, producer, depends, is_shift)
        return _as_one(region, kind, producer) if region and _is(kind, region) else op

    return prune([fuse(op) for op in operations], program.outputs)


def _region(op: Operation, producer: Producers, depends: set[int], is_shift: Callable[[int], bool]) -> Region | None:
    names, frontier = [op.name], {ref.number for ref in op.inputs if ref.number in depends}
    while True:
        if len(frontier) == 1 and "exp" in names and not is_shift(next(iter(frontier))):
            # two exponentials, or none summed: a sigmoid or something else, which has rules of its own
            one = names.count("exp") == 1 and "reduce_sum" in names
            return between(frontier.pop(), op.outputs[0], producer, depends) if one else None
        at, latest = max((producer.get(n, (-1, op)) for n in frontier), key=lambda pair: pair[0], default=(-1, op))
        if at < 0 or latest.name not in _PARTS:
            return None
        names.append(latest.name)
        frontier = (frontier - set(latest.outputs)) | {ref.number for ref in latest.inputs if ref.number in depends}


def _as_one(region: Region, kind: str, producer: Producers) -> Operation:
    name = "logsumexp" if kind == "logsumexp" else "softmax"
    params = {"kind": kind, "axes": _axes(region)}
    logits = _logits(region)
    if logits == region.source:
        return region.as_one(name, params)
    # under vmap, the shift may be taken from the logits in another layout: it does not matter, whatever it is
    own = producer[logits][1]
    equation = SimpleNamespace(
        invars=[SimpleNamespace(aval=own.equation.outvars[own.outputs.index(logits)].aval)],
        outvars=region.operations[-1].equation.outvars, source_info=own.equation.source_info, params=params,
    )  # fmt: skip

    def call(z: Any) -> tuple:
        return (_REFERENCES[kind](z, axis=params["axes"]).reshape(equation.outvars[0].aval.shape),)

    return Operation(name, (Ref(logits),), (region.result,), call, params, equation)


def _logits(region: Region) -> int:
    """The number of the logits: what is shifted, or goes into exp."""
    made = {number: op for op in region.operations for number in op.outputs}
    exp = next(op for op in region.operations if op.name == "exp")
    inner = made.get(exp.inputs[0].number)
    return inner.inputs[0].number if inner is not None and inner.name == "sub" else exp.inputs[0].number


def _axes(region: Region) -> tuple[int, ...]:
    return next(tuple(op.params["axes"]) for op in region.operations if op.name == "reduce_sum")


def _is(kind: str, region: Region) -> bool:
    """Whether the region is what it seems: compared with JAX's own function on drawn numbers."""
    source, *others = region.avals
    if others and (kind == "logsumexp" or _logits(region) != region.source):
        return False  # weights or a mask: no plain sum
    key = (kind, str(source), str(others), *((op.name, str(op.params)) for op in region.operations))
    if key not in _seen:
        if len(_seen) > 1000:
            _seen.clear()
        with jax.ensure_compile_time_eval():
            _seen[key] = _agrees(kind, region, source, others)
    return _seen[key]


def _agrees(kind: str, region: Region, source: Any, others: list) -> bool:
    draw = np.random.default_rng(0)
    x = jnp.asarray(draw.normal(size=source.shape), source.dtype)
    # masks let everything pass, and nothing is scaled
    values = region.values(x, *(jnp.ones(aval.shape, aval.dtype) for aval in others))
    result, expected = values[region.result], _REFERENCES[kind](values[_logits(region)], axis=_axes(region))
    near = 20 * float(jnp.finfo(source.dtype).eps)
    same = jnp.size(result) == jnp.size(expected)
    return same and np.allclose(np.ravel(result).astype(float), np.ravel(expected).astype(float), near, near)
