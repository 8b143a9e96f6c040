"""What the tests of programs share."""

import jax
import pytest


@pytest.fixture
def as_written():
    """JAX's default promotion, under which people write their models; the suite's is stricter."""
    with jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        yield
