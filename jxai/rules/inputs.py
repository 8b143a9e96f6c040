r"""Rules for the layer that meets the input, where a value of zero says no less than any other.

They give relevance to inputs that are 0. The gradient form `R = x g` cannot hold it there, so `lrp` shifts exact zeros
of the input by a tiny number. In deeper layers such relevance would be lost: there these rules raise.
"""

import jax
import jax.numpy as jnp

from jxai.rules.backward import Rule, Ruled
from jxai.rules.linear import Weights, weights_of
from jxai.rules.passing import inverse

__all__ = ["box", "flat", "wsquare"]


def box(low: float | jax.Array, high: float | jax.Array) -> Rule:
    r"""LRP-z^B: `R_i = sum_j (x_i w_ij - l_i w_ij^+ - h_i w_ij^-) / sum_i' (...) R_j` for inputs within `l..h`.

    Args:
        low: the smallest value that an input can have: a number, or an array that broadcasts to the layer's input.
        high: the largest one.

    Reference: Montavon et al. 2017, "Explaining nonlinear classification decisions with deep Taylor decomposition",
    eq. 16 (without the bias, which gets no share).
    """

    def backward(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
        weights = _of_input(operation, inputs, "z^B (box)")
        # made from x: under shard_map with check_vma the bounds must vary over the devices as the input does
        least, most = (jnp.zeros_like(weights.x) + jnp.asarray(v, weights.x.dtype) for v in (low, high))

        def contribution(x: jax.Array, least: jax.Array, most: jax.Array) -> jax.Array:
            return weights.all(x) - weights.signed(+1, least) - weights.signed(-1, most)

        return _in_proportion(weights, contribution, (weights.x, least, most), output * cotangent)

    return backward


def wsquare(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    r"""LRP-w^2: `R_i = sum_j w_ij^2 / sum_i' w_i'j^2 R_j`, for inputs of any range. Reference: Montavon et al. 2017."""
    weights = _of_input(operation, inputs, "w^2")
    ones = jnp.ones_like(weights.x)
    return _in_proportion(weights, lambda one: weights.of(one, weights.weight**2), (ones,), output * cotangent)


def flat(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    r"""LRP-flat: all inputs under an output alike, `R_i = sum_j R_j / n_j`. Reference: Lapuschkin et al. 2019."""
    weights = _of_input(operation, inputs, "flat")
    ones, equal = jnp.ones_like(weights.x), jnp.ones_like(weights.weight)
    return _in_proportion(weights, lambda one: weights.of(one, equal), (ones,), output * cotangent)


def _in_proportion(weights: Weights, contribution, values: tuple, relevance: jax.Array) -> tuple:
    """Relevance in proportion to the terms of a function that is linear in all of `values` together, as a gradient."""
    total, pull = jax.vjp(contribution, *values)
    parts = [value * g for value, g in zip(values, pull(relevance * inverse(total)), strict=True)]
    return weights.only(sum(parts) * inverse(weights.x))


def _of_input(operation: Ruled, inputs: tuple, name: str) -> Weights:
    weights = weights_of(operation, inputs, name)
    if operation.place is not None and not operation.place.first:
        raise ValueError(
            f"the {name} rule is for the layer that meets the input; {operation.name} ({operation.place.where}) is a "
            f"deeper one, where relevance of values that are 0 would be lost. Choose it by place.first."
        )
    return weights
