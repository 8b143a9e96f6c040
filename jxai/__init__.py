"""jxai: explainable AI in JAX. Explainers are pure functions that compose with jit, vmap, grad and shard_map.

The face of the library: explainers (score -> explain), combinators (explain -> explain), taps, backward rules, and the
modules `scores`, `rules`, `signal` and `metrics`. Models, data, drivers and reports are imported by name
(`jxai.models`, ...), so that `import jxai` needs JAX and optax only.
"""

from importlib.metadata import version as _version

from jxai import metrics, signal
from jxai.core import rules, scores
from jxai.core.backward import rule, with_rules
from jxai.core.taps import edit, reap, split, tap, values_and_grads
from jxai.explainers.backprop import deconvnet, guided_backprop, guided_grad_cam
from jxai.explainers.cams import eigen_cam, grad_cam, grad_cam_pp, hires_cam, layer_cam, score_cam
from jxai.explainers.deep_lift import deep_lift, deep_shap, gradient_shap
from jxai.explainers.gradients import all_classes, contrast, gradient, times_input
from jxai.explainers.guided_paths import guided_integrated_gradients
from jxai.explainers.layers import (
    conductance,
    internal_influence,
    layer_attribution,
    neuron,
    neuron_conductance,
)
from jxai.explainers.paths import blur_integrated_gradients, expected_gradients, idgi, integrated_gradients
from jxai.explainers.relevance import excitation_backprop, lrp
from jxai.explainers.smoothing import smoothgrad, smoothgrad_squared, vargrad

__version__ = _version("jxai")

__all__ = [
    "all_classes",
    "blur_integrated_gradients",
    "conductance",
    "contrast",
    "deconvnet",
    "deep_lift",
    "deep_shap",
    "edit",
    "eigen_cam",
    "excitation_backprop",
    "expected_gradients",
    "grad_cam",
    "grad_cam_pp",
    "gradient",
    "gradient_shap",
    "guided_backprop",
    "guided_grad_cam",
    "guided_integrated_gradients",
    "hires_cam",
    "idgi",
    "integrated_gradients",
    "internal_influence",
    "layer_attribution",
    "layer_cam",
    "lrp",
    "metrics",
    "neuron",
    "neuron_conductance",
    "reap",
    "rule",
    "rules",
    "score_cam",
    "scores",
    "signal",
    "smoothgrad",
    "smoothgrad_squared",
    "split",
    "tap",
    "times_input",
    "values_and_grads",
    "vargrad",
    "with_rules",
]
