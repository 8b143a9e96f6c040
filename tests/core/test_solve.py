"""Minimisation: equals a Python loop, stops by its rule, freezes the finished, and does not leak between devices."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.sharding import PartitionSpec as P

from jxai.core.solve import Evaluation, Stop, minimise, plateau, stop_when_converged
from tests.references.example import close

TARGETS = jnp.array([[1.0, 2.0], [0.1, 0.0], [-5.0, 3.0], [0.0, 0.001]])


def solved(target, steps=30, stop=None, optimiser=None):
    """Per-example optimisation, born from the example."""
    start = jnp.zeros_like(target)
    loss = lambda p, step: ((p - target) ** 2).sum()  # noqa: E731
    return minimise(loss, start, optimiser=optimiser or optax.adam(0.1), steps=steps, stop=stop)


def looped(target, steps, patience=None, tolerance=None):
    """The same by a Python loop."""
    optimiser, p = optax.adam(0.1), jnp.zeros_like(target)
    state, losses, best, waited = optimiser.init(p), [], np.inf, 0
    for _ in range(steps):
        value, g = jax.value_and_grad(lambda p: ((p - target) ** 2).sum())(p)
        with jax.numpy_dtype_promotion("standard"):
            updates, state = optimiser.update(g, state, p)
        p = optax.apply_updates(p, updates)
        losses.append(float(value))
        if patience:
            waited = 0 if value < best - tolerance else waited + 1
            best = min(best, float(value)) if waited == 0 else best
            if waited >= patience:
                break
    return np.asarray(p), losses


def test_equals_a_python_loop():
    found = solved(TARGETS[0])
    params, losses = looped(TARGETS[0], 30)
    close(found.params, params)
    close(found.losses, losses)
    assert int(found.steps) == 30


STOP = {"patience": 3, "tolerance": 1e-3}


@pytest.mark.parametrize("row", range(4))
def test_the_stop_rule_equals_a_python_loop(row):
    found = jax.jit(lambda t: solved(t, 200, plateau(**STOP)))(TARGETS[row])
    params, losses = looped(TARGETS[row], 200, **STOP)
    assert int(found.steps) == len(losses) < 200
    close(found.params, params)
    close(found.losses[: len(losses)], losses)
    assert np.all(np.isnan(found.losses[len(losses) :]))


def test_under_vmap_finished_examples_are_frozen():
    many = jax.jit(jax.vmap(lambda t: solved(t, 200, plateau(**STOP))))(TARGETS)
    assert len(set(many.steps.tolist())) > 2  # they end at different times
    for row, target in enumerate(TARGETS):
        alone = solved(target, 200, plateau(**STOP))
        assert int(many.steps[row]) == int(alone.steps)
        close(many.params[row], alone.params)
        close(many.losses[row], alone.losses)


@pytest.mark.parametrize("stop", [None, plateau(**STOP)], ids=["scan", "while"])
def test_under_shard_map_examples_do_not_leak(stop):
    """With the default `check_vma=True`, on four devices, equal to `vmap` on one."""
    many = jax.vmap(lambda t: solved(t, 60, stop))
    mesh = jax.make_mesh((4,), ("examples",), axis_types=(jax.sharding.AxisType.Auto,))
    sharded = jax.shard_map(many, mesh=mesh, in_specs=P("examples"), out_specs=P("examples"))
    if stop is None:  # the number of steps taken is then a constant of the program
        many, sharded = (
            lambda ts: jax.vmap(lambda t: solved(t, 60).params)(ts),
            jax.shard_map(
                jax.vmap(lambda t: solved(t, 60).params), mesh=mesh, in_specs=P("examples"), out_specs=P("examples")
            ),
        )
    jax.tree.map(close, jax.jit(sharded)(TARGETS), jax.jit(many)(TARGETS))


def test_the_result_can_be_differentiated():
    """Gradient descent on `(p - t)^2` from 0: `p_n = t (1 - 0.5^n)` at step size 1/4."""
    descend = lambda t: solved(t, 5, optimiser=optax.sgd(0.25)).params.sum()  # noqa: E731
    close(jax.grad(descend)(TARGETS[0]), np.full(2, 1 - 0.5**5))


def test_the_loss_sees_the_step():
    found = minimise(lambda p, step: p * step.astype(p.dtype), jnp.asarray(0.0), optimiser=optax.sgd(1.0), steps=4)
    assert float(found.params) == -(0 + 1 + 2 + 3)


def test_projection_after_every_step():
    found = minimise(
        lambda p, step: -p.sum(),
        jnp.zeros(2),
        optimiser=optax.sgd(1.0),
        steps=5,
        project=lambda p: jnp.clip(p, 0.0, jnp.array([0.5, 9.0])),
    )
    assert found.params.tolist() == [0.5, 5.0]


def test_a_stop_rule_of_one_s_own():
    third = Stop(lambda params: jnp.asarray(0), lambda state, params, loss, step: (state + 1, state + 1 >= 3))
    assert int(solved(TARGETS[0], 50, third).steps) == 3


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
@pytest.mark.parametrize("stop", [None, plateau(patience=4)], ids=["scan", "while"])
def test_dtype_is_kept(dtype, stop):
    found = solved(TARGETS[0].astype(dtype), 20, stop)
    assert found.params.dtype == dtype


def test_counts_must_be_positive():
    with pytest.raises(ValueError, match="steps must be above zero; steps=0 came"):
        solved(TARGETS[0], 0)
    with pytest.raises(ValueError, match="patience must be above zero"):
        plateau(patience=0)


@pytest.mark.parametrize(("after", "below"), [(1, 0.8), (30, 0.8), (1, 0.2)])
def test_settled_equals_a_python_loop(after, below):
    """The mean of the parameters falls towards 0.1; the smoothed fall decides, after so many steps and so low."""
    rule = {"tolerance": 2e-3, "after": after, "below": below, "decay": 0.8}
    start, optimiser = jnp.array([1.0, 0.9]), optax.adam(0.05)
    loss = lambda p, step: ((p - 0.1) ** 2).sum()  # noqa: E731
    stop = stop_when_converged(jnp.mean, **rule)
    found = jax.jit(lambda p: minimise(loss, p, optimiser=optimiser, steps=300, stop=stop))(start)
    p, state, before, smooth = start, optimiser.init(start), float(start.mean()), None
    for step in range(1, 301):  # noqa: B007
        with jax.numpy_dtype_promotion("standard"):
            updates, state = optimiser.update(jax.grad(loss)(p, 0), state, p)
        p = optax.apply_updates(p, updates)
        fall, before = before - float(p.mean()), float(p.mean())
        smooth = fall if smooth is None else 0.8 * smooth + 0.2 * fall
        if smooth < 2e-3 and step >= after and before < below:
            break
    assert int(found.steps) == step < 300
    close(found.params, p)


def test_a_decay_out_of_range_is_refused():
    with pytest.raises(ValueError, match="decay is the weight of the past"):
        stop_when_converged(jnp.mean, decay=1.0)


def test_parts_end_one_by_one():
    """Each part stays where it was before the step that ended it; the whole ends with the last part."""
    targets = jnp.array([0.9, 0.5, 0.0])
    stop = Stop(
        lambda p: jnp.zeros_like(p, dtype=bool), lambda done, p, loss, step: ((new := done | (p < targets + 0.05)), new)
    )
    loss = lambda p, step: (p**2).sum()  # noqa: E731
    found = jax.jit(lambda p: minimise(loss, p, optimiser=optax.sgd(0.05), steps=99, stop=stop))(jnp.ones(3))
    powers = 0.9 ** np.arange(99)
    ends = [int(np.argmax(powers < target + 0.05)) for target in np.asarray(targets)]
    assert int(found.steps) == max(ends)
    close(found.params, [powers[k - 1] for k in ends])


@pytest.mark.parametrize("stop", [None, plateau(patience=99)], ids=["scan", "while"])
def test_a_loss_that_is_not_finite_is_marked_and_leaves_the_others_alone(stop):
    def run(start):
        loss = lambda p, step: jnp.where(p > 2.0, jnp.nan, 1.0) * p  # noqa: E731
        return minimise(loss, start, optimiser=optax.sgd(-0.5), steps=4, stop=stop)

    found = jax.vmap(run)(jnp.array([0.0, 1.3, -1.0]))
    assert found.failed.tolist() == [False, True, False]
    close(found.params[::2], [2.0, 1.0])
    if stop:
        assert found.steps.tolist() == [4, 3, 4]


@pytest.mark.parametrize("stop", [None, plateau(patience=3, tolerance=1e-3)], ids=["scan", "while"])
def test_a_loss_with_its_own_gradient(stop):
    def graded(p, step):
        return Evaluation(((p - 1) ** 2).sum(), p.sum(), {"sum": p.sum()}, p), 2 * (p - 1)

    options = {"optimiser": optax.adam(0.1), "steps": 60, "stop": stop}
    plain = minimise(lambda p, step: ((p - 1) ** 2).sum(), jnp.zeros(2), **options)
    found = minimise(graded, jnp.zeros(2), graded=True, **options)
    close(found.params, plain.params)
    close(found.losses, plain.losses)
    last = int(found.steps) - 1
    close(found.record["sum"][last], found.last.sum())
    assert np.abs(found.last - found.params).max() > 1e-6
