"""Activations of one number, each in the spellings that are met in real code; the first is the canonical one."""

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy import special

__all__ = ["KINKED", "RELU", "SMOOTH"]

RELU = {
    "jax.nn.relu": lambda z: jax.nn.relu(z),
    "maximum(z, 0)": lambda z: jnp.maximum(z, 0),
    "maximum(0, z)": lambda z: jnp.maximum(0.0, z),
    "maximum(z, zeros)": lambda z: jnp.maximum(z, jnp.zeros_like(z)),
    "where(z > 0, z, 0)": lambda z: jnp.where(z > 0, z, 0),
    "where(z <= 0, 0, z)": lambda z: jnp.where(z <= 0, 0, z),
    "where(~(z > 0), 0, z)": lambda z: jnp.where(~(z > 0), 0, z),
    "where(z > 0, z, 0 z)": lambda z: jnp.where(z > 0, z, 0.0 * z),
    "z (z > 0)": lambda z: z * (z > 0),
    "z (z > 0).astype": lambda z: z * (z > 0).astype(z.dtype),
    "where(z > 0, 1, 0) z": lambda z: jnp.where(z > 0, 1.0, 0.0) * z,
    "clamp(0, z, inf)": lambda z: lax.clamp(jnp.zeros((), z.dtype), z, jnp.full((), jnp.inf, z.dtype)),
    "clip(z, 0)": lambda z: jnp.clip(z, 0),
    "(z + |z|) / 2": lambda z: (z + abs(z)) / 2,
    "-minimum(-z, 0)": lambda z: -jnp.minimum(-z, 0),
    "z - minimum(z, 0)": lambda z: z - jnp.minimum(z, 0),
    "leaky_relu(z, 0)": lambda z: jax.nn.leaky_relu(z, 0.0),
    "fmax(z, 0)": lambda z: jnp.fmax(z, 0),
    "z heaviside(z, 0)": lambda z: z * jnp.heaviside(z, 0.0),
    "stack([z, 0]).max": lambda z: jnp.stack([z, jnp.zeros_like(z)]).max(0),
    "select": lambda z: lax.select(z > 0, z, jnp.zeros_like(z)),
    "jit(maximum)": jax.jit(lambda z: jnp.maximum(z, 0)),
    "checkpoint(relu)": jax.checkpoint(jax.nn.relu),
    "jit(jit(relu))": jax.jit(lambda z: jax.jit(jax.nn.relu)(z)),
}


@jax.jit
def relu(z):  # a user's function of this name, which is none
    return jnp.where(z > 0, z, 0.1 * z)


_SQRT_2, _SQRT_2_PI = 2**0.5, (2 / jnp.pi) ** 0.5

SMOOTH = {
    "gelu": {
        "jax.nn.gelu": lambda z: jax.nn.gelu(z, approximate=False),
        "erf": lambda z: 0.5 * z * (1 + special.erf(z / _SQRT_2)),
        "erfc": lambda z: z * special.erfc(-z / _SQRT_2) / 2,
        "z ndtr(z)": lambda z: z * special.ndtr(z),
    },
    "gelu_tanh": {
        "jax.nn.gelu": jax.nn.gelu,
        "by hand": lambda z: 0.5 * z * (1 + jnp.tanh(_SQRT_2_PI * (z + 0.044715 * z**3))),
        "by sigmoid": lambda z: z * jax.nn.sigmoid(2 * _SQRT_2_PI * (z + 0.044715 * z * z * z)),
    },
    "silu": {
        "jax.nn.silu": jax.nn.silu,
        "z sigmoid(z)": lambda z: z * jax.nn.sigmoid(z),
        "z / (1 + exp(-z))": lambda z: z / (1 + jnp.exp(-z)),
        "z expit(z)": lambda z: special.expit(z) * z,
        "by tanh": lambda z: z * 0.5 * (1 + jnp.tanh(z / 2)),
    },
    "sigmoid": {
        "jax.nn.sigmoid": jax.nn.sigmoid,
        "1 / (1 + exp(-z))": lambda z: 1 / (1 + jnp.exp(-z)),
        "0.5 (1 + tanh)": lambda z: 0.5 * (1 + jnp.tanh(z / 2)),
        "exp(log_sigmoid)": lambda z: jnp.exp(jax.nn.log_sigmoid(z)),
    },
    "tanh": {
        "tanh": jnp.tanh,
        "2 sigmoid(2 z) - 1": lambda z: 2 * jax.nn.sigmoid(2 * z) - 1,
        "by exp": lambda z: (jnp.exp(z) - jnp.exp(-z)) / (jnp.exp(z) + jnp.exp(-z)),
        "jit": jax.jit(lambda z: jnp.tanh(z)),
    },
    "softplus": {
        "jax.nn.softplus": jax.nn.softplus,
        "log1p(exp(z))": lambda z: jnp.log1p(jnp.exp(z)),
        "log(1 + exp(z))": lambda z: jnp.log(1 + jnp.exp(z)),
        "logaddexp": lambda z: jnp.logaddexp(z, 0.0),
        "max + log1p": lambda z: jnp.maximum(z, 0) + jnp.log1p(jnp.exp(-jnp.abs(z))),
        "-log_sigmoid(-z)": lambda z: -jax.nn.log_sigmoid(-z),
    },
    "mish": {
        "jax.nn.mish": jax.nn.mish,
        "z tanh(softplus(z))": lambda z: z * jnp.tanh(jax.nn.softplus(z)),
    },
    "square": {
        "z ** 2": lambda z: z**2,
        "z z": lambda z: z * z,
        "square": jnp.square,
        "power": lambda z: jnp.power(z, 2),
    },
    "tanh(z + 1)": {"tanh(z + 1)": lambda z: jnp.tanh(z + 1), "tanh(1 + z)": lambda z: jnp.tanh(1 + z)},
    "softsign": {"jax.nn.soft_sign": jax.nn.soft_sign, "z / (1 + |z|)": lambda z: z / (1 + abs(z))},
}
KINKED = {
    "leaky_relu": {
        "jax.nn.leaky_relu": lambda z: jax.nn.leaky_relu(z, 0.1),
        "where": lambda z: jnp.where(z > 0, z, 0.1 * z),
        "maximum(z, 0.1 z)": lambda z: jnp.maximum(z, 0.1 * z),
        "a user's relu": relu,
        "where(z > 0, 1, 0.1) z": lambda z: z * jnp.where(z > 0, 1.0, 0.1),
    },
    "elu": {
        "jax.nn.elu": jax.nn.elu,
        "where expm1": lambda z: jnp.where(z > 0, z, jnp.expm1(z)),
        "where exp - 1": lambda z: jnp.where(z > 0, z, jnp.exp(jnp.minimum(z, 0)) - 1),
    },
    "abs": {
        "abs": jnp.abs,
        "maximum(z, -z)": lambda z: jnp.maximum(z, -z),
        "where": lambda z: jnp.where(z > 0, z, -z),
        "z sign(z)": lambda z: z * jnp.sign(z),
        "sqrt(z z)": lambda z: jnp.sqrt(z * z),
    },
    "relu6": {
        "jax.nn.relu6": jax.nn.relu6,
        "clip": lambda z: jnp.clip(z, 0, 6),
        "minimum(maximum)": lambda z: jnp.minimum(jnp.maximum(z, 0), 6),
    },
    "hard_tanh": {"jax.nn.hard_tanh": jax.nn.hard_tanh, "clip": lambda z: jnp.clip(z, -1, 1)},
    "hard_sigmoid": {
        "jax.nn.hard_sigmoid": jax.nn.hard_sigmoid,
        "clip": lambda z: jnp.clip((z + 3) / 6, 0, 1),
    },
    "hard_swish": {
        "jax.nn.hard_swish": jax.nn.hard_swish,
        "clip": lambda z: z * jnp.clip((z + 3) / 6, 0, 1),
    },
    "square_relu": {
        "square(relu)": lambda z: jnp.square(jax.nn.relu(z)),
        "relu z": lambda z: jax.nn.relu(z) * z,
        "where": lambda z: jnp.where(z > 0, z * z, 0),
    },
}
