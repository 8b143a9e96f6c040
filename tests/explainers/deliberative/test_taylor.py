"""Maps of first and second order against explicit Hessian blocks, on heads of every kind."""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from jxai.core.errors import NotAScalar, UnusedInput, UnusedTap
from tests.heads import BENDING, STRAIGHT, A, P, conv, pooled_net, posterior, relu_net
from tests.references.example import close, vector


def tapped(net):
    return lambda x, p: net(p, jxai.tap(x, "layer"))


def blocks(net, a):
    """`grad . a + a^T Hess a / 2` from the whole Hessian, `[c, h, w]` (or `[h, w]`)."""
    g, h = jax.jit(lambda a: (jax.jacrev(net)(a), jax.hessian(net)(a)))(a)
    g, h, a = map(np.asarray, (g, h, a))
    result = np.zeros(g.shape[:-1])
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            block = h[..., i, j, :, i, j, :]
            result[..., i, j] = g[..., i, j, :] @ a[i, j] + 0.5 * np.einsum("...de,d,e", block, a[i, j], a[i, j])
    return result


@pytest.mark.parametrize("name", BENDING)
def test_second_order_equals_explicit_blocks(name):
    net = BENDING[name]
    explain = jxai.second_order(tapped(net), at="layer")
    expected = blocks(lambda a: net(P, a), A)
    first = jax.jit(jxai.first_order(tapped(net), at="layer"))(A, P)
    assert np.abs(expected).max() > 1e-4 and np.abs(expected - first).max() > 1e-5
    np.testing.assert_allclose(jax.jit(explain)(A, P), expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", ["softmax", "entropy", "pooled", "attention"])
def test_closed_form_equals_nested_forward_derivatives(name):
    net = lambda a: BENDING[name](P, a)

    def nested(k):
        along = jnp.where((jnp.arange(16) == k).reshape(4, 4, 1), A, jnp.zeros_like(A))
        slope = lambda a: jax.jvp(net, (a,), (along,))[1]
        first, second = jax.jvp(slope, (A,), (along,))
        return first + second / 2

    rows = jnp.moveaxis(jax.jit(jax.vmap(nested))(jnp.arange(16)), 0, -1)
    explain = jxai.second_order(tapped(BENDING[name]), at="layer", chunk=3)
    close(jax.jit(explain)(A, P), rows.reshape(*rows.shape[:-1], 4, 4), atol=1e-11)


@pytest.mark.parametrize("name", STRAIGHT)
def test_a_piecewise_linear_function_has_no_second_order(name):
    explain = jxai.second_order(tapped(STRAIGHT[name]), at="layer")
    with pytest.raises(ValueError, match="piecewise linear in the layer 'layer'.* exactly 0. Explain the posterior"):
        explain(A, P)
    slopes = jxai.first_order(tapped(STRAIGHT[name]), at="layer")
    if name in ("constant", "steps"):  # no slope either
        with pytest.raises(UnusedInput, match="no derivative by its input"):
            slopes(A, P)
    else:
        assert jax.eval_shape(slopes, A, P).shape == (3, 4, 4)


def test_first_order_by_backward_and_by_forward_passes():
    """16 places: 3 outputs go backwards, 40 forwards."""
    wide = vector((32, 40), 11)
    for net in (relu_net, lambda p, a: jnp.tanh(a.reshape(-1) @ wide)):
        jacobian = jax.jit(jax.jacrev(lambda a, net=net: net(P, a)))(A)
        close(jax.jit(jxai.first_order(tapped(net), at="layer"))(A, P), (jacobian * A[None]).sum(-1))


def test_a_path_around_the_layer_is_held():
    """`x` also reaches the output beside the tap: eq. 2 moves the layer alone."""
    fn = lambda x: jax.nn.softmax((jxai.tap(2.0 * x, "layer") * x.sum()).mean((0, 1)) @ P["o"])
    expected = blocks(lambda a: jax.nn.softmax((a * A.sum()).mean((0, 1)) @ P["o"]), 2.0 * A)
    close(jax.jit(jxai.second_order(fn, at="layer"))(A), expected, atol=1e-11)


def test_more_values_than_places_are_pushed_forwards():
    """Twenty classes on four places."""
    a, w = vector((2, 2, 3), 1), vector((3, 20), 2)
    net = lambda p, a: jax.nn.softmax(jax.nn.relu(a).mean((0, 1)) @ w)
    close(jax.jit(jxai.second_order(tapped(net), at="layer"))(a, P), blocks(lambda a: net(P, a), a), atol=1e-11)


def test_global_pooling_and_a_dense_layer():
    """Without differentiation: `c_kij = w_k . a_ij / (h w)`, and softmax's closed form from it."""
    c = jnp.einsum("ijd,dk->kij", A, P["o"]) / 16
    close(jax.jit(jxai.first_order(tapped(pooled_net), at="layer"))(A, P), c)
    f = jax.nn.softmax(pooled_net(P, A))[:, None, None]
    mean = (f * c).sum(0, keepdims=True)
    second = f * ((c - mean) ** 2 - ((f * c**2).sum(0, keepdims=True) - mean**2))
    expected = f * (c - mean) + second / 2
    close(jxai.second_order(tapped(posterior(pooled_net)), at="layer")(A, P), expected)


def test_a_sigmoid_difficulty():
    """`a^T H a = s (1 - s) (1 - 2 s) c^2`, `c` the first-order map of the pre-sigmoid."""
    c = jax.jit(jxai.first_order(tapped(lambda p, a: relu_net(p, a)[0]), at="layer"))(A, P)
    s = jax.nn.sigmoid(jax.jit(relu_net)(P, A)[0])
    expected = s * (1 - s) * c + s * (1 - s) * (1 - 2 * s) * c**2 / 2
    close(jax.jit(jxai.second_order(tapped(BENDING["sigmoid"]), at="layer"))(A, P), expected)


def test_location_maps_of_vectors_and_numbers():
    by = jxai.location_maps(lambda head: jxai.times_input(jxai.gradient(head)))
    for net in (relu_net, BENDING["sigmoid"]):
        one, other = (jax.jit(of(tapped(net), at="layer"))(A, P) for of in (by, jxai.first_order))
        close(one, other)
    path = jax.jit(jxai.location_maps(partial(jxai.integrated_gradients, steps=64))(tapped(relu_net), at="layer"))
    total = relu_net(P, A) - relu_net(P, 0.2 * jnp.ones_like(A))
    assert np.abs(path(A, P, baseline=0.2 * jnp.ones_like(A)).sum((1, 2)) - total).max() < 0.02 * np.abs(total).max()
    cam = jxai.location_maps(lambda s: jxai.grad_cam(lambda a, *r: s(jxai.tap(a, "here"), *r), at="here"))
    one = jxai.grad_cam(lambda x, p: relu_net(p, jxai.tap(x, "layer"))[1], at="layer")(A, P)
    close(cam(tapped(relu_net), at="layer")(A, P)[1], one)
    with pytest.raises(
        ValueError, match=r"one number for each element or each place of the layer 'layer'.*\(3,\) came"
    ):
        jxai.location_maps(lambda s: lambda a, *r, key: jnp.ones(3))(tapped(relu_net), at="layer")(A, P)


@pytest.mark.parametrize(("quadrature", "count"), [("midpoint", 3), ("ends", 4)])
def test_integrated_maps(quadrature, count):
    """Node by node: the mean gradient at the layer, times the way of the layer from the baseline's."""
    fn = lambda x, p: relu_net(p, jxai.tap(jnp.tanh(x), "layer"))
    b = 0.2 * vector((4, 4, 2), 12)
    ts = np.linspace(0, 1, 4) if quadrature == "ends" else [1 / 6, 3 / 6, 5 / 6]
    slopes = sum(jax.jacrev(lambda a: relu_net(P, a))(jnp.tanh(b + t * (A - b))) for t in ts) / count
    expected = (slopes * (jnp.tanh(A) - jnp.tanh(b))[None]).sum(-1)
    explain = jxai.explainers.deliberative.order.integrated_maps(steps=3, quadrature=quadrature)(fn, at="layer")
    close(explain(A, P, baseline=b), expected)
    with pytest.raises(ValueError, match="quadrature"):
        jxai.explainers.deliberative.order.integrated_maps(quadrature="other")


@pytest.mark.parametrize("order", [jxai.first_order, jxai.second_order])
def test_what_is_refused(order):
    flat = lambda x: jax.nn.softmax(jxai.tap(x.reshape(-1), "layer")[:3])
    with pytest.raises(ValueError, match=r"\[\*space, d\]; the layer 'layer' has shape \(32,\), without spatial axes"):
        order(flat, at="layer")(A)
    with pytest.raises(NotAScalar, match=r"one number, or of a vector.*float64 of shape \(4, 4, 2\) came"):
        order(tapped(lambda p, a: jnp.tanh(a)), at="layer")(A, P)
    with pytest.raises(UnusedTap):
        order(tapped(relu_net), at="elsewhere")(A, P)
    with pytest.raises(ValueError, match="chunk must be above zero; chunk=0 came"):
        order(tapped(relu_net), at="layer", chunk=0)


def test_memory_goes_with_chunk():
    """Nested derivatives of a smooth network on 256 places: a quarter side by side, a quarter of the memory."""
    a, k = vector((16, 16, 8), 1), vector((3, 3, 8, 8), 2)
    fn = tapped(lambda p, a: jax.nn.softmax(jax.nn.silu(conv(a, k)).mean((0, 1))))

    def reserved(chunk):
        explain = jax.jit(jxai.second_order(fn, at="layer", chunk=chunk))
        return explain.lower(a, P).compile().memory_analysis().temp_size_in_bytes

    small, middle, large = (reserved(chunk) for chunk in (4, 16, 64))
    assert math.isclose(large - small, 5 * (middle - small), rel_tol=0.2)


THROUGH_COMPLEX = {
    "sizes of a Fourier transform": lambda a: (jnp.abs(jnp.fft.fft(a)) ** 3).mean(),
    "a complex square": lambda a: jnp.real(jnp.fft.fft(a) ** 2).sum(),
    "softmax of real parts": lambda a: jax.nn.softmax(jnp.real(jnp.fft.fft(a)).sum(0))[1],
}


@pytest.mark.parametrize("name", THROUGH_COMPLEX)
def test_second_order_through_complex_values(name):
    x, w = vector((3, 4), 1), vector((4, 4), 2)
    fn = lambda x: THROUGH_COMPLEX[name](jxai.tap(x, "layer") @ w)  # noqa: E731
    gradient, hessian = jax.grad(fn)(x), jax.hessian(fn)(x)
    expected = (gradient * x).sum(-1) + jnp.stack([x[i] @ hessian[i, :, i] @ x[i] / 2 for i in range(3)])
    np.testing.assert_allclose(jxai.second_order(fn, at="layer")(x), expected, rtol=1e-9)


def test_a_fourier_transform_alone_is_piecewise_linear():
    fn = lambda x: jnp.real(jnp.fft.fft(jxai.tap(x, "layer"))).sum()  # noqa: E731
    with pytest.raises(ValueError, match="piecewise linear"):
        jxai.second_order(fn, at="layer")(vector((3, 4), 1))
