"""DeepLIFT and DeepLiftShap: what Captum's tests expect. Its classifiers with drawn weights are in `test_captum.py`."""

import numpy as np

from tests.captum.case import Case

__all__ = ["CASES"]


def basic(test, model, x, expected, method="deep_lift", target=None, **more):
    return Case(f"test_deeplift_basic.{test}", method, model, x, expected, target, **more)


SMALL, PAIR = ([1.0], [2.0]), ([-10.0, 1.0, -5.0], [3.0, 3.0, 1.0])
ZEROS, ONES = np.zeros((1, 3)), np.ones((1, 3))
NONE = [0.0, 0.0, 0.0]
BASIC = [
    basic("relu_deeplift", "relu_deep_lift", SMALL, ([2.0], [1.0])),
    basic("relu_deeplift_exact_match", "relu_deep_lift", SMALL, ([2.0], [1.0]), tolerance=0.0),
    basic("relu_deeplift_batch", "relu_deep_lift", SMALL, ([2.0], [1.0])),
    basic(
        *("relu_deeplift_exact_match_wo_mutliplying_by_inputs", "relu_deep_lift", SMALL, ([2.0], [0.5])),
        "deep_lift multipliers",
    ),
    basic("tanh_deeplift", "tanh_deep_lift", ([-1.0], [-2.0]), ([-1.523188], [-0.186060])),
    basic("relu_linear_deeplift", "relu_linear", PAIR, (NONE, [5.9998, 8.9997, 0.0]), baseline=(0.0, 0.0001)),
    basic("relu_linear_deeplift_compare_inplace", "relu_linear", PAIR, (NONE, [6.0, 9.0, 0.0])),
    basic(
        *("relu_linear_deeplift_compare_inplace", "relu_linear", ([2.0, 3.0, 4.0], [2.3, 5.0, 4.0])),
        ([6.0, 3.0, 0.0], [4.6, 15.0, 0.0]),
    ),
    basic("relu_linear_deeplift_batch", "relu_linear", PAIR, (NONE, [6.0, 9.0, 0.0])),
    basic(
        "lin_maxpool_lin_classification", "max_pool", ([1.0] * 4,), ([0.0, 0.0, 0.0, -8.0],), baseline=([1, 2, 3, 9],)
    ),
    basic(
        "lin_maxpool_lin_classification", "max_pool", ([1.0] * 4,), ([0.0, -7.0, 0.0, 0.0],), baseline=([4, 8, 6, 7],)
    ),
    *(
        basic(name, "relu_deep_lift", SMALL, ([2.0], [1.0]), "deep_shap", baseline=(np.zeros((4, 1)),) * 2)
        for name in ("relu_deepliftshap_multi_ref", "relu_deepliftshap_batch_4D_input")
    ),
    *(  # by completeness: the mean over baselines of the differences of scores, 15 of the second input
        basic(name, "relu_linear", PAIR, (NONE, expected), "deep_shap", baseline=(first, second))
        for name, first, second, expected in (
            ("relu_linear_deepliftshap_compare_inplace", np.zeros((2, 3)), np.zeros((2, 3)), [6.0, 9.0, 0.0]),
        )
    ),
    Case(
        "test_deeplift_classification.sigmoid_classification",
        "deep_lift",
        "sigmoid_net",
        (np.arange(20.0),),
        (np.arange(20.0) * 0.5 / 190,),
    ),
]


def layer(test, model, x, expected, at, target=None, **more):
    return Case(f"layer.test_layer_deeplift.{test}", "layer_deep_lift", model, x, expected, target, at=at, **more)


LAYER = [
    layer("relu_layer_deeplift", "relu_linear", PAIR, [0.0, 15.0], "linear"),
    layer("relu_layer_deeplift_add_args", "relu_linear", PAIR, [0.0, 45.0], "linear", args=(3.0,)),
    layer("linear_layer_deeplift", "relu_linear", PAIR, [0.0, 15.0], "relu"),
    layer("linear_layer_deeplift_batch", "relu_linear", PAIR, [0.0, 15.0], "relu"),
    layer("linear_layer_deeplift_batch", "relu_linear", PAIR, [15.0], "l3"),
    *(
        layer("relu_layer_deeplift_multiple_output", "two_branches", PAIR[:1], [0.0, -1.0, -1.0, -1.0], at, 0)
        for at in ("relu_0", "relu_1")
    ),
    layer("lin_maxpool_lin_classification", "max_pool", ([1.0] * 4,), [-8.0], "pool1", 0, baseline=([1, 2, 3, 9],)),
    layer("lin_maxpool_lin_classification", "max_pool", ([1.0] * 4,), [-7.0], "pool1", 0, baseline=([4, 8, 6, 7],)),
]


def neuron(test, expected, at):
    name = f"neuron.test_neuron_deeplift.{test}"
    return Case(name, "neuron_deep_lift", "relu_linear", PAIR, expected, None, at=at, index=(0,))


NEURON = [
    neuron("relu_neuron_deeplift", (NONE, NONE), "relu"),
    neuron("deeplift_compare_with_and_without_inplace", (NONE, NONE), "relu"),
    neuron("linear_neuron_deeplift", (NONE, NONE), "relu"),
    neuron("linear_neuron_deeplift", (NONE, [6.0, 9.0, 0.0]), "l3"),
]
CASES = [*BASIC, *LAYER, *NEURON]
