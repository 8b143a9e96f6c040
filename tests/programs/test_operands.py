"""Rules of operations of two operands: every broadcasting, dtype and awkward value that JAX allows."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import jxai
from tests.programs.check import Wrong, attempt

pytestmark = [pytest.mark.unchecked, pytest.mark.usefixtures("as_written")]

SHAPES = [  # of the two operands; all broadcast
    *(((), ()), ((1,), ()), ((), (1,)), ((1,), (1,)), ((3,), ()), ((), (3,)), ((3,), (1,)), ((1,), (3,))),
    *(((2, 3), (3,)), ((2, 1), (3,)), ((2, 1), (1, 3)), ((1, 1), (2, 3)), ((2, 3), (2, 1)), ((1, 3), (2, 3))),
]
OPERATIONS = {
    "a * b": lambda a, b: a * b,
    "a + b": lambda a, b: a + b,
    "a - b": lambda a, b: a - b,
    "a / (2 + b b)": lambda a, b: a / (2 + b * b),
    "maximum": jnp.maximum,
    "minimum": jnp.minimum,
    "where(a > b, a, b)": lambda a, b: jnp.where(a > b, a, b),
    "where(a > 0, a, b)": lambda a, b: jnp.where(a > 0, a, b),
    "a * (b > 0)": lambda a, b: a * (b > 0),
    "a sigmoid(b)": lambda a, b: a * jax.nn.sigmoid(b),
    "logaddexp": jnp.logaddexp,
    "(1 + a a) ** b": lambda a, b: (1 + a * a) ** b,
    "softmax(a + b)": lambda a, b: (
        jax.nn.softmax(jnp.atleast_1d(a + b), -1) * jnp.arange(1, 1 + jnp.atleast_1d(a + b).shape[-1])
    ),
    "softmax(a + b - inf)": lambda a, b: (
        jax.nn.softmax(
            jnp.atleast_1d(a + b) + jnp.where(jnp.arange(jnp.atleast_1d(a + b).shape[-1]) < 2, 0.0, -jnp.inf), -1
        )
        * b
    ),
    "stack": lambda a, b: jnp.tanh(jnp.stack(jnp.broadcast_arrays(a, b))),
    "outer": lambda a, b: jnp.outer(a, b),
    "sqrt(a a + b b)": lambda a, b: jnp.sqrt(a * a + b * b + 1),
}
VALUES = {
    "drawn": lambda r, n: (r.normal(size=n), r.normal(size=n)),
    "zeros": lambda r, n: (r.normal(size=n) * (np.arange(n) % 2), r.normal(size=n) * (np.arange(n) % 3 > 0)),
    "baseline zero": lambda r, n: (r.normal(size=n), np.zeros(n)),
    "equal in places": lambda r, n: (lambda x: (x, np.where(np.arange(n) % 2, x, -x)))(r.normal(size=n)),
    "equal": lambda r, n: (np.ones(n), np.ones(n)),
    "far apart": lambda r, n: (30 * r.normal(size=n), -20 * r.normal(size=n)),
}


def score_of(name, shapes):
    sizes = [int(np.prod(shape)) for shape in shapes]

    def score(x):
        a, b = x[: sizes[0]].reshape(shapes[0]), x[len(x) - sizes[1] :].reshape(shapes[1])
        out = OPERATIONS[name](a, b)
        return (out * jnp.linspace(0.5, 1.5, out.size, dtype=x.dtype).reshape(out.shape)).sum()

    return score


CASES = st.tuples(
    st.sampled_from(list(OPERATIONS)),
    st.sampled_from(SHAPES),
    st.sampled_from(["float64", "float32", "bfloat16", "float16"]),
    st.sampled_from(list(VALUES)),
)


@settings(max_examples=60, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(case=CASES)
def test_deep_lift_is_complete_and_lrp_finite(case):
    name, shapes, dtype, values = case
    score = score_of(name, shapes)
    x, b = (jnp.asarray(v, dtype) for v in VALUES[values](np.random.default_rng(0), 7))
    at_x, at_b = (score(v).astype(jnp.float64) for v in (x, b))
    if not jnp.isfinite(at_x) or not jnp.isfinite(at_b):
        return
    unit = float(jnp.finfo(dtype).eps)
    for rule in ("rescale", "reveal_cancel"):
        explanation = attempt(lambda rule=rule: jxai.deep_lift(score, rule=rule)(x, baseline=b))
        if explanation is None:
            continue
        parts = explanation.astype(jnp.float64)
        allowed = 60 * unit * (abs(parts).sum() + abs(at_x) + abs(at_b) + 1)
        if explanation.dtype != x.dtype or not abs(parts.sum() - (at_x - at_b)) <= allowed:
            raise Wrong(f"{rule}: {explanation.dtype}, sum {parts.sum():.6g}, expected {at_x - at_b:.6g}")
    relevance = attempt(lambda: jxai.lrp(score)(x))
    if relevance is not None and not (relevance.dtype == x.dtype and jnp.isfinite(relevance).all()):
        raise Wrong(f"lrp: {relevance}")
