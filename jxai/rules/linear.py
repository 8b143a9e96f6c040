r"""Rules of relevance propagation for layers with weights: how an output divides its relevance among its inputs.

Contributions are `z_ij = x_i w_ij`, outputs `z_j = sum_i z_ij + b_j`, and `R_j` is the relevance to divide. A bias or
batch normalisation that follows belongs to the layer (`core.program.affine`): `w` and `b` are then the scaled ones.
"""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp

from jxai.core.program.affine import Layer
from jxai.rules.backward import LINEAR, Rule, Ruled
from jxai.rules.passing import inverse, ratio

__all__ = ["Weights", "alpha_beta", "epsilon", "gamma", "part", "weights_of", "zplus"]


def epsilon(eps: float = 1e-6) -> Rule:
    r"""LRP-epsilon: `R_i = sum_j z_ij / (z_j + eps sign z_j) R_j`; with `eps=0` LRP-0.

    The bias is part of `z_j` and keeps its share. For a product of two values that both depend on the input
    (attention), each gets half (Achtibat et al. 2024, AttnLRP). Reference: Bach et al. 2015, eq. 58.
    """

    def backward(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
        both = operation.name in LINEAR and sum(operation.active[:2]) == 2
        shares = cotangent * ratio(output, output, eps) / (2 if both else 1)
        return operation.pull(inputs, shares)

    return backward


def gamma(value: float = 0.25, *, generalised: bool = True) -> Rule:
    r"""LRP-gamma: `R_i = sum_j (z_ij + c z_ij^+) / (z_j + c z_j^+) R_j`: positive contributions count more.

    Args:
        value: the number `c`, at least 0.
        generalised: favour negative contributions where the output is negative,
            `(z_ij + c z_ij^-) / (z_j + c z_j^-)`, so that no denominator changes its sign. False favours positive
            weights, `x_i (w_ij + c w_ij^+)`, `b_j + c b_j^+`, whatever the sign of input and output (Montavon et al.
            2019, table 10.1; Captum). The two agree for inputs and outputs that are not negative.

    Raises:
        ValueError: `value` is negative.

    Reference: Montavon et al. 2019, "Layer-wise relevance propagation: an overview"; Andeol et al. 2021 (generalised).
    """
    if value < 0:
        raise ValueError(f"gamma's value must be at least 0; {value} came.")

    def plain(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
        weights = weights_of(operation, inputs, "gamma")

        def more(x: jax.Array) -> jax.Array:
            return weights.all(x) + value * weights.signed(+1, x)

        total = more(weights.x) + weights.offset + value * part(weights.offset, +1)
        (gradient,) = jax.vjp(more, weights.x)[1](output * cotangent * inverse(total))
        return weights.only(gradient)

    def general(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
        weights, relevance = weights_of(operation, inputs, "gamma"), output * cotangent
        gradient = jnp.zeros_like(weights.x)
        for sign in (+1, -1):
            total, pull = weights.contributions(sign)
            some = (output > 0) if sign > 0 else (output < 0)
            # `output` holds z_j with its bias already; only the favoured part is added, c times
            share = jnp.where(some, relevance * inverse(output + value * total), jnp.zeros_like(output))
            gradient += jax.vjp(weights.all, weights.x)[1](share)[0] + value * pull(share)
        return weights.only(gradient)

    return general if generalised else plain


def alpha_beta(alpha: float = 2.0, beta: float = 1.0) -> Rule:
    r"""LRP-alpha-beta: `R_i = sum_j (alpha z_ij^+ / z_j^+ - beta z_ij^- / z_j^-) R_j`, with `alpha - beta = 1`.

    `z_j^+` and `z_j^-` include the positive and negative part of the bias. Reference: Bach et al. 2015, eq. 60.

    Raises:
        ValueError: `alpha - beta` is not 1, or `beta` is negative.
    """
    if abs(alpha - beta - 1) > 1e-9 or beta < 0:
        raise ValueError(f"alpha - beta must be 1 and beta at least 0; alpha={alpha}, beta={beta} came.")

    def backward(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
        weights, relevance = weights_of(operation, inputs, "alpha-beta and z+"), output * cotangent

        def shares(sign: int) -> jax.Array:
            total, pull = weights.contributions(sign)
            return pull(relevance * inverse(total))

        return weights.only(alpha * shares(+1) - beta * shares(-1) if beta else alpha * shares(+1))

    return backward


def zplus(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    r"""LRP-z+: only positive contributions, `R_i = sum_j (x_i w_ij)^+ / sum_i' (x_i' w_i'j)^+ R_j`.

    The bias gets no share. In `alpha_beta(1, 0)` it does, and large biases, as those of a folded batch normalisation,
    then swallow nearly all relevance on the way down. Inputs may be negative. Reference: Montavon et al. 2017, eq. 11.
    """
    weights = weights_of(operation, inputs, "alpha-beta and z+")
    total, pull = weights.contributions(+1, bias=False)
    return weights.only(pull(output * cotangent * inverse(total)))


class Weights:
    """A layer as a function of its one active input, with all its weights or those of one sign."""

    def __init__(self, layer: Layer, inputs: tuple, at: int):
        """Takes the layer's parts, its inputs, and which of the first two is active."""
        self.layer, self.at, self.count = layer, at, len(inputs)
        self.x, self.weight = inputs[at], jnp.asarray(inputs[1 - at])  # weights may be NumPy's, closed over
        # the tail is affine: its value at 0 is the offset, its derivative the scale
        z = jax.eval_shape(self._linear, self.x, self.weight)
        zero = jnp.zeros(z.shape, z.dtype)
        one = jnp.ones(z.shape, z.dtype)
        self.offset, self.scale = jax.jvp(lambda z: layer.tail(z, *inputs[2:]), (zero,), (one,))

    def _linear(self, x: jax.Array, weight: jax.Array) -> jax.Array:
        return self.layer.linear(*((x, weight) if self.at == 0 else (weight, x)))

    def of(self, x: jax.Array, weight: jax.Array) -> jax.Array:
        """The layer for another input and other weights, without its tail's numbers; in the output's shape."""
        return self.layer.shape(self._linear(x, weight))

    def all(self, x: jax.Array) -> jax.Array:
        """`sum_i x_i w_ij`, without the bias."""
        return self.scale * self.of(x, self.weight) if self.layer.scales else self.of(x, self.weight)

    def signed(self, sign: int, x: jax.Array) -> jax.Array:
        """`sum_i x_i w_ij` over the weights of this sign; a negative scale turns a weight's sign."""
        same = self.of(x, part(self.weight, sign))
        if not self.layer.scales:
            return same
        return part(self.scale, +1) * same + part(self.scale, -1) * self.of(x, part(self.weight, -sign))

    def contributions(self, sign: int, *, bias: bool = True) -> tuple[jax.Array, Callable[[jax.Array], jax.Array]]:
        """`z_j` of the contributions `x_i w_ij` of this sign and the bias's part; and `share -> gradient` for them."""
        positive, negative = partial(self.signed, sign), partial(self.signed, -sign)  # of inputs above, below zero
        total = positive(part(self.x, +1)) + negative(part(self.x, -1))
        if bias:
            total += part(self.offset, sign)

        def pull(share: jax.Array) -> jax.Array:
            above, below = (jax.vjp(of, self.x)[1](share)[0] for of in (positive, negative))
            # at x = 0 neither sign contributes
            return jnp.where(self.x > 0, above, jnp.where(self.x < 0, below, jnp.zeros_like(self.x)))

        return total, pull

    def only(self, gradient: jax.Array) -> tuple:
        """The rule's result: a gradient for the active input, none for weights and biases."""
        return tuple(gradient if i == self.at else None for i in range(self.count))


def weights_of(operation: Ruled, inputs: tuple, name: str) -> Weights:
    """The parts of a layer of one active input and weights; raises for any other operation."""
    layer = operation.layer
    if operation.name in LINEAR and layer is None and len(inputs) == 2:
        layer = Layer(operation.call, lambda z: z, lambda z: z, scales=False)  # a rule inside a model: no tail
    if layer is None or sum(operation.active) != 1 or not any(operation.active[:2]):
        raise ValueError(
            f"the {name} rules are for a linear layer with weights ({', '.join(sorted(LINEAR))}); "
            f"{operation.name} with active inputs {operation.active} came. Use epsilon(...) for it."
        )
    return Weights(layer, inputs, operation.active.index(True))


def part(value: jax.Array, sign: int) -> jax.Array:
    """The positive, or negative, part of a value."""
    zero = jnp.zeros_like(value)
    return jnp.maximum(value, zero) if sign > 0 else jnp.minimum(value, zero)
