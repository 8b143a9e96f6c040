"""Named intermediates: read them, replace them, cut the function at one, differentiate at all of them at once.

In a loop (`scan`, `fori_loop` of fixed length, `map`) a tap is a stack `[length, ...]`, and `"name[2]"` is its value in
iteration 2; `"name[-1]"` in the last. Under `vmap` the batch axis stands in front.
"""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Shaped

from jxai.core.errors import UnusedTap, join_names, require_scalar
from jxai.core.evaluate import require_use
from jxai.core.program.interpret import arrays_of
from jxai.core.program.marks import mark
from jxai.core.program.operations import Program, Ref, replay
from jxai.core.program.spots import Spot, find, loops_around

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
    return mark(jnp.asarray(value), name)


def reap(fn: Callable, *names: str) -> Callable[..., dict[str, Shaped[Array, "..."]]]:
    """The values at the taps `names`, as a function of `fn`'s arguments.

    Args:
        fn: function of `(x, *args)` that taps its intermediates.
        *names: the taps to read; none reads all of them.

    Returns:
        Function `(x, *args) -> {name: value}`; it computes only what the values need.

    Raises:
        UnusedTap: `fn` reaches no tap of that name, or more than one.
        NotImplementedError: the tap stands inside `while_loop`, `cond` on a value that is not known, or a function
            with a derivative of its own.

    Example:
        >>> import jax.numpy as jnp
        >>> model = lambda x: tap(tap(x * 2.0, "doubled") + 1.0, "more").sum()
        >>> {name: value.tolist() for name, value in reap(model)(jnp.ones(2)).items()}
        {'doubled': [2.0, 2.0], 'more': [3.0, 3.0]}
    """

    def values(*args: Any) -> dict[str, Shaped[Array, "..."]]:
        program, spots = find(fn, args, names)
        stacks = replay(program, outputs=[Ref(spot.number) for spot in spots.values()])
        return {name: stack[spot.index] for (name, spot), stack in zip(spots.items(), stacks, strict=True)}

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
        program, spots = find(fn, args, tuple(edits))
        _require_apart(spots)
        instead = {spot.number: _checking(name, edits[name]) for name, spot in spots.items()}
        here = {s.number: jnp.zeros(s.lengths, bool).at[s.index].set(True) for s in spots.values() if s.lengths}
        return jax.tree.unflatten(program.tree, replay(program, instead=instead, extras=here))

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
        program, spots = find(fn, args, (name,))
        if spots[name].lengths:
            program, spots = find(_alone(program, name, spots[name]), args, (name,))
        return jax.tree.unflatten(program.tree, replay(program, overrides={spots[name].number: a}))

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
        program, spots = find(fn, args, names)
        refs = {spot.number: Ref(spot.number) for spot in spots.values()}
        kinds = jax.eval_shape(lambda arrays: replay(program, outputs=refs.values(), arrays=arrays), program.arrays)
        # zeros_like of a traced kind varies over devices as the value does: a fresh constant's gradient would be summed
        zeros = {number: jnp.zeros_like(kind) for number, kind in zip(refs, kinds, strict=True)}

        def score_of_shifts(zeros: dict[int, Float[Array, "..."]]) -> tuple[Float[Array, ""], list]:
            instead = dict.fromkeys(refs, lambda value, zero: (value + zero,))
            *values, score = replay(program, instead=instead, extras=zeros, outputs=[*refs.values(), *program.outputs])
            return require_use(require_scalar(score), zeros), values

        gradients, values = jax.grad(score_of_shifts, has_aux=True)(zeros)
        value_of = dict(zip(refs, values, strict=True))
        results = ({n: of[s.number][s.index] for n, s in spots.items()} for of in (value_of, gradients))
        return next(results), next(results)

    return both


def _require_apart(spots: Mapping[str, Spot]) -> None:
    numbers = [spot.number for spot in spots.values()]
    twice = [name for name, spot in spots.items() if numbers.count(spot.number) > 1]
    if twice:
        raise ValueError(f"{join_names(twice)} name one tap; edit it once, by a function of all that is to change.")


def _alone(program: Program, name: str, spot: Spot) -> Callable:
    """The program as a function, in which the iterations that hold a tap stand by themselves, outside of the loops."""
    if len(spot.index) != len(spot.lengths):
        raise UnusedTap(
            f"the tap {name!r} stands in {loops_around(spot)}; to cut after one of them, say which: "
            f"'{name}{'[0]' * (len(spot.lengths) - len(spot.index))}'."
        )

    def alone(*args: Any) -> Any:
        instead = _apart(program, name, spot.number, spot.index)
        return jax.tree.unflatten(program.tree, replay(program, instead=instead, arrays=arrays_of(args)))

    return alone


def _apart(program: Program, name: str, number: int, index: tuple[int, ...]) -> dict[int, Callable]:
    if not index:
        return {number: lambda value: (mark(value, name),)}
    op = next(op for op in program.operations if op.body and number in op.body.inside)
    body = op.body
    if body is None or body.around is None:
        raise NotImplementedError(f"the tap {name!r} stands inside {op.name}: no iteration can be cut out of it.")
    inner, around = body.program, body.around
    inside = _apart(inner, name, number, index[1:])

    def step(arrays: list, extra: Any) -> tuple[list, Any]:
        return replay(inner, arrays=arrays), None

    def call(*inputs: Any) -> tuple:
        return tuple(around(step, lambda arrays: replay(inner, arrays=arrays, instead=inside), index[0], list(inputs)))

    return {op.outputs[0]: call}


def _checking(name: str, change: Callable) -> Callable[..., tuple]:
    def call(value: jax.Array, here: jax.Array | None = None) -> tuple:
        new = jnp.asarray(change(value))
        if new.shape != value.shape or new.dtype != value.dtype:
            raise ValueError(
                f"the edit at {name!r} must keep shape {value.shape} and dtype {value.dtype}; it returned "
                f"{new.shape} {new.dtype}."
            )
        return (new if here is None else jnp.where(here, new, value),)

    return call
