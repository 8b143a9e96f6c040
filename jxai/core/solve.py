"""Minimising a loss by an optax optimiser, in one loop on the device."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array
from jaxtyping import Bool, Float, Int

from jxai.core.errors import require_positive

__all__ = ["Evaluation", "Solution", "Stop", "minimise", "plateau", "stop_when_converged"]


class Solution(NamedTuple):
    """What a minimisation found."""

    params: Any  # after the last step
    losses: Float[Array, " steps"]  # [steps], before each update; nan after the stop
    steps: Int[Array, ""]  # how many ran
    failed: Any = False  # whether a loss was not finite; with a stop rule the minimisation ends there
    record: Any = ()  # the evaluations' records, [steps, ...]; nan after the stop
    last: Any = ()  # of the last evaluation, before its update; of a part, see `Stop`


class Evaluation(NamedTuple):
    """One step's value of a loss that brings its own gradient (`graded=True`)."""

    loss: Float[Array, ""]
    watch: Any  # the stop rule looks at this in place of the parameters
    record: Any = ()  # numbers to keep from every step
    last: Any = ()  # arrays to keep from the last step only


class Stop(NamedTuple):
    """A rule that ends a minimisation early: a pair, because it remembers.

    `init(params) -> state`; `update(state, params, loss, step) -> (state, done)`. `done` is one boolean, or a vector of
    them, for parts along the leading axis of every parameter (and of the evaluation's `last`). A part that ends must
    stay done; the loop runs until all parts have ended. With `freezes` a part that ends keeps its parameters from
    before the step that ended it. Without, its parameters go on with the others', and `Solution.last` holds what it was
    at that step.
    """

    init: Callable[[Any], Any]
    update: Callable[[Any, Any, Float[Array, ""], Int[Array, ""]], tuple[Any, Bool[Array, "..."]]]
    freezes: bool = True


def minimise(
    loss: Callable[[Any, Int[Array, ""]], Any],
    start: Any,
    *,
    optimiser: optax.GradientTransformation,
    steps: int,
    stop: Stop | None = None,
    project: Callable[[Any], Any] = lambda params: params,
    graded: bool = False,
) -> Solution:
    """Minimise `loss(params, step)` from `start`.

    Without a stop rule the loop is a `scan`, which can be differentiated backwards; with one it is a `while_loop`.
    Under `vmap` an example that has stopped is frozen, optimiser and all, while the others go on. One whose loss is not
    finite stops at once and is marked `failed`.

    Args:
        loss: function of the parameters and the step number; returns one number.
        start: pytree of floating arrays. Under `shard_map`, make it from the example (`jnp.zeros_like(x)`): the
            gradient with respect to a fresh constant is summed over the devices.
        optimiser: any optax transformation.
        steps: the most steps.
        stop: when to end early.
        project: applied to the parameters after every update, e.g. a clamp.
        graded: whether `loss` brings its own gradient, as `(params, step) -> (Evaluation, gradients)`; the stop rule
            then starts from ones like the evaluation's `watch`, and looks at it instead of at the parameters.

    Returns:
        A `Solution`.

    Raises:
        ValueError: `steps` is not positive.

    Example:
        >>> import jax.numpy as jnp, optax
        >>> loss = lambda p, step: ((p - 3.0) ** 2).sum()
        >>> solution = minimise(loss, jnp.zeros(2), optimiser=optax.sgd(0.25), steps=20)
        >>> bool(jnp.allclose(solution.params, 3.0, atol=1e-4))
        True
    """
    require_positive(steps=steps)
    state = optimiser.init(start)
    # a loss that sums over many evaluations differentiates each by itself, which bounds the memory
    evaluate = loss if graded else _with_gradient(loss)

    def update(params: Any, state: Any, step: Int[Array, ""]) -> tuple[Any, Any, Evaluation]:
        evaluation, gradients = evaluate(params, step)
        with jax.numpy_dtype_promotion("standard"):  # optax mixes its step counts with floats
            updates, state = optimiser.update(gradients, state, params)
            params = optax.apply_updates(params, updates)
        return project(params), state, evaluation

    kinds = jax.eval_shape(lambda start: evaluate(start, jnp.asarray(0))[0], start)
    if stop is None:
        return _scan(update, start, state, steps, kinds)
    look = (lambda new, evaluation: evaluation.watch) if graded else (lambda new, evaluation: new)
    first = stop.init(jax.tree.map(jnp.ones_like, kinds.watch) if graded else start)
    return _loop(update, start, state, steps, stop._replace(init=lambda _: first), look, kinds)


def _with_gradient(loss: Callable) -> Callable:
    """A plain loss, differentiated automatically."""

    def evaluate(params: Any, step: jax.Array) -> tuple[Evaluation, Any]:
        value, gradients = jax.value_and_grad(loss)(params, step)
        return Evaluation(value, ()), gradients

    return evaluate


def _scan(update: Callable, start: Any, state: Any, steps: int, kinds: Evaluation) -> Solution:
    def body(carry: tuple, step: jax.Array) -> tuple[tuple, tuple]:
        params, state, evaluation = update(*carry[:2], step)
        return (params, state, evaluation.last), (evaluation.loss, evaluation.record)

    begin = _alike(lambda carry: body(carry, jnp.asarray(0))[0], (start, state, _zeros(kinds.last)))
    (params, _, last), (losses, record) = jax.lax.scan(body, begin, jnp.arange(steps))
    return Solution(params, losses, jnp.asarray(steps), ~jnp.isfinite(losses).all(), record, last)


def _loop(
    update: Callable, start: Any, state: Any, steps: int, stop: Stop, look: Callable, kinds: Evaluation
) -> Solution:
    def going(carry: tuple) -> jax.Array:
        *_, step, done, failed = carry
        return (step < steps) & ~failed & ~done.all()

    def body(carry: tuple) -> tuple:
        params, state, memory, rows, last, step, before, _ = carry
        new, state, evaluation = update(params, state, step)
        memory, done = stop.update(memory, look(new, evaluation), evaluation.loss, step)
        if stop.freezes:
            new = jax.tree.map(lambda new, old: _unless(done, new, old), new, params)
            last = evaluation.last
        else:
            last = jax.tree.map(lambda now, kept: _unless(before, now, kept), evaluation.last, last)
        rows = jax.tree.map(lambda rows, row: rows.at[step].set(row), rows, (evaluation.loss, evaluation.record))
        return new, state, memory, rows, last, step + 1, done, ~jnp.isfinite(evaluation.loss)

    memory = stop.init(start)
    rows = jax.tree.map(
        lambda kind: jnp.full_like(kind, jnp.nan, shape=(steps, *kind.shape)), (kinds.loss, kinds.record)
    )
    evaluation = look(start, Evaluation(*(_zeros(part) for part in kinds)))
    _, done = jax.eval_shape(stop.update, memory, evaluation, kinds.loss, jnp.asarray(0))
    begin = start, state, memory, rows, _zeros(kinds.last), jnp.asarray(0), _zeros(done), jnp.asarray(False)
    params, _, _, (losses, record), last, count, _, failed = jax.lax.while_loop(going, body, _alike(body, begin))
    return Solution(params, losses, count, failed, record, last)


def _zeros(kinds: Any) -> Any:
    return jax.tree.map(jnp.zeros_like, kinds)


def _unless(done: jax.Array, new: jax.Array, old: jax.Array) -> jax.Array:
    """Parts that are done stay as they were. A `done` for the whole keeps the update: the loop ends after it."""
    if not done.ndim:
        return new
    return jnp.where(done.reshape(-1, *(1,) * (new.ndim - 1)), old, new)


def _alike(body: Callable, carry: Any) -> Any:
    """The carry, varying over the mesh axes over which the body's result does (under `shard_map`)."""
    return jax.tree.map(lambda kind, leaf: jnp.zeros_like(kind) + leaf, jax.eval_shape(body, carry), carry)


def plateau(*, patience: int = 10, tolerance: float = 1e-4) -> Stop:
    """Stop when the loss has not fallen by more than `tolerance` below its best for `patience` steps.

    Args:
        patience: steps without progress.
        tolerance: what counts as progress, in units of the loss.

    Example:
        >>> import jax.numpy as jnp, optax
        >>> stop = plateau(patience=3)
        >>> solution = minimise(lambda p, step: p**2, jnp.asarray(1.0), optimiser=optax.sgd(0.5), steps=99, stop=stop)
        >>> int(solution.steps)
        5
    """
    require_positive(patience=patience)

    def init(params: Any) -> tuple[Float[Array, ""], Int[Array, ""]]:
        dtype = jnp.result_type(jax.tree.leaves(params)[0])
        return jnp.asarray(jnp.inf, dtype), jnp.asarray(0)

    def update(
        memory: tuple, params: Any, loss: Float[Array, ""], step: Int[Array, ""]
    ) -> tuple[tuple, Bool[Array, ""]]:
        best, idle = memory
        better = loss < best - tolerance
        idle = jnp.where(better, 0, idle + 1)
        return (jnp.where(better, loss.astype(best.dtype), best), idle), idle >= patience

    return Stop(init, update)


def stop_when_converged(
    of: Callable[[Any], Float[Array, "..."]],
    *,
    tolerance: float = 2e-4,
    after: int = 250,
    below: float = 0.5,
    decay: float = 0.95,
) -> Stop:
    """Stop when a number that should shrink, such as a mask's mean, hardly shrinks any more: the rule of MaRC.

    With `e` the exponential mean of the falls of `of(params)` from step to step: stops when `e < tolerance`, at least
    `after` steps are taken, and `of(params) < below`.

    Args:
        of: the number, a function of the parameters.
        tolerance: the mean fall per step that counts as none.
        after: the fewest steps.
        below: what the number must have fallen below.
        decay: weight of the past in the exponential mean.

    Raises:
        ValueError: the decay is outside 0..1.

    Example:
        >>> import jax.numpy as jnp, optax
        >>> stop = stop_when_converged(lambda p: p, after=3)
        >>> solution = minimise(lambda p, step: p**2, jnp.asarray(1.0), optimiser=optax.sgd(0.25), steps=999, stop=stop)
        >>> int(solution.steps)
        155
    """
    if not 0 <= decay < 1:
        raise ValueError(f"decay is the weight of the past, in 0..1; {decay} came.")

    def init(params: Any) -> tuple[Float[Array, "..."], Float[Array, "..."], Bool[Array, ""]]:
        now = of(params)
        return now, jnp.zeros_like(now), jnp.asarray(True)

    def update(
        memory: tuple, params: Any, loss: Float[Array, ""], step: Int[Array, ""]
    ) -> tuple[tuple, Bool[Array, "..."]]:
        before, mean, first = memory
        now = of(params)
        mean = jnp.where(first, before - now, decay * mean + (1 - decay) * (before - now))
        done = (mean < tolerance) & (step + 1 >= after) & (now < below)
        return (now, mean, jnp.zeros_like(first)), done

    return Stop(init, update)
