"""Maps of second order against PyTorch's Hessian-vector products, one for each channel and place, as released."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxai
from tests.references.example import vector

torch = pytest.importorskip("torch")

A, V, W = jax.nn.relu(vector((4, 4, 3), 1)), vector((12, 6), 2), vector((6, 5), 3)


def test_second_order_equals_products_in_pytorch():
    """A max pool, two dense layers, softmax: all 5 classes; and the sigmoid of a difficulty."""

    def net(x):
        pooled = jxai.tap(x, "layer").reshape(2, 2, 2, 2, 3).max((1, 3))
        z = jax.nn.relu(pooled.reshape(-1) @ V) @ W
        return jnp.append(jax.nn.softmax(z), jax.nn.sigmoid(z[:1]))

    v, w = torch.tensor(np.asarray(V)), torch.tensor(np.asarray(W))
    a = torch.tensor(np.asarray(A)).requires_grad_()
    z = torch.relu(a.reshape(2, 2, 2, 2, 3).amax((1, 3)).reshape(-1) @ v) @ w
    outputs = torch.cat([torch.softmax(z, 0), torch.sigmoid(z[:1])])
    expected = np.zeros((6, 4, 4))
    at = a.detach()
    for c in range(6):
        (slope,) = torch.autograd.grad(outputs[c], a, create_graph=True)
        for i in range(4):
            for j in range(4):
                total = float(slope[i, j].detach() @ at[i, j])
                for d in range(3):
                    (row,) = torch.autograd.grad(slope[i, j, d], a, retain_graph=True)
                    total += 0.5 * float(at[i, j, d] * (row[i, j] @ at[i, j]))
                expected[c, i, j] = total
    np.testing.assert_allclose(jxai.second_order(net, at="layer")(A), expected, rtol=1e-9, atol=1e-12)
