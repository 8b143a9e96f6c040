"""Ablation, occlusion and games over coalitions: what Captum's tests expect, example by example."""

import numpy as np

from tests.captum.case import Case

__all__ = ["CASES"]

ROW, LOW = ([20.0, 50.0, 30.0],), ([2.0, 10.0, 3.0],)
MASK = ([0, 0, 1],)
FIRST = ([23.0, 100.0, 0.0], [20.0, 50.0, 30.0], [0.0, 100.0, 10.0])
SECOND = ([20.0, 50.0, 30.0], [0.0, 100.0, 0.0], [2.0, 10.0, 3.0])
MASKS = (([1, 1, 1], [0, 1, 2], [0, 1, 2]), ([0, 1, 0], [0, 1, 2], [0, 0, 0]))
APART = (([1, 1, 1], [2, 3, 4], [5, 6, 7]), ([0, 1, 0], [2, 3, 4], [5, 5, 5]))  # ablation numbers each input's groups
BOTH = tuple(np.stack(rows) for rows in zip(FIRST, SECOND, strict=True))
ONE, ONES = np.arange(16.0).reshape(4, 4, 1), np.ones((4, 4, 1))
IMAGE = [[0, 2, 4, 3], [4, 9, 10, 7], [4, 13, 14, 11], [0, 0, 0, 0]]
OTHER = [[1, 2, 2, 1], [1, 2, 2, 1], [1, 2, 2, 1], [0, 0, 0, 0]]
WHOLE, WHOLES = (np.zeros((4, 4, 1), int), np.ones((4, 4, 1), int)), (np.full((4, 4), 67.0), np.full((4, 4), 13.0))


def rows(make):
    """The rows that ablation of the score and of the output neuron share."""
    base1, base2 = (
        ([3.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 2.0, 3.0]),
        ([3.0, 0.0, 0.0], [0.0, 1.0, 0.0], [3.0, 2.0, 4.0]),
    )
    base3 = ([3.0, 0.0, 2.0], [0.0, 1.0, 4.0], [1.0, 2.0, 3.0])
    third = (FIRST[2], 1.0), (SECOND[2], 1.0)
    yield make("simple_ablation_with_mask", "multi_layer", ROW, ([280.0, 280.0, 120.0],), mask=MASK)
    yield make("multi_sample_ablation_with_mask", "multi_layer", LOW, ([41.0, 41.0, 12.0],), mask=MASK)
    yield make("multi_sample_ablation_with_mask", "multi_layer", ROW, ([280.0, 280.0, 120.0],), mask=([1, 1, 0],))
    masked = "multi_input_ablation_with_mask"
    expected = (
        ([492.0] * 3, [80.0, 200.0, 120.0], [0.0, 400.0, 40.0]),
        ([200.0] * 3, [0.0, 400.0, 0.0], [60.0] * 3),
    )
    shifted = (
        ([468.0] * 3, [68.0, 188.0, 108.0], [-16.0, 384.0, 24.0]),
        ([184.0, 192.0, 184.0], [-12.0, 388.0, -12.0], [12.0] * 3),
    )
    for x, groups, plain, moved, args in zip((FIRST, SECOND), APART, expected, shifted, third, strict=True):
        yield make(masked, "multi_input", x, plain, mask=groups)
        yield make(masked, "multi_input", x[:2], plain[:2], mask=groups[:2], args=args)
        yield make(masked, "multi_input", x, moved, mask=groups, baseline=(2, 3.0, 4))
    several = "multi_input_ablation"
    yield make(
        several, "multi_input", FIRST, ([80.0, 400.0, 0.0], [80.0, 196.0, 120.0], [-4.0, 392.0, 28.0]), baseline=base1
    )
    yield make(
        several, "multi_input", SECOND, ([68.0, 200.0, 120.0], [0.0, 396.0, 0.0], [4.0, 32.0, 0.0]), baseline=base1
    )
    yield make(
        several, "multi_input", FIRST, ([80.0, 400.0, 0.0], [80.0, 196.0, 120.0], [-12.0, 392.0, 24.0]), baseline=base2
    )
    yield make(
        several, "multi_input", SECOND, ([68.0, 200.0, 112.0], [0.0, 396.0, -16.0], [4.0, 32.0, 0.0]), baseline=base3
    )
    yield make("simple_multi_input_conv", "conv_net", (ONE, ONES), WHOLES, mask=WHOLE)
    yield make("simple_multi_input_conv", "conv_net", (ONE, ONES), (IMAGE, OTHER))


def ablation(test, model, x, expected, **more):
    return Case(f"test_feature_ablation.{test}", "ablation", model, x, expected, **more)


def of_neuron(test, model, x, expected, **more):
    at = {"at": "relu2" if model == "conv_net" else "linear2", "index": (0,)}
    return Case(f"neuron.test_neuron_ablation.{test}", "neuron_ablation", model, x, expected, **(at | more))


BATCH = ([[2.0, 10.0, 3.0], [20.0, 50.0, 30.0]],)
TALL = (np.array(BOTH[0]), np.array(BOTH[1]), np.array([[0.0, 100.0, 10.0], [20.0, 10.0, 13.0]]))
GROUPS = tuple(np.broadcast_to(g, (2, 3)) for g in ([1, 1, 1], [0, 1, 2], [0, 1, 2]))
OWN = tuple(np.broadcast_to(g, (2, 3)) for g in ([0, 0, 0], [1, 2, 3], [4, 5, 6]))
SUM = {"target": None}
ABLATION = [
    ablation("simple_ablation", "multi_layer", ROW, ([80.0, 200.0, 120.0],)),
    ablation("simple_ablation_int_to_int", "basic", ([-3, 1, 2],), ([-3.0, 0.0, 0.0],)),
    ablation("simple_ablation_with_baselines", "multi_layer", ROW, ([248.0, 248.0, 104.0],), mask=MASK, baseline=4.0),
    ablation("multi_sample_ablation", "multi_layer", LOW, ([8.0, 35.0, 12.0],)),
    *rows(ablation),
    ablation("single_ablation_batch_scalar", "sum_of_batch", ([LOW[0]],), ([82.0, 82.0, 24.0],), mask=MASK, **SUM),
    ablation(
        "multi_sample_ablation_batch_scalar", "sum_of_batch", BATCH, ([642.0, 642.0, 264.0],), mask=([0, 0, 1],), **SUM
    ),
    ablation(
        *(
            "multi_inp_ablation_batch_scalar",
            "sum_of_batch",
            BOTH,
            ([1784.0] * 3, [160.0, 1200.0, 240.0], [16.0, 880.0, 104.0]),
        ),
        mask=OWN,
        **SUM,
    ),
    *rows(of_neuron),
    of_neuron(
        "simple_multi_input_conv_intermediate",
        "conv_net",
        (ONE, ONES),
        (0.0, 0.0),
        mask=WHOLE,
        at="relu1",
        index=(0, 0, 1),
    ),
    of_neuron(
        "simple_multi_input_conv_intermediate",
        "conv_net",
        (ONE, ONES),
        (45.0, 9.0),
        mask=WHOLE,
        at="conv1",
        index=(0, 0, 1),
    ),
    of_neuron(
        *("simple_multi_input_conv_intermediate", "conv_net", (ONE, ONES)),
        ([[0, 1, 2, 0], [4, 5, 6, 0], [8, 9, 10, 0], [0] * 4], [[1, 1, 1, 0]] * 3 + [[0] * 4]),
        at="conv1",
        index=(0, 0, 1),
    ),
]


def layer(test, model, x, at, expected, **more):
    return Case(f"layer.test_layer_ablation.{test}", "layer_ablation", model, x, expected, at=at, **more)


CHANNELS = [[[4.0, 13.0], [40.0, 49.0]], [[0.0, 0.0], [-15.0, -24.0]]]
LAYERS = [
    layer("simple_ablation_with_mask", "multi_layer", ROW, "input", [280.0, 280.0, 120.0], mask=MASK[0]),
    *(
        layer(name, "multi_input", x, at, expected, baseline=[1.0, 2.0, 3.0], mask=mask)
        for name, x, mask, expected in (
            ("multi_input_ablation", FIRST, None, [168.0, 992.0, 148.0]),
            ("multi_input_ablation", SECOND, None, [84.0, 632.0, 120.0]),
            ("multi_input_ablation_with_layer_mask", FIRST, [0, 1, 0], [316.0, 992.0, 316.0]),
            ("multi_input_ablation_with_layer_mask", SECOND, [0, 1, 2], [84.0, 632.0, 120.0]),
        )
        for at in ("linear0",)
    ),
    layer("simple_multi_input_conv_intermediate", "conv_net", (ONE, ONES), "relu1", CHANNELS),
    layer(
        *("simple_multi_input_conv_intermediate", "conv_net", (ONE, ONES), "conv1", CHANNELS),
        baseline=[[[-4.0, -13.0], [-2.0, -2.0]], [[0.0, 0.0], [0.0, 0.0]]],
    ),
    layer(
        *("simple_multi_input_conv_intermediate", "conv_net", (ONE, ONES), "relu1"),
        [[[17.0, 17.0], [67.0, 67.0]], [[0.0, 0.0], [-39.0, -39.0]]],
        mask=[[[0, 0], [1, 1]], [[2, 2], [3, 3]]],
    ),
    *(
        layer(f"simple_multi_output{name}_ablation", "two_branches", ([0.0, 6.0, 0.0],), at, [0.0, 7.0, 7.0, 7.0])
        for name, ats in (("", ("relu_0", "relu_1")), ("_input", ("linear1", "linear1_alt")))
        for at in ats
    ),
]


def occlusion(test, model, x, expected, window, stride=None, **more):
    options = {"window": window, "stride": stride or (1,) * len(window)}
    return Case(f"test_occlusion.{test}", "occlusion", model, x, expected, options=options, **more)


OCCLUSION = [
    occlusion("simple_input", "multi_layer", ROW, ([80.0, 200.0, 120.0],), (1,)),
    *(
        occlusion(f"simple_multi_input{name}", "basic3", x, expected, (1, 1))
        for name in ("", "_0d")
        for x, expected in ((([-10.0], [-5.0]), ([0.0], [0.0])), (([3.0], [1.0]), ([1.0], [-1.0])))
    ),
    occlusion("simple_multi_input_int_to_int", "basic3", ([3], [1]), ([1.0], [-1.0]), (1, 1)),
    occlusion("simple_input_larger_shape", "multi_layer", ROW, ([200.0, 220.0, 240.0],), (2,), baseline=10.0),
    occlusion("simple_input_shape_with_stride", "multi_layer", ROW, ([280.0, 280.0, 120.0],), (2,), (2,)),
    occlusion("multi_sample_ablation", "multi_layer", LOW, ([8.0, 35.0, 12.0],), (1,)),
    *(
        occlusion("multi_input_ablation_with_mask", "multi_input", x, expected, (3, 1, 2))
        for x, expected in (
            (FIRST, ([492.0] * 3, [80.0, 200.0, 120.0], [400.0, 420.0, 440.0])),
            (SECOND, ([400.0] * 3, [0.0, 400.0, 0.0], [48.0, 50.0, 52.0])),
        )
    ),
    *(
        occlusion(
            "multi_input_ablation_with_baselines", "multi_input", x, expected, (3, 1, 2), (2, 1, 2), baseline=baseline
        )
        for x, expected, baseline in (
            (FIRST, ([444.0] * 3, [68.0, 188.0, 108.0], [368.0, 368.0, 24.0]), ([1.0, 4.0, 7.0], 3.0, 4.0)),
            (SECOND, ([328.0] * 3, [-12.0, 388.0, -12.0], [0.0, 0.0, -12.0]), ([3.0, 6.0, 9.0], 3.0, 6.0)),
        )
    ),
    occlusion("simple_multi_input_conv", "conv_net", (ONE, ONES), WHOLES, (4, 4), (4, 4)),
    occlusion(
        *("simple_multi_input_conv", "conv_net", (ONE, ONES)),
        ([[17.0] * 4] * 2 + [[64.0, 65.5, 65.5, 67.0]] * 2, [[3.0] * 4] * 3 + [[0.0] * 4]),
        ((2, 3), (1, 2)),
        ((2, 1), (1, 2)),
    ),
]
CASES = [*ABLATION, *LAYERS, *OCCLUSION]
