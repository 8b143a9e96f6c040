"""Methods: class activation maps and layers."""

from jxai.core.taps import edit
from jxai.explainers.cams import eigen_cam, grad_cam, grad_cam_pp, hires_cam, layer_cam
from jxai.explainers.layers import conductance, internal_influence, layer_attribution, neuron, neuron_conductance
from jxai.explainers.score_cam import score_cam
from jxai.methods.method import Method

__all__ = ["ROWS"]

ROWS = (
    Method(
        "grad_cam", grad_cam, "cams", "Grad-CAM", "Selvaraju et al. 2017", at="required", shape="space", integers=True
    ),
    Method(
        "grad_cam_pp",
        grad_cam_pp,
        "cams",
        "Grad-CAM++",
        "Chattopadhay et al. 2018",
        at="required",
        shape="space",
        integers=True,
    ),
    Method(
        "layer_cam", layer_cam, "cams", "LayerCAM", "Jiang et al. 2021", at="required", shape="space", integers=True
    ),
    Method(
        "hires_cam",
        hires_cam,
        "cams",
        "HiResCAM",
        "Draelos and Carin 2020",
        at="required",
        shape="space",
        integers=True,
    ),
    Method(
        "score_cam",
        score_cam,
        "cams",
        "Score-CAM",
        "Wang et al. 2020",
        at="required",
        inputs=("baseline",),
        shape="space",
        chunk=True,
        space=True,
        trees=False,
    ),
    Method(
        "eigen_cam",
        eigen_cam,
        "cams",
        "Eigen-CAM",
        "Muhammad and Yeasin 2020",
        at="required",
        shape="space",
        integers=True,
    ),
    Method(
        "conductance",
        conductance,
        "layers",
        "Layer conductance",
        "Dhamdhere et al. 2019",
        at="required",
        inputs=("baseline",),
        shape="layer",
        count="steps",
        chunk=True,
        options=("quadrature",),
    ),
    Method(
        "neuron_conductance",
        neuron_conductance,
        "layers",
        "Neuron conductance",
        "Dhamdhere et al. 2019",
        requires=("index",),
        at="required",
        inputs=("baseline",),
        count="steps",
        chunk=True,
        options=("quadrature",),
    ),
    Method(
        "internal_influence",
        internal_influence,
        "layers",
        "Internal influence",
        "Leino et al. 2018",
        at="required",
        inputs=("baseline",),
        shape="layer",
        count="steps",
        chunk=True,
        options=("quadrature",),
    ),
    Method(
        "layer_attribution",
        layer_attribution,
        "layers",
        "Any method at a layer",
        requires=("method",),
        at="required",
        shape="layer",
        integers=True,
    ),
    Method("neuron", neuron, "layers", "A neuron as a score", requires=("index",), at="required", shape="score"),
    Method("edit", edit, "layers", "Replaced intermediates", requires=("edits",), shape="score"),
)
