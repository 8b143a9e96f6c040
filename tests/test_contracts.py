"""One contract for every method of the table: what `tests/methods.py` lists is tested here, method by method."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import PartitionSpec as P

import jxai
from jxai import rules, scores
from jxai.core.devices import EVALUATIONS, has_shared_evaluations
from jxai.core.errors import MissingKey, NotAScalar, UnusedRule, UnusedTap
from jxai.methods import METHODS as ROWS
from tests.cases import ERF_IS_CHECKED, applied, call_inputs, case_of, expected_shape, pictures, words
from tests.methods import METHODS

NAMES = {method.name: method for method in METHODS}
MAIN = [method for method in METHODS if "/" not in method.name]  # without the variants of a method
CHUNKED = [method for method in METHODS if method.chunk]
COUNTED = [method for method in MAIN if method.count]
LONG = {"extremal_perturbation", "meaningful_perturbation", "regional_multiscale", "transition_attention_maps"}


def unless_long(methods):
    """The methods as parameters; those that compile for long only with --slow."""
    long = pytest.mark.slow
    return [pytest.param(m, id=m.name, marks=long if m.name in LONG else ()) for m in methods]


main_methods = pytest.mark.parametrize("method", unless_long(MAIN))
every_method = pytest.mark.parametrize("method", METHODS, ids=[method.name for method in METHODS])
variants_slowly = pytest.mark.parametrize(
    "method", [pytest.param(m, id=m.name, marks=() if m in MAIN else pytest.mark.slow) for m in METHODS]
)


@cache
def compiled(name, kind, **options):
    return compiled_and_traces(name, kind, **options)[0]


@cache
def compiled_and_traces(name, kind, **options):
    """The method under jit, and a list that grows with every trace of the network."""
    case, traces = case_of(kind), []

    def apply(params, x):
        traces.append(x.shape)
        return case.apply(params, x)

    return jax.jit(applied(NAMES[name], case._replace(apply=apply), **options)), traces


def arguments(method, kind, dtype=jnp.float64, seed=11):
    case = case_of(kind, dtype)
    return (case.x, case.params, *call_inputs(method, case, seed))


def batch(method, n=4):
    """`n` small examples with their own keyword arrays and keys, stacked."""
    case = case_of(words(method))
    xs = case.x[None] + 0.3 * jax.random.normal(jax.random.key(3), (n, *case.x.shape), jnp.float64)
    drawn = [call_inputs(method, case, seed) for seed in range(n)]
    return xs, case.params, *jax.tree.map(lambda *leaves: jnp.stack(leaves), *drawn)


@cache
def one_by_one(name):
    xs, params, inputs, keys = batch(NAMES[name])
    rows = [jax.tree.map(lambda leaf, i=i: leaf[i], (xs, inputs, keys)) for i in range(len(xs))]
    return np.stack([compiled(name, words(NAMES[name]))(x, params, given, key) for x, given, key in rows])


def test_every_row_has_small_settings():
    covered = {method.name.split("/")[0] for method in METHODS}
    assert covered == set(ROWS)


@pytest.mark.parametrize(("name", "kind"), [(method.name, kind) for method in METHODS for kind in method.kinds])
def test_result_has_the_promised_shape_and_is_finite_and_not_zero(name, kind):
    result = compiled(name, kind)(*arguments(NAMES[name], kind))
    assert result.shape == expected_shape(NAMES[name], case_of(kind))
    assert np.all(np.isfinite(result)) and np.abs(result).max() > 1e-4


@main_methods
def test_jit_equals_eager(method):
    given = arguments(method, words(method))
    eager = applied(method, case_of(words(method)))(*given)
    np.testing.assert_allclose(compiled(method.name, words(method))(*given), eager, rtol=1e-9, atol=1e-12)


@variants_slowly
def test_vmap_equals_a_loop_and_shard_map_equals_vmap(method):
    xs, params, inputs, keys = batch(method)
    many = jax.vmap(applied(method, case_of(words(method))), in_axes=(0, None, 0, 0))
    np.testing.assert_allclose(jax.jit(many)(xs, params, inputs, keys), one_by_one(method.name), rtol=1e-9, atol=1e-12)
    mesh = jax.make_mesh((4,), ("examples",), axis_types=(jax.sharding.AxisType.Auto,))
    rows = P("examples")
    options = {"in_specs": (rows, P(), rows, rows), "out_specs": rows}
    options["check_vma"] = ERF_IS_CHECKED or words(method) not in ("tokens", "patches")
    sharded = jax.shard_map(many, mesh=mesh, **options)
    assert len(jax.devices()) >= 4
    np.testing.assert_allclose(
        jax.jit(sharded)(xs, params, inputs, keys), one_by_one(method.name), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("method", CHUNKED, ids=[method.name for method in CHUNKED])
def test_devices_share_the_evaluations_of_one_example(method):
    xs, params, inputs, keys = batch(method)
    x, given, key = jax.tree.map(lambda leaf: leaf[0], (xs, inputs, keys))
    fn = applied(method, case_of(words(method)))
    assert has_shared_evaluations(fn, x, params, given, key)
    mesh = jax.make_mesh((2,), (EVALUATIONS,), axis_types=(jax.sharding.AxisType.Auto,))
    shared = jax.shard_map(fn, mesh=mesh, in_specs=P(), out_specs=P(), check_vma=False)
    result = jax.jit(shared)(x, params, given, key)
    np.testing.assert_allclose(result, one_by_one(method.name)[0], rtol=1e-9, atol=1e-12)


@main_methods
def test_parameters_are_arguments(method):
    x, params, inputs, key = arguments(method, words(method))
    double = jax.tree.map(lambda leaf: jnp.stack([leaf, 0.8 * leaf]), params)
    fn = compiled(method.name, words(method))
    both = jax.vmap(applied(method, case_of(words(method))), in_axes=(None, 0, None, None))
    both = jax.jit(both)(x, double, inputs, key)
    for row, scale in zip(both, (1.0, 0.8), strict=True):
        scaled = jax.tree.map(lambda leaf, scale=scale: scale * leaf, params)
        np.testing.assert_allclose(row, fn(x, scaled, inputs, key), rtol=1e-8, atol=1e-11)
    assert (np.abs(both[0] - both[1]).max() > 1e-6) == ("params" in method.follows)


@main_methods
@pytest.mark.parametrize("dtype", ["bfloat16", "float32", "float64"])
def test_dtype_of_the_input_is_kept(method, dtype):
    given = arguments(method, pictures(method), jnp.dtype(dtype))
    assert jax.eval_shape(applied(method, case_of(pictures(method), jnp.dtype(dtype))), *given).dtype == dtype


@variants_slowly
def test_half_and_single_precision_agree_with_double(method):
    fn = compiled(method.name, words(method))
    exact = np.asarray(fn(*arguments(method, words(method)))).ravel()
    if not method.draws:  # random numbers of another dtype are other numbers
        single = fn(*arguments(method, words(method), jnp.float32))
        np.testing.assert_allclose(np.ravel(single), exact, rtol=1e-3, atol=1e-4 * np.abs(exact).max())
    half = np.asarray(fn(*arguments(method, words(method), jnp.bfloat16)), np.float64).ravel()
    assert np.all(np.isfinite(half))
    if not method.draws and method.name not in (
        "guided_integrated_gradients",
        "idgi/guided",  # a path that bends elsewhere is another path
        "attention_relevance/lrp",  # shares of sums that nearly cancel
    ):
        cosine = exact @ half / np.linalg.norm(exact) / np.linalg.norm(half)
        assert cosine > 0.95


@variants_slowly
def test_derivatives_equal_finite_differences(method):
    """Directional derivatives of a random linear functional, in `x` and in the parameters; forward and reverse."""
    x, params, inputs, key = arguments(method, pictures(method))
    fn = compiled(method.name, pictures(method))
    c = jax.random.normal(jax.random.key(21), expected_shape(method, case_of(pictures(method))), jnp.float64)

    def functional(x, params):
        return jnp.vdot(c, applied(method, case_of(pictures(method)))(x, params, inputs, key))

    def directed(tree, seed):
        leaves, kind = jax.tree.flatten(tree)
        keys = jax.random.split(jax.random.key(seed), len(leaves))
        return kind.unflatten(
            [jax.random.normal(k, leaf.shape, leaf.dtype) for k, leaf in zip(keys, leaves, strict=True)]
        )

    @jax.jit
    def along(tangent):
        grads = jax.grad(functional, argnums=(0, 1))(x, params)
        reverse = sum(jnp.vdot(g, t) for g, t in zip(*map(jax.tree.leaves, (grads, tangent)), strict=True))
        return reverse, jax.jvp(functional, (x, params), tangent)[1]

    nothing, h = jax.tree.map(jnp.zeros_like, (x, params)), 1e-6
    tangents = {"x": (directed(x, 31), nothing[1]), "params": (nothing[0], directed(params, 32))}
    for tangent in (tangents[name] for name in method.follows):
        plus, minus = (
            fn(*jax.tree.map(lambda a, t, s=s: a + s * h * t, (x, params), tangent), inputs, key) for s in (1, -1)
        )
        expected = float(jnp.vdot(c, plus - minus)) / (2 * h)
        reverse, forward = along(tangent)
        assert abs(expected) > 1e-4  # the test could not fail otherwise
        assert float(reverse) == pytest.approx(expected, rel=1e-4)
        assert float(forward) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", [method.name for method in MAIN if method.chunk])
@pytest.mark.parametrize("chunk", [1, pytest.param(100, marks=pytest.mark.slow)])
def test_chunk_does_not_matter(name, chunk):
    given = arguments(NAMES[name], words(NAMES[name]))
    one = compiled(name, words(NAMES[name]), chunk=2)(*given)
    np.testing.assert_allclose(compiled(name, words(NAMES[name]), chunk=chunk)(*given), one, rtol=1e-10, atol=1e-13)


def peak(method, *, derivative, **options):
    """Bytes of temporaries of the compiled method (or of its reverse-mode derivative), in float32."""
    given = arguments(method, pictures(method), jnp.float32)
    fn = applied(method, case_of(pictures(method), jnp.float32), **options)
    if derivative:
        fn = jax.grad(lambda *args, fn=fn: fn(*args).sum(), argnums=(0, 1))
    return jax.jit(fn).lower(*given).compile().memory_analysis().temp_size_in_bytes


@pytest.mark.optimised
@pytest.mark.parametrize("derivative", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["value", "derivative"])
@pytest.mark.parametrize("method", unless_long(COUNTED))
def test_peak_memory_is_independent_of_the_count(method, derivative):
    if derivative and not method.backward_in_bounded_memory:
        pytest.skip("each evaluation depends on the one before: reverse mode keeps them all")
    fixed = {"chunk": 4} if method.chunk else {}
    few, many = (peak(method, derivative=derivative, **{method.count: n}, **fixed) for n in (7, 63))
    assert many <= 1.1 * few


@main_methods
def test_a_second_call_does_not_trace_again(method):
    fn, traces = compiled_and_traces(method.name, words(method))
    first = fn(*arguments(method, words(method)))
    before = len(traces)
    x, params, inputs, key = arguments(method, words(method), seed=12)
    second = fn(1.1 * x, params, inputs, key)
    assert before > 0 and len(traces) == before
    assert np.abs(first - second).max() > 1e-9


@pytest.mark.parametrize("name", [method.name for method in METHODS if method.draws])
def test_a_missing_key_is_refused(name):
    x, params, inputs, _ = arguments(NAMES[name], words(NAMES[name]))
    with pytest.raises(MissingKey, match=f"{name.split('/')[0]} draws random numbers and got key=None"):
        applied(NAMES[name], case_of(words(NAMES[name])))(x, params, inputs, None)


@every_method
def test_a_score_that_is_no_number_is_refused(method):
    case = case_of(words(method))
    label = jnp.arange(3) if method.shape == "classes" else 1
    explain = method.build(lambda x, label, params: case.apply(params, x), case)
    inputs, key = call_inputs(method, case)
    row = ROWS[method.name.split("/")[0]]
    of_vectors = row.takes == "function" and row.shape == "space"  # these give maps of each element
    if of_vectors or row.name in {"attention_rollout", "eigen_cam", "neuron", "raw_attention"}:
        assert np.all(np.isfinite(explain(case.x, label, case.params, key=key, **inputs)))  # these know no score
        return
    with pytest.raises((NotAScalar, TypeError), match="one number|scalar-output"):
        jax.eval_shape(explain, case.x, label, case.params, key=key, **inputs)


INTEGERS = {name for name in NAMES if ROWS[name.split("/")[0]].integers}
OF_A_LAYER = {name for name in INTEGERS if not ROWS[name.split("/")[0]].space}


@pytest.mark.parametrize("name", sorted(set(NAMES) - INTEGERS))
def test_integers_are_refused(name):
    x, params, inputs, key = arguments(NAMES[name], words(NAMES[name]))
    with pytest.raises(TypeError, match="x must be a floating-point array; int32 came"):
        applied(NAMES[name], case_of(words(NAMES[name])))((100 * x).astype(jnp.int32), params, inputs, key)


@pytest.mark.parametrize("name", sorted(OF_A_LAYER))
def test_token_numbers_are_explained_at_their_embedding(name):
    """What differentiates at a layer only takes integers; it equals the explanation of the embedded tokens."""
    case = case_of(words(NAMES[name]))
    tokens, table = jnp.array([3, 1, 0, 2, 1, 3])[: len(case.x)], case.x
    _, params, inputs, key = arguments(NAMES[name], words(NAMES[name]))
    of_tokens = case._replace(apply=lambda params, x: case.apply(params, table[x]))
    got = jax.jit(applied(NAMES[name], of_tokens))(tokens, params, inputs, key)
    expected = jax.jit(applied(NAMES[name], case))(table[tokens], params, inputs, key)
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", [method.name for method in METHODS if {"baseline", "baselines"} & set(method.inputs)])
def test_a_baseline_of_another_shape_is_refused(name):
    x, params, inputs, key = arguments(NAMES[name], words(NAMES[name]))
    wrong = {word: array[..., :2] for word, array in inputs.items()}
    with pytest.raises(ValueError, match="baselines? must have (the )?shape"):
        applied(NAMES[name], case_of(words(NAMES[name])))(x, params, wrong, key)


@pytest.mark.parametrize("name", [m.name for m in METHODS if m.shape in ("space", "layer") or m.name in ("edit",)])
def test_a_tap_that_is_never_reached_is_refused(name):
    case = case_of(words(NAMES[name]))._replace(at="elsewhere")
    x, params, inputs, key = arguments(NAMES[name], words(NAMES[name]))
    with pytest.raises(UnusedTap, match="no tap named 'elsewhere' was reached; this function's taps: words"):
        applied(NAMES[name], case)(x, params, inputs, key)


def test_a_rule_that_matches_nothing_is_refused():
    case = case_of("text")
    explain = jxai.gradient(jxai.with_rules(scores.logit(case.apply), {"gelu": rules.guided}))
    with pytest.raises(UnusedRule, match="matched the rule for gelu; operations of this function: .*dot_general"):
        explain(case.x, 0, case.params)


@pytest.mark.parametrize("name", [method.name for method in COUNTED])
def test_a_count_that_is_not_positive_is_refused(name):
    method, case = NAMES[name], case_of("text")
    for option in (method.count, *(["chunk"] if method.chunk else [])):
        with pytest.raises(ValueError, match=f"{option} must be above zero; {option}=0 came"):
            method.build(scores.logit(case.apply), case, **{option: 0})
