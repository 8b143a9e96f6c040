"""Captum's methods, each as a function without arguments that explains the batch once."""

from collections.abc import Callable

import numpy as np
import torch
from captum import attr
from torch import nn

from experiments.benchmarks.networks import Network
from experiments.benchmarks.torch_models import agree, layer, twin

__all__ = ["RELU", "Peers"]

RELU = ("guided_backpropagation", "deconvolution", "lrp_epsilon")


class Peers:
    """Captum on the PyTorch twin of a network.

    The twin has the same weights; its logits are compared before anything is timed. Captum runs with its own
    defaults: all steps or samples of the batch in one pass, unless `chunk` is given (`internal_batch_size`).
    """

    def __init__(self, network: Network, x: np.ndarray, labels: np.ndarray, *, steps: int, samples: int):
        """Builds and checks the twins."""
        self.network, self.steps, self.samples = network, steps, samples
        self.model = twin(network)
        self.split = twin(network, split=True)
        self.gap = max(agree(network, model, x) for model in (self.model, self.split))
        self.x = torch.tensor(x.transpose(0, 3, 1, 2).copy())
        self.labels = torch.tensor(labels.astype(np.int64))

    def method(self, name: str) -> Callable[[], object] | None:
        """The method as Captum has it; None where it has none (or cannot run it on this network)."""
        attribute = self._all().get(name)
        if attribute is None:
            return None
        x, labels = self.x, self.labels
        return lambda: attribute(x.clone().requires_grad_(), labels)

    def _all(self) -> dict[str, Callable]:
        model, steps, samples = self.model, self.steps, self.samples
        late = layer(model, self.network.model.features)
        middle = layer(model, self.network.middle)
        black = torch.zeros_like(self.x[:1])
        methods = {
            "gradient": _plain(attr.Saliency(model), abs=False),
            "times_input": _plain(attr.InputXGradient(model)),
            "integrated_gradients": _plain(attr.IntegratedGradients(model), n_steps=steps, method="riemann_middle"),
            "expected_gradients": _plain(attr.GradientShap(model), n_samples=samples, stdevs=0.0, baselines=black),
            "grad_cam": _plain(attr.LayerGradCam(model, late)),
            "conductance": _plain(attr.LayerConductance(model, middle), n_steps=steps),
            "conductance, differences": _plain(attr.LayerConductance(model, middle), n_steps=steps),
            "internal_influence": _plain(attr.InternalInfluence(model, middle), n_steps=steps),
        }
        noisy = {"smoothgrad": "smoothgrad", "smoothgrad_squared": "smoothgrad_sq", "vargrad": "vargrad"}
        for ours, theirs in noisy.items():
            tunnel = attr.NoiseTunnel(attr.Saliency(model))
            methods[ours] = _plain(tunnel, nt_type=theirs, nt_samples=samples, stdevs=0.3, abs=False)
        return methods | (self._ruled() if self.network.name == "mobilenet_v2" else {})

    def _ruled(self) -> dict[str, Callable]:
        return {
            "guided_backpropagation": _plain(attr.GuidedBackprop(self.split)),
            "deconvolution": _plain(attr.Deconvolution(self.split)),
            "lrp_epsilon": lambda x, labels: _lrp(self.split, x, labels),
        }


def _plain(attribution: attr.Attribution, **options) -> Callable:
    return lambda x, labels: attribution.attribute(x, target=labels, **options)


def _lrp(model: nn.Module, x: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Captum's LRP leaves its hooks attached to the modules, so it is constructed for each call."""
    return attr.LRP(model).attribute(x, target=labels)
