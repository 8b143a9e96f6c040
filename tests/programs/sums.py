"""Checks of what explanations add up to, of spellings of one network, and of guided gradients by their definition."""

from unittest import mock

import jax
import jax.numpy as jnp

import jxai
from jxai import rules
from tests.programs.check import Wrong, agree, attempt, both, sums_to
from tests.programs.program import Program

__all__ = [
    "check_deep_lift_completeness",
    "check_dtypes",
    "check_guided",
    "check_integrated_gradients_completeness",
    "check_lrp_conservation",
    "check_spellings",
]

PROPORTIONAL = rules.relevance(lambda place: rules.epsilon(0.0))


def check_deep_lift_completeness(program: Program) -> None:
    """DeepLIFT's sum is the difference of scores, in both rules, also where values jump; or it refuses."""
    (x, b), score, args = program.inputs, program.make_score(), (program.label, program.params)
    difference = score(x, *args) - score(b, *args)
    for rule in ("rescale", "reveal_cancel"):
        explanation = attempt(lambda rule=rule: jxai.deep_lift(score, rule=rule)(x, *args, baseline=b))
        if explanation is not None:
            sums_to(f"deep_lift, {rule}", explanation, difference, 1e-7)


def check_integrated_gradients_completeness(program: Program) -> None:
    """Integrated gradients of many nodes sum to the difference of scores, where values do not jump."""
    if "jumps" in program.traits:
        return
    (x, b), score, args = program.inputs, program.make_score(), (program.label, program.params)
    explain = jxai.integrated_gradients(score, steps=1200, quadrature="gauss_legendre", chunk=400)
    explanation = jax.jit(lambda x, b: explain(x, *args, baseline=b))(x, b)
    off = abs(explanation.sum() - (score(x, *args) - score(b, *args)))
    if not off <= 5e-3 * (abs(explanation).sum() + 1e-6):
        raise Wrong(f"integrated gradients: sum off by {off:.3g} of {abs(explanation).sum():.3g}")


def check_lrp_conservation(program: Program) -> None:
    """LRP by epsilon 0 sums to the logit where nothing keeps a share: no bias, no softmax, no jumps."""
    score, (x, _), args = program.make_score("logit"), program.inputs, (program.label, program.params)
    ruled = attempt(lambda: jxai.with_rules(score, PROPORTIONAL)(x, *args))
    if ruled is not None:
        agree("with_rules keeps values", ruled, score(x, *args), 1e-10)
    relevance = attempt(lambda: jxai.lrp(score, composite=PROPORTIONAL)(x, *args))
    if relevance is not None and not program.biased and not program.traits & {"jumps", "products", "offset"}:
        sums_to("lrp, epsilon 0", relevance, score(x, *args), 1e-7)


def check_spellings(program: Program) -> None:
    """A network written in other words has the same values, gradients and explanations."""
    plain, args = program.canonical, (program.label, program.params)
    (x, b), one, other = program.inputs, program.make_score("logit"), plain.make_score("logit")
    agree("values", one(x, *args), other(x, *args), 1e-9)
    if "jumps" in program.traits:  # and so has exact zeros, where derivatives of spellings differ
        return
    agree("gradient", jxai.gradient(one)(x, *args), jxai.gradient(other)(x, *args), 1e-8)
    methods = {
        "lrp by epsilon 0": lambda score: jxai.lrp(score, composite=PROPORTIONAL)(x, *args),
    }
    if "shares" not in program.traits:
        methods["deep_lift"] = lambda score: jxai.deep_lift(score)(x, *args, baseline=b)
    if {layer.family for layer in program.layers} <= {"dense", "relu", "layer_norm", "rms_norm", "stack", "residual"}:
        methods["excitation"] = lambda score: jxai.excitation_backprop(score)(x, *args)
        methods["lrp"] = lambda score: jxai.lrp(score)(x, *args)
    for name, method in methods.items():
        # two active factors of one product go by epsilon 1e-6, whatever the composite
        tolerance = 1e-3 if "products" in program.traits else 1e-6
        both(f"{name} of two spellings", lambda m=method: m(one), lambda m=method: m(other), tolerance)


@jax.custom_vjp
def _guided_relu(z):
    return jnp.maximum(z, 0)


_guided_relu.defvjp(
    lambda z: (jnp.maximum(z, 0), z), lambda z, g: (jnp.where(z > 0, jnp.maximum(g, 0), jnp.zeros_like(g)),)
)


@jax.custom_vjp
def _deconvolved_relu(z):
    return jnp.maximum(z, 0)


_deconvolved_relu.defvjp(lambda z: (jnp.maximum(z, 0), None), lambda _, g: (jnp.maximum(g, 0),))


def check_guided(program: Program) -> None:
    """Guided backpropagation and deconvnet are the gradient of a network whose ReLUs declare that derivative."""
    if "clamp" in program.traits:
        return
    args, (x, _) = (program.label, program.params), program.inputs
    for method, declared in ((jxai.guided_backprop, _guided_relu), (jxai.deconvnet, _deconvolved_relu)):
        came = attempt(lambda method=method: method(program.make_score())(x, *args))
        if came is None:
            continue
        if "relu" not in program.traits:
            raise Wrong(f"{method.__name__} returned a map for a network without a ReLU; UnusedRule was expected")
        with mock.patch.object(jax.nn, "relu", declared):
            agree(method.__name__, came, jax.grad(program.canonical.make_score())(x, *args), 1e-8)


def check_dtypes(program: Program) -> None:
    """In every dtype: results have the dtype of x, are finite, and complete to its precision."""
    (x, b), score, args = program.inputs, program.make_score(), (program.label, program.params)
    unit = float(jnp.finfo(program.dtype).eps)
    for name, method in {
        "deep_lift": lambda: jxai.deep_lift(score)(x, *args, baseline=b),
        "deep_lift, reveal_cancel": lambda: jxai.deep_lift(score, rule="reveal_cancel")(x, *args, baseline=b),
        "lrp": lambda: jxai.lrp(score)(x, *args),
        "guided_backprop": lambda: jxai.guided_backprop(score)(x, *args),
        "gradient": lambda: jxai.gradient(score)(x, *args),
    }.items():
        explanation = attempt(method)
        if explanation is None:
            continue
        if explanation.dtype != x.dtype:
            raise Wrong(f"{name}: dtype {explanation.dtype} came for x of {x.dtype}")
        values = explanation.astype(jnp.float64)
        if not jnp.isfinite(values).all():
            raise Wrong(f"{name}: not finite: {values.ravel()[:6]}")
        difference = score(x, *args).astype(jnp.float64) - score(b, *args).astype(jnp.float64)
        if name.startswith("deep_lift") and abs(values.sum() - difference) > 60 * unit * (abs(values).sum() + 1):
            raise Wrong(f"{name}: the sum is {values.sum():.5g}, expected {difference:.5g} in {program.dtype}")
