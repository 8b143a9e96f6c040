"""jxai: explainable AI in JAX. Explainers are pure functions that compose with jit, vmap, grad and shard_map.

The face of the library: explainers (score -> explain), combinators (explain -> explain), taps, backward rules, and the
modules `scores`, `rules`, `signal` and `metrics`. Models, data, drivers and reports are imported by name
(`jxai.models`, ...), so that `import jxai` needs JAX and optax only.
"""

from importlib.metadata import version as _version

from jxai import metrics, signal
from jxai.core import coalitions, regression, rules, scores
from jxai.core.backward import rule, with_rules
from jxai.core.taps import edit, reap, split, tap, values_and_grads
from jxai.core.taylor import first_order, location_maps, second_order
from jxai.explainers.attention import attention_rollout, raw_attention
from jxai.explainers.attention_gradients import attention_relevance, transition_attention_maps
from jxai.explainers.backprop import deconvnet, guided_backprop, guided_grad_cam
from jxai.explainers.cams import eigen_cam, grad_cam, grad_cam_pp, hires_cam, layer_cam, score_cam
from jxai.explainers.comparisons import edge_detector, random_map
from jxai.explainers.deep_lift import deep_lift, deep_shap, gradient_shap
from jxai.explainers.deliberative import deliberation_maps, deliberative
from jxai.explainers.extremal_perturbation import extremal_perturbation
from jxai.explainers.gradients import all_classes, contrast, gradient, times_input
from jxai.explainers.guided_paths import guided_integrated_gradients
from jxai.explainers.layers import (
    conductance,
    internal_influence,
    layer_attribution,
    neuron,
    neuron_conductance,
)
from jxai.explainers.marc import marc
from jxai.explainers.meaningful_perturbation import meaningful_perturbation
from jxai.explainers.occlusion import occlusion
from jxai.explainers.owen import owen_exact, owen_sampling
from jxai.explainers.paths import blur_integrated_gradients, expected_gradients, idgi, integrated_gradients
from jxai.explainers.perturbation import ablation, permutation_importance, rise
from jxai.explainers.regional_multiscale import regional_multiscale
from jxai.explainers.relevance import excitation_backprop, lrp
from jxai.explainers.shapley import shapley_estimate, shapley_exact, shapley_sampling
from jxai.explainers.smoothing import smoothgrad, smoothgrad_squared, vargrad
from jxai.explainers.surrogates import kernel_shap, lime
from jxai.explainers.xrai import xrai
from jxai.signal.insecurities import insecurities

__version__ = _version("jxai")

__all__ = [
    "ablation",
    "all_classes",
    "attention_relevance",
    "attention_rollout",
    "blur_integrated_gradients",
    "coalitions",
    "conductance",
    "contrast",
    "deconvnet",
    "deep_lift",
    "deep_shap",
    "deliberation_maps",
    "deliberative",
    "edge_detector",
    "edit",
    "eigen_cam",
    "excitation_backprop",
    "expected_gradients",
    "extremal_perturbation",
    "first_order",
    "grad_cam",
    "grad_cam_pp",
    "gradient",
    "gradient_shap",
    "guided_backprop",
    "guided_grad_cam",
    "guided_integrated_gradients",
    "hires_cam",
    "idgi",
    "insecurities",
    "integrated_gradients",
    "internal_influence",
    "kernel_shap",
    "layer_attribution",
    "layer_cam",
    "lime",
    "location_maps",
    "lrp",
    "marc",
    "meaningful_perturbation",
    "metrics",
    "neuron",
    "neuron_conductance",
    "occlusion",
    "owen_exact",
    "owen_sampling",
    "permutation_importance",
    "random_map",
    "raw_attention",
    "reap",
    "regional_multiscale",
    "regression",
    "rise",
    "rule",
    "rules",
    "score_cam",
    "scores",
    "second_order",
    "shapley_estimate",
    "shapley_exact",
    "shapley_sampling",
    "signal",
    "smoothgrad",
    "smoothgrad_squared",
    "split",
    "tap",
    "times_input",
    "transition_attention_maps",
    "values_and_grads",
    "vargrad",
    "with_rules",
    "xrai",
]
