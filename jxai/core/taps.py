"""Named intermediates: read them, replace them, cut the function at one, differentiate at all of them at once."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jax.ad_checkpoint import checkpoint_name
from jaxtyping import Float, Shaped

from jxai.core.errors import UnusedTap, join_names, require_scalar
from jxai.core.evaluate import require_use
from jxai.core.program.interpret import Operation, Program, Ref, replay, trace

__all__ = ["edit", "reap", "split", "tap", "values_and_grads"]


def tap(value: Shaped[Array, "*shape"], name: str) -> Shaped[Array, "*shape"]:
    """Name an intermediate value inside a model; the identity otherwise.

    Args:
        value: one array.
        name: the name, unique within a run of the model.

    Returns:
        `value`, unchanged.

    Raises:
        TypeError: `value` is not one array, or `name` is not a string.

    Example:
        >>> import jax.numpy as jnp
        >>> model = lambda x: tap(x * 2.0, "doubled").sum()
        >>> reap(model, "doubled")(jnp.ones(2))["doubled"].tolist()
        [2.0, 2.0]
    """
    if not isinstance(name, str):
        raise TypeError(f"tap(value, name) needs a string for a name; {type(name).__name__} came.")
    if not hasattr(value, "dtype"):
        raise TypeError(f"tap(value, {name!r}) names one array; a {type(value).__name__} came: tap its leaves.")
    # the one identity that keeps a string in the jaxpr, under every transformation; it costs nothing once compiled
    return checkpoint_name(value, name)


def reap(fn: Callable, *names: str) -> Callable[..., dict[str, Shaped[Array, "..."]]]:
    """The values at the taps `names`, as a function of `fn`'s arguments.

    Args:
        fn: function of `(x, *args)` that taps its intermediates.
        *names: the taps to read; none reads all of them.

    Returns:
        Function `(x, *args) -> {name: value}`; it computes only what the values need.

    Raises:
        UnusedTap: `fn` reaches no tap of that name, or more than one.
        NotImplementedError: the tap stands inside `scan`, `while`, `cond` or a function with a custom derivative.

    Example:
        >>> import jax.numpy as jnp
        >>> model = lambda x: tap(tap(x * 2.0, "doubled") + 1.0, "more").sum()
        >>> {name: value.tolist() for name, value in reap(model)(jnp.ones(2)).items()}
        {'doubled': [2.0, 2.0], 'more': [3.0, 3.0]}
    """

    def values(*args: Any) -> dict[str, Shaped[Array, "..."]]:
        program, position_of = _find(fn, args, names)
        outputs = [Ref(program.operations[position].outputs[0]) for position in position_of.values()]
        return dict(zip(position_of, replay(program, outputs=outputs), strict=True))

    return values


def edit(fn: Callable, edits: dict[str, Callable[[Shaped[Array, "*shape"]], Shaped[Array, "*shape"]]]) -> Callable:
    """`fn` with functions applied to its intermediates.

    A function that returns a constant replaces the value; one that multiplies by a mask switches neurons off.

    Args:
        fn: function of `(x, *args)` that taps its intermediates.
        edits: for each tap, what to do with its value; the shape and dtype must stay.

    Returns:
        A function of the same arguments as `fn`.

    Raises:
        UnusedTap: `fn` reaches no tap of that name, or more than one.
        ValueError: an edit changed the shape or dtype.

    Example:
        >>> import jax.numpy as jnp
        >>> model = lambda x: tap(x * 2.0, "doubled").sum()
        >>> float(edit(model, {"doubled": lambda a: a.at[0].set(0.0)})(jnp.ones(2)))
        2.0
    """

    def with_edits(*args: Any) -> Any:
        program, position_of = _find(fn, args, tuple(edits))
        instead = {position: _checking(name, edits[name]) for name, position in position_of.items()}
        return jax.tree.unflatten(program.tree, replay(program, instead=instead))

    return with_edits


def split(fn: Callable, name: str) -> tuple[Callable, Callable]:
    """Cut `fn` at a tap: `fn(x, *args) == head(features(x, *args), x, *args)`.

    The head also takes `x`, because a path may lead around the tap (a residual connection). Where none does, `x` has
    no effect. The head does not compute the features. Explainers of the head are explainers of the layer:
    `integrated_gradients(head)(features(x, *args), x, *args)`.

    Args:
        fn: function of `(x, *args)` that taps its intermediates.
        name: the tap.

    Returns:
        `(features, head)`: `features(x, *args) -> a` and `head(a, x, *args)`.

    Raises:
        UnusedTap: `fn` reaches no tap of that name, or more than one.

    Example:
        >>> import jax.numpy as jnp
        >>> features, head = split(lambda x: (tap(x * 2.0, "doubled") ** 2).sum(), "doubled")
        >>> a = features(jnp.ones(2)); float(head(a, jnp.ones(2)))
        8.0
    """

    def features(*args: Any) -> Shaped[Array, "*shape"]:
        return reap(fn, name)(*args)[name]

    def head(a: Shaped[Array, "*shape"], *args: Any) -> Any:
        program, position_of = _find(fn, args, (name,))
        (number,) = program.operations[position_of[name]].outputs
        return jax.tree.unflatten(program.tree, replay(program, overrides={number: a}))

    return features, head


def values_and_grads(fn: Callable, *names: str) -> Callable[..., tuple[dict, dict]]:
    """The values at taps and the score's gradients with respect to them, all in one backward pass.

    Zeros are added at each tap and differentiated; values are not replaced, which would cut the paths between taps.

    Args:
        fn: a score of `(x, *args)` that taps its intermediates.
        *names: the taps; none takes all of them.

    Returns:
        Function `(x, *args) -> (values, gradients)`, two dicts by tap, with arrays of equal shapes; gradients in
        units of the score by units of the value.

    Raises:
        UnusedTap: `fn` reaches no tap of that name, or more than one.
        NotAScalar: `fn` returned something else than one number.

    Example:
        >>> import jax.numpy as jnp
        >>> score = lambda x: (tap(x * 2.0, "doubled") ** 2).sum()
        >>> values, gradients = values_and_grads(score, "doubled")(jnp.ones(2))
        >>> gradients["doubled"].tolist()
        [4.0, 4.0]
    """

    def both(*args: Any) -> tuple[dict, dict]:
        program, position_of = _find(fn, args, names)
        refs = [Ref(program.operations[position].outputs[0]) for position in position_of.values()]
        kinds = jax.eval_shape(lambda arrays: replay(program, outputs=refs, arrays=arrays), program.arrays)
        # zeros_like of a traced kind varies over devices as the value does: a fresh constant's gradient would be summed
        zeros = {name: jnp.zeros_like(kind) for name, kind in zip(position_of, kinds, strict=True)}

        def score_of_shifts(zeros: dict[str, Float[Array, "..."]]) -> tuple[Float[Array, ""], list]:
            instead = {p: lambda value, z=zeros[n]: (value + z,) for n, p in position_of.items()}
            *values, score = replay(program, instead=instead, outputs=[*refs, *program.outputs])
            return require_use(require_scalar(score), zeros), values

        gradients, values = jax.grad(score_of_shifts, has_aux=True)(zeros)
        return dict(zip(position_of, values, strict=True)), gradients

    return both


def _find(fn: Callable, args: tuple, names: tuple[str, ...]) -> tuple[Program, dict[str, int]]:
    """The traced function and the positions of the taps `names` (or of all)."""

    # an inner jit or checkpoint is inlined only where it holds one of the taps
    def holds_tap(operations: list[Operation]) -> bool:
        return any(_is_tap(op) and (not names or op.params["name"] in names) for op in operations)

    program = trace(fn, args, inline_if=holds_tap)
    taps = [(op.params["name"], at) for at, op in enumerate(program.operations) if _is_tap(op)]
    present = [name for name, _ in taps]
    for name in names or present:
        times = present.count(name)
        if times == 0:
            raise UnusedTap(f"no tap named {name!r} was reached; this function's taps: {join_names(present)}.")
        if times > 1:
            raise UnusedTap(
                f"the tap {name!r} was reached {times} times; a tap's name must be unique within one run: give each "
                f"layer its own, and let the score run the model once."
            )
    if not taps and not names:
        raise UnusedTap("this function reaches no taps; name intermediates with jxai.tap(value, name).")
    where = dict(taps)
    return program, {name: where[name] for name in (names or present)}


def _is_tap(operation: Operation) -> bool:
    return operation.name == "name"


def _checking(name: str, change: Callable) -> Callable[[jax.Array], tuple]:
    def call(value: jax.Array) -> tuple:
        new = jnp.asarray(change(value))
        if new.shape != value.shape or new.dtype != value.dtype:
            raise ValueError(
                f"the edit at {name!r} must keep shape {value.shape} and dtype {value.dtype}; it returned "
                f"{new.shape} {new.dtype}."
            )
        return (new,)

    return call
