"""jxai: explainable AI in JAX. Explainers are pure functions that compose with jit, vmap, grad and shard_map.

The face of the library: explainers (score -> explain), combinators (explain -> explain), taps, backward rules, and the
modules `scores`, `rules`, `signal` and `metrics`. Models, data, drivers and reports are imported by name
(`jxai.models`, ...), so that `import jxai` needs JAX and optax only.
"""

from importlib.metadata import version as _version

from jxai import metrics, rules, signal
from jxai.core import scores
from jxai.core.taps import edit, reap, split, tap, values_and_grads
from jxai.explainers.attention.relevance import attention_relevance, transition_attention_maps
from jxai.explainers.attention.rollout import attention_rollout, raw_attention
from jxai.explainers.backprop.deep_lift import deep_lift, deep_shap, gradient_shap
from jxai.explainers.backprop.guided import deconvnet, guided_backprop, guided_grad_cam
from jxai.explainers.backprop.lrp import excitation_backprop, lrp
from jxai.explainers.cams import eigen_cam, grad_cam, grad_cam_pp, hires_cam, layer_cam
from jxai.explainers.coalitions import regression
from jxai.explainers.coalitions import sampling as coalitions
from jxai.explainers.coalitions.ablation import ablation, permutation_importance, rise
from jxai.explainers.coalitions.owen import owen_exact, owen_sampling
from jxai.explainers.coalitions.shapley import shapley_estimate, shapley_exact, shapley_sampling
from jxai.explainers.coalitions.surrogates import kernel_shap, lime
from jxai.explainers.comparisons import edge_detector, random_map
from jxai.explainers.deliberative.insecurities import insecurities
from jxai.explainers.deliberative.maps import deliberation_maps, deliberative
from jxai.explainers.deliberative.order import first_order, location_maps, second_order
from jxai.explainers.gradients import all_classes, contrast, gradient, times_input
from jxai.explainers.layers import (
    conductance,
    internal_influence,
    layer_attribution,
    neuron,
    neuron_conductance,
)
from jxai.explainers.masks.extremal_perturbation import extremal_perturbation
from jxai.explainers.masks.marc import marc
from jxai.explainers.masks.meaningful_perturbation import meaningful_perturbation
from jxai.explainers.occlusion import occlusion
from jxai.explainers.paths.expected_gradients import expected_gradients
from jxai.explainers.paths.guided import guided_integrated_gradients
from jxai.explainers.paths.integrated_gradients import (
    blur_integrated_gradients,
    idgi,
    integrated_gradients,
)
from jxai.explainers.regions.regional_multiscale import regional_multiscale
from jxai.explainers.regions.xrai import xrai
from jxai.explainers.score_cam import score_cam
from jxai.explainers.smoothing import smoothgrad, smoothgrad_squared, vargrad
from jxai.rules.backward import rule, with_rules

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
