"""Gradients, paths, SHAP by gradients, guided gradients: what Captum's tests expect, by the name of its test."""

import numpy as np

from tests.captum.case import Case

__all__ = ["CASES"]

ONE = np.arange(16.0).reshape(4, 4, 1)
ONES = np.ones((4, 4, 1))
X5, X5_LARGE = ([3.4, 1.2, 2.0], [2.3, 1.2, 0.3]), ([10.5, 12.0, 34.3], [1.0, 3.5, 23.2])
SECOND_LARGE = ([43.4, 51.2, 32.0], [2.3, 1.2, 0.3])


def basic(test, method, expected, **more):
    return Case(f"test_{test}", method, "basic", ([1.0, 2.0, 3.0, 0.0, -1.0, 7.0],), (expected,), None, **more)


def five(test, method, x, expected, **more):
    return Case(f"test_{test}", method, "basic5", x, expected, 1, args=([2, 3],), **more)


ZERO = ([0.0, 0.0, 0.0],) * 2
SALIENCY = [
    basic("saliency.basic_vanilla", "saliency", [0.0, 0.0, 0.0, 1.0, 1.0, 0.0]),
    basic("saliency.grad_unchanged", "saliency", [0.0, 0.0, 0.0, 1.0, 1.0, 0.0]),
    basic("input_x_gradient.basic_vanilla", "input_x_gradient", [0.0, 0.0, 0.0, 0.0, -1.0, 0.0]),
    five("saliency.basic_multi_variable_vanilla", "saliency", X5, ZERO),
    five("input_x_gradient.basic_multi_variable_vanilla", "input_x_gradient", X5, ZERO),
    *(
        five(f"saliency.basic_multivar_{name}", method, x, expected)
        for x in (X5_LARGE, SECOND_LARGE)
        for name, method, expected in (
            ("sg_n_samples_batch_size_2", "smoothgrad", ([0.0, 2.0, 0.0], [0.0, -3.0, 0.0])),
            ("sg_n_samples_batch_size_3", "smoothgrad_squared", ([0.0, 4.0, 0.0], [0.0, 9.0, 0.0])),
            ("vg_n_samples_batch_size_1", "vargrad", ZERO),
        )
    ),
]


def path(test, model, x, expected, target=None, **more):
    return Case(f"test_integrated_gradients_basic.{test}", "integrated_gradients", model, x, expected, target, **more)


MULTI = "multi_layer"
LOW = {"tolerance": 0.05}
INTEGRATED = [
    path("multivariable_vanilla", "basic2", ([3.0], [1.0]), ([1.5], [-0.5]), **LOW),
    path("multivariable_vanilla", "basic3", ([3.0], [1.0]), ([1.5], [-0.5]), **LOW),
    path("univariable_vanilla", "basic", ([1.0],), ([1.0],), **LOW),
    path("univariable_vanilla", "basic", ([0.0],), ([0.0],), **LOW),
    path("univariable_vanilla", "basic", ([-1.0],), ([-1.0],), **LOW),
    path("multi_argument_vanilla", "basic4", ([1.5, 2.0, 34.3], [3.0, 3.5, 23.2]), ZERO, 0, args=([1.0, 2.0, 3.0],)),
    path("multi_argument_vanilla", "basic4", X5, ZERO, 1, args=([4.0, 5.0, 6.0],)),
    path("multi_argument_vanilla", "basic5", X5, ZERO, 1, args=([2, 3],)),
    path(
        *("multi_tensor_input_vanilla", "basic6", ([1.5, 2.0, 34.3], [3.0, 3.5, 23.2])),
        *(([0.0, 0.363636, 0.0], [0.0, 0.636364, 0.0]), 1),
        **LOW,
    ),
    path("batched_input_vanilla", MULTI, ([1.5, 2.0, 1.3],), ([4.5, 6.0, 3.9],), 0),
    path("batched_input_vanilla", MULTI, ([0.5, 0.1, 2.3],), ([1.5, 0.3, 6.9],), 0),
    path(
        *("batched_multi_input_vanilla", MULTI, ([1.5, 2.1, 1.9], [0.3, 1.9, 2.4])),
        *(([4.514851, 6.320792, 5.718812], [0.902970, 5.718812, 7.223762]), 0),
        **LOW,
    ),
    path(
        *("batched_multi_input_vanilla", MULTI, ([0.5, 0.0, 0.7], [0.5, 0.6, 2.1])),
        *(([1.5, 0.0, 2.1], [1.5, 1.8, 6.3]), 0),
    ),
    Case(
        "test_gradient_shap.basic_multi_input",
        "gradient_shap",
        "linear",
        ([1.0] * 3, [1.0] * 4),
        ([-0.2, -0.1, 0.0], [0.1, 0.2, 0.3, 0.4]),
        0,
        tolerance=0.005,
    ),
    Case(  # 3,000 draws of another generator: four standard errors
        "test_gradient_shap.basic_relu_multi_input",
        "gradient_shap",
        "basic2",
        ([3.0], [1.0]),
        ([1.5], [-0.5]),
        None,
        tolerance=0.15,
        options={"samples": 3000, "chunk": 1000},
    ),
]

GUIDED = [[0, 1, 1, 1], [1, 3, 3, 2], [1, 3, 3, 2], [1, 2, 2, 1]]
GUIDED_BOTH = [[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]]
DECONVOLVED = [[2, 3, 3, 1], [3, 5, 5, 2], [3, 5, 5, 2], [1, 2, 2, 1]]
CAM = [[0.0, 0.0, 4.0, 4.0], [0.0, 0.0, 12.0, 8.0], [28.0, 84.0, 97.5, 65.0], [28.0, 56.0, 65.0, 32.5]]
CAM_BOTH = [[14.5, 29, 38, 19], [29, 58, 76, 38], [65, 130, 148, 74], [32.5, 65, 74, 37]]
CONV = [
    *(
        Case(f"test_{file}.simple_{inputs}conv{neuron}", prefix + method, "conv_net", x, expected, **layer)
        for file, method, one, two in (
            ("guided_backprop", "guided_backprop", GUIDED, GUIDED_BOTH),
            ("deconvolution", "deconvnet", DECONVOLVED, DECONVOLVED),
        )
        for neuron, prefix, layers in (("", "", ({}, {})), ("_neuron", "neuron_", ({"index": (0,)}, {"index": (3,)})))
        for inputs, x, expected, layer in (
            ("input_", (ONE,), (one,), layers[0]),
            ("multi_input_", (ONE, ONES), (two, two), layers[1]),
        )
        for layer in [layer | {"at": "fc1"} if neuron else layer]
    ),
    Case("test_guided_grad_cam.simple_input_conv", "guided_grad_cam", "conv_net", (ONE,), (CAM,), at="relu1"),
    *(
        Case(f"test_guided_grad_cam.{name}", "guided_grad_cam", "conv_net", (ONE, ONES), (CAM_BOTH,) * 2, at="conv1")
        for name in (
            "simple_multi_input_conv",
            "simple_multi_input_conv_inplace",
            "simple_multi_input_relu_input_inplace",
        )
    ),
]
CASES = [*SALIENCY, *INTEGRATED, *CONV]
