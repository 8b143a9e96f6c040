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
from jxai.core.program.affine import Layer
from jxai.core.program.interpret import trace
from jxai.core.program.operations import Operation, Program, leading, reachable, replay, walk
from jxai.core.program.places import LINEAR, Place, joined, places, trace_layers
from jxai.core.program.relus import holds_relu, recognise_relus

__all__ = ["LINEAR", "Composite", "Rule", "Ruled", "rule", "with_relu_rule", "with_rules"]


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

        output, pull = jax.vjp(of_active, *(i for a, i in zip(self.active, inputs, strict=True) if a))
        # JAX computes some sums of half precision in float32: a rule's cotangent comes in either
        back = iter(pull(cotangent.astype(output.dtype)))
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

    Rules go by name: of functions (`"silu"`, any `jit` or `custom_jvp` function) or of JAX primitives
    (`"dot_general"`, `"conv_general_dilated"`, `"tanh"`, ...). `"relu"` finds what computes a ReLU of features, in any
    spelling, inside `relu6` too: not the maximum inside softplus, nor the one that keeps a variance above 0. The rule
    of a linear layer includes the bias or the batch normalisation (in inference mode) that follows it. Only operations
    that depend on `x` get rules; in a loop (`scan`), all iterations do.

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
        NotImplementedError: a matching operation stands inside `while_loop`, or `cond` on a value that is not known.

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


def with_relu_rule(fn: Callable, backward: Rule) -> Callable:
    """`fn` with a rule for its ReLUs: for what computes a ReLU, never for what is only called so.

    Args:
        fn: function of `(x, *args)`.
        backward: the rule.

    Returns:
        A function of the same arguments.

    Raises:
        UnusedRule: no ReLU acts on features of x.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from jxai.rules import guided
        >>> jax.grad(with_relu_rule(lambda x: -jnp.maximum(x, 0.0).sum(), guided))(jnp.ones(2)).tolist()
        [0.0, 0.0]
    """

    def fn_with_rule(*args: Any) -> Any:
        program, instead = _by_name(fn, args, {"relu": backward}, verified=True)
        return jax.tree.unflatten(program.tree, replay(program, instead=instead))

    return fn_with_rule


def _by_name(
    fn: Callable, args: tuple, rules: Mapping[str, Rule], *, verified: bool = False
) -> tuple[Program, dict[int, Callable]]:
    def holds_match(operations: list[Operation]) -> bool:
        return any(op.name in rules for op in walk(operations)) or "relu" in rules and holds_relu(operations)

    program = trace(fn, args, named=set(rules) - {"relu"}, inline_if=holds_match)
    active = reachable(program.operations, program.inputs[: program.x_leaves])
    if "relu" in rules:
        program = recognise_relus(program)
        active = reachable(program.operations, program.inputs[: program.x_leaves])
        if not verified and not any(op.name == "relu" for op in walk(program.operations)):
            # no ReLU: the name is then that of a function, as other names are
            program = trace(fn, args, named=rules, inline_if=holds_match)
            active = reachable(program.operations, program.inputs[: program.x_leaves])
    # only layers with a rule are joined: others would hide their additions from rules for those
    program = joined(program, active, LINEAR & set(rules))
    return program, _instead(program, rules, active)


def _by_place(fn: Callable, args: tuple, composite: Composite) -> tuple[Program, dict[int, Callable]]:
    program, active = trace_layers(fn, args)
    place_of, instead = places(program, active), {}
    for op in walk(program.operations):
        place = place_of.get(op.outputs[0]) if op.outputs else None
        if place is None:
            continue
        chosen_rule = composite(place)
        constant = any(ref.number in active and not a for ref, a in zip(op.inputs, place.active, strict=True))
        # a normaliser counts as constant: even without a rule, the operation must not send a gradient to it
        if chosen_rule is not None or constant:
            instead[op.outputs[0]] = _call(op, chosen_rule or _own, place.active, place)
    return program, instead


def _own(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    return operation.pull(inputs, cotangent)


def _call(op: Operation, backward: Rule, which: tuple[bool, ...], place: Place | None = None) -> Callable[..., tuple]:
    call = _with_backward(partial(_only, op), backward, op.name, which, op.params.get("layer"), place)
    return lambda *values: (call(*values),)


def _instead(program: Program, rules: Mapping[str, Rule], active: set[int]) -> dict[int, Callable]:
    """For each operation that has a rule and depends on the input, the call that has that rule."""
    instead, matches = {}, set()
    reaching = leading(program.operations, {ref.number for ref in program.outputs})
    for op in walk(program.operations):
        which = tuple(ref.number in active for ref in op.inputs)
        if op.name in rules and any(which) and reaching.intersection(op.outputs):
            matches.add(op.name)
            instead[op.outputs[0]] = _call(op, rules[op.name], which)
    missing = [name for name in rules if name not in matches]
    if missing and any(ref.number in active for ref in program.outputs):  # else `evaluate` says that x is not used
        every = walk(program.operations)
        there = sorted({op.name for op in every if any(ref.number in active for ref in op.inputs)})
        raise UnusedRule(
            f"no operation that depends on x matched the rule for {join_names(missing)}; operations of this function: "
            f"{join_names(there, 80)}. Name one of them, or leave the rule out."
        )
    return instead


def _only(operation: Operation, *values: Any) -> jax.Array:
    if len(operation.outputs) != 1:
        raise NotImplementedError(f"rules are for operations with one output; {operation.name} has more.")
    return operation.call(*values)[0]
