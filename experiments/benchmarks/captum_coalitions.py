"""Captum's methods over groups, each at the fastest `perturbations_per_eval` of those tried."""

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from captum import attr
from torch import nn

from experiments.benchmarks.networks import Network
from experiments.benchmarks.torch_models import agree, twin

__all__ = ["TWINS", "Peers", "fastest"]

TWINS = ("mobilenet_v2", "vit_tiny", "resnet50")  # what `torch_models.twin` can make


def fastest(call: Callable[[int], Any], tried: tuple[int, ...]) -> int:
    """The setting at which one call took least time, after one call that does not count."""
    call(tried[0])
    seconds = []
    for setting in tried:
        start = time.perf_counter()
        call(setting)
        seconds.append(time.perf_counter() - start)
    return tried[int(np.argmin(seconds))]


class Peers:
    """Captum on the PyTorch twin of a network, whose logits are compared before anything is timed."""

    def __init__(self, network: Network, x: np.ndarray, labels: np.ndarray, groups: np.ndarray, config: Any):
        """Builds and checks the twin; a network without one has no peers."""
        self.config, self.best = config, {}
        self.calls: dict[str, Callable] = {}
        if network.name not in TWINS:
            return
        model: nn.Module = twin(network)
        agree(network, model, x)
        self.x, self.labels = torch.tensor(x.transpose(0, 3, 1, 2).copy()), torch.tensor(labels.astype(np.int64))
        self.calls = self._calls(model, torch.tensor(groups)[None, None], x.shape[1])

    def method(self, name: str) -> Callable[[], object] | None:
        """The method at its best setting; None where Captum has none."""
        call = self.calls.get(name)
        if call is None:
            return None
        self.best[name] = fastest(call, self.config.tried)
        return lambda: call(self.best[name])

    def _calls(self, model: nn.Module, mask: torch.Tensor, size: int) -> dict[str, Callable[[int], Any]]:
        window, config = round(size / 9), self.config
        sliding = {"sliding_window_shapes": (3, window, window), "strides": (3, config.stride, config.stride)}
        methods = {
            "occlusion": (attr.Occlusion(model), sliding),
            "ablation": (attr.FeatureAblation(model), {"feature_mask": mask}),
            "shapley_sampling": (
                attr.ShapleyValueSampling(model),
                {"feature_mask": mask, "n_samples": config.permutations},
            ),
            "lime": (attr.Lime(model), {"feature_mask": mask, "n_samples": config.samples}),
            "kernel_shap": (attr.KernelShap(model), {"feature_mask": mask, "n_samples": config.samples}),
        }
        return {name: self._call(method, options) for name, (method, options) in methods.items()}

    def _call(self, method: Any, options: dict[str, Any]) -> Callable[[int], Any]:
        def call(setting: int) -> Any:
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return method.attribute(self.x, target=self.labels, perturbations_per_eval=setting, **options)

        return call
