"""Names and layouts of timm, torchvision and Hugging Face for the arrays of vision transformers."""

import functools
import re

import numpy as np

from jxai.models.model import imagenet_standard
from jxai.models.weights.layout import Arrays, by_layer, torch_kernel

__all__ = ["LAYOUTS"]

VITS = ("vit", "vit_tiny", "vit_small", "vit_base", "vit_large", "deit_tiny", "deit_small", "deit_base")

# Their layer (a pattern of the name without its last part), ours, and its index if several are fused into one of ours.
# `weight` and `bias` follow.
TIMM = (
    (r"blocks\.(\d+)\.attn\.qkv", r"block\1/attention/qkv"),
    (r"blocks\.(\d+)\.attn\.proj", r"block\1/attention/project"),
    (r"blocks\.(\d+)\.mlp\.fc1", r"block\1/expand"),
    (r"blocks\.(\d+)\.mlp\.fc2", r"block\1/contract"),
    (r"blocks\.(\d+)\.(norm[12])", r"block\1/\2"),
    (r"patch_embed\.proj", "patches"),
    (r"head", "classify"),
    (r"norm", "norm"),
)
TORCHVISION = (
    (r"encoder\.layers\.encoder_layer_(\d+)\.self_attention\.in_proj", r"block\1/attention/qkv"),
    (r"encoder\.layers\.encoder_layer_(\d+)\.self_attention\.out_proj", r"block\1/attention/project"),
    (r"encoder\.layers\.encoder_layer_(\d+)\.mlp\.(?:0|linear_1)", r"block\1/expand"),
    (r"encoder\.layers\.encoder_layer_(\d+)\.mlp\.(?:3|linear_2)", r"block\1/contract"),
    (r"encoder\.layers\.encoder_layer_(\d+)\.ln_([12])", r"block\1/norm\2"),
    (r"conv_proj", "patches"),
    (r"heads\.head", "classify"),
    (r"encoder\.ln", "norm"),
)
# The names in files; in memory transformers 5 has `layers.0.attention.q_proj` and `layers.0.mlp.fc1`.
BLOCK = r"vit\.(?:encoder\.layer|layers)\.(\d+)\."
HUGGING_FACE = (
    (BLOCK + r"attention\.(?:attention\.query|q_proj)", r"block\1/attention/qkv", "@0"),
    (BLOCK + r"attention\.(?:attention\.key|k_proj)", r"block\1/attention/qkv", "@1"),
    (BLOCK + r"attention\.(?:attention\.value|v_proj)", r"block\1/attention/qkv", "@2"),
    (BLOCK + r"attention\.(?:output\.dense|o_proj)", r"block\1/attention/project"),
    (BLOCK + r"(?:intermediate\.dense|mlp\.fc1)", r"block\1/expand"),
    (BLOCK + r"(?:output\.dense|mlp\.fc2)", r"block\1/contract"),
    (BLOCK + r"layernorm_before", r"block\1/norm1"),
    (BLOCK + r"layernorm_after", r"block\1/norm2"),
    (r"vit\.embeddings\.patch_embeddings\.projection", "patches"),
    (r"classifier", "classify"),
    (r"vit\.layernorm", "norm"),
)
WHOLE = {
    "cls_token": "token",
    "pos_embed": "positions",
    "class_token": "token",
    "encoder.pos_embedding": "positions",
    "vit.embeddings.cls_token": "token",
    "vit.embeddings.position_embeddings": "positions",
}


def _names(table: tuple, arrays: Arrays) -> dict[str, str]:
    return {name: WHOLE.get(name) or _name(table, name) for name in arrays}


def _name(table: tuple, name: str) -> str:
    layer, kind = re.sub(r"_(weight|bias)$", r".\1", name).rpartition(".")[::2]  # in_proj_weight -> in_proj.weight
    for pattern, ours, *part in table:
        match = re.fullmatch(pattern, layer)
        if match:
            prefix = match.expand(ours)
            weight = "scale" if "norm" in prefix else "kernel"
            return f"{prefix}/{weight if kind == 'weight' else kind}{''.join(part)}"
    return name


def _change(ours: str, array: np.ndarray) -> np.ndarray:
    if ours in ("token", "positions"):  # theirs have an axis of length 1 for the batch
        return array.reshape(array.shape[-2:])
    if ours == "patches/kernel":  # [d, c, h, w] to [h w c, d], as the patches are cut
        return array.transpose(2, 3, 1, 0).reshape(-1, array.shape[0]) if array.ndim == 4 else array
    return torch_kernel(array)


LAYOUTS = (
    by_layer(
        "timm vision transformers (blocks.0.attn.qkv.weight ...)",
        VITS,
        lambda arrays: any(name.startswith("blocks.") for name in arrays),
        functools.partial(_names, TIMM),
        _change,
    ),
    by_layer(
        "torchvision vision transformers (encoder.layers.encoder_layer_0.ln_1.weight ...)",
        VITS,
        lambda arrays: any(name.startswith("encoder.layers.encoder_layer_") for name in arrays),
        functools.partial(_names, TORCHVISION),
        _change,
        {"preprocess": imagenet_standard},
    ),
    by_layer(
        "Hugging Face vision transformers (vit.embeddings.cls_token ...)",
        VITS,
        lambda arrays: any(name.startswith("vit.") for name in arrays),
        functools.partial(_names, HUGGING_FACE),
        _change,
        {"epsilon": 1e-12},
    ),
)
