"""MobileNetV2, ViT-Ti and ResNet-50 in PyTorch with the parameters of ours, for the comparison with Captum."""

from typing import Any

import jax
import numpy as np
import torch
import torchvision
from captum.attr._utils.custom_modules import Addition_Module
from torch import nn
from torch.nn import functional

from experiments.benchmarks.networks import Network
from jxai.models.mobilenet import V2

__all__ = ["agree", "layer", "twin"]


class ReLU6(nn.Module):
    """`min(relu(x), 6)` with a ReLU that Captum's guided backpropagation and LRP find; or PyTorch's own."""

    def __init__(self, split: bool):
        super().__init__()
        self.relu, self.split = (nn.ReLU() if split else nn.ReLU6()), split

    def forward(self, x):
        return torch.clamp(self.relu(x), max=6.0) if self.split else self.relu(x)


class Filter(nn.Module):
    """A convolution with TensorFlow's SAME padding."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, 0 if stride > 1 else kernel // 2, groups=groups)

    def forward(self, x):
        return self.conv(functional.pad(x, (0, 1, 0, 1)) if self.conv.stride[0] > 1 else x)


class Inverted(nn.Module):
    """MobileNetV2's block."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int, split: bool):
        super().__init__()
        wide = inputs * expansion
        first = [Filter(inputs, wide, 1, 1), ReLU6(split)] if expansion > 1 else []
        self.layers = nn.Sequential(
            *first, Filter(wide, wide, 3, stride, wide), ReLU6(split), Filter(wide, outputs, 1, 1)
        )
        self.residual = stride == 1 and inputs == outputs
        self.add = Addition_Module() if split and self.residual else torch.add  # Captum's LRP needs a module

    def forward(self, x):
        return self.add(x, self.layers(x)) if self.residual else self.layers(x)


class MobileNetV2(nn.Module):
    """Batch normalisation folded, as in ours."""

    def __init__(self, classes: int, split: bool):
        super().__init__()
        blocks, width = [], 32
        for expansion, outputs, repetitions, stride in V2:
            for i in range(repetitions):
                blocks.append(Inverted(width, outputs, stride if i == 0 else 1, expansion, split))
                width = outputs
        self.stem = nn.Sequential(Filter(3, 32, 3, 2), ReLU6(split))
        self.blocks = nn.ModuleList(blocks)
        self.last = nn.Sequential(Filter(width, 1280, 1, 1), ReLU6(split))
        self.mean, self.classify = nn.AdaptiveAvgPool2d(1), nn.Linear(1280, classes)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.classify(self.mean(self.last(x)).flatten(1))


class Block(nn.Module):
    """A block of the transformer; `grid` sees the patch tokens as a map, as the tap of ours does."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width, 1e-6), nn.LayerNorm(width, 1e-6)
        self.qkv, self.project = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.expand, self.contract = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.grid, self.heads = nn.Identity(), heads

    def forward(self, x):
        x = x + self.attention(self.tapped(self.norm1(x)))
        return x + self.contract(functional.gelu(self.expand(self.norm2(x))))

    def attention(self, x):
        b, t, d = x.shape
        query, key, value = self.qkv(x).reshape(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        return self.project(mixed.transpose(1, 2).reshape(b, t, d))

    def tapped(self, x):
        side = int((x.shape[1] - 1) ** 0.5)
        patches = self.grid(x[:, 1:].transpose(1, 2).unflatten(2, (side, side)))
        return torch.cat([x[:, :1], patches.flatten(2).transpose(1, 2)], 1)


class ViT(nn.Module):
    """A transformer with a class token."""

    def __init__(self, classes: int, depth: int = 12, width: int = 192, heads: int = 3, tokens: int = 197):
        super().__init__()
        self.patches = nn.Conv2d(3, width, 16, 16)
        self.token, self.positions = (nn.Parameter(torch.zeros(n, width)) for n in (1, tokens))
        self.blocks = nn.ModuleList([Block(width, heads) for _ in range(depth)])
        self.norm, self.classify = nn.LayerNorm(width, 1e-6), nn.Linear(width, classes)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), 1, -1), x], 1) + self.positions
        for block in self.blocks:
            x = block(x)
        return self.classify(self.norm(x[:, 0]))


def twin(network: Network, *, split: bool = False) -> nn.Module:
    """The same network in PyTorch, in inference mode; `split` writes ReLU6 so that Captum finds its ReLU."""
    params = jax.tree.map(np.asarray, network.params)
    if network.name == "vit_tiny":
        model = ViT(network.model.classes)
        _fill_vit(model, params)
    elif network.name == "resnet50":
        model = torchvision.models.resnet50(num_classes=network.model.classes)
        _fill_resnet(model, params)
    else:
        model = MobileNetV2(network.model.classes, split)
        _fill_mobilenet(model, params)
    return model.eval()


def layer(model: nn.Module, tap: str) -> nn.Module:
    """The module whose output is what our tap names."""
    if isinstance(model, torchvision.models.ResNet):
        return model.get_submodule("layer4" if tap == "features" else tap)
    if tap == "features":
        return model.get_submodule("last")
    block, _, grid = tap.removeprefix("block").partition("/")
    return model.get_submodule(f"blocks.{block}.grid" if grid else f"blocks.{int(block) - 1}")


def agree(network: Network, model: nn.Module, x: np.ndarray) -> float:
    """Largest difference of the two networks' logits, relative to the largest logit.

    Raises:
        ValueError: if it is above 1e-3: then the comparison would be of two different networks.
    """
    ours = np.asarray(jax.jit(jax.vmap(network.model.apply, in_axes=(None, 0)))(network.params, x))
    with torch.no_grad():
        theirs = model(torch.tensor(x.transpose(0, 3, 1, 2))).numpy()
    gap = float(np.abs(ours - theirs).max() / np.abs(ours).max())
    if not gap < 1e-3:
        raise ValueError(
            f"the PyTorch twin of {network.name} differs by {gap:.1e} of the largest logit; expected < 1e-3"
        )
    return gap


def _set(module: Any, ours: dict[str, np.ndarray]) -> None:
    """Copies a kernel (or scale) and bias, from channels-last to PyTorch's order."""
    if "scale" in ours:
        weight = ours["scale"]
    elif isinstance(module, nn.Linear):
        weight = ours["kernel"].T
    else:
        weight = ours["kernel"].reshape(*module.kernel_size, -1, ours["kernel"].shape[-1]).transpose(3, 2, 0, 1)
    module.weight.data = torch.tensor(weight.copy())
    if "bias" in ours:
        module.bias.data = torch.tensor(ours["bias"])


def _fill_mobilenet(model: MobileNetV2, params: dict) -> None:
    for mine, name in ((model.stem[0], "stem"), (model.last[0], "last")):
        _set(mine.conv, params[name])
    _set(model.classify, params["classify"])
    blocks: Any = model.blocks
    for i, block in enumerate(blocks, 1):
        filters = [m.conv for m in block.layers if isinstance(m, Filter)]
        names = [n for n in ("expand", "depthwise", "project") if n in params[f"block{i}"]]
        for mine, name in zip(filters, names, strict=True):
            _set(mine, params[f"block{i}"][name])


def _fill_vit(model: ViT, params: dict) -> None:
    for name in ("patches", "norm", "classify"):
        _set(getattr(model, name), params[name])
    model.token.data, model.positions.data = (torch.tensor(params[n]) for n in ("token", "positions"))
    for i, block in enumerate(model.blocks):
        ours = params[f"block{i}"]
        for name in ("norm1", "norm2", "expand", "contract"):
            _set(getattr(block, name), ours[name])
        _set(block.qkv, ours["attention"]["qkv"])
        _set(block.project, ours["attention"]["project"])


def _fill_resnet(model: Any, params: dict) -> None:
    _set_normed(model.conv1, model.bn1, params["stem"])
    _set(model.fc, params["classify"])
    blocks = [block for group in (model.layer1, model.layer2, model.layer3, model.layer4) for block in group]
    for i, block in enumerate(blocks, 1):
        ours = params[f"block{i}"]
        pairs = {
            "first": (block.conv1, block.bn1),
            "second": (block.conv2, block.bn2),
            "third": (block.conv3, block.bn3),
        }
        if block.downsample is not None:
            pairs["shortcut"] = tuple(block.downsample)
        for name, (conv, norm) in pairs.items():
            _set_normed(conv, norm, ours[name])


def _set_normed(conv: Any, norm: Any, ours: dict) -> None:
    """Copies a convolution without bias, and its batch normalisation."""
    _set(conv, ours["conv"])
    _set(norm, ours["norm"])
    norm.running_mean.data, norm.running_var.data = (torch.tensor(ours["norm"][name]) for name in ("mean", "variance"))
