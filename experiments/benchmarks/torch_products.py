"""Hessian-vector products in PyTorch, one by one."""

from collections.abc import Callable

import numpy as np
import torch  # pyright: ignore[reportMissingImports]
from torch.nn import functional  # pyright: ignore[reportMissingImports]

__all__ = ["hessian_products"]


def hessian_products(weights: list[np.ndarray], a: np.ndarray, count: int) -> dict[str, Callable[[], np.ndarray]]:
    """A sample of Hessian-vector products of a max pool and dense layers, each a pass through the gradient's graph."""
    layers = [torch.tensor(w.T) for w in weights]
    side, channels = a.shape[0], a.shape[2]
    first = layers[0].reshape(len(layers[0]), side // 2, side // 2, channels).permute(0, 3, 1, 2)
    layers[0] = first.reshape(len(first), -1).contiguous()  # PyTorch flattens the channels first

    def logits(x: torch.Tensor) -> torch.Tensor:
        h = functional.max_pool2d(x[None], 2).flatten()
        for w in layers[:-1]:
            h = torch.relu(w @ h)
        return layers[-1] @ h

    x = torch.tensor(a.transpose(2, 0, 1).copy()).requires_grad_()
    log = torch.log_softmax(logits(x), 0)
    (of_class,) = torch.autograd.grad(log[0].exp(), x, create_graph=True)
    (of_score,) = torch.autograd.grad(-(log.exp() * log).sum(), x, create_graph=True)

    def class_products() -> np.ndarray:
        """Class 0 at the first positions."""
        values = []
        for k in range(count):
            along = torch.zeros_like(x)
            along[:, k // side, k % side] = x.detach()[:, k // side, k % side]
            (product,) = torch.autograd.grad((of_class * along).sum(), x, retain_graph=True)
            values.append(float((product * along).sum()))
        return np.array(values)

    def score_products() -> np.ndarray:
        """As released: the gradient of each element of one score's gradient."""
        rows = [torch.autograd.grad(of_score.flatten()[k], x, retain_graph=True)[0] for k in range(count)]
        return np.array([float((row * x.detach()).sum()) for row in rows])

    return {
        "a product for each class and place": class_products,
        "a product for each channel and place, one score": score_products,
    }
