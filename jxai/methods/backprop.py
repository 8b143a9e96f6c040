"""Methods: backward rules."""

from jxai.explainers.backprop.deep_lift import deep_lift, deep_shap, gradient_shap
from jxai.explainers.backprop.guided import deconvnet, guided_backprop, guided_grad_cam
from jxai.explainers.backprop.lrp import excitation_backprop, lrp
from jxai.methods.method import Method
from jxai.rules.backward import with_rules

__all__ = ["ROWS"]

ROWS = (
    Method("guided_backprop", guided_backprop, "backprop", "Guided backpropagation", "Springenberg et al. 2015"),
    Method("deconvnet", deconvnet, "backprop", "Deconvolution", "Zeiler and Fergus 2014"),
    Method(
        "guided_grad_cam",
        guided_grad_cam,
        "backprop",
        "Guided Grad-CAM",
        "Selvaraju et al. 2017",
        at="required",
        options=("method",),
        trees=False,
    ),
    Method(
        "lrp",
        lrp,
        "backprop",
        "Layer-wise relevance propagation",
        "Bach et al. 2015; Montavon et al. 2019; Achtibat et al. 2024",
        options=("composite",),
    ),
    Method(
        "deep_lift",
        deep_lift,
        "backprop",
        "DeepLIFT",
        "Shrikumar et al. 2017",
        inputs=("baseline",),
        options=("rule", "multiply_by_inputs"),
    ),
    Method(
        "deep_shap",
        deep_shap,
        "backprop",
        "DeepSHAP",
        "Lundberg and Lee 2017",
        needs=("baselines",),
        chunk=True,
        options=("rule", "multiply_by_inputs"),
    ),
    Method(
        "gradient_shap",
        gradient_shap,
        "backprop",
        "GradientSHAP",
        "Lundberg and Lee 2017",
        needs=("baselines",),
        draws=True,
        count="samples",
        chunk=True,
        options=("noise", "multiply_by_inputs"),
    ),
    Method(
        "excitation_backprop",
        excitation_backprop,
        "backprop",
        "Excitation backpropagation",
        "Zhang et al. 2016",
        at="preferred",
        options=("contrastive",),
    ),
    Method("with_rules", with_rules, "backprop", "Backward rules of one's own", requires=("rules",), shape="score"),
)
