"""What `tests.jitted` promises."""

import jax.numpy as jnp
import numpy as np
import pytest

from tests.jitted import JittedModule, jitted


def test_arrays_are_traced_and_the_rest_is_fixed():
    seen = []

    def function(x, pair, *, power, name=None):
        seen.append((type(x), power, name))
        return {"sum": x**power + pair["a"] * pair["b"]}

    fast = jitted(function)
    for _ in range(2):
        found = fast(jnp.arange(3.0), {"a": np.ones(3), "b": 2.0}, power=2, name="n")
        np.testing.assert_array_equal(found["sum"], [2.0, 3.0, 6.0])
    assert len(seen) == 1 and seen[0][1:] == (2, "n")  # one trace
    np.testing.assert_array_equal(fast(jnp.arange(3.0), {"a": np.ones(3), "b": 2.0}, power=1)["sum"], [2.0, 3.0, 4.0])
    assert len(seen) == 2
    fast(jnp.arange(3.0), {"a": np.ones(3), "b": 2.0}, power=1.0)
    assert len(seen) == 3  # equal, but of another type


def test_errors_are_the_functions_own():
    with pytest.raises(TypeError, match="dot"):
        JittedModule(jnp).dot("words", None)
