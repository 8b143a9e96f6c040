"""Relevance propagation: what Captum's tests expect of the input and of layers, under its rules."""

import numpy as np

from tests.captum.case import Case

__all__ = ["CASES"]


def lrp(test, model, x, expected, rules=("epsilon", "epsilon"), **more):
    return Case(f"test_lrp.{test}", "lrp", model, x, expected, options={"rules": rules}, **more)


def layer_lrp(test, model, x, at, expected, rules=("epsilon", "epsilon"), **more):
    name = f"layer.test_layer_lrp.{test}"
    return Case(name, "layer_lrp", model, x, expected, at=at, options={"rules": rules}, **more)


ONE = (np.arange(16.0).reshape(4, 4, 1),)
SHORT = ([1.0, 2.0, 3.0],)
NEGATIVE = {"args": (-2.0,)}
CASES = [
    lrp("basic_attributions", "conv_net", ONE, ([[0, 1, 2, 3], [0, 5, 6, 7], [0, 9, 10, 11], [0] * 4],)),
    lrp("simple_attributions", "simple_lrp", SHORT, ([18.0, 36.0, 54.0],)),
    lrp("simple_attributions_batch", "simple_lrp", ([3.0, 6.0, 9.0],), ([54.0, 108.0, 162.0],)),
    lrp("ixg_equivalency", "simple_lrp", SHORT, ([18.0, 36.0, 54.0],)),
    lrp("simple_tanh", "tanh_lrp", SHORT, ([0.0269, 0.0537, 0.0806],)),
    lrp(
        "simple_attributions_GammaRule",
        "simple_lrp",
        SHORT,
        ([28 / 3, 104 / 3, 52.0],),
        ("gamma1", "gamma"),
        **NEGATIVE,
    ),
    lrp("simple_attributions_AlphaBeta", "simple_lrp", SHORT, ([12.0, 33.6, 50.4],), ("zplus", "zplus"), **NEGATIVE),
    lrp("skip_connection", "skip", ([2.0, 3.0],), ([10.0, 18.0],), target=1),
    lrp("maxpool1D", "pooled_rows", ([[1.0, 2.0], [5.0, 6.0]],), ([[0.0, 0.0], [10.0, 12.0]],), target=1),
    lrp("maxpool2D", "pooled", ([[1.0, 2.0], [5.0, 6.0]],), ([[0.0, 0.0], [0.0, 6.0]],)),
    lrp(
        *("maxpool3D", "pooled", ([[[1.0, 2.0], [5.0, 6.0]], [[3.0, 4.0], [7.0, 8.0]]],)),
        ([[[0.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 8.0]]],),
    ),
    lrp("multi", "multi_layer", SHORT, ([3.0, 6.0, 9.0],)),
    layer_lrp("basic_attributions", "conv_net", ONE, "conv1", [[[0, 4], [31, 40]], [[0, 0], [-6, -15]]]),
    layer_lrp("simple_attributions", "simple_lrp", SHORT, "linear", [36.0] * 3),
    layer_lrp("simple_tanh", "tanh_lrp", SHORT, "linear", [0.0537] * 3),
    layer_lrp(
        "simple_attributions_GammaRule",
        "simple_lrp",
        SHORT,
        "linear",
        [24.0, 36.0, 36.0],
        ("gamma", "gamma"),
        **NEGATIVE,
    ),
    layer_lrp(
        "simple_attributions_AlphaBeta",
        "simple_lrp",
        SHORT,
        "linear",
        [24.0, 36.0, 36.0],
        ("zplus", "zplus"),
        **NEGATIVE,
    ),
]
