"""Taps: read, edited, cut at and differentiated at; and every place where they cannot be."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai.core.errors import NotAScalar, UnusedTap
from tests.references.example import close, vector

X = jnp.array([1.0, -2.0, 3.0])


def chain(x):
    """Two taps, one after the other: the second sees the first."""
    a = jxai.tap(2.0 * x, "early")
    b = jxai.tap(a**2 + x, "late")
    return (b * jnp.array([1.0, 2.0, 3.0])).sum()


def test_a_tap_is_the_identity():
    assert jxai.tap(X, "here") is not None and jxai.tap(X, "here").tolist() == X.tolist()
    close(jax.grad(chain)(X), jnp.array([1.0, 2.0, 3.0]) * (8 * X + 1))


def test_reap_reads_some_or_all():
    assert jxai.reap(chain, "late")(X)["late"].tolist() == [5.0, 14.0, 39.0]
    assert list(jxai.reap(chain)(X)) == ["early", "late"]


def test_reap_computes_only_what_is_needed():
    def fn(x):
        a = jxai.tap(x + 1.0, "a")
        return jnp.sin(a) @ jnp.cos(a)

    operations = str(jax.make_jaxpr(jxai.reap(fn, "a"))(X))
    assert "sin" not in operations and "dot_general" not in operations


def test_edit_applies_plants_and_switches_off():
    close(jxai.edit(chain, {"early": lambda a: 0.0 * a})(X), (X * jnp.array([1.0, 2.0, 3.0])).sum())
    planted = jxai.edit(chain, {"late": lambda b: jnp.ones_like(b)})
    assert float(planted(X)) == 6.0
    assert jax.grad(planted)(X).tolist() == [0.0, 0.0, 0.0]
    both = jxai.edit(chain, {"early": lambda a: a + 1.0, "late": lambda b: b[::-1]})
    b = (2 * np.asarray(X) + 1) ** 2 + np.asarray(X)
    close(both(X), (b[::-1] * [1.0, 2.0, 3.0]).sum())


@pytest.mark.parametrize("change", [lambda a: a[:2], lambda a: a.astype(jnp.float32), lambda a: 0.0])
def test_an_edit_keeps_shape_and_dtype(change):
    with pytest.raises(ValueError, match=r"the edit at 'early' must keep shape \(3,\) and dtype float64"):
        jxai.edit(chain, {"early": change})(X)


def test_split_is_the_whole_again():
    features, head = jxai.split(chain, "early")
    close(head(features(X), X), chain(X))
    # the head's own derivative leaves out what leads around the tap
    close(jax.grad(head)(features(X), X), 2 * features(X) * jnp.array([1.0, 2.0, 3.0]))


def test_the_head_does_not_run_what_served_the_features():
    features, head = jxai.split(lambda x: (jxai.tap(jnp.sin(x), "s") ** 2).sum(), "s")
    assert "sin" not in str(jax.make_jaxpr(head)(features(X), X))


def test_gradients_at_several_taps_are_those_of_adding_zeros():
    """Planting the values would cut the path from the early tap through the late one."""
    values, gradients = jxai.values_and_grads(chain)(X)
    weights = jnp.array([1.0, 2.0, 3.0])
    close(values["early"], 2 * X)
    close(gradients["late"], weights)
    close(gradients["early"], weights * 2 * 2 * X)


def test_one_backward_pass_serves_all_taps():
    w = vector((3, 3), 1)

    def deep(x):
        for layer in range(6):
            x = jxai.tap(jnp.tanh(w @ x), f"layer{layer}")
        return x.sum()

    products = str(jax.make_jaxpr(jxai.values_and_grads(deep))(X)).count("dot_general")
    assert products == 6 + 5  # six layers forwards, and back through all but the first


def test_values_and_grads_needs_a_score():
    with pytest.raises(NotAScalar, match=r"this one returned shape \(3,\)"):
        jxai.values_and_grads(lambda x: jxai.tap(x, "a"))(X)


def test_inside_jit_vmap_grad_and_around_them():
    xs = jnp.stack([X, 2 * X])
    each = jax.vmap(lambda x: jxai.reap(jax.jit(chain), "late")(x)["late"])(xs)
    close(each[1], (4 * X) ** 2 + 2 * X)
    close(jax.jit(jax.grad(lambda x: jxai.reap(chain, "late")(x)["late"].sum()))(X), 8 * X + 1)


WRAPPERS = {
    "jit": jax.jit,
    "nested jit": lambda f: jax.jit(jax.jit(f)),
    "checkpoint": jax.checkpoint,
    "jit of checkpoint": lambda f: jax.jit(jax.checkpoint(f)),
    "checkpoint that keeps names": lambda f: jax.checkpoint(
        f, policy=jax.checkpoint_policies.save_only_these_names("inside")
    ),
}


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_taps_inside_inner_jit_and_checkpoint_work(wrapper):
    block = WRAPPERS[wrapper](lambda x: jxai.tap(jnp.sin(x), "inside") * 3.0)
    fn = lambda x: block(x).sum()  # noqa: E731
    close(jxai.reap(fn, "inside")(X)["inside"], jnp.sin(X))
    _, gradients = jxai.values_and_grads(fn, "inside")(X)
    assert gradients["inside"].tolist() == [3.0, 3.0, 3.0]
    assert float(jxai.edit(fn, {"inside": jnp.zeros_like})(X)) == 0.0
    features, head = jxai.split(fn, "inside")
    close(head(features(X), X), fn(X))


def while_looped(x):
    body = lambda c: (c[0] + 1, jxai.tap(jnp.sin(c[1]), "inside"))  # noqa: E731
    return jax.lax.while_loop(lambda c: c[0] < 3, body, (0, x))[1].sum()


def branched(x):
    return jax.lax.cond(x[0] > 0, lambda x: jxai.tap(jnp.sin(x), "inside"), lambda x: x, x).sum()


def custom_jvp(x):
    @jax.custom_jvp
    def thrice(x):
        return jxai.tap(2.0 * x, "inside")

    thrice.defjvp(lambda primals, tangents: (thrice(*primals), 3.0 * tangents[0]))
    return thrice(x).sum()


def custom_vjp(x):
    @jax.custom_vjp
    def thrice(x):
        return jxai.tap(2.0 * x, "inside")

    thrice.defvjp(lambda x: (thrice(x), None), lambda _, g: (3.0 * g,))
    return thrice(x).sum()


@pytest.mark.parametrize(
    ("fn", "message"),
    [
        (while_looped, "inside while, which is kept whole; give the loop a fixed length"),
        (branched, "inside cond, which is kept whole; write the predicate as a Python value"),
        (custom_jvp, "inside 'thrice', which declares another derivative than it has"),
        (custom_vjp, "inside 'thrice', which declares another derivative than it has"),
    ],
)
@pytest.mark.parametrize("how", [jxai.reap, jxai.values_and_grads, lambda fn, name: jxai.split(fn, name)[0]])
def test_taps_where_they_cannot_be_reached_say_where(fn, message, how):
    with pytest.raises(NotImplementedError, match=message):
        how(fn, "inside")(X)


def test_a_loop_without_taps_does_not_disturb():
    fn = lambda x: jxai.tap(jax.lax.fori_loop(0, 3, lambda i, c: jnp.sin(c), x), "after").sum()  # noqa: E731
    close(jxai.reap(fn, "after")(X)["after"], jnp.sin(jnp.sin(jnp.sin(X))))


def test_a_name_that_is_reached_twice_is_refused():
    fn = lambda x: jxai.tap(jxai.tap(x, "same") + 1.0, "same").sum()  # noqa: E731
    for use in (jxai.reap(fn, "same"), jxai.reap(fn), jxai.values_and_grads(fn), jxai.edit(fn, {"same": jnp.sin})):
        with pytest.raises(UnusedTap, match="the tap 'same' was reached 2 times"):
            use(X)


def test_a_name_that_is_never_reached_lists_those_that_are():
    with pytest.raises(UnusedTap, match="no tap named 'layer4' was reached; this function's taps: early, late"):
        jxai.reap(chain, "layer4")(X)
    with pytest.raises(UnusedTap, match="this function reaches no taps"):
        jxai.reap(lambda x: x.sum())(X)


def test_what_a_tap_can_name():
    with pytest.raises(TypeError, match="needs a string for a name; int came|Expected type: <class 'str'>"):
        jxai.tap(X, 3)
    with pytest.raises(
        TypeError,
        match="names one array; a dict came: tap its leaves|problem arose whilst typechecking parameter 'value'",
    ):
        jxai.tap({"a": X}, "a")


def test_arguments_that_are_no_arrays_pass():
    fn = lambda x, power, name, extra: jxai.tap(x**power, name).sum() + extra["b"]  # noqa: E731
    assert jxai.reap(fn, "n")(X, 2, "n", {"b": 1.0})["n"].tolist() == [1.0, 4.0, 9.0]
