"""The set of backward rules for `with_rules` and `rule`: guided, deconvnet, epsilon, z+, alpha-beta, passing."""

from functools import partial

import jax
import jax.numpy as jnp

from jxai.core.backward import LINEAR, Rule, Ruled

__all__ = ["alpha_beta", "deconvnet", "epsilon", "guided", "passing", "zplus"]


def guided(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    """Guided backpropagation: positive cotangents only, then the operation's own derivative.

    `g_in = f'(x) max(g_out, 0)`. Reference: Springenberg et al. 2015, "Striving for simplicity".
    """
    return operation.pull(inputs, jax.nn.relu(cotangent))


def deconvnet(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    """Deconvolution: positive cotangents pass, whatever the forward value: `g_in = max(g_out, 0)`.

    For activation functions of one input. Reference: Zeiler and Fergus 2014.
    """
    _require_one_input(operation, "deconvnet")
    return (jax.nn.relu(cotangent),)


def passing(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    """Relevance passes an activation function unchanged: `R_in = R_out`, so `g_in = g_out f(x) / x`, 0 at x = 0."""
    _require_one_input(operation, "passing")
    (x,) = inputs
    safe = jnp.where(x == 0, jnp.ones_like(x), x)
    return (jnp.where(x == 0, jnp.zeros_like(x), cotangent * output / safe),)


def epsilon(eps: float = 1e-6) -> Rule:
    r"""LRP-epsilon: `R_i = sum_j z_ij / (z_j + eps sign z_j) R_j`; with `eps=0` LRP-0.

    The bias is part of `z_j` and keeps its share. For a product of two values that both depend on the input
    (attention), each gets half (Achtibat et al. 2024, AttnLRP). Reference: Bach et al. 2015, eq. 58.
    """

    def backward(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
        both = operation.name in LINEAR and sum(operation.active) == 2
        shared = cotangent * output * _inverse(output, eps) / (2 if both else 1)
        return operation.pull(inputs, shared)

    return backward


def alpha_beta(alpha: float = 2.0, beta: float = 1.0) -> Rule:
    r"""LRP-alpha-beta: `R_i = sum_j (alpha z_ij^+ / z_j^+ - beta z_ij^- / z_j^-) R_j`, with `alpha - beta = 1`.

    `z_j^+` and `z_j^-` include the positive and negative part of the bias. Reference: Bach et al. 2015, eq. 60.

    Raises:
        ValueError: `alpha - beta` is not 1, or `beta` is negative.
    """
    if abs(alpha - beta - 1) > 1e-9 or beta < 0:
        raise ValueError(f"alpha - beta must be 1 and beta at least 0; alpha={alpha}, beta={beta} came.")

    def backward(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
        relevance = output * cotangent
        result = _signed_share(operation, inputs, relevance, +1)
        if beta:
            negative = _signed_share(operation, inputs, relevance, -1)
            result = jax.tree.map(lambda p, n: alpha * p - beta * n, result, negative)
        return tuple(result)

    return backward


def zplus(operation: Ruled, inputs: tuple, output: jax.Array, cotangent: jax.Array) -> tuple:
    r"""LRP-z+: only positive contributions, `R_i = sum_j (x_i w_ij)^+ / sum_i' (x_i' w_i'j)^+ R_j`.

    The alpha-beta rule with alpha 1 and beta 0; inputs may be negative. Reference: Montavon et al. 2017.
    """
    return alpha_beta(1.0, 0.0)(operation, inputs, output, cotangent)


def _signed_share(operation: Ruled, inputs: tuple, relevance: jax.Array, sign: int) -> tuple:
    """Modified gradient of the contributions with this sign, for a layer of one active input and weights."""
    if operation.name not in LINEAR or sum(operation.active[:2]) != 1:
        raise ValueError(
            f"the alpha-beta and z+ rules are for a linear layer with weights ({', '.join(sorted(LINEAR))}); "
            f"{operation.name} with active inputs {operation.active} came. Use epsilon(...) for it."
        )
    at = operation.active.index(True)
    x, weight, rest = inputs[at], inputs[1 - at], inputs[2:]
    positive = [(_part(x, s), _part(weight, s * sign)) for s in (1, -1)]  # pairs whose product has the sign

    def call(x: jax.Array, weight: jax.Array, *rest: jax.Array) -> jax.Array:
        return operation.call(*((x, weight) if at == 0 else (weight, x)), *rest)

    biases = [tuple(_part(b, sign) for b in rest), tuple(jnp.zeros_like(b) for b in rest)]
    total = call(*positive[0], *biases[0]) + call(*positive[1], *biases[1])
    share = relevance * _inverse(total, 0.0)
    pulls = [jax.vjp(partial(lambda w, x: call(x, w, *biases[1]), w), x)[1](share)[0] for x, w in positive]
    gradient = jnp.where(x > 0, pulls[0], jnp.where(x < 0, pulls[1], jnp.zeros_like(x)))
    return tuple(gradient if i == at else None for i in range(len(inputs)))


def _part(value: jax.Array, sign: int) -> jax.Array:
    zero = jnp.zeros_like(value)
    return jnp.maximum(value, zero) if sign > 0 else jnp.minimum(value, zero)


def _inverse(z: jax.Array, eps: float) -> jax.Array:
    """`1 / (z + eps sign z)`, 0 where the denominator is 0."""
    stable = z + jnp.where(z >= 0, eps, -eps).astype(z.dtype)
    return jnp.where(stable == 0, jnp.zeros_like(z), 1 / jnp.where(stable == 0, jnp.ones_like(z), stable))


def _require_one_input(operation: Ruled, name: str) -> None:
    if len(operation.active) != 1:
        raise ValueError(f"{name} is for activation functions of one input; {operation.name} came.")
