"""What is linear is decided by what an operation computes, not by its name."""

import jax
import jax.numpy as jnp
import pytest

from jxai.core.program.interpret import trace
from jxai.core.program.linearity import is_linear
from jxai.core.program.operations import walk

LINEAR = {
    "a slice": lambda x: x[1:],
    "a product": lambda x: x * 2.0,
    "a quotient": lambda x: x / 3.0,
    "fft": jnp.fft.fft,
    "a sum": jnp.sum,
    "reversed": lambda x: x[::-1],
}
OTHER = {"tanh": jnp.tanh, "a maximum": jnp.max, "sign": jnp.sign, "the inverse": lambda x: 1 / x, "abs": jnp.abs}


def last(fn):
    return list(walk(trace(fn, (jnp.ones(4),)).operations))[-1]


@pytest.mark.parametrize("name", LINEAR)
def test_linear_operations(name):
    op = last(LINEAR[name])
    assert is_linear(op, (True,) + (False,) * (len(op.inputs) - 1))


@pytest.mark.parametrize("name", OTHER)
def test_other_operations(name):
    op = last(OTHER[name])
    assert not is_linear(op, tuple(ref.number >= 0 for ref in op.inputs))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_joined_operations_of_one_name_are_told_apart(order):
    """The name and the shapes of a joined operation say nothing about what it computes."""
    one = last(jnp.tanh)._replace(name=f"activation {order}", params={})
    calls = (lambda x: (2 * x,), lambda x: (jax.nn.gelu(x),))
    for i in order:
        assert is_linear(one._replace(call=calls[i]), (True,)) == (i == 0)
