"""Layers: what Captum's tests expect."""

import numpy as np

from tests.captum.case import Case

__all__ = ["CASES"]

HUNDRED = ([0.0, 100.0, 0.0],)
THREE = ([0.0, 10.0, 0.0], [0.0, 10.0, 0.0], [0.0, 5.0, 0.0])
TWO = ([0.0, 10.0, 1.0], [0.0, 4.0, 5.0])
WIDE, UP = [90.0, 100.0, 100.0, 100.0], [90.0, 101.0, 101.0, 101.0]
ONE = np.arange(16.0).reshape(4, 4, 1)


def of(file, method, **defaults):
    """Rows of one file: `(test, model, inputs, layer, expected, more)`."""

    def row(test, model, x, at, expected, **more):
        return Case(f"layer.test_{file}.{test}", method, model, x, expected, at=at, **(defaults | more))

    return row


activation = of("layer_activation", "layer_activation", tolerance=0.01)
slope = of("layer_gradient_x_activation", "layer_gradient_x_activation", tolerance=0.01)
conductance = of("layer_conductance", "conductance", tolerance=0.1)
influence = of("internal_influence", "internal_influence", tolerance=0.01)
integral = of("layer_integrated_gradients", "layer_integrated_gradients", tolerance=0.01)
cam = of("grad_cam", "layer_grad_cam", tolerance=0.01)

BRANCHES = ("relu_0", "relu_1")
CASES = [
    activation("simple_input_activation", "multi_layer", HUNDRED, "linear0", [0.0, 100.0, 0.0]),
    activation("simple_linear_activation", "multi_layer", HUNDRED, "linear1", UP),
    activation(
        "simple_relu_activation_input_inplace", "multi_layer", ([2.0, -5.0, 4.0],), "linear1", [-9.0, 2.0, 2.0, 2.0]
    ),
    activation("simple_relu_activation", "multi_layer", ([3.0, 4.0, 0.0],), "relu", [0.0, 8.0, 8.0, 8.0]),
    activation("simple_output_activation", "multi_layer", HUNDRED, "linear2", [392.0, 394.0]),
    *(
        activation("simple_multi_output_activation", "two_branches", ([0.0, 6.0, 0.0],), at, [0.0, 7.0, 7.0, 7.0])
        for at in BRANCHES
    ),
    *(
        activation("simple_multi_input_activation", "two_branches", ([0.0, 6.0, 0.0],), at, [-4.0, 7.0, 7.0, 7.0])
        for at in ("linear1", "linear1_alt")
    ),
    activation("simple_multi_input_linear2_activation", "multi_input", THREE, "linear2", [392.0, 394.0], args=(4,)),
    activation("simple_multi_input_relu_activation", "multi_input", TWO, "relu", UP, args=(np.zeros(3), 5)),
    slope("simple_input_gradient_activation", "multi_layer", HUNDRED, "linear0", [0.0, 400.0, 0.0]),
    slope("simple_input_gradient_activation_no_grad", "multi_layer", HUNDRED, "linear0", [0.0, 400.0, 0.0]),
    slope("simple_linear_gradient_activation", "multi_layer", HUNDRED, "linear1", UP),
    slope("simple_linear_gradient_activation_no_grad", "multi_layer", HUNDRED, "linear1", UP),
    slope("multi_layer_linear_gradient_activation", "multi_layer", HUNDRED, "linear0", [0.0, 400.0, 0.0]),
    slope("multi_layer_linear_gradient_activation", "multi_layer", HUNDRED, "linear1", UP),
    *(
        slope("simple_multi_gradient_activation", "two_branches", ([3.0, 4.0, 0.0],), at, [0.0, 8.0, 8.0, 8.0])
        for at in BRANCHES
    ),
    slope("multi_layer_multi_gradient_activation", "two_branches", ([3.0, 4.0, 0.0],), "input", [18.0, 24.0, 0.0]),
    slope("simple_relu_gradient_activation", "multi_layer", ([3.0, 4.0, 0.0],), "relu", [0.0, 8.0, 8.0, 8.0]),
    slope("simple_output_gradient_activation", "multi_layer", HUNDRED, "linear2", [392.0, 0.0]),
    slope("simple_gradient_activation_multi_input_linear2", "multi_input", THREE, "linear2", [392.0, 0.0], args=(4,)),
    slope("simple_gradient_activation_multi_input_relu", "multi_input", TWO, "relu", UP, args=(np.zeros(3), 5)),
    conductance("simple_input_conductance", "multi_layer", HUNDRED, "linear0", [0.0, 390.0, 0.0]),
    conductance("simple_input_with_scalar_baseline_conductance", "multi_layer", HUNDRED, "linear0", [0.0, 390.0, 0.0]),
    conductance("simple_linear_conductance", "multi_layer", HUNDRED, "linear1", WIDE),
    conductance("simple_relu_conductance", "multi_layer", HUNDRED, "relu", WIDE),
    conductance("simple_output_conductance", "multi_layer", HUNDRED, "linear2", [390.0, 0.0]),
    *(conductance("simple_input_multi_conductance", "two_branches", HUNDRED, at, WIDE) for at in BRANCHES),
    conductance("simple_multi_input_linear2_conductance", "multi_input", THREE, "linear2", [390.0, 0.0], args=(4,)),
    conductance("simple_multi_input_relu_conductance", "multi_input", TWO, "relu", WIDE, args=(np.zeros(3), 5)),
    *(
        conductance("simple_multi_input_relu_conductance_batch", "multi_input", x, "relu", expected, args=(third, 5))
        for x, third, expected in (
            (TWO, np.zeros(3), WIDE),
            (([0.0, 0.0, 10.0],) * 2, np.array([0.0, 0.0, 5.0]), [100.0] * 4),
        )
    ),
    influence("simple_input_internal_inf", "multi_layer", HUNDRED, "linear0", [3.9, 3.9, 3.9]),
    *(
        influence("simple_input_multi_internal_inf", "two_branches", HUNDRED, at, [0.9, 1.0, 1.0, 1.0])
        for at in ("linear1", "linear1_alt")
    ),
    influence("simple_linear_internal_inf", "multi_layer", HUNDRED, "linear1", [0.9, 1.0, 1.0, 1.0]),
    influence("simple_relu_input_internal_inf_inplace", "multi_layer", HUNDRED, "linear1", [0.9, 1.0, 1.0, 1.0]),
    influence("simple_linear_internal_inf_inplace", "multi_layer", HUNDRED, "linear1", [0.9, 1.0, 1.0, 1.0]),
    influence("multiple_linear_internal_inf", "multi_layer", HUNDRED, "linear1", [0.9, 1.0, 1.0, 1.0]),
    influence("simple_relu_internal_inf", "multi_layer", ([3.0, 4.0, 0.0],), "relu", [1.0] * 4),
    influence("simple_output_internal_inf", "multi_layer", HUNDRED, "linear2", [1.0, 0.0]),
    *(
        influence(
            f"{name}_with_baseline_internal_inf",
            "multi_layer",
            ([0.0, 80.0, 0.0],),
            "linear1",
            [0.7, 0.8, 0.8, 0.8],
            baseline=([0.0, -20.0, 0.0],),
        )
        for name in ("simple", "multiple")
    ),
    influence(
        "multiple_with_baseline_internal_inf",
        "multi_layer",
        ([30.0, 30.0, 0.0],),
        "linear1",
        [0.5, 0.6, 0.6, 0.6],
        baseline=([-20.0, -20.0, 0.0],),
    ),
    influence("simple_multi_input_linear2_internal_inf", "multi_input", THREE, "linear2", [1.0, 0.0], args=(4,)),
    influence("simple_multi_input_relu_internal_inf", "multi_input", TWO, "relu", [1.0] * 4, args=(np.zeros(3), 5)),
    influence(
        "simple_multi_input_batch_relu_internal_inf",
        "multi_input",
        ([0.0, 6.0, 14.0],) * 2,
        "linear1",
        [0.95, 1.0, 1.0, 1.0],
        args=(np.zeros(3), 5),
    ),
    influence(
        "simple_multi_input_batch_relu_internal_inf",
        "multi_input",
        ([0.0, 80.0, 0.0], [0.0, 20.0, 0.0]),
        "linear1",
        [1.0] * 4,
        args=(np.array([0.0, 20.0, 0.0]), 5),
    ),
    *(integral("multiple_tensors_compare_with_expected", "two_branches", HUNDRED, at, WIDE) for at in BRANCHES),
    *(
        make("compare_with_layer_conductance_attr_to_outputs", "multi_layer", ([50.0] * 3,), "linear2", [590.0, 0.0])
        for make in (integral, conductance)
    ),
    *(
        make(
            "compare_with_layer_conductance_attr_to_inputs",
            "multi_layer",
            ([50.0] * 3,),
            "relu",
            [140.0, 150.0, 150.0, 150.0],
        )
        for make in (integral, conductance)
    ),
    cam("simple_input_conv", "conv_net", (ONE,), "conv1", [[11.25, 13.5], [20.25, 22.5]]),
    cam("simple_input_conv_no_grad", "conv_net", (ONE,), "conv1", [[11.25, 13.5], [20.25, 22.5]]),
    cam("simple_input_conv_relu", "conv_net", (ONE,), "relu1", [[0.0, 4.0], [28.0, 32.5]]),
    cam("simple_multi_input_conv", "conv_net", (ONE, np.ones((4, 4, 1))), "conv1", [[14.5, 19.0], [32.5, 37.0]]),
]
NEGATIVE = np.where(ONE == 5, -4.0, ONE)
INPUT_MAP = 0.5625 * NEGATIVE[..., 0]
CASES += [
    cam("simple_input_conv_without_final_relu", "conv_net", (NEGATIVE,), "input", INPUT_MAP),
    Case(
        "layer.test_grad_cam.simple_input_conv_fc_with_final_relu",
        "layer_grad_cam, positive",
        "conv_net",
        (NEGATIVE,),
        np.maximum(INPUT_MAP, 0),
        at="input",
        tolerance=0.01,
    ),
]
