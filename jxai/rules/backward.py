"""Modified backward rules: the same forward computation, another backward pass.

A rule is a function `(operation, inputs, output, cotangent) -> cotangents of the inputs`. Relevance propagation is
gradient times input under rules. A value `z` with the modified gradient `g` has relevance `R = z g`, so a rule for
relevance becomes a rule for `g`. Operations without a rule keep their own derivative.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jxai.core.errors import UnusedRule, join_names
from jxai.core.program.affine import Layer, join_layers
from jxai.core.program.interpret import Operation, Program, reachable, replay, trace
from jxai.core.program.patterns import name_relus
from jxai.core.program.places import LINEAR, Place, places, trace_layers

__all__ = ["LINEAR", "Composite", "Rule", "Ruled", "rule", "with_rules"]


class Ruled(NamedTuple):
    """The operation that a rule is for."""

    name: str
    call: Callable[..., jax.Array]
    active: tuple[bool, ...]  # which inputs depend on what is explained; the others are weights
    layer: Layer | None = None  # a linear layer's parts; its inputs are the value, the weights, and the tail's numbers
    place: Place | None = None  # its place in the model, where a composite chose the rule

    def pull(self, inputs: tuple, cotangent: jax.Array) -> tuple:
        """The operation's own vector-Jacobian product, for the active inputs; None for the others."""

        def of_active(*active: jax.Array) -> jax.Array:
            values = iter(active)
            return self.call(*(next(values) if a else i for a, i in zip(self.active, inputs, strict=True)))

        _, pull = jax.vjp(of_active, *(i for a, i in zip(self.active, inputs, strict=True) if a))
        back = iter(pull(cotangent))
        return tuple(next(back) if a else None for a in self.active)


Rule = Callable[[Ruled, tuple, jax.Array, jax.Array], tuple]
Composite = Callable[[Place], Rule | None]


def rule(fn: Callable[..., jax.Array], backward: Rule, *, active: tuple[bool, ...] | None = None) -> Callable:
    """`fn` with its backward pass replaced; for use inside a model.

    Args:
        fn: function of one or more arrays that returns one array.
        backward: the rule, `(operation, inputs, output, cotangent) -> cotangents`.
        active: which inputs depend on what is explained; default all floating ones.

    Returns:
        A function with the values of `fn` and the derivative that `backward` gives. Inputs that are not active
        receive no gradient.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.rules import guided
        >>> relu = rule(jax.nn.relu, guided)
        >>> jax.grad(lambda x: -relu(x).sum())(jnp.ones(2)).tolist()
        [0.0, 0.0]
    """
    return _with_backward(fn, backward, getattr(fn, "__name__", "function"), active)


def _with_backward(
    fn: Callable,
    backward: Rule,
    name: str,
    active: tuple | None,
    layer: Layer | None = None,
    place: Place | None = None,
) -> Callable:
    @jax.custom_vjp
    def fn_with_rule(*inputs: Any) -> jax.Array:
        return fn(*inputs)

    def forward(*inputs: Any) -> tuple:
        output = fn(*inputs)
        return output, (inputs, output)

    def back(residuals: tuple, cotangent: jax.Array) -> tuple:
        inputs, output = residuals
        # by default every floating input: whole numbers have no cotangent
        which = active or tuple(jnp.issubdtype(jnp.result_type(i), jnp.floating) for i in inputs)
        return tuple(backward(Ruled(name, fn, which, layer, place), inputs, output, cotangent))

    fn_with_rule.defvjp(forward, back)
    return fn_with_rule


def with_rules(fn: Callable, rules: Mapping[str, Rule] | Composite) -> Callable:
    """`fn` with modified backward rules: same values, other derivatives towards `x`.

    Rules go by name: of functions (`"relu"`, `"silu"`, any `jit` or `custom_jvp` function) or of JAX primitives
    (`"dot_general"`, `"conv_general_dilated"`, `"tanh"`, ...). `"relu"` also finds `max(x, 0)`, `where(x > 0, x, 0)`
    and `x * (x > 0)`, inside `relu6` too. The rule of a linear layer includes the bias or the batch normalisation
    (in inference mode) that follows it. Only operations that depend on `x` get rules.

    A composite is a function of a `Place` (the operation's name, its number among its kind, whether it is the first
    layer, ...) that returns a rule, or None for the operation's own derivative. It is called for every operation on
    the way from `x` to the score. An activation written in several operations is one of them, `"activation"`. The
    normaliser of a layer normalisation counts as constant. `rules.epsilon_plus()` is a composite.

    Args:
        fn: function of `(x, *args)`, usually a score; the model needs no change.
        rules: name -> rule, or a composite.

    Returns:
        A function of the same arguments: `gradient(with_rules(score, {"relu": guided}))` is guided backpropagation.

    Raises:
        UnusedRule: a name matched no operation; the message lists what there is.
        MissingRule: a composite that needs a rule for every operation has none for one of them.
        NotImplementedError: a matching operation stands inside `scan`, `while` or `cond`.

    Note:
        Derivatives with respect to `args` (the parameters) are not those of `fn`; derivatives of the resulting
        attribution, with respect to anything, are exact. Captum's guided backpropagation replaces modules and leaves
        functional ReLUs as they are, silently; here the spelling does not matter.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.rules import guided
        >>> score = lambda x: -jnp.maximum(x, 0.0).sum()
        >>> jax.grad(with_rules(score, {"relu": guided}))(jnp.ones(2)).tolist()
        [0.0, 0.0]
        >>> jax.grad(with_rules(score, lambda place: guided if place.name == "relu" else None))(jnp.ones(2)).tolist()
        [0.0, 0.0]
    """
    if not rules:
        raise UnusedRule("with_rules got no rules; pass {name: rule}, e.g. {'relu': guided}, or a composite.")

    def fn_with_rules(*args: Any) -> Any:
        program, instead = _by_name(fn, args, rules) if isinstance(rules, Mapping) else _by_place(fn, args, rules)
        return jax.tree.unflatten(program.tree, replay(program, instead=instead))

    return fn_with_rules


def _by_name(fn: Callable, args: tuple, rules: Mapping[str, Rule]) -> tuple[Program, dict[int, Callable]]:
    def holds_match(operations: list[Operation]) -> bool:
        return any(op.name in rules for op in _recognise(operations, {}, rules))

    program = trace(fn, args, named=rules, inline_if=holds_match, custom=True)
    active = reachable(program.operations, program.inputs[: program.x_leaves])
    operations = _recognise(program.operations, program.constants, rules)
    # only layers with a rule are joined: others would hide their additions from rules for those
    operations = join_layers(operations, active, program.outputs, LINEAR & set(rules))
    return program._replace(operations=operations), _instead(operations, rules, active)


def _by_place(fn: Callable, args: tuple, composite: Composite) -> tuple[Program, dict[int, Callable]]:
    program, active = trace_layers(fn, args)
    instead = {}
    for at, place in places(program, active).items():
        op, chosen_rule = program.operations[at], composite(place)
        constant = any(ref.number in active and not a for ref, a in zip(op.inputs, place.active, strict=True))
        # a normaliser counts as constant: even without a rule, the operation must not send a gradient to it
        if chosen_rule is not None or constant:
            instead[at] = _call(op, chosen_rule or _own, place.active, place)
    return program, instead


def _own(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    return operation.pull(inputs, cotangent)


def _call(op: Operation, backward: Rule, which: tuple[bool, ...], place: Place | None = None) -> Callable[..., tuple]:
    call = _with_backward(partial(_only, op), backward, op.name, which, op.params.get("layer"), place)
    return lambda *values: (call(*values),)


def _recognise(operations: list[Operation], constants: dict, rules: Mapping[str, Rule]) -> list[Operation]:
    return name_relus(operations, constants) if "relu" in rules else operations


def _instead(operations: list[Operation], rules: Mapping[str, Rule], active: set[int]) -> dict[int, Callable]:
    """For each operation that has a rule and depends on the input, the call that has that rule."""
    instead, matches = {}, set()
    for at, op in enumerate(operations):
        which = tuple(ref.number in active for ref in op.inputs)
        if op.name in rules and any(which):
            matches.add(op.name)
            instead[at] = _call(op, rules[op.name], which)
    missing = [name for name in rules if name not in matches]
    if missing:
        there = sorted({op.name for op in operations if any(ref.number in active for ref in op.inputs)})
        raise UnusedRule(
            f"no operation that depends on x matched the rule for {join_names(missing)}; operations of this function: "
            f"{join_names(there, 80)}. Name one of them, or leave the rule out."
        )
    return instead


def _only(operation: Operation, *values: Any) -> jax.Array:
    if len(operation.outputs) != 1:
        raise NotImplementedError(f"rules are for operations with one output; {operation.name} has more.")
    return operation.call(*values)[0]
