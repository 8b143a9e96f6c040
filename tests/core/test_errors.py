"""What a user's mistakes are answered with."""

import jax
import jax.numpy as jnp
import pytest

import jxai
from jxai.core.errors import NotAScalar, join_names, require_floating, require_scalar


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (jnp.ones(3), r"must return one number \(shape \(\)\); this one returned shape \(3,\)"),
        (jnp.ones((1, 1)), r"returned shape \(1, 1\)"),
        (jnp.asarray(3), "must return a real floating-point number; this one returned int64"),
        ([1.0], "this one returned a list"),
        (None, "this one returned a NoneType"),
    ],
)
def test_a_score_is_one_number(value, message):
    with pytest.raises(NotAScalar, match=message):
        require_scalar(value)
    with pytest.raises(NotAScalar, match=message):
        jxai.gradient(lambda x: value)(jnp.ones(2))


@pytest.mark.parametrize("x", [jnp.arange(3, dtype=jnp.uint8), jnp.array([True])])
def test_what_cannot_be_differentiated_is_refused(x):
    with pytest.raises(TypeError, match=f"x must be a floating-point array; {x.dtype} came. Convert images"):
        jxai.gradient(lambda x: 1.0)(x)


@pytest.mark.parametrize(
    ("x", "name", "came"),
    [
        ([1.0, 2.0], r"x\[0\]", "float came. Make arrays of Python numbers: jnp.asarray"),
        (3, "x", "int came"),
        (None, "x", "NoneType came"),
        ({}, "x", "dict came, which holds none"),
        ({"a": jnp.ones(2), "b": jnp.arange(2)}, r"x\['b'\]", "int64 came.*become arguments of the score"),
    ],
)
def test_what_is_no_array_is_refused(x, name, came):
    with pytest.raises(TypeError, match=f"{name} must be a floating-point array; {came}"):
        require_floating(x)


def test_the_shared_errors_are_value_errors():
    for error in ("MissingKey", "NotAScalar", "UnusedTap", "UnusedRule"):
        assert issubclass(getattr(jxai.core.errors, error), ValueError)


def test_long_lists_are_cut():
    assert join_names(["b", "a", "b"]) == "b, a"
    assert join_names(map(str, range(50)), most=3) == "0, 1, 2, ... (47 more)"
    assert join_names([]) == "none"


def test_every_message_of_a_missing_key_shows_how_to_pass_one():
    explain = jxai.smoothgrad(jxai.gradient(lambda x: x.sum()))
    with pytest.raises(ValueError, match=r"key=jax.random.key\(0\).*key=jax.random.split\(key, len\(xs\)\)"):
        jax.jit(explain)(jnp.ones(2))
