"""Recognises functions that a model writes out in several operations: activations, softmax, normalisers.

SiLU is `x * sigmoid(x)`, GELU `x * (1 + erf(x / sqrt 2)) / 2`, ELU a `where` of two branches: a rule for each of those
operations would not be a rule for the function.
"""

from typing import Any

from jxai.core.program.interpret import Operation, Ref, reachable
from jxai.core.program.patterns import SHAPES

__all__ = ["BLIND", "ELEMENTWISE", "UNARY", "fuse_activations", "fuse_softmax", "normalisers"]

# These have no derivative, so no way back for relevance. stop_gradient is among them: the shift by the largest value
# that softmax takes off for stability is a constant to every rule.
BLIND = frozenset(
    "gt ge lt le eq ne and or not xor is_finite sign floor ceil round argmax argmin stop_gradient iota".split()
)
# functions of one number that are not linear
UNARY = frozenset(
    "relu activation tanh logistic erf erfc erf_inv exp exp2 log log1p expm1 sqrt rsqrt cbrt sin cos tan asin acos "
    "atan sinh cosh asinh acosh atanh abs square integer_pow lgamma digamma".split()
)
_LINEAR = frozenset("add sub mul div neg select_n convert_element_type copy copy_p real".split())
ELEMENTWISE = UNARY | _LINEAR | BLIND - {"argmax", "argmin", "iota"} | {"max", "min", "clamp", "pow", "atan2", "rem"}


def fuse_activations(operations: list[Operation], start: tuple[int, ...]) -> list[Operation]:
    """The same operations; a function of one value written in several of them becomes one, named `"activation"`.

    A product, sum or choice of several values is such a function where all of them come, number by number, from one
    value. The nearest such value becomes its first input. `start` holds the numbers of the inputs that are explained.
    """
    depends = reachable(operations, start)
    producer = {number: at for at, op in enumerate(operations) for number in op.outputs}

    def fuse(at: int, op: Operation) -> Operation:
        # operations of one active value stay as they are; a predicate has no derivative to pass on
        several = sum(ref.number in depends for ref in op.inputs) > 1
        region = _region(at, operations, producer, depends) if several and op.name in ELEMENTWISE - BLIND else None
        return _as_one(*region) if region else op

    return [fuse(at, op) for at, op in enumerate(operations)]


def _region(at: int, operations: list[Operation], producer: dict[int, int], depends: set[int]) -> Any:
    """The operations between one value and the result of the operation `at`, and the number of that value."""
    region, frontier = [operations[at]], {ref.number for ref in operations[at].inputs if ref.number in depends}
    # Walk back from the result until one value dominates the region. The latest operation goes first: what it depends
    # on comes earlier, so a value is expanded only after all its uses.
    while len(frontier) > 1:
        latest = max(producer.get(number, -1) for number in frontier)
        if latest < 0 or operations[latest].name not in ELEMENTWISE:
            return None  # an input, or an operation that mixes places: no function of one number
        op = operations[latest]
        region.append(op)
        frontier -= set(op.outputs)
        frontier |= {ref.number for ref in op.inputs if ref.number in depends}
    return region[::-1], frontier.pop()


def _as_one(region: list[Operation], source: int) -> Operation:
    inside = {number for op in region for number in op.outputs}
    refs = [ref for op in region for ref in op.inputs if ref.number not in inside | {source}]
    outer = {ref.number: ref for ref in refs if ref.number >= 0}

    def call(x: Any, *others: Any) -> tuple:
        values_of = {source: x, **dict(zip(outer, others, strict=True))}
        for op in region:
            values = op.call(*(ref.constant if ref.number < 0 else values_of[ref.number] for ref in op.inputs))
            values_of.update(zip(op.outputs, values, strict=True))
        return (values_of[region[-1].outputs[0]],)

    last = region[-1]
    return Operation("activation", (Ref(source), *outer.values()), last.outputs, call, {}, last.equation)


def normalisers(operations: list[Operation], active: set[int]) -> set[tuple[int, int]]:
    """`(position, input)` where an active value is divided by a root that is active too, as in layer normalisation.

    That is a product with `rsqrt(...)`, or a quotient by `sqrt(...)`, whatever constants stand between.
    """
    producer = {number: op for op in operations for number in op.outputs}

    def root(ref: Ref, name: str) -> bool:
        operation = _source(ref, producer, active, SHAPES | {"add", "mul", "div", "max"})
        return operation is not None and operation.name == name

    constants = set()
    for at, op in enumerate(operations):
        if op.name in ("mul", "div") and all(ref.number in active for ref in op.inputs):
            places = [i for i, ref in enumerate(op.inputs) if root(ref, "rsqrt")] if op.name == "mul" else []
            places += [1] if op.name == "div" and root(op.inputs[1], "sqrt") else []
            if len(places) == 1:
                constants.add((at, places[0]))
    return constants


def fuse_softmax(operations: list[Operation], start: tuple[int, ...]) -> list[Operation]:
    """The same operations; softmax and its logarithm become one, `"softmax"`, and log-sum-exp one, `"logsumexp"`.

    The spelling does not matter. Recognised are a quotient by a sum of exponentials, a difference with the logarithm
    of such a sum, and that logarithm, each with or without a shift by the largest value.
    """
    depends, active = reachable(operations, start), reachable(operations, start, blind=BLIND)
    producer = {number: at for at, op in enumerate(operations) for number in op.outputs}

    def is_shift(number: int) -> bool:
        """Whether a value is `x - max(x)`: the region must go back to x itself."""
        op = operations[producer[number]] if number in producer else None
        return op is not None and op.name == "sub" and op.inputs[1].number in depends - active

    def fuse(at: int, op: Operation) -> Operation:
        which = tuple(ref.number in active for ref in op.inputs)
        name = _SOFTMAX.get((op.name, which))
        # the sum in `log(sum exp(x - max)) + max`: both depend on x; a sum with a constant is no log-sum-exp
        if op.name == "add" and not all(ref.number in depends for ref in op.inputs):
            name = None
        region = _softmax_region(at, operations, producer, depends, is_shift) if name else None
        return _as_one(*region)._replace(name=name) if region and name else op

    return [fuse(at, op) for at, op in enumerate(operations)]


_SOFTMAX = {
    ("div", (True, True)): "softmax",
    ("sub", (True, True)): "softmax",
    ("log", (True,)): "logsumexp",
    ("add", (True, False)): "logsumexp",
    ("add", (False, True)): "logsumexp",
}
_OF_SOFTMAX = SHAPES | set("exp log abs reduce_sum reduce_max max stop_gradient is_finite select_n sub mul".split())


def _softmax_region(
    at: int, operations: list[Operation], producer: dict[int, int], depends: set[int], is_shift: Any
) -> Any:
    region, frontier = [operations[at]], {ref.number for ref in operations[at].inputs if ref.number in depends}
    while True:
        names = [op.name for op in region]
        if len(frontier) == 1 and "exp" in names and not is_shift(next(iter(frontier))):
            # two exponentials, or none summed: a sigmoid or something else, which has rules of its own
            return (region[::-1], frontier.pop()) if names.count("exp") == 1 and "reduce_sum" in names else None
        latest = max((producer.get(number, -1) for number in frontier), default=-1)
        if latest < 0 or operations[latest].name not in _OF_SOFTMAX:
            return None
        op = operations[latest]
        region.append(op)
        frontier -= set(op.outputs)
        frontier |= {ref.number for ref in op.inputs if ref.number in depends}


def _source(ref: Ref, producer: dict[int, Operation], active: set[int], through: set[str]) -> Operation | None:
    """The operation behind a value; operations named in `through`, with one active input, are looked through."""
    way = _way_back(ref, producer, active, through)
    if way:
        (ref,) = (r for r in producer[way[-1]].inputs if r.number in active)
    return producer.get(ref.number)


def _way_back(ref: Ref, producer: dict[int, Operation], active: set[int], through: set[str]) -> list[int]:
    numbers = []
    while ref.number in producer and producer[ref.number].name in through:
        inputs = [r for r in producer[ref.number].inputs if r.number in active]
        if len(inputs) != 1:
            break
        numbers.append(ref.number)
        ref = inputs[0]
    return numbers
