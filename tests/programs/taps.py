"""Checks of taps: read, edited, cut and differentiated, against the program rewritten by hand; and of second order."""

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from tests.programs.check import agree, both
from tests.programs.program import Program

__all__ = ["check_second_order", "check_taps"]


def _place(program: Program) -> tuple[int, str]:
    i = program.seed % len(program.layers)
    return i, f"t{i}"


def check_taps(program: Program) -> None:
    """`reap`, `edit`, `split` and `values_and_grads` are what one would write by hand."""
    (x, _), params, (i, name) = program.inputs, program.params, _place(program)
    by_hand = program.run(params, x, last=i + 1)
    read = jxai.reap(program.apply, name)(params, x)[name]
    agree("reap", read if not _has_batch(program, i) else read[0], by_hand, 1e-12)

    def change(v):
        return v * jnp.linspace(0.2, 1.0, v.shape[-1], dtype=v.dtype) + 0.1

    def rest(a):
        return program.run(params, a, first=i + 1)

    agree("edit", jxai.edit(program.apply, {name: change})(params, x), rest(change(by_hand)), 1e-12)
    features, head = jxai.split(lambda x: program.apply(params, x), name)
    a = features(x)
    agree("split, head", head(1.1 * a, x), rest(1.1 * by_hand), 1e-12)
    expected = jax.grad(lambda a: rest(a)[program.label])(by_hand)
    agree("split, gradient", jax.grad(lambda a: head(a, x)[program.label])(a).reshape(by_hand.shape), expected, 1e-10)
    both_of = jxai.values_and_grads(lambda x: program.apply(params, x)[program.label], name)
    values, gradients = both_of(x)
    agree("values_and_grads, values", values[name].reshape(by_hand.shape), by_hand, 1e-12)
    agree("values_and_grads, gradients", gradients[name].reshape(by_hand.shape), expected, 1e-10)


def _has_batch(program: Program, i: int) -> bool:
    return program.batched and not program.layers[i].mapped


def check_second_order(program: Program) -> None:
    """First and second order by `jax.jacobian` and `jax.hessian` of the head written by hand."""
    (x, _), params, (i, name) = program.inputs, program.params, _place(program)
    a = program.run(params, x, last=i + 1)
    if a.ndim < 2 or program.traits & {"jumps"}:
        return

    def head(a):
        return jax.nn.sigmoid(program.run(params, a, first=i + 1))

    def fn(x):
        return jax.nn.sigmoid(program.apply(params, x))

    n, c = int(np.prod(a.shape[:-1])), a.shape[-1]
    rows = a.reshape(n, c)
    slopes = jax.jacobian(head)(a).reshape(3, n, c)
    bends = jax.hessian(head)(a).reshape(3, n, c, n, c)
    first = jnp.einsum("knc,nc->kn", slopes, rows)
    second = first + jnp.einsum("kncnd,nc,nd->kn", bends, rows, rows) / 2
    both("first_order", lambda: jxai.first_order(fn, at=name)(x).reshape(3, n), lambda: first, 1e-8)
    both("second_order", lambda: jxai.second_order(fn, at=name)(x).reshape(3, n), lambda: second, 1e-7)
