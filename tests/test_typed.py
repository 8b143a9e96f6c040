"""Types are checked in every function that is made, though its check is prepared once."""

import jax.numpy as jnp
import pytest
from jax import Array
from jaxtyping import Float, TypeCheckError, jaxtyped

import jxai
from tests.typed import checked


def scaled(scale, kind, result=Array):
    @jaxtyped(typechecker=checked)
    def times(x: Float[Array, "n"], y: kind = 1.0) -> result:
        return scale * x * y

    return times


def test_functions_of_one_signature_remain_different_functions():
    x = jnp.ones(2)
    assert [scaled(scale, float)(x).tolist() for scale in (1.0, 2.0)] == [[1.0, 1.0], [2.0, 2.0]]


def test_each_of_them_checks():
    for scale in (1.0, 2.0):
        with pytest.raises(TypeCheckError, match="parameter"):
            scaled(scale, float)(jnp.ones((2, 2)))
        with pytest.raises(TypeCheckError, match="return value"):
            scaled(scale, float, str)(jnp.ones(2))


def test_other_types_are_another_check():
    x = jnp.ones(3)
    assert scaled(1.0, float)(x, 2).shape == (3,)  # an int serves as a float, as for the static check
    assert scaled(1.0, Float[Array, "n"])(x, x).shape == (3,)
    with pytest.raises(TypeCheckError, match="parameter"):
        scaled(1.0, Float[Array, "n"])(x, jnp.ones(2))


def test_the_library_is_checked():
    with pytest.raises(TypeCheckError):
        jxai.gradient(jnp.sum)(object())
