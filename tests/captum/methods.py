"""How each method of Captum is said here: functions of a `Case`."""

from functools import partial

import jax
import jax.numpy as jnp

import jxai
from jxai import regression, rules
from jxai.signal import maps
from tests.captum.case import Case

__all__ = ["METHODS"]

KEY = jax.random.key(0)
EXACT = {"steps": 2000, "chunk": 2000}  # Gauss-Legendre nodes of so many take seconds


def _of_inputs(make, *, baseline=False, groups=False, key=False):
    """A method applied to all inputs as one vector."""

    def run(case: Case):
        inputs = {"baseline": case.vector(case.baseline)} if baseline else {}
        if groups and case.mask is not None:
            inputs["groups"] = case.vector(case.mask)
        if key:
            inputs["key"] = KEY
        return make(case.score, **case.options)(case.x, **inputs)

    return run


def _at_layer(make, *, baseline=False, key=False):
    """A method applied to what follows a layer; its baseline there is the layer's value at the baseline."""

    def run(case: Case):
        inputs = {"key": KEY} if key else {}
        if baseline:
            inputs["baseline"] = jxai.reap(case.score, case.at)(case.vector(case.baseline))[case.at]
        explain = jxai.layer_attribution(case.score, partial(make, **case.options), at=case.at)
        return _channels_first(explain(case.x, **inputs))

    return run


def _along_path(make):
    def run(case: Case):
        explain = make(case.score, at=case.at, **(EXACT | case.options))
        return _channels_first(explain(case.x, baseline=case.vector(case.baseline)))

    return run


def _of_neuron(make, **takes):
    """A method applied to the value of one neuron."""

    def run(case: Case):
        neuron = jxai.neuron(lambda x: case.output(*case.unravel(x)), at=case.at, index=case.index)
        inputs = {"baseline": case.vector(case.baseline)} if takes.get("baseline") else {}
        if case.mask is not None:
            inputs["groups"] = case.vector(case.mask)
        return make(neuron, **case.options)(case.x, **inputs)

    return run


def _channels_first(values):
    return jnp.moveaxis(values, -1, 0) if values.ndim == 3 else values


def _occlusion(case: Case):
    """Each input by itself, the others as they are."""
    results, baselines = [], case.unravel(case.vector(case.baseline).astype(case.x.dtype))
    for i, (x, b) in enumerate(zip(case.arrays, baselines, strict=True)):
        fixed = lambda x, i=i: case.select(case.output(*case.arrays[:i], x, *case.arrays[i + 1 :]))
        options = {name: values[i] for name, values in case.options.items()}
        results.append(jxai.occlusion(fixed, **options)(x, baseline=b).ravel())
    return jnp.concatenate(results)


def _guided_grad_cam(case: Case):
    results = []
    for i, x in enumerate(case.arrays):
        fixed = lambda x, i=i: case.select(case.output(*case.arrays[:i], x, *case.arrays[i + 1 :]))
        results.append(jxai.guided_grad_cam(fixed, at=case.at, method="nearest")(x).ravel())
    return jnp.concatenate(results)


def _layer_ablation(case: Case):
    layer = jxai.reap(case.score, case.at)(case.x)[case.at]

    def of_layer(values):
        values = jnp.broadcast_to(jnp.asarray(values), _channels_first(layer).shape)
        return (jnp.moveaxis(values, 0, -1) if layer.ndim == 3 else values).ravel()

    groups = jnp.arange(layer.size) if case.mask is None else of_layer(case.mask)
    head = jxai.split(case.score, case.at)[1]
    flat = jxai.ablation(lambda a, x: head(a.reshape(layer.shape), x), count=layer.size)
    result = flat(layer.ravel(), case.x, groups=groups, baseline=of_layer(case.baseline) * 1.0)
    return _channels_first(result.reshape(layer.shape))


def _multipliers(case: Case):
    return METHODS["deep_lift"](case) / (case.x - case.vector(case.baseline))


def _deep_shap(case: Case):
    stacks = [jnp.asarray(b, float).reshape(-1, x.size) for b, x in zip(case.baseline, case.arrays, strict=True)]
    return jxai.deep_shap(case.score)(case.x, baselines=jnp.concatenate(stacks, -1))


def _gradient_shap(case: Case):
    explain = jxai.gradient_shap(case.score, **({"samples": 50, "chunk": 50} | case.options))
    return explain(case.x, baselines=case.vector(case.baseline)[None] * 1.0, key=KEY)


def _lrp(case: Case):
    return jxai.lrp(case.score, composite=rules.relevance(_rule(case)))(case.x)


def _layer_lrp(case: Case):
    make = partial(jxai.lrp, composite=rules.relevance(_rule(case)))
    return _channels_first(jxai.layer_attribution(case.score, make, at=case.at)(case.x))


def _rule(case: Case):
    """Captum's rule for all layers, or for the first and the others."""
    made = {
        "epsilon": rules.epsilon(1e-9),
        "zplus": rules.zplus,
        "gamma": rules.gamma(0.25, generalised=False),
        "gamma1": rules.gamma(1.0, generalised=False),
    }
    first, rest = case.options.get("rules", ("epsilon", "epsilon"))
    return lambda place: made[first] if place.first else made[rest]


def _lime(case: Case):
    # Captum's kernel there, of width 10 over cosine distances below 1, is nearly constant
    same = lambda coalition: jnp.ones(())
    samples, fit = case.options["samples"], regression.lasso(1.0)
    explain = jxai.lime(case.score, samples=samples, proximity=same, fit=fit, chunk=100)
    groups = {} if case.mask is None else {"groups": case.vector(case.mask)}
    return explain(case.x, baseline=case.vector(case.baseline) * 1.0, key=KEY, **groups)


METHODS = {
    "saliency": lambda case: abs(jxai.gradient(case.score)(case.x)),
    "input_x_gradient": _of_inputs(lambda score: jxai.times_input(jxai.gradient(score))),
    "smoothgrad": _of_inputs(lambda s: jxai.smoothgrad(jxai.gradient(s), samples=10, noise=1e-8), key=True),
    "smoothgrad_squared": _of_inputs(
        lambda s: jxai.smoothgrad_squared(jxai.gradient(s), samples=10, noise=1e-8), key=True
    ),
    "vargrad": _of_inputs(lambda s: jxai.vargrad(jxai.gradient(s), samples=10, noise=1e-8), key=True),
    "integrated_gradients": _of_inputs(partial(jxai.integrated_gradients, **EXACT), baseline=True),
    "deep_lift": _of_inputs(jxai.deep_lift, baseline=True),
    "deep_lift multipliers": _multipliers,
    "deep_shap": _deep_shap,
    "gradient_shap": _gradient_shap,
    "guided_backprop": _of_inputs(jxai.guided_backprop),
    "deconvnet": _of_inputs(jxai.deconvnet),
    "guided_grad_cam": _guided_grad_cam,
    "lrp": _lrp,
    "ablation": _of_inputs(jxai.ablation, baseline=True, groups=True),
    "occlusion": _occlusion,
    "shapley_exact": _of_inputs(partial(jxai.shapley_exact, chunk=64), baseline=True, groups=True),
    "shapley_sampling": _of_inputs(
        partial(jxai.shapley_sampling, permutations=200, chunk=64), baseline=True, groups=True, key=True
    ),
    "kernel_shap": _of_inputs(partial(jxai.kernel_shap, samples=600, chunk=64), baseline=True, groups=True, key=True),
    "lime": _lime,
    "layer_activation": lambda case: _channels_first(jxai.reap(case.score, case.at)(case.x)[case.at]),
    "layer_gradient_x_activation": _at_layer(lambda score: jxai.times_input(jxai.gradient(score))),
    "layer_integrated_gradients": _at_layer(partial(jxai.integrated_gradients, **EXACT), baseline=True),
    "layer_deep_lift": _at_layer(jxai.deep_lift, baseline=True),
    "layer_grad_cam": lambda case: jxai.grad_cam(case.score, at=case.at)(case.x),
    "layer_grad_cam, positive": lambda case: maps.positive(jxai.grad_cam(case.score, at=case.at)(case.x)),
    "layer_ablation": _layer_ablation,
    "layer_lrp": _layer_lrp,
    "conductance": _along_path(partial(jxai.conductance, quadrature="differences")),
    "internal_influence": _along_path(jxai.internal_influence),
    "neuron_gradient": _of_neuron(jxai.gradient),
    "neuron_integrated_gradients": _of_neuron(partial(jxai.integrated_gradients, **EXACT), baseline=True),
    "neuron_deep_lift": _of_neuron(jxai.deep_lift, baseline=True),
    "neuron_guided_backprop": _of_neuron(jxai.guided_backprop),
    "neuron_deconvnet": _of_neuron(jxai.deconvnet),
    "neuron_ablation": _of_neuron(jxai.ablation, baseline=True),
    "neuron_conductance": lambda case: jxai.neuron_conductance(case.score, at=case.at, index=case.index, **EXACT)(
        case.x, baseline=case.vector(case.baseline)
    ),
}
