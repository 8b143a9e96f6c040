"""Finds the ReLUs of a program that act on features on the way from the input to the result."""

import itertools
from collections.abc import Callable

from jxai.core.errors import UnusedRule, join_names
from jxai.core.program.activations import doubtful, name_relus, relus
from jxai.core.program.constants import folded
from jxai.core.program.normalisers import normalisers
from jxai.core.program.operations import Operation, Program, Ref, leading, reachable, walk
from jxai.core.program.places import levels, stands

__all__ = ["holds_relu", "recognise_relus"]


def recognise_relus(program: Program) -> Program:
    """The program, every ReLU that acts on features of x named `"relu"`.

    The maximum that keeps a variance from falling below 0, inside a normalisation, is not one of them.

    Raises:
        UnusedRule: a maximum with a value that is not written into the model: a ReLU if that happens to be 0.
    """
    depends = reachable(program.operations, program.inputs[: program.x_leaves])
    acts = _on_path(program, depends)
    unclear = doubtful(program, depends, acts)
    if unclear:
        every = list(walk(program.operations))
        where = join_names(stands(every, next(i for i, op in enumerate(every) if op is one)) for one in unclear)
        raise UnusedRule(
            f"a maximum with a value that is not written into the model may be a ReLU ({where}): jit would not know. "
            f"Write jnp.maximum(x, 0.0) or jax.nn.relu(x) if it is one; if not, give the rule to the function by name."
        )
    return program._replace(operations=name_relus(program, depends, _fresh(program), acts))


def holds_relu(operations: list[Operation]) -> bool:
    """Whether some operations hold a ReLU: the function that they belong to is looked into then."""
    made = {number for op in operations for number in op.outputs}
    taken = {ref.number for op in operations for ref in op.inputs}
    known: dict = {}
    for op in operations:
        value = folded(op, known)
        known |= {number: value for number in op.outputs if value is not None}
    inputs, ends = tuple(taken - made - {-1}), tuple(Ref(number) for number in made - taken)
    depends = reachable(operations, inputs)
    whole = Program(operations, inputs, len(inputs), [], {}, ends, None, known)
    return any(True for _ in relus(whole, depends))


def _on_path(program: Program, depends: set[int]) -> Callable[[int], bool]:
    divisors = {divisor for operations in levels(program) for divisor in normalisers(operations, depends)}

    def passes(op: Operation, i: int) -> bool:
        return not op.outputs or (op.outputs[0], i) not in divisors

    reaching = leading(program.operations, {ref.number for ref in program.outputs}, passes)
    return reaching.__contains__


def _fresh(program: Program) -> itertools.count:
    return itertools.count(1 + max((n for op in walk(program.operations) for n in op.outputs), default=0))
