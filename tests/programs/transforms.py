"""Checks of explainers under JAX: jit is eager, vmap is a loop, chunks do not matter, derivatives are differences."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

import jxai
from jxai.core.errors import UnusedTap
from tests.programs.check import Wrong, agree, attempt
from tests.programs.program import Program

__all__ = ["check_chunks", "check_derivatives", "check_jit_and_vmap"]


def _methods(program: Program, chunk: int) -> dict[str, Callable]:
    """Functions `(x, key) -> explanation`."""
    score, logit, (x, b) = program.make_score(), program.make_score("logit"), program.inputs
    args, at, background = (program.label, program.params), "t0", jnp.stack([x, b, 0.3 * x + b])

    def of(explain, **inputs):
        return lambda x, key: explain(x, *args, key=key, **inputs)

    return {
        "gradient": of(jxai.gradient(score)),
        "integrated_gradients": of(jxai.integrated_gradients(score, steps=5, chunk=chunk), baseline=b),
        "deep_lift": of(jxai.deep_lift(score), baseline=b),
        "reveal_cancel": of(jxai.deep_lift(score, rule="reveal_cancel"), baseline=b),
        "lrp": of(jxai.lrp(logit)),
        "excitation": of(jxai.excitation_backprop(logit)),
        "guided_backprop": of(jxai.guided_backprop(score)),
        "grad_cam": of(jxai.grad_cam(score, at=at)),
        "conductance": of(jxai.conductance(score, at=at, steps=4, chunk=chunk), baseline=b),
        "internal_influence": of(jxai.internal_influence(score, at=at, steps=4, chunk=chunk), baseline=b),
        "expected_gradients": of(jxai.expected_gradients(score, samples=5, chunk=chunk), baselines=background),
        "gradient_shap": of(jxai.gradient_shap(score, samples=5, noise=0.1, chunk=chunk), baselines=background),
        "deep_shap": of(jxai.deep_shap(score, chunk=chunk), baselines=background),
        "smoothgrad": of(jxai.smoothgrad(jxai.gradient(score), samples=5, chunk=chunk)),
        "vargrad": of(jxai.vargrad(jxai.gradient(score), samples=5, chunk=chunk)),
        "ablation": of(jxai.ablation(score, chunk=chunk), baseline=b),
        "shapley_sampling": of(jxai.shapley_sampling(score, permutations=2, chunk=chunk), baseline=b),
        "lime": of(jxai.lime(score, samples=20, chunk=chunk), baseline=b),
        "layer_deep_lift": _at_layer(jxai.layer_attribution(score, jxai.deep_lift, at=at), args),
    }


def _at_layer(explain, args):
    return lambda x, key: explain(x, *args)


CHUNKED = (
    "integrated_gradients conductance internal_influence expected_gradients gradient_shap deep_shap smoothgrad "
    "vargrad ablation shapley_sampling lime"
).split()
DIFFERENTIABLE = (
    "gradient integrated_gradients deep_lift lrp guided_backprop grad_cam conductance internal_influence deep_shap "
    "ablation layer_deep_lift"
).split()


def _turn(names: list[str], program: Program) -> str:
    return names[(7 * program.seed + len(repr(program))) % len(names)]


def _run(method: Callable, x, key):
    """The explanation, or None where it is refused (also for want of space in a vector's layer)."""
    try:
        return attempt(lambda: method(x, key))
    except UnusedTap as error:
        raise Wrong(str(error)) from error
    except ValueError as error:
        if "space" in str(error):
            return None
        raise


def check_jit_and_vmap(program: Program) -> None:
    """One method, compiled and eager, of a batch and one by one."""
    methods, (x, b) = _methods(program, 4), program.inputs
    name = _turn(sorted(methods), program)
    method, keys = methods[name], jax.random.split(jax.random.key(program.seed), 2)
    eager = _run(method, x, keys[0])
    if eager is None:
        return
    compiled = jax.jit(method)
    agree(f"{name}, jit", compiled(x, keys[0]), eager, 1e-8)
    loop = jax.tree.map(lambda *a: jnp.stack(a), compiled(x, keys[0]), compiled(b, keys[1]))
    agree(f"{name}, vmap", jax.jit(jax.vmap(method))(jnp.stack([x, b]), keys), loop, 1e-8)


def check_chunks(program: Program) -> None:
    """One method in chunks of 3 and of 4."""
    name, key = _turn(CHUNKED, program), jax.random.key(program.seed)
    (x, _), methods = program.inputs, [_methods(program, chunk)[name] for chunk in (3, 4)]
    few = _run(methods[0], x, key)
    if few is not None:
        agree(f"{name}, chunk", few, _run(methods[1], x, key), 1e-9)


def check_derivatives(program: Program) -> None:
    """The derivative of one method's explanation towards x is a finite difference."""
    if program.traits & {"jumps", "declared"}:
        return
    name, key = _turn(DIFFERENTIABLE, program), jax.random.key(program.seed)
    (x, _), method, r = program.inputs, _methods(program, 4)[name], program.numbers(11)
    like = _run(method, x, key)
    if like is None:
        return
    weights, direction = jnp.asarray(r.normal(size=like.shape)), jnp.asarray(r.normal(size=x.shape))
    total = jax.jit(lambda x: (method(x, key) * weights).sum())
    slope = float((jax.grad(total)(x) * direction).sum())
    errors = []
    for h in (1e-4, 1e-5, 1e-6):
        difference = float(total(x + h * direction) - total(x - h * direction)) / (2 * h)
        errors.append(abs(difference - slope) / (abs(difference) + abs(slope) + 1e-3))
    if not np.min(errors) <= 3e-4:
        raise Wrong(f"{name}: derivative {slope:.6g}, finite difference {difference:.6g}")
