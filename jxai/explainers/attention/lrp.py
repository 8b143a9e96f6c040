r"""Relevance of a score at the taps of a transformer, by the rules of Chefer, Gur and Wolf (CVPR 2021).

Relevance starts as 1 at the score and goes back, operation by operation:

* linear layers with weights: `R_j = sum_i (x_j w_ji)^+ / sum_j' (x_j' w_j'i)^+ R_i` (eq. 5; biases take no part)
* products of two activations `u v` (attention): each takes half of `R` in proportion to its terms (eq. 8 and 9: the
  two shares have equal sums, so that the paper's normalisation is a half)
* sums of two activations (skip connections): `R_u = u / (u + v) R`, brought to `|S_u| / (|S_u| + |S_v|)` of the whole,
  `S` the sums over all elements (eq. 8 and 9)
* sums along axes, and differences of two activations: in proportion to the terms (eq. 3)
* activation functions of one input pass relevance on unchanged; `u f(u)`, `u / f(u)` and `u - f(u)` pass it to `u`.
  This covers softmax, layer normalisation and GELU in any spelling. The paper does not mention these; its authors'
  programs do the same.

These are not gradients under rules (`jxai.with_rules`), which begin with the score's value: a negative logit would turn
all signs, and a log-probability of 0 would erase everything. Nor does a rule by name see which operand is the gate.
Denominators of 0 give 0. Near 0 they make shares large (skip connections cancel): half precision can be far off.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jxai.core.program.interpret import trace
from jxai.core.program.marks import TAP
from jxai.core.program.operations import Operation, Program, Ref, reachable, replay
from jxai.rules.backward import LINEAR

__all__ = ["relevance"]

_MOVES = frozenset(
    "broadcast_in_dim concatenate convert_element_type copy copy_p dynamic_slice expand_dims gather pad "
    "reduce_precision reshape rev select_n slice split squeeze stop_gradient tap transpose".split()
)
_ELEMENTWISE = frozenset(
    "abs add cbrt clamp cos div erf erf_inv erfc exp exp2 expm1 integer_pow log log1p logistic max min mul neg pow "
    "rsqrt sign sin sqrt square sub tanh "
    # calls that `inline_if` did not open: they hold neither linear layers nor taps
    "checkpoint custom_jvp_call custom_vjp_call custom_vjp_call_jaxpr remat remat2".split()
)
_SUMS = frozenset("cumsum max min reduce_max reduce_min reduce_sum reduce_window_sum sub".split())
_COMPARISONS = frozenset({"eq", "ge", "gt", "is_finite", "le", "lt", "ne"})
_GATED = frozenset({"mul", "div", "sub"})
_SCALES = frozenset(  # keep every element, up to a factor and a shift
    "add broadcast_in_dim convert_element_type copy div expand_dims mul neg tap reshape squeeze sub".split()
)


def relevance(score: Callable, *names: str) -> Callable[..., dict[str, Float[Array, "..."]]]:
    """The relevance of the score's output at taps.

    Args:
        score: function `(x, *args) -> number` that taps its intermediates.
        *names: the taps.

    Returns:
        Function `(x, *args) -> {name: relevance}`, each of the shape of the tapped value; 0 where the score does not
        use it. A unit without positive products loses its relevance (as in the paper): sums can be below 1.

    Raises:
        NotImplementedError: between a tap and the score stands an operation that has no rule.

    Example:
        >>> import jax.numpy as jnp
        >>> from jxai.core.taps import tap
        >>> score = lambda x, w: tap(x, "layer") @ w
        >>> relevance(score, "layer")(jnp.array([1.0, 2.0, 3.0]), jnp.array([2.0, 1.0, -1.0]))["layer"].tolist()
        [0.5, 0.5, 0.0]
    """

    def at_taps(*args: Any) -> dict[str, Float[Array, "..."]]:
        def holds_rule_or_tap(operations: list[Operation]) -> bool:
            return any(op.name in LINEAR or op.params.get("name") in names for op in operations)

        # custom: relevance goes by the operations inside, whatever derivative of its own a function has
        program = trace(score, args, named=LINEAR, inline_if=holds_rule_or_tap, custom=True)
        taps = {op.outputs[0]: op.params["name"] for op in program.operations if _is_tap(op, names)}
        path = _path(program, set(taps))
        values = _values(program, path, taps)
        return _propagate(program, path, values, taps)

    return at_taps


def _is_tap(op: Operation, names: tuple[str, ...]) -> bool:
    return op.name == TAP and op.params["name"] in names


def _path(program: Program, taps: set[int]) -> list[int]:
    """Positions of the operations from the taps to the score, the last first."""
    late, live, path = reachable(program.operations, taps), {ref.number for ref in program.outputs}, []
    for at in reversed(range(len(program.operations))):
        op = program.operations[at]
        if live & late & set(op.outputs):
            path.append(at)
            live |= {ref.number for ref in op.inputs}
    return path


def _values(program: Program, path: list[int], taps: dict[int, str]) -> dict[int, Any]:
    """The values of everything along the path, by number, from one run."""
    operations = [program.operations[at] for at in path]
    refs = {ref.number for op in operations for ref in op.inputs} | {n for op in operations for n in op.outputs}
    numbers = sorted((refs | set(taps) | {ref.number for ref in program.outputs}) - {-1})
    return dict(zip(numbers, replay(program, outputs=[Ref(number) for number in numbers]), strict=True))


def _propagate(program: Program, path: list[int], values: dict[int, Any], taps: dict[int, str]) -> dict[str, Array]:
    active = _active(program, set(taps))
    main = _main_operands(program.operations, active)
    # 1 at the score, not its value: the sign of a negative logit would turn all relevance before its positive part is
    # taken, and a log-probability of exactly 0 would erase it
    relevance_at = {ref.number: jnp.ones_like(values[ref.number]) for ref in program.outputs if ref.number >= 0}
    at_taps = {name: jnp.zeros_like(values[number]) for number, name in taps.items()}
    for at in path:
        op = program.operations[at]
        if not any(number in relevance_at for number in op.outputs):
            continue  # a gate has no share
        inputs = [ref.constant if ref.number < 0 else values[ref.number] for ref in op.inputs]
        outputs = [values[number] for number in op.outputs]
        incoming = [relevance_at.pop(n, jnp.zeros_like(z)) for n, z in zip(op.outputs, outputs, strict=True)]
        at_taps |= {taps[n]: r for n, r in zip(op.outputs, incoming, strict=True) if n in taps}
        which = [i for i, ref in enumerate(op.inputs) if ref.number in active and _is_real(inputs[i])]
        shares = _shares(_Node(op, inputs, outputs, which), incoming, main.get(at))
        if shares is None:
            raise NotImplementedError(_no_rule(program, at))
        for i, share in zip(which, shares, strict=True):
            number = op.inputs[i].number
            if share is not None:
                relevance_at[number] = relevance_at[number] + share if number in relevance_at else share
    return at_taps


def _active(program: Program, taps: set[int]) -> set[int]:
    """Numbers of the values that depend on `x` and can carry relevance.

    A comparison (a mask made from `x`) carries none. The exception are whole numbers in `x`: comparisons may embed
    them (one-hot).
    """
    x_numbers = program.inputs[: program.x_leaves]
    real = all(_is_real(array) for array in program.arrays[: program.x_leaves])
    operations = [op for op in program.operations if not (real and op.name in _COMPARISONS)]
    return reachable(operations, {*x_numbers, *taps})


class _Node:
    """An operation with its values, as a function of its active inputs."""

    def __init__(self, op: Operation, inputs: list, outputs: list, which: list[int]):
        self.op, self.inputs, self.outputs, self.which = op, inputs, outputs, which
        self.active = [inputs[i] for i in which]

    def call(self, *active: Any) -> tuple:
        values = list(self.inputs)
        for i, value in zip(self.which, active, strict=True):
            values[i] = value
        return self.op.call(*values)

    def pull(self, cotangents: list[Array]) -> tuple:
        _, pull = jax.vjp(self.call, *self.active)
        return pull(tuple(cotangents))

    def in_proportion(self, incoming: list[Array]) -> list[Array]:
        """Relevance by the terms of every output: `x_j sum_i dz_i/dx_j R_i / z_i` (eq. 3)."""
        back = self.pull([_ratio(r, z) for r, z in zip(incoming, self.outputs, strict=True)])
        return [x * g for x, g in zip(self.active, back, strict=True)]


def _shares(node: _Node, incoming: list[Array], main: int | None) -> Sequence[Array | None] | None:
    """The relevance of each active input; None for one that only gates. None where there is no rule."""
    name, which, whole = node.op.name, node.which, incoming[0]
    if name in _MOVES or not which:
        return list(node.pull(incoming)) if which else []
    if name in LINEAR:
        return _positive(node, whole) if len(which) == 1 else [r / 2 for r in node.in_proportion(incoming)]
    if main in which:
        return [_sum_repeats(whole, x) if i == main else None for i, x in zip(which, node.active, strict=True)]
    if name == "add" and len(which) == 2:
        return _skip(node.in_proportion(incoming))
    if (name == "mul" and len(which) == 2) or (name in _ELEMENTWISE and len(which) == 1):
        return [_sum_repeats(whole / len(which), x) for x in node.active]
    return node.in_proportion(incoming) if name in _SUMS else None


def _sum_repeats(relevance: Array, x: Array) -> Array:
    """The sum over the axes along which an elementwise operation repeats `x`."""
    repeat_axes = tuple(i for i, (many, one) in enumerate(zip(relevance.shape, x.shape, strict=True)) if many != one)
    return relevance.sum(repeat_axes, keepdims=True)


def _no_rule(program: Program, at: int) -> str:
    op = program.operations[at]
    taps = [op.params["name"] for op in program.operations[:at] if op.name == TAP]
    return (
        f"relevance has no rule for the operation {op.name}, which follows "
        f"{f'the tap {taps[-1]!r}' if taps else 'no tap'}; use rule='gradient', which needs none."
    )


def _positive(node: _Node, incoming: Array) -> list[Array]:
    """A layer with weights: in proportion to the positive products of input and weight, both signs of the input."""
    x, weight = node.active[0], node.inputs[1 - node.which[0]]

    def call(x: Array, weight: Array) -> Array:
        (result,) = node.op.call(*((x, weight) if node.which[0] == 0 else (weight, x)))
        return result

    (p, up), (n, down) = ((half(x, 0), half(weight, 0)) for half in (jnp.maximum, jnp.minimum))
    share = _ratio(incoming, call(p, up) + call(n, down))
    pulls = [jax.vjp(lambda x, w=w: call(x, w), x)[1] for w in (up, down)]
    return [p * pulls[0](share)[0] + n * pulls[1](share)[0]]


def _skip(shares: list[Array]) -> list[Array]:
    """The two shares of a sum, brought to sums of one sign (eq. 9)."""
    # sums over one example; the authors' run over the batch, which lets examples mix
    u, v = (share.sum() for share in shares)
    scale = _ratio(u + v, abs(u) + abs(v))
    return [share * jnp.sign(total) * scale for share, total in zip(shares, (u, v), strict=True)]


def _main_operands(operations: list[Operation], active: set[int]) -> dict[int, int]:
    """For each `u f(u)`, `u / f(u)`, `u - f(u)` which input is `u`; of a quotient always the numerator."""
    source: dict[int, int] = {}  # the value behind another that only scales, shifts or reshapes it
    main: dict[int, int] = {}
    for at, op in enumerate(operations):
        which = [i for i, ref in enumerate(op.inputs) if ref.number in active]
        if op.name in _GATED and len(which) == 2:
            number = _main(op, source, operations)
            if number is not None:
                main[at] = number
        if at in main or (len(which) == 1 and op.name in _SCALES):
            through = op.inputs[main.get(at, which[0])].number
            source[op.outputs[0]] = source.get(through, through)
    return main


def _main(op: Operation, source: dict[int, int], operations: list[Operation]) -> int | None:
    if op.name == "div":
        return 0
    for i in (0, 1)[: 1 if op.name == "sub" else 2]:
        # the other operand is a gate if it is computed from this one, or from what this one scales
        u, v = op.inputs[i].number, op.inputs[1 - i].number
        if v in reachable(operations, {source.get(u, u)}):
            return i
    return None


def _is_real(value: Any) -> bool:
    return jnp.issubdtype(jnp.result_type(value), jnp.floating)


def _ratio(a: Array, b: Array) -> Array:
    return jnp.where(b == 0, jnp.zeros_like(b), a / jnp.where(b == 0, jnp.ones_like(b), b))
