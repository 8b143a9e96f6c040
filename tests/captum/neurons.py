"""Neurons: what Captum's tests expect of what a network's inputs contribute to one of them."""

import numpy as np

from tests.captum.case import Case

__all__ = ["CASES"]

HUNDRED = ([0.0, 100.0, 0.0],)
THREE = ([0.0, 10.0, 0.0], [0.0, 10.0, 0.0], [0.0, 5.0, 0.0])
TWO = ([0.0, 10.0, 1.0], [0.0, 4.0, 5.0])
NONE = [0.0, 0.0, 0.0]


def neuron(file, method, tolerance):
    def row(test, model, x, at, index, expected, **more):
        return Case(
            f"neuron.test_{file}.{test}", method, model, x, expected, at=at, index=(index,), tolerance=tolerance, **more
        )

    return row


gradient = neuron("neuron_gradient", "neuron_gradient", 1e-4)
ig = neuron("neuron_integrated_gradients", "neuron_integrated_gradients", 0.1)
through = neuron("neuron_conductance", "neuron_conductance", 0.5)
FIVE = ([0.0, 5.0, 4.0],)
TENS = (([0.0, 6.0, 14.0],) * 2, ([0.0, 80.0, 0.0], [0.0, 20.0, 0.0]))
CASES = [
    gradient("simple_gradient_input_linear2", "multi_layer", HUNDRED, "linear2", 0, ([4.0] * 3,)),
    gradient("simple_gradient_input_linear1", "multi_layer", HUNDRED, "linear1", 0, ([1.0] * 3,)),
    gradient("simple_gradient_input_relu_inplace", "multi_layer", FIVE, "linear1", 0, ([1.0] * 3,)),
    gradient("simple_gradient_input_linear1_inplace", "multi_layer", FIVE, "linear1", 0, ([1.0] * 3,)),
    gradient("simple_gradient_input_relu", "multi_layer", FIVE, "relu", 0, (NONE,)),
    gradient("simple_gradient_input_relu2", "multi_layer", FIVE, "relu", 1, ([1.0] * 3,)),
    gradient(
        "simple_gradient_multi_input_linear2", "multi_input", HUNDRED * 3, "linear2", 0, ([12.0] * 3,) * 3, args=(3,)
    ),
    gradient(
        "simple_gradient_multi_input_linear1",
        "multi_input",
        HUNDRED * 2,
        "linear1",
        0,
        ([5.0] * 3,) * 2,
        args=(np.array(HUNDRED[0]), 5),
    ),
    ig("simple_ig_input_linear2", "multi_layer", HUNDRED, "linear2", 0, ([0.0, 390.0, 0.0],)),
    ig("simple_ig_input_linear1", "multi_layer", HUNDRED, "linear1", 0, ([0.0, 100.0, 0.0],)),
    ig("simple_ig_input_relu", "multi_layer", ([0.0, 6.0, 14.0],), "relu", 0, ([0.0, 3.0, 7.0],)),
    ig("simple_ig_input_relu2", "multi_layer", FIVE, "relu", 1, ([0.0, 5.0, 4.0],)),
    ig(
        "simple_ig_multi_input_linear2",
        "multi_input",
        THREE,
        "linear2",
        0,
        ([0.0, 156.0, 0.0], [0.0, 156.0, 0.0], [0.0, 78.0, 0.0]),
        args=(4,),
    ),
    ig(
        "simple_ig_multi_input_relu", "multi_input", TENS[0], "relu", 0, ([0.0, 1.5, 3.5],) * 2, args=(np.zeros(3), 0.5)
    ),
    ig(
        "simple_ig_multi_input_relu_batch",
        "multi_input",
        TENS[0],
        "relu",
        0,
        ([0.0, 1.5, 3.5],) * 2,
        args=(np.zeros(3), 0.5),
    ),
    ig(
        "simple_ig_multi_input_relu_batch",
        "multi_input",
        TENS[1],
        "relu",
        0,
        ([0.0, 40.0, 0.0], [0.0, 10.0, 0.0]),
        args=(np.array([0.0, 20.0, 0.0]), 0.5),
    ),
    through("simple_conductance_input_linear2", "multi_layer", HUNDRED, "linear2", 0, ([0.0, 390.0, 0.0],)),
    through("simple_conductance_input_linear1", "multi_layer", HUNDRED, "linear1", 0, ([0.0, 90.0, 0.0],)),
    through("simple_conductance_input_relu", "multi_layer", ([0.0, 70.0, 30.0],), "relu", 3, ([0.0, 70.0, 30.0],)),
    through(
        "simple_conductance_multi_input_linear2",
        "multi_input",
        THREE,
        "linear2",
        0,
        ([0.0, 156.0, 0.0], [0.0, 156.0, 0.0], [0.0, 78.0, 0.0]),
        args=(4,),
    ),
    through(
        "simple_conductance_multi_input_relu",
        "multi_input",
        TWO,
        "relu",
        3,
        ([0.0, 50.0, 5.0], [0.0, 20.0, 25.0]),
        args=(np.zeros(3), 5),
    ),
    through(
        "simple_conductance_multi_input_batch_relu",
        "multi_input",
        ([0.0, 0.0, 10.0],) * 2,
        "relu",
        3,
        ([0.0, 0.0, 50.0],) * 2,
        args=(np.array([0.0, 0.0, 5.0]), 5),
    ),
]
